"""The comparison: one row a PSA line, or what would be one, against its share of its group's usage (R1 to R5, R10, R12).

Rows stand in one order throughout: the compared lines first, then what is new revenue. Numbers are scaled integers until the end.
"""

import datetime as dt
import hashlib
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core import causes, groups, money
from core.charges import FAR, day_number
from core.evidence import Evidence
from core.exact import MONEY, PRICE, QUANTITY, Flags, Ints, cents, decimals, divide, scaled, to_int
from core.frames import frame_of_columns
from core.groups import NO_MINIMUM, Allocation
from core.joining import NEW_REVENUE, NO_CHANGE, NO_ROW, NO_USAGE, NOT_KNOWN, RECONCILE, STATES, Joined
from core.records import Agreement, BillCustomer, Comparison, Measure, Service
from core.run import Inputs
from core.scope import Scope, first_open_day, invoiced_period
from core.usage_of_parts import UsageOfParts

UNIT = 10**QUANTITY
WHOLE_PRICE = 10 ** (PRICE - MONEY)
"""Multiplies cents into a scaled price."""


@dataclass(slots=True)
class Rows:
    """What every row's numbers are made from."""

    part: Ints
    count: int  # compared lines; the rows after them are new revenue
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

    @property
    def is_line(self) -> Flags:
        return np.asarray(np.arange(len(self.part)) < self.count)


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
    taken = inputs.lines.iloc[joined.line].reset_index(drop=True)
    new = np.flatnonzero((joined.groups.lines == 0) & (joined.state != NO_ROW))
    rows = _rows(joined, taken, new, services)
    _apply_money_measure(rows, joined, usage)
    made = _numbers(rows, joined, usage)
    made |= _identity(inputs, rows, joined, taken, new, usage, evidence, services)
    made |= _dates(inputs, rows, joined, taken, usage, scope, agreements, made)
    made |= _judgement(inputs, rows, joined, taken, usage, scope, made)
    made |= _history(inputs, rows, made)
    made["fingerprint"] = fingerprints(made)
    return frame_of_columns(Comparison, made).iloc[_order(rows, made)].reset_index(drop=True)


def _rows(joined: Joined, taken: pd.DataFrame, new: Ints, services: dict[str, Service]) -> Rows:
    psa, included, price = (scaled(taken[c])[0] for c in ("quantity", "included", "unit_price"))
    billable = np.asarray(taken["bill_customer"] == str(BillCustomer.BILLABLE), dtype=bool)
    shared = joined.groups
    allocation = _allocate(joined, taken, psa, billable)
    state = joined.state[shared.line_part]
    resting = (state == RECONCILE) & (allocation.difference == 0) & allocation.proposed & ~shared.money[shared.line_part]
    state = np.where(resting | ((state == NO_USAGE) & (psa == 0)), NO_CHANGE, state)
    catalogue = [services[shared.service[p]].price if shared.service[p] in services else None for p in new.tolist()]
    zeros, count = np.zeros(len(new), dtype=np.int64), len(taken)
    return Rows(
        np.concatenate([shared.line_part, new]),
        count,
        np.concatenate([state, joined.state[new]]),
        np.concatenate([psa, zeros]),
        np.concatenate([psa + allocation.difference, shared.to_bill[new]]),
        np.concatenate([allocation.difference, shared.to_bill[new]]),
        np.concatenate([allocation.proposed, zeros == 0]),
        np.concatenate([allocation.target, zeros == 0]),
        np.concatenate([included, zeros]),
        np.concatenate([price, np.array([to_int(p, PRICE) if p is not None else 0 for p in catalogue], dtype=np.int64)]),
        np.concatenate([np.ones(count, dtype=bool), np.array([p is not None for p in catalogue], dtype=bool)]),
        np.full(count + len(new), -1, dtype=np.int64),
        np.concatenate([np.asarray(taken["cycle_months"], dtype=np.int64), zeros + 1]),
        np.concatenate([billable, zeros == 0]),
        shared.money[np.concatenate([shared.line_part, new])],
    )


def _allocate(joined: Joined, taken: pd.DataFrame, psa: Ints, billable: Flags) -> Allocation:
    prices = (scaled(taken[c])[0] for c in ("unit_price", "included", "unit_cost"))
    alike = np.zeros(len(taken), dtype=np.int64)
    for values in prices:
        codes, found = pd.factorize(values)
        alike = pd.factorize(alike * (len(found) + 1) + codes)[0].astype(np.int64)
    return groups.allocate(joined.groups, psa, billable, alike, groups.line_order(taken["line_id"]))


