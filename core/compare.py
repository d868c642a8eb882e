"""The comparison: one row a PSA line, or what would be one, against its share of its group's usage (R1 to R5, R10, R12).

Rows stand in one order throughout: the compared lines first, then what is new revenue. Numbers are scaled integers until the end.
"""

import datetime as dt
import hashlib
from collections import defaultdict
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core import causes, groups, money
from core.charges import FAR, dates, day_number, day_of, days
from core.evidence import Evidence
from core.exact import MONEY, PRICE, QUANTITY, Flags, Ints, cents, decimals, divide, scaled, to_cent, to_int
from core.frames import DIGITS, Objects, alike, array, codes, frame_of_columns, texts, values
from core.groups import NO_MINIMUM, Allocation
from core.joining import NEW_REVENUE, NO_CHANGE, NO_ROW, NO_USAGE, NOT_KNOWN, RECONCILE, STATES, Joined
from core.records import Agreement, BillCustomer, Comparison, Measure, Service
from core.run import Inputs
from core.scope import Scope, first_open_day, invoiced_period
from core.usage_of_parts import NEVER, UsageOfParts

UNIT = 10**QUANTITY
WHOLE_PRICE = 10 ** (PRICE - MONEY)
"""Multiplies cents into a scaled price."""


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


def compare(
    inputs: Inputs,
    services: dict[str, Service],
    agreements: tuple[Agreement, ...],
    joined: Joined,
    usage: UsageOfParts,
    scope: Scope,
    evidence: Evidence,
) -> pd.DataFrame:
    """The Comparison frame: by vendor; rows to decide first by absolute effect, then Not known, No change last."""
    rows = _rows(inputs, joined, usage, services)
    _apply_money_measure(rows, joined, usage)
    bills = _bills(rows)
    vendor = _sheet_vendors(rows, joined, usage, evidence)
    order = _order(inputs, rows, joined, bills, vendor)
    rows, bills, vendor = rows.put(order), bills.put(order), vendor[order]
    made = _numbers(rows, bills, joined, usage)
    made |= _identity(inputs, rows, joined, vendor, usage, evidence, services)
    made |= _dates(inputs, rows, joined, usage, scope, agreements)
    made |= _judgement(inputs, rows, bills, joined, usage, scope)
    made |= _history(inputs, rows, made)
    made["last_day"] = np.where(rows.is_line, scope.last_day[rows.line] if len(inputs.lines) else FAR, FAR)
    made["fingerprint"] = fingerprints(made)
    return frame_of_columns(Comparison, made)


def _rows(inputs: Inputs, joined: Joined, usage: UsageOfParts, services: dict[str, Service]) -> Rows:
    shared, taken = joined.groups, inputs.lines.iloc[joined.line]
    new = np.flatnonzero((shared.lines == 0) & (joined.state != NO_ROW))
    psa, included, price = (scaled(taken[c])[0] for c in ("quantity", "included", "unit_price"))
    billable = np.asarray(taken["bill_customer"] == str(BillCustomer.BILLABLE), dtype=bool)
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
        priced=np.concatenate([np.ones(len(taken), dtype=bool), np.array([p is not None for p in catalogue], dtype=bool)]),
        proposal=np.full(len(part), -1, dtype=np.int64),
        months=np.concatenate([np.asarray(taken["cycle_months"], dtype=np.int64), zeros + 1]),
        billable=np.concatenate([billable, yes]),
        money=shared.money[part],
        own_currency=usage.one_currency[part] & np.append(texts(taken["currency"]) == usage.currency[shared.line_part], yes),
    )


def _allocate(joined: Joined, taken: pd.DataFrame, psa: Ints, billable: Flags) -> Allocation:
    prices = (n for c in ("unit_price", "included", "unit_cost") for n in scaled(taken[c]))
    equal, _ = alike((*prices, taken["cycle_months"], codes(taken["currency"])[0]))
    several = (joined.groups.lines > 1)[joined.groups.line_part]
    return groups.allocate(joined.groups, psa, billable, equal, groups.line_order(taken["line_id"], several))


def _apply_money_measure(rows: Rows, joined: Joined, usage: UsageOfParts) -> None:
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


