"""What became of a change, from its writes: one word, and the words of the write that decided it."""

from collections.abc import Iterable, Sequence

from server.store.write_records import PlannedChange, PlannedWrite, Submission, SubmissionState, WriteState


def outcome(ordered: Sequence[PlannedWrite]) -> WriteState:
    """The state of a change: open while one of its writes is; else done, conflict, refused, asked or cancelled."""
    main = [w for w in ordered if not w.withdraws]
    for write in ordered:
        if write.open:
            return write.state
    if all(w.state is WriteState.DONE for w in main):
        return WriteState.DONE
    broke = deciding(ordered)
    withdrawn = [w for w in ordered if w.withdraws]
    had_effect = any(w.state is WriteState.DONE and w.sent_at for w in main)
    if had_effect and not (withdrawn and all(w.state is WriteState.DONE for w in withdrawn)):
        return WriteState.ASKED
    return broke.state


def deciding(ordered: Sequence[PlannedWrite]) -> PlannedWrite:
    """The write whose words tell a change's outcome: the one that broke it off, else the one that moves next, else the last."""
    ends = (WriteState.CONFLICT, WriteState.REFUSED, WriteState.ASKED, WriteState.CANCELLED)
    failed = [w for w in ordered if w.state in ends[:3]] or [w for w in ordered if w.state is ends[3]]
    moving = [w for w in ordered if w.open]
    return failed[-1] if failed and not moving else moving[0] if moving else failed[0] if failed else ordered[-1]


def submission_state(submission: Submission, changes: Iterable[PlannedChange], ordered: Iterable[PlannedWrite]) -> SubmissionState:
    """Where a submission stands."""
    moving = {write.change_id for write in ordered if write.open}
    if submission.cancelled_at:
        return SubmissionState.CANCELLED
    if not moving:
        return SubmissionState.FINISHED
    if submission.paused_at:
        return SubmissionState.PAUSED
    waits = not submission.approved_at and all(change.large for change in changes if change.id in moving)
    return SubmissionState.WAITING if waits else SubmissionState.RUNNING
