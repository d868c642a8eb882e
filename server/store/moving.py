"""What moves submissions and their writes on. Every step of a write is one transaction with its line of the activity."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, select, update

from core.decisions import Status
from core.stepping import in_order
from server.store import activity
from server.store.errors import UnknownSubmission
from server.store.plain import canonical
from server.store.records import Event
from server.store.submissions import JSON, add_writes, require, write_of
from server.store.tables import decisions
from server.store.tables_sync import connections
from server.store.tables_write_back import changes, submissions, writes
from server.store.write_records import OPEN, Pause, PlannedChange, PlannedWrite, Submission, WriteKind, WriteState

MACHINE = "tieout"
"""Who moves a write on: the person's name stands at its submission."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a write becomes."""

    state: WriteState
    said: str
    attempts: int
    waits: int
    not_before: dt.datetime | None = None
    settle_until: dt.datetime | None = None
    answered: bool = False
    record_id: str | None = None
    seen: Mapping[str, str | None] | None = None
    seen_version: str | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """Writes of one submission that are sent one after another, and when the next of them may move."""

    connection: str
    submission_id: str
    lane: str
    due: dt.datetime | None  # None: now
    oldest: dt.datetime  # when the submission of the open writes was made


# Statements of every write, made once: to make one costs as much as to run it.
_STANDING = (
    select(submissions, connections.c.paused_why, connections.c.paused_until, connections.c.removed_at, connections.c.name)
    .outerjoin(connections, connections.c.name == submissions.c.connection)
    .where(submissions.c.id == bindparam("submission"))
)
_MAY_BEGIN = (
    select(submissions, changes.c.large.label("of_large"))
    .join(changes, changes.c.submission_id == submissions.c.id)
    .where(changes.c.id == bindparam("change"))
)
_DECIDED = (
    select(decisions).where(decisions.c.run_id == bindparam("run"), decisions.c.key == bindparam("row")).order_by(decisions.c.id)
)
_OWN_VERSION = (
    select(writes.c.seen_version)
    .join(submissions, submissions.c.id == writes.c.submission_id)
    .where(submissions.c.run_id == bindparam("run"), writes.c.path == bindparam("of_path"), writes.c.state == WriteState.DONE)
    .where(writes.c.sent_at.is_not(None))
    .order_by(writes.c.finished_at.desc(), writes.c.id.desc())
    .limit(1)
)
_ADDED_FOR_OTHERS = (
    select(writes.c.record_id)
    .join(changes, changes.c.id == writes.c.change_id)
    .where(changes.c.run_id == bindparam("run"), changes.c.row_key != bindparam("row"), writes.c.path == bindparam("of_path"))
    .where(writes.c.state == WriteState.DONE, writes.c.kind == WriteKind.CREATE, writes.c.sent_at.is_not(None))
)
_MOMENT = func.coalesce(writes.c.settle_until, writes.c.not_before, type_=writes.c.not_before.type)
_LANES = (
    select(
        writes.c.connection,
        writes.c.submission_id,
        writes.c.lane,
        func.min(_MOMENT, type_=_MOMENT.type).label("due"),
        func.min(submissions.c.created_at).label("oldest"),
    )
    .join(submissions, submissions.c.id == writes.c.submission_id)
    .where(writes.c.state.in_(OPEN))
    .group_by(writes.c.connection, writes.c.submission_id, writes.c.lane)
)
_MOVE = update(writes).where(
    writes.c.id == bindparam("still_id"),
    writes.c.state == bindparam("still_state"),
    writes.c.attempts == bindparam("still_attempts"),
    writes.c.waits == bindparam("still_waits"),
)


