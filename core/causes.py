"""Why a line differs: its cause and one sentence for a person."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.exact import MONEY, QUANTITY
from core.joining import NEW_REVENUE, NO_CHANGE, NO_USAGE, NOT_KNOWN, Joined
from core.records import BillCustomer, Cause
from core.run import Inputs
from core.scope import Scope, short_date

if TYPE_CHECKING:
    from core.usage_of_parts import UsageOfParts

Said = tuple[Cause, str]


def number(value: Decimal | int) -> str:
    """A quantity as sentences show it: 1,250 or 2.5."""
    text = f"{Decimal(value):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value: Decimal) -> str:
    return ("+" if value > 0 else "") + number(value)


def quantity(value: int) -> str:
    """A scaled quantity as sentences show it."""
    return number(Decimal(int(value)).scaleb(-QUANTITY))


class Sentences:
    """Says of each row why it differs. Built once a comparison, for it looks up what several rows share."""

    def __init__(
        self, inputs: Inputs, joined: Joined, usage: "UsageOfParts", taken: pd.DataFrame, scope: Scope, made: dict[str, Any]
    ) -> None:
        self._inputs, self._joined, self._usage, self._made = inputs, joined, usage, made
        self._line_ids = taken["line_id"].tolist()
        self._bill = taken["bill_customer"].tolist()
        self._predecessor = scope.predecessor[joined.line].tolist()
        self._psa_quantity = inputs.lines["quantity"]
        self._effective = taken["effective"].tolist()
        self._carriers = _carriers(joined, self._line_ids, made)
        self._closed = _closed_agreements(inputs)

    def of(self, row: int, state: int, part: int) -> Said:
        """The cause and the sentence of one row."""
        if state == NOT_KNOWN:
            return self._not_known(part)
        if state == NEW_REVENUE:
            return self._new_revenue(row, part)
        if state == NO_USAGE:
            return Cause.BILLING_GAP, self._no_usage(part)
        if self._joined.groups.money[part]:
            return self._money(row, part, state)
        cause, said = self._no_change(row, part) if state == NO_CHANGE else self._difference(row, part)
        return cause, "; ".join(filter(None, (said, self._not_billed(row))))

    def _not_known(self, part: int) -> Said:
        why = self._joined.why_not[part]
        if "mapped" in why:
            return Cause.MAPPING, why
        return (Cause.TIMING if "final" in why else Cause.STALE_DATA), why

    def _new_revenue(self, row: int, part: int) -> Said:
        groups = self._joined.groups
        used = "" if groups.money[part] else f"uses {quantity(groups.to_bill[part])}, "
        closed = self._closed.get(groups.customer[part])
        if closed is None:
            return Cause.BILLING_GAP, f"{used}billed on no line"
        return Cause.BILLING_GAP, f"{used}billed on no line; {closed}"

    def _no_usage(self, part: int) -> str:
        if not self._joined.groups.usages[part]:
            return "not on this invoice or count"
        since = self._usage.since[part]
        return f"the vendor counts 0 since {short_date(since)}" if since else "the vendor counts 0"

    def _money(self, row: int, part: int, state: int) -> Said:
        groups = self._joined.groups
        cost = Decimal(int(self._usage.amount[part])).scaleb(-MONEY)
        percent = number(Decimal(int(groups.markup[part])).scaleb(-4))
        if not self._made["proposed"][row]:
            return Cause.BILLING_GAP, f"cost {cost:,.2f}; {groups.lines[part]} lines or a quantity that is not 1: type a price"
        proposal = self._made["proposed_price"][row].as_py()
        said = f"cost {cost:,.2f} + {percent} % = {proposal:,.2f}"
        return (Cause.NONE, said) if state == NO_CHANGE else (Cause.BILLING_GAP, said)

    def _no_change(self, row: int, part: int) -> Said:
        groups = self._joined.groups
        before = self._predecessor[row]
        if before >= 0 and self._effective[row] > self._inputs.today:
            now, then = self._psa_quantity.iloc[before], self._made["psa_quantity"][row].as_py()
            day = self._effective[row]
            return Cause.TIMING, f"now {number(now)}, {number(then)} from {day.day} {day:%b}"
        if groups.at_minimum[part]:
            return Cause.COMMITMENT, f"minimum {quantity(groups.minimum[part])}, used {quantity(groups.vendor[part])}"
        if part in self._carriers:
            return Cause.NONE, f"the difference stands on line {self._carriers[part]}"
        return Cause.NONE, ""

    def _difference(self, row: int, part: int) -> Said:
        groups = self._joined.groups
        cause = self._cause_of_difference(part)
        if not self._made["proposed"][row]:
            gap = signed(Decimal(int(groups.to_bill[part] - groups.psa[part])).scaleb(-QUANTITY))
            used, billed = quantity(groups.to_bill[part]), quantity(groups.psa[part])
            return (
                cause,
                f"{groups.lines[part]} lines at different prices, together {gap} (used {used}, billed {billed}): type each",
            )
        if groups.at_minimum[part]:
            return Cause.COMMITMENT, f"minimum {quantity(groups.minimum[part])}, used {quantity(groups.vendor[part])}"
        since = self._usage.since[part]
        when = f" since {short_date(since)}" if since and cause is Cause.TIMING else ""
        return cause, f"uses {quantity(groups.vendor[part])}{when}, billed {quantity(groups.psa[part])}"

    def _cause_of_difference(self, part: int) -> Cause:
        """A count that changed since the period began is timing; one that stood before is a gap in what we bill."""
        since = self._usage.since[part]
        changed = since is not None and self._inputs.period.start < since
        return Cause.TIMING if changed else Cause.BILLING_GAP

    def _not_billed(self, row: int) -> str:
        bill = self._bill[row]
        return "" if bill == str(BillCustomer.BILLABLE) else f"the line is {bill}: no money"


def _carriers(joined: Joined, line_ids: list[str], made: dict[str, Any]) -> dict[int, str]:
    """Parts of several lines whose difference stands on one of them: the id of that line."""
    shared = joined.groups
    several = shared.lines[shared.line_part] > 1
    gaps = made["difference"]
    return {
        int(shared.line_part[i]): line_ids[i]
        for i in several.nonzero()[0].tolist()
        if gaps[i].is_valid and gaps[i].as_py() and shared.to_bill[shared.line_part[i]]
    }


def _closed_agreements(inputs: Inputs) -> dict[str, str]:
    """Of customers none of whose agreements is active, what to say of it."""
    statuses: dict[str, set[str]] = {}
    for customer, status in zip(inputs.lines["customer_id"], inputs.lines["agreement_status"], strict=True):
        statuses.setdefault(customer, set()).add(status.casefold())
    for agreement in inputs.agreements:
        statuses.setdefault(agreement.customer_id, set()).add(agreement.status.casefold())
    return {c: f"no active agreement ({', '.join(sorted(s))})" for c, s in statuses.items() if "active" not in s}
