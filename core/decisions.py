"""What a decision means (R5, R7, R14, R17): each is judged against the newest revision of its run.

Nothing is ever pre-approved. A decision that cannot be used is a problem with its place, and its line stays undecided.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from core.causes import number, signed
from core.commitment import below_commitment, typed_problem
from core.costs import Cost
from core.dates import DateRules, problem_with, problem_with_span
from core.money import revenue
from core.records import Action, Agreement, BillCustomer, Comparison, Decision, Measure, Problem, State, Step
from core.settings import Settings
from core.stepping import described, in_order, problem_with_days, problem_with_steps, without_repeats
from core.words import ACTIONS, REASON_OTHER, REASONS


class Status(StrEnum):
    """What became of a decision."""

    ACCEPTED = "accepted"
    NOTHING_TO_DO = "nothing to do"  # Approve on a row without a change
    REFUSED = "refused"  # a problem says why
    SUSPENDED = "suspended"  # the numbers it was made on have moved
    LINE_GONE = "line gone"
    CONFLICT = "conflict"  # two copies decide differently


@dataclass(frozen=True, slots=True)
class Judged:
    """One decision with what became of it; an accepted one with everything that a change is planned from."""

    decision: Decision
    status: Status
    problem: Problem | None = None
    row: Comparison | None = None
    agreement: Agreement | None = None  # Add line: the chosen one
    quantity: Decimal | None = None  # after the change, of the last step; None: it stays
    price: Decimal | None = None  # after the change, or the new cost; None: it stays
    effective_date: dt.date | None = None  # of the first step
    steps: tuple[Step, ...] = ()  # in their order; none: one quantity from one day
    warnings: tuple[str, ...] = ()
    cost: Cost | None = None  # the row of a decision on a cost

    @property
    def about(self) -> tuple[str, str]:
        """Customer and service that it is about, as far as they are known; a cost is no customer's."""
        if self.row:
            return self.row.customer, self.row.service
        return "", self.cost.service if self.cost else ""

    @property
    def updates_cost(self) -> bool:
        """Whether a new cost is to be written (core.cost_decisions)."""
        return self.status is Status.ACCEPTED and self.decision.action is Action.UPDATE_COST

    @property
    def writes(self) -> bool:
        """Whether a line is to change in the PSA."""
        return self.status is Status.ACCEPTED and self.decision.action in (Action.APPROVE, Action.ADD_LINE, Action.END_LINE)


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges decisions against one revision of a run."""

    rows: Mapping[str, Comparison]
    agreements: Sequence[Agreement]
    settings: Settings
    today: dt.date

    def judge(self, decisions: Iterable[Decision]) -> list[Judged]:
        """Every decision with what became of it, in their order; groups whose lines must be typed are judged together."""
        judged = [self._one(d) for d in merge(decisions)]
        return self._groups(judged)

    def _one(self, found: "Decision | Judged") -> Judged:
        if isinstance(found, Judged):
            return found
        decision, row = found, self.rows.get(found.key)
        if row is None:
            return self._out(decision, Status.LINE_GONE, "this line is not in the newest revision of the run any more")
        if row.fingerprint != decision.fingerprint:
            who = f" by {decision.by}" if decision.by else ""
            said = f"{decision.action}{who} was decided on other numbers; look at the row again: now {_now(row)}"
            return replace(self._out(decision, Status.SUSPENDED, said), row=row)
        if decision.steps and (problem := problem_with_steps(decision, row)):
            return Judged(decision, Status.REFUSED, problem, row)
        if row.state is State.NO_CHANGE and decision.action is Action.APPROVE:
            return Judged(decision, Status.NOTHING_TO_DO, row=row)
        refusal = self._refusal(decision, row)
        return replace(self._out(decision, Status.REFUSED, refusal), row=row) if refusal else self._accept(decision, row)

    @staticmethod
    def _out(decision: Decision, status: Status, said: str) -> Judged:
        return Judged(decision, status, Problem(decision.place, said))

    def _refusal(self, decision: Decision, row: Comparison) -> str:
        """Why a decision cannot be used, before its numbers are looked at; empty where it can."""
        legal = legal_actions(row)
        if decision.action not in legal:
            return f"{decision.action} is not a choice for {row.state}; choose {', '.join(legal)}"
        return words_wanted(decision)

    def _accept(self, decision: Decision, row: Comparison) -> Judged:
        judged = Judged(decision, Status.ACCEPTED, row=row, steps=in_order(decision.steps))
        if decision.action in (Action.DISMISS, Action.ASK):
            return judged
        if decision.action is Action.END_LINE:
            judged, problem = replace(judged, quantity=Decimal(0)), _end_problem(decision, row)
        elif decision.action is Action.ADD_LINE:
            judged, problem = self._add(judged, decision, row)
        else:
            judged, problem = self._approve(judged, decision, row)
        refused = Problem(decision.place, problem) if problem else None
        if not refused:
            judged, refused = (self._days if judged.steps else self._date)(judged, decision, row)
        if refused:
            return Judged(decision, Status.REFUSED, refused, row)
        if decision.action is Action.APPROVE and _stays(judged, row):
            return Judged(decision, Status.NOTHING_TO_DO, row=row)
        return judged

    def _approve(self, judged: Judged, decision: Decision, row: Comparison) -> tuple[Judged, str]:
        if row.measure is Measure.MONEY:
            return self._approve_money(judged, decision, row)
        typed = _typed_quantity(decision)
        quantity = typed if typed is not None else row.to_bill
        if quantity is None:
            return judged, f"{row.group_size} lines at different prices: type each"
        if quantity == 0:
            return judged, "a quantity of 0 must be chosen as End line"
        if quantity < 0:
            return judged, f"the quantity {number(quantity)} is below zero"
        if problem := typed_problem(quantity, decision, row):
            return judged, problem
        return self._priced(replace(judged, quantity=quantity), decision, row)

    def _approve_money(self, judged: Judged, decision: Decision, row: Comparison) -> tuple[Judged, str]:
        if decision.quantity is not None:
            return judged, "this line is compared in money: type a New price, not a quantity"
        price = decision.new_price if decision.new_price is not None else row.proposed_price
        if price is None:
            return judged, "nothing is proposed for this line: type a New price"
        if not row.proposed and not _one_unit(row):
            return judged, "this line is not one unit, and is compared in money: change it in the PSA, or choose Dismiss or Ask"
        return replace(judged, price=price), _typed_price_problem(decision, row)

    def _priced(self, judged: Judged, decision: Decision, row: Comparison) -> tuple[Judged, str]:
        """R14: a price below the catalogue's or the cost wants a reason."""
        price = decision.new_price
        if price is None:
            return judged, ""
        if row.measure is Measure.MONEY or price < 0:
            return judged, _typed_price_problem(decision, row)
        for bound, what in ((row.catalogue_price, "the catalogue price"), (row.vendor_unit_cost or row.unit_cost, "the cost")):
            if bound is not None and price < bound and not decision.reason:
                return judged, f"the price {number(price)} is below {what} {number(bound)}: a reason is wanted"
        return replace(judged, price=price), ""

    def _add(self, judged: Judged, decision: Decision, row: Comparison) -> tuple[Judged, str]:
        own = [a for a in self.agreements if a.customer_id == row.customer_id]
        openly = [a for a in own if a.open]
        if not openly:
            return judged, f"{row.customer} has no active agreement: create one in the PSA, or choose Dismiss or Ask"
        if not decision.agreement:
            return judged, f"choose the agreement that {row.service} is added to"
        chosen = [a for a in own if decision.agreement.casefold() in (a.label.casefold(), a.agreement_id.casefold())]
        if len(chosen) != 1:
            return judged, f"{decision.agreement!r} is not an agreement of {row.customer}; choose {_labels(openly)}"
        (agreement,) = chosen
        if not agreement.open:
            return judged, f"the agreement {agreement.label} is {agreement.status}; choose {_labels(openly)}"
        price = decision.new_price if decision.new_price is not None else row.proposed_price or row.unit_price
        if price is None:
            return judged, "the catalogue has no price for this service: type a New price"
        if decision.new_price is None and agreement.cycle_months != row.months:
            return judged, f"{agreement.label} bills {agreement.cycle_months} months at once: type the New price of such a period"
        if row.measure is Measure.MONEY and decision.quantity is not None:
            return judged, "this line is compared in money: type a New price, not a quantity"
        typed = _typed_quantity(decision)
        quantity = typed if typed is not None else row.to_bill or Decimal(1)
        if quantity <= 0:
            return judged, "a new line wants a quantity above zero"
        if problem := typed_problem(quantity, decision, row):
            return judged, problem
        priced, problem = self._priced(judged, decision, row)
        return replace(priced, agreement=agreement, quantity=quantity, price=price), problem

    def _days(self, judged: Judged, decision: Decision, row: Comparison) -> tuple[Judged, Problem | None]:
        rules = DateRules.of(judged.agreement or row, self.settings, self.today)
        repriced = judged.price is not None and judged.price != row.unit_price
        steps = without_repeats(judged.steps, row.psa_quantity or Decimal(0), repriced=repriced) or judged.steps[-1:]
        new_line = judged.agreement is not None
        problem, warnings = problem_with_days(steps, row, rules, self.settings, reason=decision.reason, new_line=new_line)
        if problem:
            return judged, replace(problem, place=problem.place or decision.place)
        judged = replace(judged, steps=steps, effective_date=steps[0].effective_date)
        return self._minded(judged, decision, row, warnings)

    def _date(self, judged: Judged, decision: Decision, row: Comparison) -> tuple[Judged, Problem | None]:
        rules = DateRules.of(judged.agreement or row, self.settings, self.today)
        day = decision.effective_date or rules.default
        problem, warnings = problem_with(
            day,
            rules,
            increase=judged.quantity is not None and judged.quantity > (row.psa_quantity or 0),
            reason=decision.reason,
            new_line=judged.agreement is not None,
            price_only=judged.quantity is None or judged.quantity == row.psa_quantity,
        )
        ending = decision.action is Action.END_LINE
        problem = problem_with_span(day, row, rules, self.settings, ending=ending) or problem
        if problem and row.missed and day < rules.default:
            problem += f"; {row.missed:,.2f} was missed and can be billed by hand"
        if problem:
            return judged, Problem(decision.place, problem)
        return self._minded(replace(judged, effective_date=day), decision, row, warnings)

    def _minded(
        self, judged: Judged, decision: Decision, row: Comparison, warnings: tuple[str, ...]
    ) -> tuple[Judged, Problem | None]:
        """What is left to mind once dates and quantities are good."""
        if row.large or _is_large(judged, row, self.settings):
            warnings = (*warnings, "large change")
        if below := below_commitment(judged.quantity, decision, row, judged.effective_date):
            warnings = (*warnings, below)
        if judged.agreement and judged.agreement.currency != row.currency and not (decision.new_price and decision.note):
            said = f"the agreement bills in {judged.agreement.currency}, the cost is in {row.currency}: {_TWO}"
            return judged, Problem(decision.place, said)
        return replace(judged, warnings=warnings), None

    def _groups(self, judged: list[Judged]) -> list[Judged]:
        """Lines of one group that are typed each must add up to what the group bills, or say why not (R1, R14)."""
        typed: dict[tuple[str, str], dict[str, Judged]] = defaultdict(dict)
        for j in judged:
            if j.writes and j.row and not j.row.proposed and j.row.measure is Measure.UNITS:
                typed[j.row.customer_id, j.row.service_id][j.row.key] = j
        refused: dict[str, Judged] = {}
        rows_of = self._rows_of(typed)
        for group, members in typed.items():
            problem = _group_problem(rows_of[group], members)
            unexplained = {k: j for k, j in members.items() if not j.decision.reason}
            if problem and unexplained:
                refused |= {k: replace(self._out(j.decision, Status.REFUSED, problem), row=j.row) for k, j in members.items()}
        return [refused.get(j.decision.key, j) if j.status is Status.ACCEPTED else j for j in judged]

    def _rows_of(self, wanted: Mapping[tuple[str, str], object]) -> dict[tuple[str, str], list[Comparison]]:
        found: dict[tuple[str, str], list[Comparison]] = defaultdict(list)
        for row in self.rows.values() if wanted else ():
            if (row.customer_id, row.service_id) in wanted and row.line_id and not row.proposed:
                found[row.customer_id, row.service_id].append(row)
        return found


