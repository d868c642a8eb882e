"""Which lanes can be driven on: those of which no person, no approval and no pause holds everything that is open."""

import datetime as dt
from collections.abc import Sequence

from server.store import Store
from server.store.moving import Lane
from server.store.write_records import IN_FLIGHT, PlannedWrite, Submission, WriteState
from server.write_back.submitting import by_change


def due_lanes(store: Store, now: dt.datetime) -> list[Lane]:
    """Lanes that can move on this moment, the longest waiting first."""
    paused = {c.name for c in store.connections() if c.paused(now)}
    return [lane for lane in unheld_lanes(store) if lane.connection not in paused and (lane.due is None or lane.due <= now)]


def unheld_lanes(store: Store) -> list[Lane]:
    """Lanes that only time holds, a pause that ends by itself included."""
    standing = {c.name for c in store.connections() if c.paused_why is None or c.paused_until is not None}
    lanes = [lane for lane in store.writes.open_lanes() if lane.connection in standing]
    moving = {submission_id: _moving(store, submission_id) for submission_id in {lane.submission_id for lane in lanes}}
    return [lane for lane in lanes if _among(lane, moving[lane.submission_id])]


def _among(lane: Lane, moving: set[str] | None) -> bool:
    return moving is None or lane.lane in moving


def _moving(store: Store, submission_id: str) -> set[str] | None:
    """The lanes of a submission in which something may move; None: all that are open."""
    submission = store.writes.submission(submission_id)
    if submission.cancelled_at or not submission.holds(submission.large):
        return None
    large = {change.id: change.large for change in store.writes.changes(submission_id)}
    of = by_change(store.writes.of_submission(submission_id))
    return {ordered[0].lane for change, ordered in of.items() if _may_move(submission, large[change], ordered)}


def _may_move(submission: Submission, large: bool, ordered: Sequence[PlannedWrite]) -> bool:
    if not any(w.open for w in ordered):
        return False
    begun = any(w.state in IN_FLIGHT or (w.state is WriteState.DONE and w.sent_at) for w in ordered)
    return begun or not submission.holds(large)
