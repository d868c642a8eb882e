"""Submissions, their changes and writes: kept, and read again."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, func, insert, select

from server.store import activity
from server.store.errors import KeyReused, UnknownSubmission
from server.store.plain import canonical
from server.store.records import Event
from server.store.tables_write_back import changes, submissions, writes
from server.store.versions import next_id
from server.store.write_records import OPEN, PlannedChange, PlannedWrite, Submission

JSON = ("before", "after", "known", "seen")

# Statements of every write, made once: to make one costs as much as to run it.
_BY_KEY = select(submissions).where(submissions.c.key == bindparam("of_key"))
_BY_ID = select(submissions).where(submissions.c.id == bindparam("submission"))
_OF_LANE = select(writes.c.change_id).where(
    writes.c.submission_id == bindparam("submission"), writes.c.lane == bindparam("of_lane")
)
_CHANGES = select(changes).where(changes.c.submission_id == bindparam("submission")).order_by(changes.c.id)
_CHANGES_OF_LANE = _CHANGES.where(changes.c.id.in_(_OF_LANE))
_KEYS = select(changes.c.key).where(changes.c.key.in_(bindparam("of_keys", expanding=True)))
_WRITES = select(writes).where(writes.c.submission_id == bindparam("submission")).order_by(writes.c.change_id, writes.c.position)
_WRITES_OF_LANE = _WRITES.where(writes.c.lane == bindparam("of_lane"))
_WRITES_OF_CHANGES = select(writes).where(writes.c.change_id.in_(bindparam("of_changes", expanding=True)))
_ADD_SUBMISSION, _ADD_CHANGES, _ADD_WRITES = insert(submissions), insert(changes), insert(writes)


def save(
    connection: Connection,
    at: dt.datetime,
    submission: Submission,
    planned: Sequence[PlannedChange],
    ordered: Sequence[PlannedWrite],
) -> Submission | None:
    """Keeps a submission with everything in it; the one there is where its key came before.

    `planned` and `ordered` are numbered from 0 within the submission. A change that an earlier submission holds is left out;
    None where nothing is left. KeyReused where the key came with another content.
    """
    known = find_by_key(connection, submission.key)
    if known is not None:
        if known.digest != submission.digest:
            raise KeyReused(submission.key, known.id)
        return known
    there = {key for some in _parts([c.key for c in planned]) for key in connection.scalars(_KEYS, {"of_keys": some})}
    fresh = [c for c in planned if c.key not in there]
    if not fresh:
        return None
    first, numbers = next_id(connection, changes), {c.id: i for i, c in enumerate(fresh)}
    ids = {old: first + i for old, i in numbers.items()}
    connection.execute(_ADD_SUBMISSION, _row(submission, submissions))
    mine = {"submission_id": submission.id}
    rows = [_row(c, changes) | mine | {"id": ids[c.id], "needs": ids.get(c.needs) if c.needs is not None else None} for c in fresh]
    connection.execute(_ADD_CHANGES, rows)
    add_writes(connection, submission, [replace(w, change_id=ids[w.change_id]) for w in ordered if w.change_id in ids])
    large = sum(1 for c in fresh if c.large)
    detail = f"{len(ordered)} writes; large: {large}" + (
        f"; takes back submission {submission.undoes}" if submission.undoes else ""
    )
    event = Event("submitted", f"submission {submission.id}", submission.run_id, new=f"changes: {len(fresh)}", detail=detail)
    activity.append(connection, at, submission.by, event)
    return submission


def add_writes(connection: Connection, submission: Submission, ordered: Sequence[PlannedWrite]) -> None:
    """Adds writes to changes that are kept already."""
    first = next_id(connection, writes)
    of = {"submission_id": submission.id, "connection": submission.connection}
    if ordered:
        connection.execute(_ADD_WRITES, [_row(w, writes) | of | {"id": first + i} for i, w in enumerate(ordered)])


def find_by_key(connection: Connection, key: str) -> Submission | None:
    row = connection.execute(_BY_KEY, {"of_key": key}).first()
    return Submission(**row._mapping) if row else None


def require(connection: Connection, submission_id: str) -> Submission:
    """The submission; UnknownSubmission, which lists those there are, where there is none."""
    row = connection.execute(_BY_ID, {"submission": submission_id}).first()
    if row is None:
        known = connection.scalars(select(submissions.c.id).order_by(submissions.c.created_at.desc()))
        raise UnknownSubmission(submission_id, known)
    return Submission(**row._mapping)


def listed(connection: Connection, run_id: str | None) -> list[Submission]:
    """Submissions, newest first."""
    query = select(submissions).order_by(submissions.c.created_at.desc(), submissions.c.id)
    if run_id is not None:
        query = query.where(submissions.c.run_id == run_id)
    return [Submission(**row._mapping) for row in connection.execute(query)]


def changes_of(connection: Connection, submission_id: str, lane: str | None = None) -> list[PlannedChange]:
    """The changes of a submission, or of one of its lanes, in order."""
    query = _CHANGES if lane is None else _CHANGES_OF_LANE
    return [PlannedChange(**row._mapping) for row in connection.execute(query, _of(submission_id, lane))]


def changes_with_keys(connection: Connection, starts: Iterable[str]) -> list[PlannedChange]:
    """Changes of any submission whose key, without its generation, is one of these."""
    wanted = set(starts)
    runs = {start.partition("/")[0] for start in wanted}
    query = select(changes).where(changes.c.run_id.in_(runs)).order_by(changes.c.id)
    found = (PlannedChange(**row._mapping) for row in connection.execute(query))
    return [c for c in found if c.key.rpartition("/")[0] in wanted]


def change_undoing(connection: Connection, change_ids: Iterable[int]) -> dict[int, PlannedChange]:
    """The newest change that undoes each of these, by the id of what it undoes."""
    query = select(changes).where(changes.c.undoes.in_(list(change_ids))).order_by(changes.c.id)
    return {row.undoes: PlannedChange(**row._mapping) for row in connection.execute(query)}


def writes_of(connection: Connection, submission_id: str, lane: str | None = None) -> list[PlannedWrite]:
    """The writes of a submission, or of one of its lanes, in the order of sending."""
    query = _WRITES if lane is None else _WRITES_OF_LANE
    return [write_of(row) for row in connection.execute(query, _of(submission_id, lane))]


def _of(submission_id: str, lane: str | None) -> dict[str, str]:
    return {"submission": submission_id} | ({} if lane is None else {"of_lane": lane})


def count(connection: Connection, submission_id: str) -> tuple[int, int]:
    """How many writes of a submission are at their end, and how many there are."""
    query = select(writes.c.state, func.count().label("number")).where(writes.c.submission_id == submission_id)
    counts = {row.state: row.number for row in connection.execute(query.group_by(writes.c.state))}
    return sum(number for state, number in counts.items() if state not in OPEN), sum(counts.values())


def writes_of_changes(connection: Connection, change_ids: Iterable[int]) -> dict[int, list[PlannedWrite]]:
    """The writes of each of these changes, in the order of sending."""
    found: dict[int, list[PlannedWrite]] = {}
    for some in _parts(list(change_ids)):
        for row in connection.execute(_WRITES_OF_CHANGES, {"of_changes": some}):
            found.setdefault(row.change_id, []).append(write_of(row))
    return {change: sorted(ordered, key=lambda w: w.position) for change, ordered in found.items()}


def write_of(row: Row[Any]) -> PlannedWrite:
    """A write as its row holds it."""
    values = dict(row._mapping)
    values.pop("connection")
    for name in JSON:
        values[name] = json.loads(values[name]) if values[name] is not None else None
    return PlannedWrite(**values | {"known": tuple(values["known"])})


def _row(record: Any, table: Table) -> dict[str, Any]:
    found = {f.name: getattr(record, f.name) for f in fields(record) if f.name in table.c}
    return {name: canonical(value) if name in JSON and value is not None else value for name, value in found.items()}


ASKED_AT_ONCE = 500


def _parts(wanted: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (wanted[start : start + ASKED_AT_ONCE] for start in range(0, len(wanted), ASKED_AT_ONCE))
