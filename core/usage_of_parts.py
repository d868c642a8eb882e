"""What the usage of each part of a group adds up to: cost, names, dates, and the vendor with the largest count."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core.charges import FAR, Counted, days
from core.exact import Flags, Ints, cents, divide, scaled
from core.frames import Objects, codes, picked
from core.groups import share_quantities, sums
from core.joining import Joined
from core.resolve import Resolved
from core.run import Inputs


@dataclass(frozen=True, slots=True)
class UsageOfParts:
    """By part; numbers scaled, money in cents."""

    amount: Ints  # all rows of the period, those that only carry money included
    has_amount: Flags
    cost: Ints  # per month, of what counts
    has_cost: Flags
    unit_cost: Ints
    one_cost: Flags  # every count has the same unit cost
    cost_months: Ints
    assigned: Ints
    has_assigned: Flags
    currency: Objects
    one_currency: Flags  # all rows of the period, those that only carry money included
    vendors: Objects  # with the largest count
    accounts: Objects
    lowest_service: Objects  # id
    service_names: Objects
    terms: Objects
    since: Ints  # days since 1970; NEVER: not known
    can_reduce_from: Ints


NEVER = -FAR


TAKEN = ("row", "vendor", "vendor_service_id", "unit_cost", "cost_months", "assigned", "since", "can_reduce_from")
"""What of a subscription's usage its part says."""


def usage_of_parts(inputs: Inputs, resolved: Resolved, counted: Counted, joined: Joined) -> UsageOfParts:
    """Everything that a row says of its usage."""
    count = len(joined.groups.lines)
    amount, has_amount = _amounts(inputs, resolved, joined, count)
    counting = np.flatnonzero(joined.part_usage >= 0)
    part, usage = joined.groups.usage_part[counting], joined.part_usage[counting]
    taken = picked(counted.usage, usage, TAKEN)
    row = np.asarray(taken["row"], dtype=np.int64)
    charges = picked(inputs.charges, row, ("account", "vendor_service", "term"))
    own = joined.own[counting]
    unit, has_unit = scaled(taken["unit_cost"])
    months = np.asarray(taken["cost_months"], dtype=np.int64)
    low, high = _extremes(part, unit, count)
    lacking = sums(part, (~has_unit & (own > 0)).astype(np.int64), count) > 0
    all_costed = (sums(part, has_unit.astype(np.int64), count) > 0) & ~lacking
    assigned, has_assigned = scaled(taken["assigned"])
    unknown = sums(part, (~has_assigned).astype(np.int64), count) > 0
    one_month = _extremes(part, months, count)
    currencies, names = codes(inputs.charges["currency"])
    currencies = currencies[resolved.part_row]
    low_currency, high_currency = _extremes(joined.groups.usage_part, currencies, count)
    return UsageOfParts(
        amount,
        has_amount,
        sums(part, divide(cents(own, unit), months), count),
        all_costed,
        np.where(all_costed, low, 0),
        all_costed & (low == high) & (one_month[0] == one_month[1]),
        np.where(all_costed, one_month[0], 1),
        sums(part, assigned, count),
        (sums(part, has_assigned.astype(np.int64), count) > 0) & ~unknown,
        _lowest(joined.groups.usage_part, currencies, names, count),
        low_currency == high_currency,
        _largest_vendor(part, own, taken["vendor"], count),
        _named(part, *codes(charges["account"]), count, "accounts"),
        _lowest(part, *codes(taken["vendor_service_id"]), count),
        _named(part, *codes(charges["vendor_service"]), count, "services"),
        _named(part, *codes(charges["term"]), count, "terms"),
        _extremes(part, days(taken["since"], NEVER), count)[1],
        _extremes(part, days(taken["can_reduce_from"], NEVER), count)[1],
    )


def _amounts(inputs: Inputs, resolved: Resolved, joined: Joined, count: int) -> tuple[Ints, Flags]:
    amount, valid = scaled(inputs.charges["amount"])
    rows, part = resolved.part_row, joined.groups.usage_part
    own, _ = share_quantities(amount[rows], resolved.shares, {}, rows)
    return sums(part, own, count), sums(part, valid[rows].astype(np.int64), count) > 0


def _extremes(part: Ints, numbers: Ints, count: int) -> tuple[Ints, Ints]:
    low, high = np.full(count, FAR), np.full(count, NEVER)
    np.minimum.at(low, part, numbers)
    np.maximum.at(high, part, numbers)
    return low, high


def _named(part: Ints, numbers: Ints, names: Objects, count: int, noun: str | None) -> Objects:
    """The one name of each part, or how many there are; with no noun the first."""
    has = numbers >= 0
    low, high = _extremes(part[has], numbers[has], count)
    shown = np.full(count, None, dtype=object)
    any_name = high >= 0
    shown[any_name] = names[low[any_name]]
    several = np.flatnonzero(any_name & (low != high)) if noun else np.array([], dtype=np.int64)
    if len(several):
        distinct = np.unique(part[has] * len(names) + numbers[has]) // len(names)
        number = np.bincount(distinct, minlength=count)
        shown[several] = [f"{number[p]} {noun}" for p in several]
    return shown


def _largest_vendor(part: Ints, own: Ints, vendors: pa.Array, count: int) -> Objects:
    numbers, names = codes(vendors)
    order = np.argsort(names.astype(str)) if len(names) else np.array([], dtype=np.int64)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    width = max(1, len(names))
    total = np.full(count * width, -1, dtype=np.int64)
    at = part * width + (rank[numbers] if len(names) else numbers)
    total[at] = 0
    np.add.at(total, at, own)
    best = total.reshape(count, width).argmax(axis=1)
    return names[order][best] if len(names) else np.full(count, "", dtype=object)


def _lowest(part: Ints, numbers: Ints, names: Objects, count: int) -> Objects:
    """The lowest name of each part."""
    order = np.argsort(names.astype(str)) if len(names) else np.array([], dtype=np.int64)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return _named(part, rank[numbers] if len(names) else numbers, names[order] if len(names) else names, count, None)