def _typed_quantity(decision: Decision) -> Decimal | None:
    """The quantity that the line is to have in the end, where one is typed."""
    return in_order(decision.steps)[-1].quantity if decision.steps else decision.quantity


def _group_problem(rows: Sequence[Comparison], members: Mapping[str, Judged]) -> str:
    after = sum((q for r in rows if (q := _after(members.get(r.key), r)) is not None), Decimal(0))
    wanted = rows[0].group_to_bill
    if wanted is None or after == wanted:
        return ""
    return f"the typed lines add up to {number(after)}, the vendor's count to {number(wanted)}: a reason is wanted on each"


def _end_problem(decision: Decision, row: Comparison) -> str:
    if decision.quantity:
        return f"End line ends all of it, and {number(decision.quantity)} is typed: choose one"
    return "" if row.proven or decision.reason else "the count proves no end; End line wants a reason"


def _typed_price_problem(decision: Decision, row: Comparison) -> str:
    if decision.new_price is None:
        return ""
    if decision.new_price < 0:
        return f"the price {number(decision.new_price)} is below zero"
    if row.measure is Measure.MONEY and decision.new_price != row.proposed_price and not decision.reason:
        return "the typed price differs from the proposed one: a reason is wanted"
    return ""


def _stays(judged: Judged, row: Comparison) -> bool:
    """Whether an approval leaves the line as it is."""
    same_quantity = judged.quantity is None or {judged.quantity, *(s.quantity for s in judged.steps)} == {row.psa_quantity}
    same_cost = row.proposed_price is None or row.vendor_unit_cost in (None, row.unit_cost)
    return same_quantity and same_cost and judged.price in (None, row.unit_price)