def _bills(rows: Rows) -> Bills:
    price_after = np.where(rows.proposal >= 0, rows.proposal, rows.price)
    before = money.per_cycle(rows.psa, rows.included, rows.price, rows.billable)
    quantity_after = np.where(rows.money, np.where(rows.is_line, rows.psa, UNIT), rows.to_bill)
    after = money.per_cycle(quantity_after, rows.included, price_after, rows.billable)
    known = (rows.state != NOT_KNOWN) & rows.proposed & (rows.priced | (rows.proposal >= 0))
    return Bills(before, after, money.per_month(before, rows.months), money.per_month(after, rows.months), known)


def _numbers(rows: Rows, bills: Bills, joined: Joined, usage: UsageOfParts) -> dict[str, Any]:
    """Quantities, prices and money, each empty where it is not known."""
    shared, part, is_line = joined.groups, rows.part, rows.is_line
    known, in_units = rows.state != NOT_KNOWN, ~rows.money
    decided = known & rows.proposed & in_units
    vendor, has_vendor = _vendor_share(rows, joined)
    cost, has_cost = _vendor_cost(rows, joined, usage, vendor, has_vendor)
    minimum = shared.minimum[part]
    return {
        "psa_quantity": decimals(rows.psa, is_line & in_units, QUANTITY),
        "vendor_quantity": decimals(vendor, has_vendor & in_units, QUANTITY),
        "to_bill": decimals(rows.to_bill, decided, QUANTITY),
        "difference": decimals(rows.difference, decided, QUANTITY),
        "group_size": np.where(is_line, shared.lines[part], 0),
        "group_to_bill": decimals(shared.to_bill[part], known & in_units, QUANTITY),
        "proposed": rows.proposed,
        "proven": ((shared.usages > 0) & (shared.to_bill == 0))[part],
        "included": decimals(rows.included, None, QUANTITY),
        "minimum": decimals(np.maximum(minimum, 0), minimum != NO_MINIMUM, QUANTITY),
        "unit_price": decimals(rows.price, rows.priced & ~(rows.money & ~is_line), PRICE),
        "proposed_price": decimals(rows.proposal, rows.proposal >= 0, PRICE),
        "vendor_unit_cost": decimals(*_unit_cost(rows, usage), PRICE),
        "vendor_cost": decimals(cost, has_cost & known, MONEY),
        "months": rows.months,
        "revenue_before": decimals(bills.month_before, known, MONEY),
        "revenue_after": decimals(bills.month_after, bills.known, MONEY),
        "effect": decimals(bills.month_after - bills.month_before, bills.known, MONEY),
        "next_invoice_effect": decimals(bills.after - bills.before, bills.known, MONEY),
        "bought": decimals(vendor, has_vendor & in_units, QUANTITY),
        "assigned": decimals(usage.assigned[part], usage.has_assigned[part] & rows.target & in_units, QUANTITY),
    }


def _vendor_share(rows: Rows, joined: Joined) -> tuple[Ints, Flags]:
    """The part of the vendor's count that each line stands against; nothing where no line can be told to carry it."""
    shared, part = joined.groups, rows.part
    alone = (shared.lines <= 1)[part]
    one_to_one = (shared.vendor == shared.to_bill)[part]
    share = np.where(alone, shared.vendor[part], np.where(one_to_one, rows.to_bill, shared.vendor[part]))
    counted = (shared.usages > 0)[part]
    return share, counted & rows.proposed & (alone | one_to_one | rows.target)


def _unit_cost(rows: Rows, usage: UsageOfParts) -> tuple[Ints, Flags]:
    """What the vendor charges for one unit and one period; measure money: the whole cost. Two costs are no cost (R15)."""
    by_amount = usage.amount[rows.part] * WHOLE_PRICE
    has = np.where(rows.money, usage.has_amount[rows.part], usage.one_cost[rows.part]) & rows.own_currency
    return np.where(rows.money, by_amount, usage.unit_cost[rows.part]), has


def _vendor_cost(rows: Rows, joined: Joined, usage: UsageOfParts, vendor: Ints, has_vendor: Flags) -> tuple[Ints, Flags]:
    """R10: what the vendor charges a month, where it does in the line's currency.

    Of several lines each carries its share, or, at mixed costs, the target all of it.
    """
    part = rows.part
    alone = (joined.groups.lines <= 1)[part]
    whole = np.where(rows.money, usage.amount[part], usage.cost[part])
    has_whole = np.where(rows.money, usage.has_amount[part], usage.has_cost[part])
    each = divide(cents(np.where(has_vendor, vendor, 0), usage.unit_cost[part]), usage.cost_months[part])
    shares = ~alone & usage.one_cost[part] & has_vendor & ~rows.money
    return np.where(shares, each, whole), (shares | (has_whole & (alone | rows.target))) & rows.own_currency


