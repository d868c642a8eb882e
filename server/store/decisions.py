"""Decisions as they arrived, only ever added: a later arrival of the same person counts, and the earlier one stays (R17)."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, insert, select

from core.decisions import Judged, Status
from core.records import Decision
from server.store import activity, runs, workbooks
from server.store.records import Event, KeptDecision
from server.store.tables import decisions
from server.store.versions import next_id


def save(
    connection: Connection, at: dt.datetime, copy_id: str, run_id: str, revision: int, judged: Iterable[Judged], by: str
) -> int:
    """Adds the judged decisions of a copy; those that it already brought, judged alike, are left out. The number added."""
    copy = workbooks.require_copy(connection, copy_id)
    runs.require_revision(connection, run_id, revision)
    judgement = {"copy_id": copy_id, "run_id": run_id, "revision": revision}
    rows = [
        {**judgement, **_values(j.decision), "status": j.status, "problem": j.problem.message if j.problem else None}
        for j in judged
    ]
    there = {_content(_values(kept)) for kept in _select(connection, decisions.c.copy_id == copy_id)}
    new = [row for row in rows if _content(row) not in there] if there else rows
    if not new:
        return 0
    first = next_id(connection, decisions)
    connection.execute(insert(decisions), [{**row, "id": first + index} for index, row in enumerate(new)])
    counts = Counter(str(row["status"]) for row in new)
    detail = ", ".join(f"{status} {count}" for status, count in sorted(counts.items()))
    event = Event("decisions received", f"copy {copy_id}", run_id, copy.workbook_id, new=f"revision {revision}", detail=detail)
    activity.append(connection, at, by, event)
    return len(new)


def of_run(connection: Connection, run_id: str) -> list[KeptDecision]:
    """All decisions of a run in the order of their arrival."""
    runs.require(connection, run_id)
    return _select(connection, decisions.c.run_id == run_id)


def standing(connection: Connection, run_id: str) -> list[KeptDecision]:
    """The accepted decisions that count: of each person the newest for a key; one that was not accepted ends the earlier."""
    newest = {(kept.key, kept.person): kept for kept in of_run(connection, run_id)}
    return sorted((kept for kept in newest.values() if kept.status is Status.ACCEPTED), key=lambda kept: kept.id)


def _select(connection: Connection, where: Any) -> list[KeptDecision]:
    query = select(*(decisions.c[name] for name in _NAMES[KeptDecision])).where(where).order_by(decisions.c.id)
    return [KeptDecision(*row) for row in connection.execute(query)]


def _values(record: Decision | KeptDecision) -> dict[str, Any]:
    """The fields by name, the steps as they are."""
    return {name: getattr(record, name) for name in _NAMES[type(record)]}


_NAMES = {record: tuple(field.name for field in fields(record)) for record in (Decision, KeptDecision)}


def _content(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(value for name, value in sorted(row.items()) if name != "id")