def _one_unit(row: Comparison) -> bool:
    """Whether a line measured in money, whose quantity the row leaves out, bills one unit."""
    price, billable = row.unit_price or Decimal(0), row.bill_customer is BillCustomer.BILLABLE
    return billable and price > 0 and revenue(Decimal(1), row.included, price, row.months) == row.revenue_before


def _is_large(judged: Judged, row: Comparison, settings: Settings) -> bool:
    """R14, for what was typed instead of what is proposed."""
    before = row.psa_quantity or Decimal(0)
    after = judged.quantity if judged.quantity is not None else before
    after = max((after, *(s.quantity for s in judged.steps)), key=lambda quantity: abs(quantity - before))
    price = judged.price if judged.price is not None else row.unit_price or Decimal(0)
    gap, months = abs(after - before), judged.agreement.cycle_months if judged.agreement else row.months
    units = gap >= settings.large_units and gap * 100 >= before * settings.large_percent
    if row.measure is Measure.MONEY:
        after = Decimal(1)
    billed = revenue(after, row.included, price, months, row.bill_customer is BillCustomer.BILLABLE)
    nothing = judged.decision.action is Action.END_LINE or (billed == 0 and (row.revenue_before or 0) > 0)
    return units or nothing or abs(billed - (row.revenue_before or 0)) >= settings.large_amount


