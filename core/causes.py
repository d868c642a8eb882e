"""Why a line differs: its cause and one sentence for a person. Rows that would say the same are put into words once."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from core.charges import day_number, day_of, days
from core.evidence import Said
from core.exact import MONEY, PRICE, QUANTITY, Ints
from core.frames import Objects, alike, codes, first_of_each, picked, texts, values
from core.groups import Groups
from core.joining import NEW_REVENUE, NO_CHANGE, NO_USAGE, NOT_KNOWN, Joined
from core.records import BillCustomer, Cause
from core.rows import Rows
from core.run import Inputs
from core.scope import Scope, short_date
from core.usage_of_parts import UsageOfParts


def number(value: Decimal | int) -> str:
    """A quantity as sentences show it: 1,250 or 2.5."""
    text = f"{Decimal(value):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value: Decimal) -> str:
    return ("+" if value > 0 else "") + number(value)


def quantity(scaled_value: int) -> str:
    """A scaled quantity as sentences show it."""
    return number(Decimal(int(scaled_value)).scaleb(-QUANTITY))


def sentences(inputs: Inputs, rows: Rows, joined: Joined, usage: UsageOfParts, scope: Scope) -> tuple[Objects, Objects]:
    """Cause and sentence of every row."""
    shared, part = joined.groups, rows.part
    special = _special(inputs, rows, joined, scope)
    bill = codes(inputs.lines["bill_customer"])[0] if len(inputs.lines) else rows.line
    numbers = (
        rows.state, shared.vendor[part], shared.to_bill[part], shared.psa[part], shared.minimum[part], shared.lines[part],
        shared.usages[part] > 0, shared.at_minimum[part], rows.proposed, usage.since[part],
        np.where(rows.is_line, bill[rows.line] if len(bill) else -1, -1), special,
    )  # fmt: skip
    distinct, first = alike(numbers)
    words = _Words(inputs, rows, joined, usage, scope)
    said = [words.of(int(row)) for row in first]
    cause = np.array([str(c) for c, _ in said], dtype=object)
    why = np.array([w for _, w in said], dtype=object)
    return cause[distinct], why[distinct]


def _special(inputs: Inputs, rows: Rows, joined: Joined, scope: Scope) -> Ints:
    """A number of its own for rows whose sentence names more than numbers; -1 for the others."""
    shared, own = joined.groups, np.arange(len(rows.part))
    followed = np.zeros(len(own), dtype=bool)
    followed[rows.is_line] = scope.follows[rows.line[rows.is_line]]
    named = (rows.state == NOT_KNOWN) | (rows.state == NEW_REVENUE) | rows.money | (shared.lines > 1)[rows.part] | followed
    return np.where(named, own, -1)


@dataclass(frozen=True, slots=True)
class _Lookups:
    """What sentences name."""

    carrier: dict[int, str]  # part to the line that its difference stands on
    closed: dict[str, str]  # customer without an active agreement


class _Words:
    """Puts single rows into words."""

    def __init__(self, inputs: Inputs, rows: Rows, joined: Joined, usage: UsageOfParts, scope: Scope) -> None:
        self._inputs, self._rows, self._joined, self._usage, self._scope = inputs, rows, joined, usage, scope
        self._groups: Groups = joined.groups
        self._line_ids = texts(inputs.lines["line_id"])
        self._bill = texts(inputs.lines["bill_customer"])
        self._effective = days(inputs.lines["effective"], 0)
        self._look = _Lookups(self._carriers(), _closed_agreements(inputs))

    def _carriers(self) -> dict[int, str]:
        rows = self._rows
        carrying = np.flatnonzero((self._groups.lines > 1)[rows.part] & (rows.difference != 0) & rows.proposed & rows.is_line)
        return {int(rows.part[i]): self._line_ids[rows.line[i]] for i in carrying}

    def of(self, row: int) -> Said:
        """The cause and the sentence of one row."""
        state, part = int(self._rows.state[row]), int(self._rows.part[row])
        if state == NOT_KNOWN:
            return self._joined.why_not[part]
        if state == NEW_REVENUE:
            return self._new_revenue(part)
        if state == NO_USAGE:
            return Cause.BILLING_GAP, self._no_usage(part)
        if self._groups.money[part]:
            return self._money(row, part, state)
        cause, said = self._no_change(row, part) if state == NO_CHANGE else self._difference(row, part)
        bill = self._bill[self._rows.line[row]]
        not_billed = "" if bill == str(BillCustomer.BILLABLE) else f"the line is {bill}: no money"
        return cause, "; ".join(filter(None, (said, not_billed)))

    def _new_revenue(self, part: int) -> Said:
        used = "" if self._groups.money[part] else f"uses {quantity(self._groups.to_bill[part])}, "
        closed = self._look.closed.get(self._groups.customer[part])
        return Cause.BILLING_GAP, f"{used}billed on no line" + (f"; {closed}" if closed else "")

    def _since(self, part: int) -> int | None:
        since = int(self._usage.since[part])
        return since if since > 0 else None

    def _no_usage(self, part: int) -> str:
        if not self._groups.usages[part]:
            return "not on this invoice or count"
        since = self._since(part)
        return f"the vendor counts 0 since {short_date(day_of(since))}" if since else "the vendor counts 0"

    def _money(self, row: int, part: int, state: int) -> Said:
        cost = Decimal(int(self._usage.amount[part])).scaleb(-MONEY)
        if not self._rows.proposed[row]:
            return Cause.BILLING_GAP, f"cost {cost:,.2f}; not one unit, monthly and in the cost's currency: type a price"
        percent = number(Decimal(int(self._groups.markup[part])).scaleb(2 - PRICE))
        proposal = Decimal(int(self._rows.proposal[row])).scaleb(-PRICE)
        said = f"cost {cost:,.2f} + {percent} % = {proposal:,.2f}"
        return (Cause.NONE if state == NO_CHANGE else Cause.BILLING_GAP), said

    def _no_change(self, row: int, part: int) -> Said:
        line = self._rows.line[row]
        if self._scope.follows[line] and self._effective[line] > day_number(self._inputs.today):
            now, then = self._scope.before[line], self._rows.psa[row]
            day = day_of(int(self._effective[line]))
            return Cause.TIMING, f"now {quantity(now)}, {quantity(then)} from {day.day} {day:%b}"
        if self._groups.at_minimum[part]:
            return Cause.COMMITMENT, self._minimum(part)
        if part in self._look.carrier:
            return Cause.NONE, f"the difference stands on line {self._look.carrier[part]}"
        return Cause.NONE, ""

    def _minimum(self, part: int) -> str:
        return f"minimum {quantity(self._groups.minimum[part])}, used {quantity(self._groups.vendor[part])}"

    def _difference(self, row: int, part: int) -> Said:
        cause = self._cause_of_difference(part)
        if not self._rows.proposed[row]:
            gap = signed(Decimal(int(self._groups.to_bill[part] - self._groups.psa[part])).scaleb(-QUANTITY))
            used, billed = quantity(self._groups.to_bill[part]), quantity(self._groups.psa[part])
            lines = f"{self._groups.lines[part]} lines at different prices"
            return cause, f"{lines}, together {gap} (used {used}, billed {billed}): type each"
        if self._groups.at_minimum[part]:
            return Cause.COMMITMENT, self._minimum(part)
        since = self._since(part)
        when = f" since {short_date(day_of(since))}" if since and cause is Cause.TIMING else ""
        return cause, f"uses {quantity(self._groups.vendor[part])}{when}, billed {quantity(self._groups.psa[part])}"

    def _cause_of_difference(self, part: int) -> Cause:
        """A count that changed since the period began is timing; one that stood before is a gap in what we bill."""
        since = self._since(part)
        return Cause.TIMING if since and since > day_number(self._inputs.period.start) else Cause.BILLING_GAP


def _closed_agreements(inputs: Inputs) -> dict[str, str]:
    """Of customers none of whose agreements is active, what to say of it."""
    statuses: dict[str, set[str]] = {}
    names = ("customer_id", "agreement_status")
    lines = picked(inputs.lines, first_of_each(inputs.lines, *names), names)
    for customer, status in zip(values(lines["customer_id"]), values(lines["agreement_status"]), strict=True):
        statuses.setdefault(customer, set()).add(status.casefold())
    for agreement in inputs.agreements:
        statuses.setdefault(agreement.customer_id, set()).add(agreement.status.casefold())
    return {c: f"no active agreement ({', '.join(sorted(s))})" for c, s in statuses.items() if "active" not in s}