def _identity(
    inputs: Inputs,
    rows: Rows,
    joined: Joined,
    vendor: Objects,
    usage: UsageOfParts,
    evidence: Evidence,
    services: dict[str, Service],
) -> dict[str, Any]:
    """Who and what a row is about: names, ids and its key."""
    new, part = ~rows.is_line, rows.part
    customers, bought = joined.groups.customer[part[new]], joined.groups.service[part[new]]
    names = _customer_names(inputs)
    lowest = usage.lowest_service[part]
    currency = np.where(usage.currency == None, inputs.settings.currency, usage.currency)  # noqa: E711 - elementwise
    line_ids = _of_lines(inputs, rows, "line_id", None)
    keys = np.array([f"line:{i}" for i in line_ids.to_pylist()], dtype=object)
    keys[new] = [new_key(c, s, v) for c, s, v in zip(customers, bought, lowest[new], strict=True)]
    service_ids = _of_lines(inputs, rows, "service_id", bought)
    return {
        "key": keys,
        "vendor": vendor,
        "measure": np.where(rows.money, str(Measure.MONEY), str(Measure.UNITS)).astype(object),
        "customer_id": _of_lines(inputs, rows, "customer_id", customers),
        "customer": _of_lines(inputs, rows, "customer", [names.get(c, c) for c in customers]),
        "service_id": service_ids,
        "service": _of_lines(inputs, rows, "service", [services[s].service if s in services else s for s in bought]),
        "agreement_id": _of_lines(inputs, rows, "agreement_id", None),
        "agreement": _of_lines(inputs, rows, "agreement", None),
        "line_id": line_ids,
        "bill_customer": _of_lines(inputs, rows, "bill_customer", str(BillCustomer.BILLABLE)),
        "catalogue_price": _catalogue(service_ids, {s: i.price for s, i in services.items()}),
        "unit_cost": _unit_costs(inputs, rows, bought, services),
        "currency": _of_lines(inputs, rows, "currency", currency[part[new]]),
        "vendor_account": usage.accounts[part],
        "vendor_service_id": lowest,
        "vendor_service": usage.service_names[part],
        "term": usage.terms[part],
        "as_of": _as_of(inputs, vendor, evidence),
    }


def _of_lines(inputs: Inputs, rows: Rows, name: str, of_new: Any) -> pa.Array:
    """A text of each row's PSA line; new revenue has what is given for it."""
    new = np.flatnonzero(~rows.is_line)
    given = np.full(len(new), None, dtype=object)
    given[:] = of_new
    at = rows.line.copy()
    at[new] = len(inputs.lines) + np.arange(len(new))
    return pa.concat_arrays([array(inputs.lines[name]), pa.array(given, pa.string())]).take(pa.array(at))


def _customer_names(inputs: Inputs) -> dict[str, str]:
    named = inputs.lines.drop_duplicates("customer_id")
    names = dict(zip(values(named["customer_id"]), values(named["customer"]), strict=True))
    return names | {a.customer_id: a.customer for a in inputs.agreements}


def _catalogue(service_ids: pa.Array, amounts: dict[str, Decimal | None]) -> pa.Array:
    numbers, names = codes(service_ids)
    priced = pa.array([amounts.get(n) for n in names], type=pa.decimal128(DIGITS, PRICE))
    return priced.take(pa.array(numbers))


def _unit_costs(inputs: Inputs, rows: Rows, bought: Objects, services: dict[str, Service]) -> pa.Array:
    """The cost that the PSA records: the line's, or for new revenue the catalogue's."""
    of_line, has = scaled(inputs.lines["unit_cost"])
    costs = [services[s].cost if s in services else None for s in bought]
    number, valid = np.zeros(len(rows.line), dtype=np.int64), np.zeros(len(rows.line), dtype=bool)
    number[rows.is_line], valid[rows.is_line] = of_line[rows.line[rows.is_line]], has[rows.line[rows.is_line]]
    number[~rows.is_line] = [to_int(c, PRICE) if c is not None else 0 for c in costs]
    valid[~rows.is_line] = [c is not None for c in costs]
    return decimals(number, valid, PRICE)


