"""The rows of a comparison while they are made: the compared lines first, then what is new revenue. Numbers are scaled integers."""

from dataclasses import dataclass, fields
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core import groups, money
from core.exact import MONEY, PRICE, QUANTITY, Flags, Ints, cents, scaled, to_cent, to_int
from core.frames import alike, codes, picked, texts
from core.groups import Allocation
from core.joining import NEW_REVENUE, NO_CHANGE, NO_ROW, NO_USAGE, NOT_KNOWN, RECONCILE, Joined
from core.records import BillCustomer, Service
from core.run import Inputs
from core.usage_of_parts import UsageOfParts

UNIT = 10**QUANTITY


WHOLE_PRICE = 10 ** (PRICE - MONEY)
"""Multiplies cents into a scaled price."""


TAKEN = ("line_id", "quantity", "included", "unit_price", "unit_cost", "bill_customer", "cycle_months", "currency")
"""What a row takes from its PSA line as numbers."""


@dataclass(slots=True)
class Rows:
    """What every row's numbers are made from."""

    part: Ints
    line: Ints  # position of the PSA line; -1: new revenue
    state: Ints
    psa: Ints
    to_bill: Ints
    difference: Ints
    proposed: Flags
    target: Flags
    included: Ints
    price: Ints
    priced: Flags
    proposal: Ints  # measure money: the price to write, scaled; -1: none
    months: Ints
    billable: Flags
    money: Flags
    own_currency: Flags  # the vendor charges in the line's currency, and in no other

    @property
    def is_line(self) -> Flags:
        return np.asarray(self.line >= 0)

    def put(self, order: Ints) -> "Rows":
        """The same rows in another order."""
        return Rows(*(getattr(self, f.name)[order] for f in fields(self)))


def make_rows(inputs: Inputs, joined: Joined, usage: UsageOfParts, services: dict[str, Service]) -> Rows:
    shared, taken = joined.groups, picked(inputs.lines, joined.line, TAKEN)
    new = np.flatnonzero((shared.lines == 0) & (joined.state != NO_ROW))
    psa, included, price = (scaled(taken[c])[0] for c in ("quantity", "included", "unit_price"))
    billable = np.asarray(pc.equal(taken["bill_customer"], str(BillCustomer.BILLABLE)))
    allocation = _allocate(joined, taken, psa, billable)
    state = joined.state[shared.line_part]
    resting = (state == RECONCILE) & (allocation.difference == 0) & allocation.proposed & ~shared.money[shared.line_part]
    state = np.where(resting | ((state == NO_USAGE) & (psa == 0)), NO_CHANGE, state)
    catalogue = [services[s].price if s in services else None for s in shared.service[new]]
    zeros, yes = np.zeros(len(new), dtype=np.int64), np.ones(len(new), dtype=bool)
    part = np.concatenate([shared.line_part, new])
    return Rows(
        part=part,
        line=np.concatenate([joined.line, zeros - 1]),
        state=np.concatenate([state, joined.state[new]]),
        psa=np.concatenate([psa, zeros]),
        to_bill=np.concatenate([psa + allocation.difference, shared.to_bill[new]]),
        difference=np.concatenate([allocation.difference, shared.to_bill[new]]),
        proposed=np.concatenate([allocation.proposed, yes]),
        target=np.concatenate([allocation.target, yes]),
        included=np.concatenate([included, zeros]),
        price=np.concatenate([price, np.array([to_int(p, PRICE) if p is not None else 0 for p in catalogue], dtype=np.int64)]),
        priced=np.concatenate([np.ones(len(psa), dtype=bool), np.array([p is not None for p in catalogue], dtype=bool)]),
        proposal=np.full(len(part), -1, dtype=np.int64),
        months=np.concatenate([np.asarray(taken["cycle_months"], dtype=np.int64), zeros + 1]),
        billable=np.concatenate([billable, yes]),
        money=shared.money[part],
        own_currency=usage.one_currency[part] & np.append(texts(taken["currency"]) == usage.currency[shared.line_part], yes),
    )


def _allocate(joined: Joined, taken: dict[str, pa.Array], psa: Ints, billable: Flags) -> Allocation:
    prices = (n for c in ("unit_price", "included", "unit_cost") for n in scaled(taken[c]))
    equal, _ = alike((*prices, taken["cycle_months"], codes(taken["currency"])[0]))
    several = (joined.groups.lines > 1)[joined.groups.line_part]
    return groups.allocate(joined.groups, psa, billable, equal, groups.line_order(taken["line_id"], several))


def apply_money_measure(rows: Rows, joined: Joined, usage: UsageOfParts) -> None:
    """R12: lines measured in money get a proposed price; quantities stay out of it."""
    for i in np.flatnonzero(rows.money & np.isin(rows.state, (NO_CHANGE, RECONCILE, NEW_REVENUE))).tolist():
        part, new = rows.part[i], rows.line[i] < 0
        factor = 1 + Decimal(int(joined.groups.markup[part])).scaleb(-PRICE)
        bill = to_int(to_cent(Decimal(int(usage.amount[part])).scaleb(-MONEY) * factor), MONEY)
        alone = new or (joined.groups.lines[part] == 1 and rows.psa[i] == UNIT and rows.months[i] == 1)
        rows.proposed[i] = proposed = alone and rows.own_currency[i] and bill >= 0
        rows.to_bill[i], rows.priced[i] = (UNIT, proposed) if new else (rows.to_bill[i], True)
        if proposed:
            rows.proposal[i] = bill * WHOLE_PRICE
        if proposed and not new:
            billed = cents(rows.psa[i : i + 1], rows.price[i : i + 1])[0]
            rows.state[i] = NO_CHANGE if bill == billed else RECONCILE


@dataclass(frozen=True, slots=True)
class Bills:
    """What each row bills before and after, in cents: of one cycle, and of a month."""

    before: Ints
    after: Ints
    month_before: Ints
    month_after: Ints
    known: Flags  # both sides

    def put(self, order: Ints) -> "Bills":
        """The same in another order of rows."""
        return Bills(*(getattr(self, f.name)[order] for f in fields(self)))


def bills_of(rows: Rows) -> Bills:
    price_after = np.where(rows.proposal >= 0, rows.proposal, rows.price)
    before = money.per_cycle(rows.psa, rows.included, rows.price, rows.billable)
    quantity_after = np.where(rows.money, np.where(rows.is_line, rows.psa, UNIT), rows.to_bill)
    after = money.per_cycle(quantity_after, rows.included, price_after, rows.billable)
    known = (rows.state != NOT_KNOWN) & rows.proposed & (rows.priced | (rows.proposal >= 0))
    return Bills(before, after, money.per_month(before, rows.months), money.per_month(after, rows.months), known)
