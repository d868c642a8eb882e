"""What must hold after every scenario: nothing lost, doubled, wrongly told or unexplained."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connectors.connectwise_writing import _shown as shown_of  # the PSA's values as the writer tells them
from server.store import Store
from server.store.write_records import PlannedChange, PlannedWrite, WriteKind, WriteState
from server.write_back.outcomes import outcome
from server.write_back.undoing import plan_undo
from tests.crash.desk import Entry
from tests.crash.play import Played, Scenario
from tests.crash.wire import open_writer

ENDS = (WriteState.DONE, WriteState.CONFLICT, WriteState.REFUSED, WriteState.ASKED)
NOT_APPLIED = (WriteState.CONFLICT, WriteState.REFUSED, WriteState.CANCELLED)
TRUTHFUL = ("it was written", "sent without a clear answer")
"""Words of a conflict that do not say that nothing was written."""

SHORTLY = timedelta(minutes=1)


@dataclass
class Verdict:
    """What is wrong, by kind."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrongly_told: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    @property
    def by_name(self) -> dict[str, list[str]]:
        return {name.replace("_", " "): said for name, said in vars(self).items()}

    @property
    def all(self) -> list[str]:
        return [f"{name}: {each}" for name, said in self.by_name.items() for each in said]


def judge(store: Store, scenario: Scenario, played: Played) -> Verdict:
    """Looks at the store, the PSA and the journal of both."""
    verdict = Verdict(unexplained=list(played.failures))
    changes = store.writes.changes(played.submission.id)
    of = store.writes.of_changes(c.id for c in changes)
    case = _Case(store, scenario, played, verdict, [w for each in of.values() for w in each])
    if not changes:
        verdict.lost.append("the submission was never kept")
    for change in changes:
        case.change(change, of[change.id])
    for write in case.writes:
        case.write(write)
    case.strangers()
    case.log()
    return verdict