def _apply_money_measure(rows: Rows, joined: Joined, usage: UsageOfParts) -> None:
    """R12: lines measured in money get a proposed price; quantities stay out of it."""
    for i in np.flatnonzero(rows.money & np.isin(rows.state, (NO_CHANGE, RECONCILE, NEW_REVENUE))).tolist():
        part = rows.part[i]
        bill = divide(usage.amount[part : part + 1] * (10**PRICE + joined.groups.markup[part]), np.array([10**PRICE]))[0]
        alone = i >= rows.count or (joined.groups.lines[part] == 1 and rows.psa[i] == UNIT)
        billed = cents(rows.psa[i : i + 1], rows.price[i : i + 1])[0]
        rows.proposed[i] = alone
        if i >= rows.count:
            rows.to_bill[i], rows.proposal[i], rows.priced[i] = UNIT, bill * WHOLE_PRICE, True
        elif alone:
            rows.proposal[i] = bill * WHOLE_PRICE
            rows.state[i] = NO_CHANGE if bill == billed else RECONCILE


def _numbers(rows: Rows, joined: Joined, usage: UsageOfParts) -> dict[str, Any]:
    """Quantities, prices and money, each empty where it is not known."""
    shared, part, is_line = joined.groups, rows.part, rows.is_line
    known = rows.state != NOT_KNOWN
    in_units = ~rows.money
    decided = known & rows.proposed & in_units
    price_after = np.where(rows.proposal >= 0, rows.proposal, rows.price)
    before = money.per_cycle(np.where(is_line, rows.psa, 0), rows.included, rows.price, rows.billable)
    quantity_after = np.where(rows.money, np.where(is_line, rows.psa, UNIT), rows.to_bill)
    after = money.per_cycle(quantity_after, rows.included, price_after, rows.billable)
    month_before, month_after = money.per_month(before, rows.months), money.per_month(after, rows.months)
    moneyed = known & rows.proposed & (rows.priced | (rows.proposal >= 0))
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
        "revenue_before": decimals(month_before, known, MONEY),
        "revenue_after": decimals(month_after, moneyed, MONEY),
        "effect": decimals(month_after - month_before, moneyed, MONEY),
        "next_invoice_effect": decimals(after - before, moneyed, MONEY),
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
    return np.where(rows.money, by_amount, usage.unit_cost[rows.part]), np.where(
        rows.money, usage.has_amount[rows.part], usage.one_cost[rows.part]
    )


def _vendor_cost(rows: Rows, joined: Joined, usage: UsageOfParts, vendor: Ints, has_vendor: Flags) -> tuple[Ints, Flags]:
    """R10: what the vendor charges a month. Of several lines each carries its share, or, at mixed costs, the target all of it."""
    part = rows.part
    alone = (joined.groups.lines <= 1)[part]
    whole = np.where(rows.money, usage.amount[part], usage.cost[part])
    has_whole = np.where(rows.money, usage.has_amount[part], usage.has_cost[part])
    each = divide(cents(np.where(has_vendor, vendor, 0), usage.unit_cost[part]), usage.cost_months[part])
    shares = ~alone & usage.one_cost[part] & has_vendor & ~rows.money
    return np.where(shares, each, whole), shares | (has_whole & (alone | rows.target))


def _identity(
    inputs: Inputs,
    rows: Rows,
    joined: Joined,
    taken: pd.DataFrame,
    new: Ints,
    usage: UsageOfParts,
    evidence: Evidence,
    services: dict[str, Service],
) -> dict[str, Any]:
    """Who and what a row is about: names, ids, its key and the sheet it stands on."""
    shared, empty = joined.groups, [None] * len(new)
    names = dict(zip(inputs.lines["customer_id"], inputs.lines["customer"], strict=True))
    names |= {a.customer_id: a.customer for a in inputs.agreements}
    customers = [shared.customer[p] for p in new.tolist()]
    bought = [shared.service[p] for p in new.tolist()]
    vendor = _sheet_vendors(rows, joined, usage, evidence)
    line_ids = taken["line_id"].tolist()
    keys = [f"line:{i}" for i in line_ids]
    keys += [new_key(c, s, usage.lowest_service[p]) for c, s, p in zip(customers, bought, new.tolist(), strict=True)]
    parts = rows.part.tolist()
    return {
        "key": keys,
        "vendor": vendor,
        "measure": np.where(rows.money, str(Measure.MONEY), str(Measure.UNITS)).tolist(),
        "customer_id": taken["customer_id"].tolist() + customers,
        "customer": taken["customer"].tolist() + [names.get(c, c) for c in customers],
        "service_id": taken["service_id"].tolist() + bought,
        "service": taken["service"].tolist() + [services[s].service if s in services else s for s in bought],
        "agreement_id": taken["agreement_id"].tolist() + empty,
        "agreement": taken["agreement"].tolist() + empty,
        "line_id": line_ids + empty,
        "bill_customer": taken["bill_customer"].tolist() + [str(BillCustomer.BILLABLE)] * len(new),
        "catalogue_price": _catalogue_prices(taken, bought, services),
        "unit_cost": pa.concat_arrays([_array(taken["unit_cost"]), _catalogue_costs(bought, services)]),
        "currency": taken["currency"].tolist() + [usage.currency[p] for p in new.tolist()],
        "vendor_account": [usage.accounts[p] for p in parts],
        "vendor_service_id": [usage.lowest_service[p] for p in parts],
        "vendor_service": [usage.service_names[p] for p in parts],
        "term": [usage.terms[p] for p in parts],
        "as_of": [_no_later(evidence.as_of.get(v), inputs) for v in vendor],
    }


