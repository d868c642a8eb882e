"""What became of each change of a submission: the word for it, the PSA's own words, and every write with what it showed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from server.store import Store
from server.store.write_records import PlannedChange, PlannedWrite, Submission, SubmissionState, WriteState
from server.write_back.outcomes import deciding, outcome, submission_state


@dataclass(frozen=True, slots=True)
class Receipt:
    """One change. Each write says what it was decided on (`before`), what was to be (`after`), what the PSA showed (`seen`)."""

    change: PlannedChange
    outcome: WriteState
    said: str  # the words of the write that decided it
    writes: tuple[PlannedWrite, ...]  # in the order of sending


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a submission is."""

    submission: Submission
    state: SubmissionState
    changes: int
    counts: Mapping[WriteState, int]  # changes by what became of them; those with none are left out


def receipts(store: Store, submission_id: str) -> list[Receipt]:
    """A receipt per change, in order; UnknownSubmission where there is no such submission."""
    store.writes.submission(submission_id)
    changes = store.writes.changes(submission_id)
    writes = store.writes.of_changes(change.id for change in changes)
    return [_receipt(change, writes[change.id]) for change in changes]


def progress(store: Store, submission_id: str) -> Progress:
    """The submission with its changes counted; UnknownSubmission where there is none."""
    submission, changes = store.writes.submission(submission_id), store.writes.changes(submission_id)
    ordered: dict[int, list[PlannedWrite]] = {}
    for write in store.writes.of_submission(submission_id):
        ordered.setdefault(write.change_id, []).append(write)
    counts = Counter(outcome(mine) for mine in ordered.values())
    written = (write for mine in ordered.values() for write in mine)
    state = submission_state(submission, changes, written)
    return Progress(submission, state, len(ordered), dict(counts))


def _receipt(change: PlannedChange, ordered: list[PlannedWrite]) -> Receipt:
    return Receipt(change, outcome(ordered), deciding(ordered).said, tuple(ordered))