@dataclass
class _Case:
    store: Store
    scenario: Scenario
    played: Played
    verdict: Verdict
    writes: Sequence[PlannedWrite]

    @property
    def journal(self) -> list[Entry]:
        return self.played.desk.journal

    # changes

    def change(self, change: PlannedChange, ordered: Sequence[PlannedWrite]) -> None:
        """It ended as one of the ends; and where it ended half done, that is told and can be taken back."""
        state = outcome(ordered)
        cancelled = any(act == "cancel" for _, act in self.scenario.people)
        if state not in ENDS and not (state is WriteState.CANCELLED and cancelled):
            self.verdict.lost.append(f"change {change.id} is {state}")
        if state is WriteState.DONE or not self._half_done(ordered):
            return
        if state is not WriteState.ASKED:
            self.verdict.wrongly_told.append(f"change {change.id} is {state}, and half of it stands")
        elif not self._can_be_taken_back(change):
            self.verdict.unexplained.append(f"change {change.id} is half done, and there is no reversal")

    def _can_be_taken_back(self, change: PlannedChange) -> bool:
        """A half-done undo is undone again; everything else is undone."""
        if int(change.agreement_id) not in self.played.desk.psa.model.agreements:
            return True  # a person deleted it with all its lines
        of, chosen = (self.played.ready.undoes, change.undoes) if change.undoes else (change.submission_id, change.id)
        undo = plan_undo(self.store, open_writer(self.played.desk), str(of), [int(chosen or 0)])
        return bool(undo.plan.writes or undo.credits)

    def _half_done(self, ordered: Sequence[PlannedWrite]) -> bool:
        withdrawn = {w.path for w in ordered if w.withdraws and w.state is WriteState.DONE}
        return any(
            w.state is WriteState.DONE and self._applied(w) and not withdrawn & {w.path, f"{w.path}/{w.record_id}"}
            for w in ordered
            if not w.withdraws
        )

    # writes

    def write(self, write: PlannedWrite) -> None:
        """It is told as it is, and happened at most once."""
        times = len(self._applied(write))
        if times > 1 and times - self._deleted_between(write) > 1:
            self.verdict.doubled.append(f"write {write.id} ({write.says}) was applied {times} times")
        if write.state in NOT_APPLIED and times and not self._was_changed_since(write):
            self.verdict.wrongly_told.append(f"write {write.id} is {write.state} ({write.said}), and was applied")
        if write.state is WriteState.DONE and not times and not self._by_hand(write):
            self.verdict.wrongly_told.append(f"write {write.id} is done ({write.said}), and was never applied")
        if write.state is WriteState.DONE and not self._stands(write):
            self.verdict.wrongly_told.append(f"write {write.id} is done, and the PSA shows otherwise")
        if write.state is WriteState.DONE and not times and not write.attempts and write.sent_at:
            self.verdict.wrongly_told.append(f"write {write.id} was done by hand, and would be taken back as ours")
        for at in self._applied(write):
            if not self._knew_the_invoices(write, at):
                self.verdict.wrongly_told.append(f"write {write.id} was sent without asking how far its agreement is invoiced")
            if self._knew_of_edit(write, at):
                self.verdict.wrongly_told.append(f"write {write.id} was sent although a look showed that a person was there")

    def _applied(self, write: PlannedWrite) -> list[int]:
        """Where in the journal its request took effect."""
        mine = ("applied", write.path, write.method, write.request)
        return [at for at, e in enumerate(self.journal) if (e.what, e.path, e.method, e.body) == mine]

    def _deleted_between(self, write: PlannedWrite) -> int:
        """New lines that a person deleted before they were found: they leave no trace, so that they look as if they never came."""
        first, last = self._applied(write)[0], self._applied(write)[-1]
        deleted = [e for e in self.journal[first:last] if e.what == "edit" and e.method == "DELETE"]
        return sum(write.kind is WriteKind.CREATE and e.path.startswith(f"{write.path}/") for e in deleted)

    def _was_changed_since(self, write: PlannedWrite) -> bool:
        said = write.state is WriteState.CONFLICT and any(words in write.said for words in TRUTHFUL)
        return said and any(self._touches(write, e) for e in self.journal[self._applied(write)[0] :])

    def _by_hand(self, write: PlannedWrite) -> bool:
        """Whether a person did the same."""
        return any(self._touches(write, e) for e in self.journal)

    def _touches(self, write: PlannedWrite, entry: Entry) -> bool:
        """Whether a person changed what it is to write."""
        if entry.what != "edit":
            return False
        if write.kind is WriteKind.CREATE:
            return entry.path.startswith(f"{write.path}/") and (entry.method != "POST" or entry.body == write.after["product"])
        return entry.path == write.path

    def _stands(self, write: PlannedWrite) -> bool:
        """Whether the PSA shows it still, or a write of ours or a person changed that since."""
        path = f"{write.path}/{write.record_id}" if write.kind is WriteKind.CREATE else write.path
        since = [*self._applied(write), 0][0]
        later = [e for e in self.journal[since + 1 :] if e.path == path and e.what in ("edit", "applied")]
        if later:
            return True
        row = self.played.desk.psa.model.additions.get(int(path.rpartition("/")[2]))
        if row is None or write.kind is WriteKind.REMOVE:
            return row is None and write.kind is WriteKind.REMOVE
        values = shown_of(path, row).values
        return all(values.get(name) == value for name, value in write.after.items())

    def _knew_of_edit(self, write: PlannedWrite, applied: int) -> bool:
        """Whether a look between a person's edit and the sending could have shown it. What comes after the look cannot be seen."""
        request = ("sent", write.path, write.method, write.request)
        sent = max(at for at, e in enumerate(self.journal[:applied]) if (e.what, e.path, e.method, e.body) == request)
        looks = [at for at, e in enumerate(self.journal[:sent]) if e.what == "look" and e.path == write.path]
        if not looks:
            return True
        edits = [e for e in self.journal[: looks[-1]] if self._touches(write, e)]
        return any(write.kind is not WriteKind.CREATE or e.method == "POST" for e in edits) and not self._edited_on_purpose(write)

    def _knew_the_invoices(self, write: PlannedWrite, applied: int) -> bool:
        """Whether it was asked shortly before how far the agreement is invoiced. What has begun is seen to its end without."""
        if write.position:
            return True
        path, asked = f"/finance/agreements/{write.agreement_id}", ("sent", write.path, write.method, write.request)
        sent = [e.at for e in self.journal[:applied] if (e.what, e.path, e.method, e.body) == asked][-1]
        return any(e.what == "look" and e.path == path and e.at and sent and sent - e.at < SHORTLY for e in self.journal[:applied])

    def _edited_on_purpose(self, write: PlannedWrite) -> bool:
        """A write that takes another back is decided on what its receipt showed, which may be later than the edit."""
        return write.withdraws

    # all

    def strangers(self) -> None:
        """Nothing was applied that no write asked for."""
        asked = {(w.path, w.method, w.request) for w in self.writes}
        for e in self.journal:
            if e.what == "applied" and (e.path, e.method, e.body) not in asked:
                self.verdict.unexplained.append(f"{e.method} {e.path} {e.body} was applied, and no write asked for it")

    def log(self) -> None:
        """The activity tells every step of every write, and its chain holds."""
        if broken := self.store.verify_activity():
            self.verdict.unexplained.append(f"the activity is broken: {broken}")
        lines = list(reversed(self.store.activity(limit=100_000)))
        steps: dict[str, list[Any]] = {}
        for line in lines:
            if line.action == "write":
                steps.setdefault(line.subject, []).append(line)
        for write in self.writes:
            self._told(write, steps.get(f"write {write.id}", []))
        named = [line for line in lines if line.subject == f"submission {self.played.submission.id}"]
        if sum(line.action == "submitted" for line in named) != 1:
            self.verdict.unexplained.append("the activity does not tell once that it was submitted")

    def _told(self, write: PlannedWrite, events: Sequence[Any]) -> None:
        state = str(WriteState.PLANNED)
        for event in events:
            if event.old not in (state, None):
                self.verdict.unexplained.append(f"write {write.id}: the activity has {event.old} after {state}")
            state = event.new
        if state != write.state:
            self.verdict.unexplained.append(f"write {write.id} is {write.state}, and the activity ends with {state}")