def _array(series: pd.Series) -> pa.Array:
    array = pa.array(series)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _no_later(as_of: dt.date | None, inputs: Inputs) -> dt.date | None:
    return min(as_of, inputs.period.as_of(inputs.today)) if as_of else None


def _catalogue_prices(taken: pd.DataFrame, bought: list[str], services: dict[str, Service]) -> list[Decimal | None]:
    price = {s: item.price for s, item in services.items()}
    return [price.get(s) for s in taken["service_id"].tolist() + bought]


def _catalogue_costs(bought: list[str], services: dict[str, Service]) -> pa.Array:
    costs = [services[s].cost if s in services else None for s in bought]
    return pa.array(costs, type=pa.decimal128(18, PRICE))


def new_key(customer_id: str, service_id: str, vendor_service_id: str | None) -> str:
    """The key of new revenue: the same in every run, for it is made of ids only (R1)."""
    text = "\x1f".join((customer_id, service_id, vendor_service_id or ""))
    return "new:" + hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


def _sheet_vendors(rows: Rows, joined: Joined, usage: UsageOfParts, evidence: Evidence) -> list[str]:
    """R1: the vendor with the largest count; without a count, one that sells the service and knows the customer."""
    shared, known = joined.groups, {}
    for part in set(rows.part[joined.groups.usages[rows.part] == 0].tolist()):
        sellers = evidence.counted_by.get(shared.service[part], ("",))
        known[part] = next((v for v in sellers if (v, shared.customer[part]) in evidence.at_vendor), sellers[0])
    return [known.get(p) or usage.vendors[p] for p in rows.part.tolist()]


def _dates(
    inputs: Inputs,
    rows: Rows,
    joined: Joined,
    taken: pd.DataFrame,
    usage: UsageOfParts,
    scope: Scope,
    agreements: tuple[Agreement, ...],
    made: dict[str, Any],
) -> dict[str, Any]:
    """R5's default date, and what the last invoiced period missed."""
    default = [scope.default_date[i] for i in joined.line.tolist()]
    open_days = _open_days(agreements, inputs.today)
    new = made["customer_id"][rows.count :]
    invoiced = taken["invoiced_through"].tolist()
    nothing = [False] * len(new)
    return {
        "effective_date": default + [open_days.get(c) for c in new],
        "invoiced_through": invoiced + [None] * len(new),
        "in_arrears": taken["in_arrears"].tolist() + nothing,
        "prorates": taken["prorates"].tolist() + nothing,
        "since": [usage.since[p] for p in rows.part.tolist()],
        "can_reduce_from": [usage.can_reduce_from[p] for p in rows.part.tolist()],
        "missed": _missed(inputs, rows, usage, invoiced),
    }


def _open_days(agreements: tuple[Agreement, ...], today: dt.date) -> dict[str, dt.date | None]:
    """Per customer the first open day of its open agreements, where they agree on it."""
    found: dict[str, set[dt.date]] = defaultdict(set)
    for agreement in agreements:
        if agreement.open:
            found[agreement.customer_id].add(first_open_day(agreement.invoiced_through, today))
    return {customer: next(iter(d)) if len(d) == 1 else None for customer, d in found.items()}


