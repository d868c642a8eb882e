"""The store's side of write-back: submissions and their writes, each step one transaction."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from server.store import connections, moving, submissions
from server.store.engine import Engines
from server.store.moving import Lane, Step
from server.store.write_records import Pause, PlannedChange, PlannedWrite, Submission


@dataclass(frozen=True, slots=True)
class Writes:
    """Submissions, changes and writes of one store."""

    engines: Engines
    clock: Callable[[], dt.datetime]

    def save(self, submission: Submission, changes: Sequence[PlannedChange], ordered: Sequence[PlannedWrite]) -> Submission | None:
        """Keeps a submission; the one there is where its key came before; None where every change is in an earlier one."""
        with self.engines.writing() as connection:
            return submissions.save(connection, self.clock(), submission, changes, ordered)

    def submission(self, submission_id: str) -> Submission:
        """The submission of that id; UnknownSubmission lists those there are."""
        with self.engines.reading() as connection:
            return submissions.require(connection, submission_id)

    def submission_with_key(self, key: str) -> Submission | None:
        """The submission that a sender gave this key."""
        with self.engines.reading() as connection:
            return submissions.find_by_key(connection, key)

    def submissions(self, run_id: str | None = None) -> list[Submission]:
        """Submissions of a run, or all; newest first."""
        with self.engines.reading() as connection:
            return submissions.listed(connection, run_id)

    def changes(self, submission_id: str, lane: str | None = None) -> list[PlannedChange]:
        """The changes of a submission, or of one of its lanes, in order."""
        with self.engines.reading() as connection:
            return submissions.changes_of(connection, submission_id, lane)

    def changes_with_keys(self, starts: Iterable[str]) -> list[PlannedChange]:
        """Every generation of the changes with these keys (run and content)."""
        with self.engines.reading() as connection:
            return submissions.changes_with_keys(connection, starts)

    def undoing(self, change_ids: Iterable[int]) -> dict[int, PlannedChange]:
        """The newest change that undoes each of these."""
        with self.engines.reading() as connection:
            return submissions.change_undoing(connection, change_ids)

    def of_submission(self, submission_id: str, lane: str | None = None) -> list[PlannedWrite]:
        """The writes of a submission, or of one of its lanes, in the order of sending."""
        with self.engines.reading() as connection:
            return submissions.writes_of(connection, submission_id, lane)

    def count(self, submission_id: str) -> tuple[int, int]:
        """How many writes of a submission are at their end, and how many there are."""
        with self.engines.reading() as connection:
            return submissions.count(connection, submission_id)

    def of_changes(self, change_ids: Iterable[int]) -> dict[int, list[PlannedWrite]]:
        """The writes of each of these changes, in the order of sending."""
        with self.engines.reading() as connection:
            return submissions.writes_of_changes(connection, change_ids)

    def of_change(self, change_id: int) -> list[PlannedWrite]:
        """The writes of one change, in the order of sending."""
        return self.of_changes([change_id]).get(change_id, [])

    def own_version(self, run_id: str, path: str) -> str | None:
        """The version that a record had after our newest write to it for this run."""
        with self.engines.reading() as connection:
            return moving.own_version(connection, run_id, path)

    def added_for_other_rows(self, run_id: str, path: str, row_key: str) -> list[str]:
        """The lines that decisions on other rows of the run have added to a list."""
        with self.engines.reading() as connection:
            return moving.added_for_other_rows(connection, run_id, path, row_key)

    def decided_otherwise(self, change: PlannedChange) -> str:
        """What the newest decision on a change's row says, where it is another than the change came from."""
        if change.decision_id is None:
            return ""
        with self.engines.reading() as connection:
            return moving.decided_otherwise(connection, change)

    def standing(self, submission_id: str, now: dt.datetime) -> tuple[Submission, Pause | None]:
        """The submission as it stands, and the pause that its connection keeps now."""
        with self.engines.reading() as connection:
            return moving.standing(connection, submission_id, now)

    def begin(self, write: PlannedWrite, settle_until: dt.datetime, known: tuple[str, ...], begun: bool) -> PlannedWrite | None:
        """Commits that a write is about to be sent; None where it may not be."""
        try:
            with self.engines.writing() as connection:
                return moving.begin(connection, self.clock(), write, settle_until, known, begun)
        except IntegrityError:  # another write of this agreement is in flight
            return None

    def finish(self, run_id: str, write: PlannedWrite, step: Step, withdrawals: Sequence[PlannedWrite]) -> PlannedWrite | None:
        """Commits what became of a write of the run; None where somebody else moved it."""
        with self.engines.writing() as connection:
            return moving.finish(connection, self.clock(), run_id, write, step, withdrawals)

    def pause_connection(self, name: str, why: str, until: dt.datetime | None) -> None:
        """Stops everything on a connection until a moment, or until a person resumes it (None)."""
        with self.engines.writing() as connection:
            connections.pause(connection, self.clock(), name, why, until, moving.MACHINE)

    def approve(self, submission_id: str, by: str) -> None:
        """Notes a second person's approval."""
        with self.engines.writing() as connection:
            moving.approve(connection, self.clock(), submission_id, by)

    def pause(self, submission_id: str, by: str) -> None:
        """Nothing more of the submission begins."""
        with self.engines.writing() as connection:
            moving.pause(connection, self.clock(), submission_id, by)

    def resume(self, submission_id: str, by: str) -> None:
        """Ends a submission's pause."""
        with self.engines.writing() as connection:
            moving.resume(connection, self.clock(), submission_id, by)

    def cancel(self, submission_id: str, by: str) -> int:
        """Cancels what was never sent; the number of writes that now will not be."""
        with self.engines.writing() as connection:
            return moving.cancel(connection, self.clock(), submission_id, by)

    def open_lanes(self) -> list[Lane]:
        """Every lane that is not at its end, the longest waiting first."""
        with self.engines.reading() as connection:
            return moving.open_lanes(connection)