def standing(connection: Connection, submission_id: str, now: dt.datetime) -> tuple[Submission, Pause | None]:
    """The submission as it stands, and the pause that its connection keeps now."""
    row = connection.execute(_STANDING, {"submission": submission_id}).first()
    if row is None:
        raise UnknownSubmission(submission_id, [])
    values = dict(row._mapping)
    why, until, removed, name = (values.pop(each) for each in ("paused_why", "paused_until", "removed_at", "name"))
    found = Submission(**values)
    if name is None or removed is not None:
        return found, Pause(f"the connection {found.connection} was removed: add it again", None)
    return found, None if why is None or (until is not None and until <= now) else Pause(why, until)


def own_version(connection: Connection, run_id: str, path: str) -> str | None:
    """The version that a record had after our newest write to it that a decision of this run asked for."""
    return connection.scalar(_OWN_VERSION, {"run": run_id, "of_path": path})


def added_for_other_rows(connection: Connection, run_id: str, path: str, row_key: str) -> list[str]:
    """The lines that decisions on other rows of the run have added to a list."""
    found = connection.scalars(_ADDED_FOR_OTHERS, {"run": run_id, "row": row_key, "of_path": path})
    return [record for record in found if record]


def decided_otherwise(connection: Connection, change: PlannedChange) -> str:
    """What the newest decision on the row of a change says, where it is not the one that it came from; else nothing."""
    kept = connection.execute(_DECIDED, {"run": change.run_id, "row": change.row_key}).fetchall()
    ours = next(row for row in kept if row.id == change.decision_id)
    newest = kept[-1]
    if newest.status is Status.ACCEPTED and _content(newest) == _content(ours):
        return ""
    by = f" by {newest.by}" if newest.by else ""
    return f"{newest.action}{by} at {newest.place}" + ("" if newest.status is Status.ACCEPTED else f" ({newest.status})")


def _content(row: Row[Any]) -> tuple[Any, ...]:
    typed = (row.fingerprint, row.action, row.quantity, row.effective_date, row.agreement, row.new_price)
    return (*typed, in_order(row.steps), row.own_too)


def begin(
    connection: Connection, at: dt.datetime, write: PlannedWrite, settle_until: dt.datetime, known: tuple[str, ...], begun: bool
) -> PlannedWrite | None:
    """Notes that the write is about to be sent. None where it may not be: it moved, or it is held.

    begun: an earlier write of the same change was sent, so that this one is seen to its end. IntegrityError where another write
    of its agreement is in flight.
    """
    found = dict(connection.execute(_MAY_BEGIN, {"change": write.change_id}).one()._mapping)
    large = found.pop("of_large")
    if not begun and Submission(**found).holds(large):
        return None
    new: dict[str, Any] = {"state": WriteState.SENDING, "attempts": write.attempts + 1, "sent_at": at, "settle_until": settle_until}
    new |= {"known": known, "answered": False, "not_before": None}
    if not _move(connection, write, new):
        return None
    _log(connection, at, found["run_id"], write, WriteState.SENDING, f"attempt {write.attempts + 1}: {write.method} {write.path}")
    return replace(write, **new)


def finish(
    connection: Connection, at: dt.datetime, run_id: str, write: PlannedWrite, step: Step, withdrawals: Sequence[PlannedWrite]
) -> PlannedWrite | None:
    """Notes what became of a write; None where somebody else moved it meanwhile.

    Where it ends otherwise than done, the writes of its change that wait behind it are cancelled, and `withdrawals` take back
    those before it; one of these that fails leaves the others to be tried.
    """
    new: dict[str, Any] = {f.name: getattr(step, f.name) for f in fields(step)}
    new["finished_at"] = None if step.state in OPEN else at
    if not step.attempts:
        new["sent_at"] = None  # the PSA said that it did nothing: there is nothing of ours to take back
    if not _move(connection, write, new):
        return None
    _log(connection, at, run_id, write, step.state, step.said)
    if step.state not in OPEN and step.state is not WriteState.DONE:
        _stop_rest(connection, at, run_id, write, step.state)
        add_writes(connection, require(connection, write.submission_id), withdrawals)
    return replace(write, **new)


