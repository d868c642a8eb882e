"""A driver beside a simulated PSA in the same process, on a store and a clock of a test's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.connectwise_writing import ConnectWiseWriter
from connectors.sandbox.connectwise_model import Model
from connectors.sandbox.connectwise_server import ConnectWise
from core.dialects import Amend
from core.reconcile import reconcile
from server.store import Store
from server.store.write_records import PlannedWrite, Submission, WriteState
from server.store.writes import Writes
from server.write_back.driving import Driver
from server.write_back.outcomes import outcome
from server.write_back.planning import plan, submission_of
from tests.crash.desk import Clock, Desk
from tests.crash.kinds import change_of, fill, inputs_of
from tests.crash.play import NOW, PSA
from tests.crash.wire import open_writer

LANE, OTHER_LANE = "agreement 871", "agreement 872"


@dataclass
class Driven:
    """One installation, its PSA, and what goes wrong or is done on the way, by the number of the call."""

    store: Store
    clock: Clock = field(default_factory=lambda: Clock(NOW))

    def __post_init__(self) -> None:
        self.desk = Desk(ConnectWise(Model(clock=self.clock)), self.clock)
        fill(self.desk.psa.model)
        self.writes = Writes(self.store.writes.engines, self.clock)
        self.store.add_connection(PSA, "connectwise", "PSA", {}, None, "ann")
        self.inputs = inputs_of(self.desk.psa.model)
        self.run_id = self.store.save_run(reconcile(self.inputs), "ann")

    def writer(self) -> ConnectWiseWriter:
        return open_writer(self.desk)

    def submit(self, *decided: Amend) -> Submission:
        """A submission of these decisions, with keys of its own."""
        start = len(self.writes.submissions()) * 10
        changes = [change_of(start + number, made) for number, made in enumerate(decided)]
        keys = {c.id: f"{self.run_id}/{c.id}/1" for c in changes}
        planned = plan(changes, keys, self.run_id, self.inputs, self.writer())
        made = submission_of(planned, f"key {start}", PSA, self.run_id, self.clock(), "ann")
        saved = self.writes.save(made, planned.changes, planned.writes)
        assert saved is not None
        return saved

    def driver(self, submission: Submission, writer: Any = None) -> Driver:
        return Driver(self.writes, writer or self.writer(), submission.id, self.clock)

    def through(self, submission: Submission, lane: str = LANE) -> None:
        """Drives a lane until time alone moves nothing, by one driver after another."""
        for _ in range(30):
            again = self.driver(submission).lane(lane)
            if again is None:
                return
            self.clock.until(again)
        raise AssertionError("it does not come to its end")

    def of(self, submission: Submission) -> list[PlannedWrite]:
        return self.writes.of_submission(submission.id)

    def states(self, submission: Submission) -> list[WriteState]:
        return [w.state for w in self.of(submission)]

    def ended(self, submission: Submission) -> list[WriteState]:
        """What became of each change."""
        return [outcome(self.writes.of_change(c.id)) for c in self.writes.changes(submission.id)]

    def applied(self) -> list[str]:
        """The methods of the requests that took effect."""
        return [e.method for e in self.desk.journal if e.what == "applied"]

    def quantities(self) -> dict[int, int]:
        return {number: int(row["quantity"]) for number, row in self.desk.psa.model.additions.items()}

    def at_call(self, number: int, act: Callable[[Desk], None]) -> None:
        """What is done before so many more calls have come."""
        self.desk.people = {**self.desk.people, self.desk.counts["call"] + number: act}

    def fails(self, *faults: tuple[str, int, str]) -> None:
        self.desk.faults = {(kind, number): fault for kind, number, fault in faults}

    def told(self, words: str) -> Sequence[str]:
        return [f"{line.old} to {line.new}" for line in self.store.activity() if words in line.subject]