def _as_of(inputs: Inputs, vendor: Objects, evidence: Evidence) -> pa.Array:
    """The day each row's count speaks of: the vendor's data, but no later than the period's."""
    latest = inputs.period.as_of(inputs.today)
    days_of = {v: min(day, latest) if (day := evidence.as_of.get(v)) else None for v in set(vendor)}
    return pa.array([days_of[v] for v in vendor], type=pa.date32())


def new_key(customer_id: str, service_id: str, vendor_service_id: str | None) -> str:
    """The key of new revenue: the same in every run, for it is made of ids only (R1)."""
    text = "\x1f".join((customer_id, service_id, vendor_service_id or ""))
    return "new:" + hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


def _sheet_vendors(rows: Rows, joined: Joined, usage: UsageOfParts, evidence: Evidence) -> Objects:
    """R1: the vendor with the largest count; without a count, one that sells the service and knows the customer."""
    shared, chosen = joined.groups, usage.vendors.copy()
    for part in np.unique(rows.part[shared.usages[rows.part] == 0]).tolist():
        sellers = evidence.counted_by.get(shared.service[part], ("",))
        chosen[part] = next((v for v in sellers if (v, shared.customer[part]) in evidence.at_vendor), sellers[0])
    return chosen[rows.part]


def _dates(
    inputs: Inputs, rows: Rows, joined: Joined, usage: UsageOfParts, scope: Scope, agreements: tuple[Agreement, ...]
) -> dict[str, Any]:
    """R5's default date, and what the last invoiced period missed."""
    is_line, line, part = rows.is_line, rows.line, rows.part
    default = np.full(len(part), -1, dtype=np.int64)
    default[is_line] = scope.default_day[line[is_line]]
    open_days = _open_days(agreements, inputs.today)
    default[~is_line] = [open_days.get(c, -1) for c in joined.groups.customer[part[~is_line]]]
    invoiced = np.full(len(part), FAR, dtype=np.int64)
    invoiced[is_line] = days(inputs.lines["invoiced_through"], FAR)[line[is_line]]
    return {
        "effective_date": dates(default, default >= 0),
        "invoiced_through": dates(invoiced, invoiced != FAR),
        "in_arrears": _flag(inputs, rows, "in_arrears"),
        "prorates": _flag(inputs, rows, "prorates"),
        "since": dates(usage.since[part], usage.since[part] != NEVER),
        "can_reduce_from": dates(usage.can_reduce_from[part], usage.can_reduce_from[part] != NEVER),
        "missed": _missed(inputs, rows, usage, invoiced),
    }


def _flag(inputs: Inputs, rows: Rows, name: str) -> Flags:
    found = np.zeros(len(rows.line), dtype=bool)
    found[rows.is_line] = np.asarray(inputs.lines[name], dtype=bool)[rows.line[rows.is_line]]
    return found


def _open_days(agreements: tuple[Agreement, ...], today: dt.date) -> dict[str, int]:
    """Per customer the first open day of its open agreements, where they agree on it."""
    found: dict[str, set[int]] = defaultdict(set)
    for agreement in agreements:
        if agreement.open:
            found[agreement.customer_id].add(day_number(first_open_day(agreement.invoiced_through, today)))
    return {customer: next(iter(d)) for customer, d in found.items() if len(d) == 1}


def _missed(inputs: Inputs, rows: Rows, usage: UsageOfParts, invoiced: Ints) -> pa.Array:
    """Only for lines that bill too little, whose invoiced period and whose change are known."""
    starts, untils = _invoiced_periods(inputs, invoiced, rows.months)
    since = usage.since[rows.part]
    short = rows.is_line & (rows.state == RECONCILE) & (rows.difference > 0) & rows.proposed & ~rows.money
    short &= (since != NEVER) & (since < untils)
    more = money.per_cycle(rows.to_bill, rows.included, rows.price, rows.billable)
    extra = more - money.per_cycle(rows.psa, rows.included, rows.price, rows.billable)
    amount = money.missed(np.where(short, extra, 0), np.where(short, since, 0), starts, np.where(short, untils, starts + 1))
    return decimals(amount, short, MONEY)


def _invoiced_periods(inputs: Inputs, invoiced: Ints, months: Ints) -> tuple[Ints, Ints]:
    """First day of the period invoiced last, and the first day after it; both 0 where the PSA does not say."""
    distinct, first = alike((invoiced, months))
    spans = [(0, 0) if invoiced[i] == FAR else _span(inputs, int(invoiced[i]), int(months[i])) for i in first.tolist()]
    found = np.array(spans, dtype=np.int64).reshape(-1, 2)[distinct]
    return found[:, 0], found[:, 1]


