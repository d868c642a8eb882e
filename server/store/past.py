"""What the sheets that need the past are made from: rows of earlier runs, decisions as they came, and what was explained."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields

import pandas as pd
from sqlalchemy import Connection, Text, func, literal, or_, select, type_coerce

from core.frames import frame
from core.history import PastDecision, PastRow
from core.periods import Period
from core.records import State
from server.store import runs
from server.store.engine import Engines
from server.store.frozen import read_frame, select_of
from server.store.records import Activity, Copy
from server.store.tables import RESULTS, activity, copies, decisions, revisions

EXPLAINED = "explained"
"""Action of the activity's line that keeps what was said of a change; its subject is the row's key."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Decisions of some runs in the order of their arrival, and the copies that they came with, by id."""

    decisions: pd.DataFrame  # PastDecision; `source` is the copy's id, `at` is empty
    copies: dict[str, Copy]


def rows(connection: Connection, run_id: str) -> pd.DataFrame:
    """PastRow of the newest revision: the rows that differed, and those that were decided."""
    _, table = RESULTS["comparisons"]
    own = (table.c.run_id == run_id, table.c.revision == runs.newest_revision(connection, run_id))
    decided = select(decisions.c.key).where(decisions.c.run_id == run_id)
    query = select_of(table).where(*own, or_(table.c.state != State.NO_CHANGE.value, table.c.key.in_(decided)))
    return read_frame(connection, PastRow, query, dict(table.c.items()))


def arrived(connection: Connection, run_ids: Sequence[str]) -> Arrived:
    """Every decision of these runs."""
    if not run_ids:
        return Arrived(frame(PastDecision, []), {})
    c = decisions.c
    words = {"run": c.run_id, "action": type_coerce(c.action, Text), "status": type_coerce(c.status, Text), "source": c.copy_id}
    person = func.coalesce(func.nullif(c.by, ""), "copy " + c.copy_id)
    named = {**dict(c.items()), **words, "person": person, "at": literal("", Text)}
    query = select_of(decisions).where(c.run_id.in_(run_ids)).order_by(c.id)
    found = read_frame(connection, PastDecision, query, named)
    own = select(c.copy_id).where(c.run_id.in_(run_ids))
    rows = connection.execute(select(*(copies.c[f.name] for f in fields(Copy))).where(copies.c.id.in_(own)))
    return Arrived(found, {row.id: Copy(**row._mapping) for row in rows})


def explained(connection: Connection, run_ids: Sequence[str], until: dt.datetime | None = None) -> list[Activity]:
    """What was said of changes of these runs, oldest first; until: as it stood at that moment."""
    query = select(activity).where(activity.c.run.in_(run_ids), activity.c.action == EXPLAINED).order_by(activity.c.id)
    if until is not None:
        query = query.where(activity.c.at <= until)
    return [Activity(**row._mapping) for row in connection.execute(query)]


def last_run(connection: Connection, period: Period, at: dt.datetime | None = None) -> tuple[str, int] | None:
    """The newest run of the newest period before, with its newest revision; `at`: of those that were there at that moment."""
    before = [run for run in runs.listed(connection, None) if run.period < period and (at is None or run.created_at <= at)]
    if not before:
        return None
    query = select(func.max(revisions.c.number)).where(revisions.c.run_id == before[0].id)
    if at is not None:
        query = query.where(revisions.c.created_at <= at)
    return before[0].id, connection.scalar(query) or 1


@dataclass(frozen=True, slots=True)
class Past:
    """The past of one store."""

    engines: Engines

    def rows(self, run_id: str) -> pd.DataFrame:
        """PastRow of a run's newest revision: the rows that differed, and those that were decided."""
        with self.engines.reading() as connection:
            return rows(connection, run_id)

    def arrived(self, run_ids: Sequence[str]) -> Arrived:
        """Every decision of these runs in the order of their arrival."""
        with self.engines.reading() as connection:
            return arrived(connection, run_ids)

    def explained(self, run_ids: Sequence[str], until: dt.datetime | None = None) -> list[Activity]:
        """What was said of changes of these runs, oldest first; until: as it stood at that moment."""
        with self.engines.reading() as connection:
            return explained(connection, run_ids, until)

    def last_run(self, period: Period, at: dt.datetime | None = None) -> tuple[str, int] | None:
        """The newest run of the newest period before, and its newest revision; `at`: of those that were there at that moment."""
        with self.engines.reading() as connection:
            return last_run(connection, period, at)
