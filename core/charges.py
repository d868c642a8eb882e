"""Charge files (R2, R11): how many units each subscription stands at on the as-of date, out of charges, refunds and corrections.

Only the last charge row that covers the as-of date counts; refunds, proration and credits are money. A charge counts in
every month that it covers, from whichever file it came.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from core import frames
from core.exact import QUANTITY, Flags, Ints, decimals, scaled
from core.frames import Money, Price, Quantity, column, frame_of_columns
from core.periods import Period
from core.records import ChargeKind, Source

EPOCH = dt.date(1970, 1, 1)
FAR = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Usage:
    """A count by a vendor for an account and a service: what one subscription, or one plain row, stands at."""

    row: int  # of the charge frame: the row that counts
    vendor: str
    account_id: str
    vendor_service_id: str
    subscription_id: str | None
    quantity: Quantity  # 0 is a count of zero: an ended subscription has it
    assigned: Quantity | None
    unit_cost: Price | None
    cost_months: int
    amount: Money | None  # of the row that counts
    since: dt.date | None
    can_reduce_from: dt.date | None
    final: bool  # False: metered usage that may still change, or a refund whose charge is missing
    currency: str


@dataclass(frozen=True, slots=True)
class Counted:
    """The usage of a period, and for every charge row whether it belongs to the period."""

    usage: pd.DataFrame  # Usage
    in_period: Flags


def days(series: pd.Series, missing: int) -> Ints:
    """Dates as days since 1970; a missing date as the given number."""
    found = frames.array(series)
    numbers = np.asarray(found.cast(pa.int32()).fill_null(0), dtype=np.int64)
    return np.where(np.asarray(found.is_null()), missing, numbers)


def dates(numbers: Ints, valid: Flags) -> pa.Array:
    """Days since 1970 as an Arrow array of dates."""
    return pa.array(np.where(valid, numbers, 0).astype(np.int32), mask=~valid).cast(pa.date32())


def day_number(day: dt.date) -> int:
    return (day - EPOCH).days


def day_of(number: int) -> dt.date:
    return EPOCH + dt.timedelta(days=number)


def _of_kind(charges: pd.DataFrame, *kinds: ChargeKind) -> Flags:
    return np.asarray(charges["kind"].isin([str(k) for k in kinds]), dtype=bool)


def subscription_codes(charges: pd.DataFrame) -> Ints:
    """One number per vendor subscription; a row without an id is a subscription of its own."""
    vendors, _ = frames.codes(charges["vendor"])
    ids, names = frames.codes(charges["subscription_id"])
    rows = np.arange(len(charges))
    return np.asarray(pd.factorize(np.where(ids >= 0, vendors * (len(names) + 1) + ids, -1 - rows))[0], dtype=np.int64)


def _span_months(start: Ints, until: Ints, codes: Ints) -> Ints:
    """Months of each subscription's longest row, at least 1."""
    dated = (start != -FAR) & (until != FAR)
    longest = np.zeros(codes.max(initial=-1) + 1, dtype=np.int64)
    np.maximum.at(longest, codes[dated], (until - start)[dated])
    return np.asarray(np.maximum(1, np.rint(longest[codes] / 30.4375)), dtype=np.int64)


def count_usage(charges: pd.DataFrame, period: Period, today: dt.date, sources: Iterable[Source] = ()) -> Counted:
    """The quantity each subscription stands at on the period's as-of date, one row each.

    charges: a Charge frame of any files; a row without dates speaks of its source's day. A subscription
    none of whose rows covers the date has no row: it is not known, not zero.
    """
    as_of = day_number(period.as_of(today))
    start, until = days(charges["start"], -FAR), days(charges["until"], FAR)
    until = np.where((start == -FAR) & (until == FAR) & _of_older(charges, sources, period), day_number(period.start), until)
    in_period = (start < day_number(period.until)) & (until > day_number(period.start))
    covers = (start <= as_of) & (as_of < until)
    cancelling = _of_kind(charges, ChargeKind.CANCELLATION)  # without its charge it still proves a count of zero
    counting = cancelling | _of_kind(charges, ChargeKind.CHARGE, ChargeKind.COUNT, ChargeKind.USAGE)
    metered = _of_kind(charges, ChargeKind.USAGE)
    codes = subscription_codes(charges)
    last = _last(codes, start, counting & (covers | (metered & in_period)))
    usage = _usage(charges, last, start, until, codes)
    ended, unpaired = _closed(charges, codes, start, covers, last)
    quantity, _ = scaled(charges["quantity"])
    usage["quantity"] = _quantities(np.where(ended | metered[last], 0, quantity[last]))
    usage["final"] = pd.Series(
        pa.array(np.asarray(charges["final"], dtype=bool)[last] & ~unpaired), dtype=pd.ArrowDtype(pa.bool_())
    )
    return Counted(usage, np.asarray(in_period))


def _of_older(charges: pd.DataFrame, sources: Iterable[Source], period: Period) -> Flags:
    """Rows of the sources whose data ends before the period."""
    return np.asarray(charges["source"].isin([s.name for s in sources if s.as_of and s.as_of < period.start]), dtype=bool)


def _quantities(values: Ints) -> pd.Series:
    array = decimals(values, None, QUANTITY)
    return column(array, array.type)


def _last(codes: Ints, start: Ints, counting: Flags) -> Ints:
    """The row that counts for each subscription: of its counting rows the one that starts last, then the one read last."""
    rows = np.flatnonzero(counting)
    order = rows[np.lexsort((rows, start[rows], codes[rows]))]
    is_last = np.append(codes[order][1:] != codes[order][:-1], True)[: len(order)]
    return np.sort(order[is_last])


def _closed(charges: pd.DataFrame, codes: Ints, start: Ints, covers: Flags, last: Ints) -> tuple[Flags, Flags]:
    """For each counting row: whether its subscription was cancelled since, and whether a refund stands without its charge."""
    closing = np.full((2, codes.max(initial=-1) + 1), -FAR)
    for index, kind in enumerate((ChargeKind.CANCELLATION, ChargeKind.REFUND)):
        rows = _of_kind(charges, kind) & covers
        np.maximum.at(closing[index], codes[rows], start[rows])
    ended = (closing[0, codes[last]] >= start[last]) & (closing[0, codes[last]] != -FAR)
    return np.asarray(ended), np.asarray(~ended & (closing[1, codes[last]] > start[last]))


def _usage(charges: pd.DataFrame, last: Ints, start: Ints, until: Ints, codes: Ints) -> pd.DataFrame:
    taken = frames.picked(charges, last, _OF_THE_ROW)
    stated, has_months = _int_column(taken["cost_months"])
    months = np.where(has_months, stated, _span_months(start, until, codes)[last])
    quantity = decimals(scaled(taken["quantity"])[0], None, QUANTITY)
    made = {"row": last, "cost_months": months, "quantity": quantity, "since": taken["start"]}
    return frame_of_columns(Usage, taken | made)


_OF_THE_ROW = (
    "vendor", "account_id", "vendor_service_id", "subscription_id", "quantity", "assigned", "unit_cost", "cost_months", "amount",
    "start", "can_reduce_from", "final", "currency",
)  # fmt: skip
"""What the row that counts says of its subscription."""


def _int_column(column: pa.Array) -> tuple[Ints, Flags]:
    return np.asarray(column.fill_null(0), dtype=np.int64), ~np.asarray(column.is_null())