def _span(inputs: Inputs, invoiced: int, months: int) -> tuple[int, int]:
    first, after = invoiced_period(day_of(invoiced), months, inputs.today)
    return day_number(first), day_number(after)


def _judgement(inputs: Inputs, rows: Rows, bills: Bills, joined: Joined, usage: UsageOfParts, scope: Scope) -> dict[str, Any]:
    """State, cause, the sentence under Why, and whether the change is large."""
    cause, why = causes.sentences(inputs, rows, joined, usage, scope)
    return {
        "state": np.array([str(s) for s in STATES], dtype=object)[rows.state],
        "cause": cause,
        "why": why,
        "large": _large(inputs, rows, bills),
    }


def _large(inputs: Inputs, rows: Rows, bills: Bills) -> Flags:
    """R14: many units that are also a large part, much money, or to nothing."""
    settings = inputs.settings
    gap = np.abs(rows.difference)
    units = gap >= to_int(settings.large_units, QUANTITY)
    percent = Fraction(settings.large_percent) / 100
    share = gap * percent.denominator >= rows.psa * percent.numerator
    effect = np.abs(bills.month_after - bills.month_before)
    amount = bills.known & (effect >= to_int(settings.large_amount, MONEY))
    deciding = np.isin(rows.state, (RECONCILE, NEW_REVENUE, NO_USAGE))
    return np.asarray(deciding & ((units & share & rows.proposed) | amount | (rows.state == NO_USAGE)))


def _history(inputs: Inputs, rows: Rows, made: dict[str, Any]) -> dict[str, Any]:
    """What the period before said of the same key, and for how many months in a row the row has stood open."""
    standing = rows.state != NO_CHANGE
    if not inputs.earlier:
        return {"age": standing.astype(np.int64)}
    earlier = [inputs.earlier.get(k) for k in made["key"]]
    before = np.array([e.age if e else 0 for e in earlier], dtype=np.int64)
    return {
        "last_month": [e.vendor_quantity if e else None for e in earlier],
        "age": np.where(standing, before + 1, 0),
    }


RESTS_ON = (
    "key", "state", "proven", "service_id", "agreement_id", "psa_quantity", "to_bill", "group_to_bill", "unit_price",
    "proposed_price", "unit_cost", "vendor_unit_cost", "included", "currency", "bill_customer", "effective_date",
    "invoiced_through", "prorates", "months", "last_day",
)  # fmt: skip
"""What a decision rests on: if one of these moves, the decision is suspended."""


def fingerprints(made: dict[str, Any]) -> list[str]:
    """A short digest of each row's values of RESTS_ON."""
    columns = [_as_texts(made[name]) for name in RESTS_ON]
    return [hashlib.blake2b("\x1f".join(v).encode(), digest_size=8).hexdigest() for v in zip(*columns, strict=True)]


def _as_texts(column: Any) -> list[str]:
    if isinstance(column, pa.Array) and pa.types.is_decimal(column.type):
        numbers, valid = scaled(column)
        return [str(n) if v else "" for n, v in zip(numbers.tolist(), valid.tolist(), strict=True)]
    if isinstance(column, pa.Array) and pa.types.is_string(column.type):
        return ["" if v is None else v for v in column.to_pylist()]
    if isinstance(column, pa.Array):
        return ["" if v is None else str(v) for v in column.cast(pa.int32()).to_pylist()]
    return ["" if v is None else str(v) for v in column.tolist()]


def _order(inputs: Inputs, rows: Rows, joined: Joined, bills: Bills, vendor: Objects) -> Ints:
    """By vendor; to decide by absolute effect, an unpriced one after the priced; then Not known; No change last."""
    effect = np.where(bills.known, bills.month_after - bills.month_before, 0)
    rank = np.select([rows.state == NO_CHANGE, rows.state == NOT_KNOWN], [2, 1], 0)
    by = (_rank(joined.groups.service[rows.part]), _rank(joined.groups.customer[rows.part]), -np.abs(effect), ~bills.known, rank)
    return np.lexsort((np.arange(len(rank)), *by, _rank(vendor)))


def _rank(names: Objects) -> Ints:
    numbers, distinct = codes(pa.array(names, pa.string()))
    order = np.argsort(distinct.astype(str)) if len(distinct) else np.array([], dtype=np.int64)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[numbers] if len(distinct) else numbers
