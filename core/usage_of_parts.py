"""What the usage of each part of a group adds up to: cost, names, dates, and the vendor with the largest count."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from core.charges import Counted
from core.exact import MONEY, Flags, Ints, cents, divide, scaled, to_int
from core.groups import sums
from core.joining import Joined
from core.resolve import Resolved
from core.run import Inputs

MANY = "{} {}"


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
    currency: list[str]
    vendors: list[str]  # with the largest count
    accounts: list[str | None]
    lowest_service: list[str | None]
    service_names: list[str | None]
    terms: list[str | None]
    since: list[dt.date | None]
    can_reduce_from: list[dt.date | None]


def usage_of_parts(inputs: Inputs, resolved: Resolved, counted: Counted, joined: Joined) -> UsageOfParts:
    """Everything that a row says of its usage."""
    count = len(joined.groups.lines)
    amount, has_amount = _amounts(inputs, resolved, joined, count)
    counting = np.flatnonzero(joined.part_usage >= 0)
    part, usage = joined.groups.usage_part[counting], joined.part_usage[counting]
    taken = counted.usage.iloc[usage].reset_index(drop=True)
    charges = inputs.charges.iloc[np.asarray(taken["row"], dtype=np.int64)].reset_index(drop=True)
    own = joined.own[counting]
    unit, has_unit = scaled(taken["unit_cost"])
    months = np.asarray(taken["cost_months"], dtype=np.int64)
    low, high = _extremes(part, unit, count)
    lacking = sums(part, (~has_unit & (own > 0)).astype(np.int64), count) > 0
    all_costed = (sums(part, has_unit.astype(np.int64), count) > 0) & ~lacking
    assigned, has_assigned = scaled(taken["assigned"])
    unknown = sums(part, (~has_assigned).astype(np.int64), count) > 0
    one_month = _extremes(part, months, count)
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
        _first(part, charges["currency"].tolist(), count, inputs.settings.currency),
        _largest_vendor(part, own, charges["vendor"], count),
        _shown(part, charges["account"], count, "accounts"),
        _lowest(part, charges["vendor_service_id"], count),
        _shown(part, charges["vendor_service"], count, "services"),
        _shown(part, charges["term"], count, "terms"),
        _latest(part, taken["since"].tolist(), count),
        _latest(part, taken["can_reduce_from"].tolist(), count),
    )


def _amounts(inputs: Inputs, resolved: Resolved, joined: Joined, count: int) -> tuple[Ints, Flags]:
    amount, valid = scaled(inputs.charges["amount"])
    rows, part = resolved.part_row, joined.groups.usage_part
    own = amount[rows].copy()
    for i, share in enumerate(resolved.part_share):
        if share != 1:
            own[i] = to_int((Decimal(int(amount[rows[i]])) * share).to_integral_value() / 100, MONEY)
    return sums(part, own, count), sums(part, valid[rows].astype(np.int64), count) > 0


def _extremes(part: Ints, values: Ints, count: int) -> tuple[Ints, Ints]:
    low, high = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(low, part, values)
    np.maximum.at(high, part, values)
    return low, high


def _first(part: Ints, values: Sequence[str], count: int, default: str) -> list[str]:
    found = [default] * count
    for p, value in zip(reversed(part.tolist()), reversed(values), strict=True):
        found[p] = value
    return found


def _largest_vendor(part: Ints, own: Ints, vendors: pd.Series, count: int) -> list[str]:
    codes, names = pd.factorize(vendors, sort=True)
    if not len(names):
        return [""] * count
    total = sums(part * len(names) + codes, own, count * len(names)).reshape(count, len(names))
    present = np.zeros(count * len(names), dtype=bool)
    present[part * len(names) + codes] = True
    best = np.where(present.reshape(total.shape), total, -1).argmax(axis=1)
    return [str(names[int(b)]) for b in best]


def _shown(part: Ints, values: pd.Series, count: int, noun: str) -> list[str | None]:
    """The one name of a part, or how many there are."""
    codes, names = pd.factorize(values)
    low, high = _extremes(part[codes >= 0], codes[codes >= 0].astype(np.int64), count)
    shown: list[str | None] = [None] * count
    for p in np.flatnonzero(high >= 0).tolist():
        shown[p] = str(names[int(low[p])]) if low[p] == high[p] else ""
    several = [p for p in range(count) if shown[p] == ""]
    if several:
        distinct = pd.Series(codes).groupby(part).nunique()
        for p in several:
            shown[p] = MANY.format(distinct[p], noun)
    return shown


def _lowest(part: Ints, ids: pd.Series, count: int) -> list[str | None]:
    codes, names = pd.factorize(ids, sort=True)
    low, high = _extremes(part, codes.astype(np.int64), count)
    return [str(names[int(low[p])]) if high[p] >= 0 else None for p in range(count)]


def _latest(part: Ints, values: Sequence[dt.date | None], count: int) -> list[dt.date | None]:
    found: list[dt.date | None] = [None] * count
    for p, day in zip(part.tolist(), values, strict=True):
        if isinstance(day, dt.date) and (found[p] is None or day > found[p]):
            found[p] = day
    return found