def words_wanted(decision: Decision) -> str:
    """The reason or note that Dismiss and Ask still want (R7, R14); empty where they have it."""
    if decision.reason and decision.reason.casefold() not in REASONS and decision.action is Action.DISMISS:
        return f"{decision.reason!r} is not a reason from the list; choose one, or {REASON_OTHER!r} with a note"
    if decision.action is Action.DISMISS:
        if not decision.reason:
            return "Dismiss wants a reason from the list"
        if decision.reason.casefold() == REASON_OTHER and not decision.note:
            return f"the reason {REASON_OTHER!r} wants a note"
    if decision.action is Action.ASK and not decision.note:
        return "Ask wants a note: the question, and who is to answer it"
    return ""


_TWO = "type the price in the agreement's currency and say in the note at which rate and date"


def legal_actions(row: Comparison) -> list[Action]:
    """R7's words for a row. A line that is still used may be ended too, with a reason."""
    legal = _LEGAL[row.state]
    return [*legal, Action.END_LINE] if row.state is State.RECONCILE else [*legal]


_LEGAL = {state: tuple(Action(word) for word in words) for state, words in ACTIONS.items()}


def merge(decisions: Iterable[Decision]) -> list["Decision | Judged"]:
    """One decision a line: equal ones of several copies are one, different ones are a conflict for a person."""
    by_key: dict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        by_key[decision.key].append(decision)
    merged: list[Decision | Judged] = []
    for found in by_key.values():
        if len({content(d) for d in found}) == 1:
            merged.append(found[-1])
        else:
            merged += [Judged(d, Status.CONFLICT, Problem(d.place, _conflict(d, found))) for d in found]
    return merged


def content(decision: Decision) -> tuple[object, ...]:
    """What makes two decisions different: everything but the words around them."""
    agreement = decision.agreement.casefold() if decision.agreement else ""
    steps = in_order(decision.steps) if decision.steps else ()
    typed = (decision.quantity, decision.effective_date, agreement, decision.new_price, steps, decision.own_too)
    return (decision.fingerprint, decision.action, *typed)


def _conflict(decision: Decision, found: Sequence[Decision]) -> str:
    others = [o for o in found if o is not decision and content(o) != content(decision)]
    said = "; ".join(f"{describe(o)} at {o.place}" for o in others)
    return f"{describe(decision)}, but {said}: agree on one and return it"


def describe(decision: Decision) -> str:
    """A decision in a few words: Approve 28 from 2026-12-01 by Anna."""
    words = [str(decision.action)]
    if decision.quantity is not None:
        words.append(number(decision.quantity))
    if decision.new_price is not None:
        words.append(f"at {number(decision.new_price)}")
    if decision.own_too:
        words.append("own costs too")
    if decision.effective_date is not None:
        words.append(f"from {decision.effective_date}")
    if decision.steps:
        words.append(described(decision.steps))
    if decision.by:
        words.append(f"by {decision.by}")
    return " ".join(words)


def _after(judged: Judged | None, row: Comparison) -> Decimal | None:
    return judged.quantity if judged else row.psa_quantity


def _now(row: Comparison) -> str:
    if row.difference is None:
        return str(row.state)
    return f"{row.state}, {signed(row.difference)}"


def _labels(agreements: Iterable[Agreement]) -> str:
    return " or ".join(a.label for a in agreements)
