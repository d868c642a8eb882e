"""Undo: a new submission, computed from receipts, through the same protocol; what was invoiced since is credited by hand."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.errors import TryLater
from connectors.writing import Writer
from core.records import Problem
from server.store import Store
from server.store.write_records import UNDO, PlannedChange, PlannedWrite, WriteState
from server.write_back.outcomes import outcome
from server.write_back.planning import Plan, reversal


@dataclass(frozen=True, slots=True)
class Credit:
    """A change that was invoiced: taking it back is a credit that a person writes."""

    change: PlannedChange
    invoiced_through: dt.date
    amount: Decimal  # what the invoice had more of; negative: what it had less of
    said: str


@dataclass(frozen=True, slots=True)
class Undo:
    """What an undo would write, what goes to the credit list, and what there is nothing to take back of."""

    plan: Plan
    credits: tuple[Credit, ...]


def plan_undo(store: Store, writer: Writer, submission_id: str, chosen: Sequence[int] = ()) -> Undo:
    """The reversal of a submission's done changes, or of the chosen ones by id."""
    known = {change.id: change for change in store.writes.changes(submission_id)}
    problems = [Problem(f"submission {submission_id}", f"it has no change {number}") for number in chosen if number not in known]
    wanted = [known[number] for number in (chosen or known) if number in known]
    writes = store.writes.of_changes(c.id for c in wanted)
    undoing = store.writes.undoing(c.id for c in wanted)
    taken_back = {of: outcome(found) for of, found in _of(store, undoing.values()).items()}
    to_credit, plans = [], []
    through = _invoiced_through(wanted, writer)
    for change in reversed(wanted):
        why = _why_not(change, writes[change.id], taken_back.get(change.id))
        if not why and change.invoices and change.agreement_id not in through:
            why = f"its agreement {change.agreement_id} is not in the PSA any more"
        if why:
            problems += [Problem(f"change {change.id}", f"{change.customer}, {change.what}: {why}")] if chosen else []
        elif credit := _credit(change, through.get(change.agreement_id)):
            to_credit.append(credit)
        else:
            plans.append((change, undoing.get(change.id), writes[change.id]))
    return Undo(_plan(plans, through, writer, problems), tuple(to_credit))


def _invoiced_through(changes: Iterable[PlannedChange], writer: Writer) -> dict[str, dt.date | None]:
    """The last day invoiced of each agreement that the changes bill on; one that is gone is left out."""
    found: dict[str, dt.date | None] = {}
    for agreement in dict.fromkeys(change.agreement_id for change in changes if change.invoices):
        try:
            found[agreement] = writer.invoiced_through(agreement)
        except TryLater as error:
            if error.at_once:
                raise
    return found


def _of(store: Store, undoing: Iterable[PlannedChange]) -> dict[int, list[PlannedWrite]]:
    """The writes of each undo, by the change that it takes back."""
    undos = list(undoing)
    writes = store.writes.of_changes(u.id for u in undos)
    return {u.undoes: writes[u.id] for u in undos if u.undoes is not None}


def _why_not(change: PlannedChange, ordered: Sequence[PlannedWrite], taken_back: WriteState | None) -> str:
    state = outcome(ordered)
    if change.action == UNDO:
        return "it is an undo itself: submit the decision again, or where it did not come through, undo again what it takes back"
    if not any(w.state is WriteState.DONE and w.sent_at and not w.withdraws for w in ordered):
        return f"it ended as {state}, so there is nothing to take back"
    if state is not WriteState.DONE and state is not WriteState.ASKED:
        return f"it is {state}"
    if taken_back is WriteState.DONE:
        return "it was taken back already"
    return "its undo is under way" if taken_back in (WriteState.PLANNED, WriteState.SENDING, WriteState.UNKNOWN) else ""


def _credit(change: PlannedChange, through: dt.date | None) -> Credit | None:
    """R8, write-back: what the PSA has invoiced cannot be unwritten, only credited."""
    if not change.invoices or through is None or through == change.invoiced_through or through < change.effective_date:
        return None
    amount = change.next_invoice_after - change.next_invoice_before + change.catch_up
    said = (
        f"invoiced through {through} since, from {change.effective_date}: credit by hand what those invoices have of it "
        f"({amount:,.2f} {change.currency} in the first, {change.effect:,.2f} a month), and change the line from then on"
    )
    return Credit(change, through, amount, said)


def _plan(
    plans: Sequence[tuple[PlannedChange, PlannedChange | None, list[PlannedWrite]]],
    through: Mapping[str, dt.date | None],
    writer: Writer,
    problems: list[Problem],
) -> Plan:
    changes, ordered = [], []
    for number, (change, before, writes) in enumerate(plans):
        generation = int(before.key.rpartition("/")[2]) + 1 if before else 1
        changes.append(_undoing(number, change, generation, through.get(change.agreement_id)))
        done = [w for w in writes if w.state is WriteState.DONE and w.sent_at and not w.withdraws]
        ordered += [replace(reversal(w, i, writer), change_id=number) for i, w in enumerate(reversed(done))]
    return Plan(tuple(changes), tuple(ordered), tuple(problems))


def _undoing(number: int, change: PlannedChange, generation: int, through: dt.date | None) -> PlannedChange:
    """The change with before and after exchanged."""
    return replace(
        change, id=number, submission_id="", key=f"{change.run_id}/undo-{change.id}/{generation}", action=UNDO,
        what=f"take back: {change.what}", old_quantity=change.new_quantity, new_quantity=change.old_quantity,
        old_price=change.new_price, new_price=change.old_price, effect=-change.effect,
        next_invoice_before=change.next_invoice_after, next_invoice_after=change.next_invoice_before, catch_up=-change.catch_up,
        place=f"submission {change.submission_id}", large=change.large, invoiced_through=through,
        decision_id=None, needs=None, undoes=change.id,
    )  # fmt: skip
