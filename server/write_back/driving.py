"""Drives writes on: look, commit that it is sent, send, read back, commit what became of it. Whoever drives, and however often.

The store holds the truth, this only moves it: two drivers of one lane, or one that is killed between any two lines, end alike.
A write that is found `sending` was left by a driver that died, or is in another one's hands; both settle.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from connectors.errors import ConnectorError, TryLater
from connectors.writing import Outcome, Sent, Shown, Writer
from server.store.moving import Step
from server.store.write_records import IN_FLIGHT, OPEN, PlannedChange, PlannedWrite, Submission, WriteKind, WriteState
from server.store.writes import Writes
from server.write_back.looking import Looker
from server.write_back.outcomes import outcome
from server.write_back.planning import request_of, reversal
from server.write_back.protocol import (
    Timing,
    after_sending,
    after_settling,
    before_sending,
    in_the_way,
    pause_for,
)

Clock = Callable[[], dt.datetime]

BUSY_AGREEMENT = dt.timedelta(seconds=5)
"""When to come again where another submission's write of the agreement is in flight."""


SOON = dt.timedelta(seconds=1)
"""When to come again where the change that this one needs, in another lane, is under way."""


class Moved(Exception):  # noqa: N818 - named for what happened
    """Somebody else moved the write: what we knew of it is old."""