def _missed(inputs: Inputs, rows: Rows, usage: UsageOfParts, invoiced: list[dt.date | None]) -> pa.Array:
    """Only for lines that bill too little, whose invoiced period and whose change are known."""
    n = rows.count
    spans: dict[tuple[dt.date, int], tuple[int, int]] = {}
    for day, months in set(zip(invoiced, rows.months[:n].tolist(), strict=True)):
        if day is not None:
            first, after = invoiced_period(day, months, inputs.today)
            spans[day, months] = day_number(first), day_number(after)
    period = [spans.get((d, m), (0, 0)) for d, m in zip(invoiced, rows.months[:n].tolist(), strict=True)]  # type: ignore[arg-type]
    starts, untils = (np.array([p[i] for p in period], dtype=np.int64) for i in (0, 1))
    since = np.array([FAR if (d := usage.since[p]) is None else day_number(d) for p in rows.part[:n].tolist()], dtype=np.int64)
    short = (rows.state[:n] == RECONCILE) & (rows.difference[:n] > 0) & rows.proposed[:n] & (since < untils) & ~rows.money[:n]
    more = money.per_cycle(rows.to_bill[:n], rows.included[:n], rows.price[:n], rows.billable[:n])
    extra = more - money.per_cycle(rows.psa[:n], rows.included[:n], rows.price[:n], rows.billable[:n])
    amount = money.missed(np.where(short, extra, 0), np.where(short, since, 0), starts, np.where(short, untils, starts + 1))
    valid = np.zeros(len(rows.part), dtype=bool)
    valid[:n] = short
    whole = np.zeros(len(rows.part), dtype=np.int64)
    whole[:n] = amount
    return decimals(whole, valid, MONEY)


def _judgement(
    inputs: Inputs,
    rows: Rows,
    joined: Joined,
    taken: pd.DataFrame,
    usage: UsageOfParts,
    scope: Scope,
    made: dict[str, Any],
) -> dict[str, Any]:
    """State, cause, the sentence under Why, and whether the change is large."""
    sentences = causes.Sentences(inputs, joined, usage, taken, scope, made)
    cause, why = [], []
    for i, (state, part) in enumerate(zip(rows.state.tolist(), rows.part.tolist(), strict=True)):
        c, w = sentences.of(i, state, part)
        cause.append(str(c))
        why.append(w)
    return {
        "state": [str(STATES[s]) for s in rows.state.tolist()],
        "cause": cause,
        "why": why,
        "large": _large(inputs, rows, made),
    }


def _large(inputs: Inputs, rows: Rows, made: dict[str, Any]) -> Flags:
    """R14: many units that are also a large part, much money, or to nothing."""
    settings = inputs.settings
    gap = np.abs(rows.difference)
    units = gap >= to_int(settings.large_units, QUANTITY)
    share = gap * 100 >= rows.psa * int(settings.large_percent)
    effect, known = scaled(made["effect"])
    amount = known & (np.abs(effect) >= to_int(settings.large_amount, MONEY))
    deciding = np.isin(rows.state, (RECONCILE, NEW_REVENUE, NO_USAGE))
    return np.asarray(deciding & ((units & share & rows.proposed) | amount | (rows.state == NO_USAGE)))


def _history(inputs: Inputs, rows: Rows, made: dict[str, Any]) -> dict[str, Any]:
    """What the period before said of the same key, and for how many months in a row the row has stood open."""
    earlier = [inputs.earlier.get(k) for k in made["key"]] if inputs.earlier else [None] * len(rows.part)
    standing = (rows.state != NO_CHANGE).tolist()
    return {
        "last_month": [e.vendor_quantity if e else None for e in earlier],
        "age": [((e.age if e else 0) + 1) if open_ else 0 for e, open_ in zip(earlier, standing, strict=True)],
    }


RESTS_ON = (
    "key", "state", "agreement_id", "psa_quantity", "to_bill", "group_to_bill", "unit_price", "proposed_price", "unit_cost",
    "vendor_unit_cost", "included", "currency", "bill_customer", "effective_date", "invoiced_through", "prorates",
)  # fmt: skip
"""What a decision rests on: if one of these moves, the decision is suspended."""


def fingerprints(made: dict[str, Any]) -> list[str]:
    """A short digest of each row's values of RESTS_ON."""
    columns = [_as_texts(made[name]) for name in RESTS_ON]
    return [hashlib.blake2b("\x1f".join(v).encode(), digest_size=8).hexdigest() for v in zip(*columns, strict=True)]


def _as_texts(values: Any) -> list[str]:
    if isinstance(values, pa.Array):
        numbers, valid = scaled(values)
        return [str(n) if v else "" for n, v in zip(numbers.tolist(), valid.tolist(), strict=True)]
    return ["" if v is None or v is pd.NA else str(v) for v in values]


def _order(rows: Rows, made: dict[str, Any]) -> Ints:
    """By vendor; to decide by absolute effect, an unpriced one after the priced; then Not known; No change last."""
    effect, known = scaled(made["effect"])
    rank = np.select([rows.state == NO_CHANGE, rows.state == NOT_KNOWN], [2, 1], 0)
    vendors = pd.factorize(np.asarray(made["vendor"], dtype=object), sort=True)[0]
    customers = pd.factorize(np.asarray(made["customer"], dtype=object), sort=True)[0]
    services = pd.factorize(np.asarray(made["service"], dtype=object), sort=True)[0]
    return np.lexsort((np.arange(len(rank)), services, customers, -np.abs(effect), ~known, rank, vendors))