def _stop_rest(connection: Connection, at: dt.datetime, run_id: str, write: PlannedWrite, state: WriteState) -> None:
    if write.withdraws:  # each of them takes one write back, and does so by itself
        return
    behind = and_(writes.c.change_id == write.change_id, writes.c.position > write.position, writes.c.state == WriteState.PLANNED)
    _cancel_all(connection, at, run_id, behind, f"not sent: the write before it ended as {state}", MACHINE)


def _cancel_all(connection: Connection, at: dt.datetime, run_id: str, where: Any, said: str, by: str) -> int:
    """Cancels planned writes, each with its line of the activity; their number."""
    waiting = [write_of(row) for row in connection.execute(select(writes).where(where).order_by(writes.c.id))]
    connection.execute(update(writes).where(where).values(state=WriteState.CANCELLED, said=said, finished_at=at))
    for write in waiting:
        _log(connection, at, run_id, write, WriteState.CANCELLED, said, by)
    return len(waiting)


def approve(connection: Connection, at: dt.datetime, submission_id: str, by: str) -> None:
    """Notes a second person's approval."""
    _stamp(connection, at, submission_id, by, "approved", approved_at=at, approved_by=by)


def pause(connection: Connection, at: dt.datetime, submission_id: str, by: str) -> None:
    """Nothing more begins; what has begun is seen to its end."""
    _stamp(connection, at, submission_id, by, "paused", paused_at=at)


def resume(connection: Connection, at: dt.datetime, submission_id: str, by: str) -> None:
    """Ends a pause."""
    _stamp(connection, at, submission_id, by, "resumed", paused_at=None)


def cancel(connection: Connection, at: dt.datetime, submission_id: str, by: str) -> int:
    """Cancels every change of which nothing was ever sent; the number of writes that now will not be."""
    begun = select(writes.c.change_id).where(writes.c.submission_id == submission_id)
    begun = begun.where((writes.c.state != WriteState.PLANNED) | (writes.c.attempts > 0))
    waiting = and_(writes.c.submission_id == submission_id, writes.c.state == WriteState.PLANNED, writes.c.change_id.not_in(begun))
    run_id = require(connection, submission_id).run_id
    count = _cancel_all(connection, at, run_id, waiting, f"cancelled by {by}", by)
    _stamp(connection, at, submission_id, by, "cancelled", f"{count} writes were not sent", cancelled_at=at)
    return count


def open_lanes(connection: Connection) -> list[Lane]:
    """Every lane with writes that are not at their end, whatever holds them; the longest waiting first."""
    found = [Lane(**row._mapping) for row in connection.execute(_LANES)]
    return sorted(found, key=lambda lane: (lane.oldest, lane.lane))


def _move(connection: Connection, write: PlannedWrite, new: Mapping[str, Any]) -> bool:
    """Changes the write if it is still as it was read."""
    still = {"still_id": write.id, "still_state": write.state, "still_attempts": write.attempts, "still_waits": write.waits}
    values = {name: canonical(value) if name in JSON and value is not None else value for name, value in new.items()}
    return connection.execute(_MOVE, still | values).rowcount == 1


def _stamp(
    connection: Connection, at: dt.datetime, submission_id: str, by: str, action: str, detail: str | None = None, **values: Any
) -> None:
    found = require(connection, submission_id)
    connection.execute(update(submissions).where(submissions.c.id == submission_id).values(values))
    event = Event(f"submission {action}", f"submission {submission_id}", found.run_id, detail=detail)
    activity.append(connection, at, by, event)


def _log(
    connection: Connection, at: dt.datetime, run_id: str, write: PlannedWrite, state: WriteState, said: str, by: str = MACHINE
) -> None:
    event = Event("write", f"write {write.id}", run_id, old=str(write.state), new=str(state), detail=f"{write.says}: {said}")
    activity.append(connection, at, by, event)