@dataclass
class Driver:
    """Drives the lanes of one submission."""

    writes: Writes
    writer: Writer
    submission_id: str
    clock: Clock
    timing: Timing = field(default_factory=Timing)
    stopping: Callable[[], bool] = lambda: False  # whether the next write is another driver's
    _invoiced: dict[str, dt.date | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._looker = Looker(self.writes, self.writer, self.writes.submission(self.submission_id).run_id)

    def lane(self, lane: str) -> dt.datetime | None:
        """Moves a lane as far as it goes now: when to come again, or None where nothing is left that time alone moves."""
        changes = {change.id: change for change in self.writes.changes(self.submission_id, lane)}
        ordered: dict[int, list[PlannedWrite]] = {}
        for write in self.writes.of_submission(self.submission_id, lane):
            ordered.setdefault(write.change_id, []).append(write)
        for change_id in ordered:
            self._invoiced.pop(changes[change_id].agreement_id, None)  # it may have been invoiced since the lane was last moved
        try:
            for change_id, mine in ordered.items():
                again = self._change(changes[change_id], mine)
                if again is not None and again != WAITS_FOR_APPROVAL:
                    return None if again == HELD else again
        except Moved:
            return self.clock() + BUSY_AGREEMENT
        return None

    def _change(self, change: PlannedChange, ordered: list[PlannedWrite]) -> dt.datetime | None:
        """Moves the writes of one change in their order; also those that are added on the way, to take others back."""
        place = 0
        while place < len(ordered):
            write = ordered[place]
            while write.open:
                before = write
                moved = self._write(change, write, ordered)
                if isinstance(moved, dt.datetime):
                    return moved
                ordered[place] = write = moved
                if write == before:
                    raise AssertionError(f"write {write.id} did not move")
            place += 1
            if write.state is not WriteState.DONE:
                ordered[place:] = self.writes.of_change(change.id)[place:]
        return None

    def _write(self, change: PlannedChange, write: PlannedWrite, ordered: Sequence[PlannedWrite]) -> PlannedWrite | dt.datetime:
        """The write one state further, or when it can move on."""
        now = self.clock()
        if self.stopping():
            return now
        due = write.settle_until if write.state in IN_FLIGHT else write.not_before
        if due is not None and now < due:
            return due
        submission, pause = self.writes.standing(self.submission_id, now)
        if pause is not None:
            return pause.until or HELD
        if write.state is WriteState.PLANNED and not submission.cancelled_at and not _begun(ordered):
            if submission.holds(False):
                return HELD
            if submission.holds(change.large):
                return WAITS_FOR_APPROVAL
        try:
            if write.state in IN_FLIGHT:
                return self._settle(write, ordered)
            return self._send(submission, change, write, ordered)
        except ConnectorError as error:
            return self._unreadable(submission, error)

    # reading

    def _unreadable(self, submission: Submission, error: ConnectorError) -> dt.datetime:
        """The PSA cannot be read: nothing is known, so nothing moves."""
        until = None
        if isinstance(error, TryLater):
            until = self.clock() + (dt.timedelta(seconds=error.retry_after) if error.retry_after else self.timing.again)
        self.writes.pause_connection(submission.connection, str(error), until)
        return until or HELD

    # moving

    def _send(
        self, submission: Submission, change: PlannedChange, write: PlannedWrite, ordered: Sequence[PlannedWrite]
    ) -> PlannedWrite | dt.datetime:
        begun = _begun(ordered)
        if submission.cancelled_at and not begun:
            return self._finish(write, _ended(write, WriteState.CANCELLED, "cancelled before it had any effect"), ordered)
        if change.needs is not None and outcome(self.writes.of_change(change.needs)) in OPEN:
            return self.clock() + SOON
        if not begun and (said := self._outdated(change, write)):
            state = WriteState.ASKED if write.attempts else WriteState.CONFLICT  # what was sent before may have had its effect
            return self._finish(write, _ended(write, state, said), ordered)
        self.writer.ready()  # before the look: nothing is to lie between what is seen and what is sent
        look, lines = self._looker.look(write)
        known = write.known
        if write.kind is WriteKind.CREATE:
            if other := in_the_way(write, lines, (*self._looker.added(write, change.row_key), *_added(ordered))):
                return self._finish(write, _taken(write, other), ordered)
            known = tuple(line.id for line in lines)
        elif step := before_sending(write, look):
            return self._finish(write, step, ordered)
        now = self.clock()
        sending = self.writes.begin(write, now + self.timing.call + self.timing.settle, known, begun)
        if sending is None:
            return self.clock() + BUSY_AGREEMENT
        if self.clock() > now + self.timing.call:  # held up so long that somebody may take it for lost
            raise Moved
        return self._sent(submission, sending, self.writer.send(request_of(sending)), ordered)

    def _outdated(self, change: PlannedChange, write: PlannedWrite) -> str:
        """Why the change no longer means what was decided: what it was to change first has been invoiced since."""
        if change.needs is not None and outcome(self.writes.of_change(change.needs)) is not WriteState.DONE:
            return "not sent: the change that it needs was not done"
        if said := self.writes.decided_otherwise(change):
            return f"not sent: the row was decided otherwise since, {said}"
        if not change.invoices:
            return ""
        if change.agreement_id not in self._invoiced:
            try:
                self._invoiced[change.agreement_id] = self.writer.invoiced_through(change.agreement_id)
            except TryLater as error:
                if error.at_once:
                    raise
                self._looker.look(write)  # raises where it is the keys that are wrong
                return f"{error}; left alone"
        through = self._invoiced[change.agreement_id]
        if through == change.invoiced_through:
            return ""
        return (
            f"decided when it was invoiced through {change.invoiced_through}, now {through}: sync and issue a new run; left alone"
        )

    def _sent(self, submission: Submission, write: PlannedWrite, sent: Sent, ordered: Sequence[PlannedWrite]) -> PlannedWrite:
        look = None
        if sent.outcome in (Outcome.ANSWERED, Outcome.REFUSED, Outcome.GONE):
            try:
                look, _ = self._looker.look(write)
            except ConnectorError as error:  # what it answered stands; what it shows is read once it can be
                sent = replace(sent, said=f"{sent.said}; it could not be read back: {error}")
        step = after_sending(write, sent, look, self.clock(), self.timing)
        if sent.outcome is Outcome.NOT_ALLOWED and write.kind is not WriteKind.REMOVE:
            self.writes.pause_connection(submission.connection, f"the PSA refused the keys: {sent.said}", None)
        elif sent.outcome in (Outcome.BUSY, Outcome.NOT_SENT):
            until = self.clock() + pause_for(sent, self.timing)
            self.writes.pause_connection(submission.connection, f"{sent.outcome}: {sent.said}", until)
        return self._finish(write, step, ordered)

    def _settle(self, write: PlannedWrite, ordered: Sequence[PlannedWrite]) -> PlannedWrite:
        look, _ = self._looker.look(write)
        return self._finish(write, after_settling(write, look, self.clock(), self.timing), ordered)

    def _finish(self, write: PlannedWrite, step: Step, ordered: Sequence[PlannedWrite]) -> PlannedWrite:
        finished = self.writes.finish(self._looker.run_id, write, step, self._withdrawals(write, step, ordered))
        if finished is None:
            raise Moved
        return finished

    def _withdrawals(self, write: PlannedWrite, step: Step, ordered: Sequence[PlannedWrite]) -> list[PlannedWrite]:
        """Where a change breaks off for certain, what takes back the writes before: half a change is worse than none.

        Of an undo that has deleted a line nothing is taken back: that line would be another one, and a person is asked.
        """
        if write.withdraws or step.state not in (WriteState.CONFLICT, WriteState.REFUSED, WriteState.CANCELLED):
            return []
        done = [w for w in ordered if w.position < write.position and w.state is WriteState.DONE and w.sent_at]
        if any(w.kind is WriteKind.REMOVE for w in done):
            return []
        last = max(w.position for w in ordered)
        return [replace(reversal(w, last + 1 + i, self.writer), withdraws=True) for i, w in enumerate(reversed(done))]


HELD = dt.datetime.max.replace(tzinfo=dt.UTC)
"""Not before a person acts."""

WAITS_FOR_APPROVAL = HELD - dt.timedelta(days=1)
"""This change not before a second person approves it; those behind it may go."""


def _begun(ordered: Sequence[PlannedWrite]) -> bool:
    """Whether a write of the change has had its effect: then the rest is seen to its end."""
    return any(w.state is WriteState.DONE and w.sent_at for w in ordered)


def _added(ordered: Sequence[PlannedWrite]) -> list[str]:
    """The lines that earlier writes of the change added: dated steps follow one another on the same list."""
    return [w.record_id for w in ordered if w.kind is WriteKind.CREATE and w.state is WriteState.DONE and w.record_id]


def _ended(write: PlannedWrite, state: WriteState, said: str) -> Step:
    return Step(state, said, write.attempts, write.waits)


def _taken(write: PlannedWrite, other: Shown) -> Step:
    shows = f"{other.values.get('quantity')} from {other.values.get('effectiveDate')}"
    said = f"line {other.id} of the same service was added meanwhile, {shows}"
    if write.attempts:  # ours may have arrived, and been changed by somebody since
        step = _ended(write, WriteState.ASKED, f"sent without a clear answer, and {said}: it may be ours")
    else:
        step = _ended(write, WriteState.CONFLICT, f"{said}; left alone")
    return replace(step, record_id=other.id, seen=dict(other.values))
