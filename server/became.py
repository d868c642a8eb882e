"""What became of each decided row of a run, in a short sentence: for the Result column of a returned copy.

The words are those of the judge, of the plan and of the receipts, which the commands and the API show too. Done is only said
where there is a receipt.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.carried import dismissed_through
from core.decisions import Judged, Status, content, describe
from core.periods import Period
from core.records import Action, Decision, Problem
from server.receipts import Receipt, receipts
from server.show_writes import SIGNS
from server.store import KeptDecision, Store
from server.store.write_records import Submission, WriteState
from server.submitting import decided_changes
from server.write_back.outcomes import outcome

NOT_TAKEN = "not taken: return this copy, so that the decision counts"


@dataclass(frozen=True, slots=True)
class _Sent:
    """A change with its submission, and when it was taken back."""

    receipt: Receipt
    submission: Submission
    undone: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Became:
    """Everything that is known of the decisions of a run."""

    period: Period
    arrived: Mapping[str, list[KeptDecision]]  # by key, in the order of arrival
    standing: Mapping[str, KeptDecision]  # by key
    judged: Mapping[str, Judged]  # the standing ones on the newest revision
    planned: Mapping[str, str]  # by key: what is to be done in the PSA
    sent: Mapping[int, _Sent]  # by decision: the newest change

    @classmethod
    def of(cls, store: Store, run_id: str) -> "Became":
        """UnknownRun where there is no such run."""
        arrived: dict[str, list[KeptDecision]] = {}
        for kept in store.decisions_of_run(run_id):
            arrived.setdefault(kept.key, []).append(kept)
        decided = decided_changes(store, run_id)
        return cls(
            store.run(run_id).period,
            arrived,
            {kept.key: kept for kept in store.decisions(run_id)},
            {j.decision.key: j for j in decided.judged},
            {c.key: f"{c.what}, from {_day(c.effective_date)}" for c in decided.changes},
            _sent(store, run_id),
        )

    def said(self, decision: Decision, copy_id: str | None) -> str:
        """What became of a decision that a copy holds; `copy_id`: as the store knows it, None where it was never taken."""
        kept = self._as_arrived(decision, copy_id)
        if kept is None:
            return NOT_TAKEN
        if receipt := self._receipt(decision):
            return receipt
        if kept.status is Status.NOTHING_TO_DO:
            return "nothing to do: it is billed like this already"
        if kept.status is Status.REFUSED:
            return wrong(Problem(decision.place, kept.problem or ""))
        if kept.status is not Status.ACCEPTED:
            return f"{kept.status}: {kept.problem}"
        return self._of_accepted(kept)

    def _as_arrived(self, decision: Decision, copy_id: str | None) -> KeptDecision | None:
        """The newest arrival of the same decision by the same copy, else by the same person."""
        alike = [k for k in self.arrived.get(decision.key, ()) if content(k.decision) == content(decision)]
        own = [k for k in alike if k.copy_id == copy_id] or [k for k in alike if k.by == decision.by]
        return own[-1] if own else None

    def _receipt(self, decision: Decision) -> str:
        """What the PSA showed; empty where nothing was submitted of this decision."""
        alike = (k for k in self.arrived.get(decision.key, ()) if content(k.decision) == content(decision))
        found = [sent for kept in alike if (sent := self.sent.get(kept.id))]
        return receipt_said(max(found, key=lambda sent: sent.receipt.change.id)) if found else ""

    def _of_accepted(self, kept: KeptDecision) -> str:
        stands = self.standing.get(kept.key)
        if stands is None:
            newest = self.arrived[kept.key][-1]
            return f"does not count any more: {newest.problem or describe(newest.decision)}"
        if content(stands.decision) != content(kept.decision):
            return f"replaced by {describe(stands.decision)}"
        against = [k for k in self.arrived[kept.key] if k.id > stands.id and k.status is Status.CONFLICT]
        if against:
            return (
                f"conflict: {describe(kept.decision)} here, {describe(against[-1].decision)} elsewhere: agree on one and return it"
            )
        judged = self.judged[kept.key]
        if judged.status is not Status.ACCEPTED:
            return f"{judged.status}: {judged.problem.message}" if judged.problem else str(judged.status)
        return self._of_standing(kept)

    def _of_standing(self, kept: KeptDecision) -> str:
        if kept.action is Action.DISMISS:
            return f"dismissed until {_day(dismissed_through(self.period))}: {kept.reason}"
        if kept.action is Action.ASK:
            return "asked; nothing is written"
        return f"accepted, to do: {self.planned.get(kept.key, 'nothing to write')}"


def wrong(problem: Problem) -> str:
    """A problem in its own row: the file and the sheet need no saying."""
    return f"problem in {problem.place.rpartition('!')[2]}: {problem.message}"


def receipt_said(sent: _Sent) -> str:
    """A receipt in a sentence: done 26 Nov 2026: the PSA shows quantity 28."""
    receipt, submission = sent.receipt, sent.submission
    if receipt.outcome is WriteState.PLANNED and not submission.cancelled_at:
        return _waiting(receipt, submission)
    ended = [write.finished_at for write in receipt.writes if write.finished_at]
    day = f" {_day(max(ended))}" if receipt.outcome is WriteState.DONE and ended else ""
    undone = f", and taken back {_day(sent.undone)}" if sent.undone else ""
    return f"{SIGNS[receipt.outcome].lower()}{day}{undone}: {receipt.said or receipt.change.what}"


def _waiting(receipt: Receipt, submission: Submission) -> str:
    what = f"{receipt.change.what}, from {_day(receipt.change.effective_date)}"
    if receipt.change.large and not submission.approved_at:
        return f"waits for a second person: {what}"
    return f"{'paused' if submission.paused_at else 'to send'}: {what}" + (f" ({receipt.said})" if receipt.said else "")


def _sent(store: Store, run_id: str) -> dict[int, _Sent]:
    """The newest change of each decision."""
    found = []
    for submission in sorted(store.writes.submissions(run_id), key=lambda one: one.created_at):
        found += [(submission, r) for r in receipts(store, submission.id) if r.change.decision_id is not None]
    undone = _undone(store, (receipt.change.id for _, receipt in found))
    return {
        receipt.change.decision_id: _Sent(receipt, submission, undone.get(receipt.change.id))
        for submission, receipt in found
        if receipt.change.decision_id is not None
    }


def _undone(store: Store, change_ids: Iterable[int]) -> dict[int, dt.datetime]:
    """When each of these changes was taken back, where it was."""
    undoing = store.writes.undoing(change_ids)
    writes = store.writes.of_changes(change.id for change in undoing.values())
    made = {}
    for change_id, change in undoing.items():
        ended = [write.finished_at for write in writes[change.id] if write.finished_at]
        if ended and outcome(writes[change.id]) is WriteState.DONE:
            made[change_id] = max(ended)
    return made


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%b %Y}"
