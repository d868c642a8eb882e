"""What a workbook tells of the past: what moved since the last period, what was carried forward, and what was done before.

A run compares without any of it; a workbook is issued with a `History` beside the run, and without one its sheets are left out.
"""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pandas as pd

from core.decisions import Status
from core.frames import Money, Price, Quantity, frame
from core.periods import Period
from core.records import Action, State


class Moved(StrEnum):
    """What a line did since the last period."""

    NEW = "New"
    ENDED = "Ended"
    CHANGED = "Changed"


class How(StrEnum):
    """Why a line is carried forward."""

    DISMISSED = "Dismissed"
    ASKED = "Asked"  # and not decided since
    NOT_IN_PSA = "Approved, not in the PSA"  # decided, and the PSA bills what it billed then
    OPEN = "Open"  # never decided


@dataclass(frozen=True, slots=True)
class Changed:
    """A line of which this run says something else than the newest run of the period before. `_was` is what that said."""

    key: str
    line_key: str  # of the comparison, or of the PSA line
    what: Moved
    note: str  # where it stood or stands otherwise
    customer_id: str | None  # None: the run that it is taken from names no id
    customer: str
    service: str
    vendor: str  # empty: no vendor counts it
    agreement: str | None
    line_id: str | None
    currency: str
    quantity_was: Quantity | None
    quantity: Quantity | None  # what the PSA bills
    counted_was: Quantity | None
    counted: Quantity | None  # what the vendor counts
    price_was: Price | None
    price: Price | None
    revenue_was: Money | None
    revenue: Money | None  # per month, as it is billed
    cost_was: Money | None
    cost: Money | None  # the vendor's, per month
    wanted: bool  # an explanation
    against: str  # the run that it is compared with
    explanation: str | None


@dataclass(frozen=True, slots=True)
class Carried:
    """A line that still differs and was passed over before."""

    key: str
    line_key: str
    how: How
    customer: str
    service: str
    vendor: str
    state: State
    effect: Money | None  # per month, now
    currency: str
    since: str  # the period in which it was first passed over
    age: int  # months since then, this one counted
    waved: Money  # sum of the effects of the reconciled periods since then, without this one
    until: dt.date | None  # last day that a dismissal holds
    reason: str | None
    note: str | None
    by: str
    run: str  # whose workbook the decision came from; empty: never decided


@dataclass(frozen=True, slots=True)
class Logged:
    """One thing that was decided, explained or written for a line of the workbook."""

    key: str
    line_key: str
    at: str  # UTC, to the minute
    period: str
    run: str
    customer: str
    service: str
    vendor: str
    who: str
    action: str
    old: str
    new: str
    reason: str | None
    note: str | None
    source: str  # the copy it came from
    answer: str  # what became of it; of a write, what the PSA answered


@dataclass(frozen=True, slots=True)
class PastRow:
    """What an earlier run said of a row that differed. The fields are those of the comparison."""

    key: str
    fingerprint: str
    state: State
    psa_quantity: Quantity | None
    to_bill: Quantity | None
    unit_price: Price | None
    effect: Money | None
    currency: str


@dataclass(frozen=True, slots=True)
class PastDecision:
    """A decision as it arrived; `id` is the order of arrival."""

    id: int
    run: str
    key: str
    fingerprint: str
    action: Action
    quantity: Quantity | None
    effective_date: dt.date | None
    agreement: str | None
    new_price: Price | None
    reason: str | None
    note: str | None
    person: str
    at: str
    source: str
    status: Status
    problem: str | None


@dataclass(frozen=True, slots=True)
class PastWrite:
    """One approved line that was sent to the PSA, with what it answered."""

    run: str
    key: str
    at: str
    person: str
    action: str
    old: str
    new: str
    reason: str | None
    note: str | None
    answer: str
    created: tuple[str, ...]  # ids of the lines that it added


@dataclass(frozen=True, slots=True)
class Explained:
    """What a person said of a change, in the row of that key."""

    key: str
    run: str
    at: str
    person: str
    old: str | None
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class PastRun:
    """An earlier run: its rows that differed, or were decided."""

    id: str
    period: Period
    rows: pd.DataFrame  # PastRow


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run of the period before: what it said of every line."""

    label: str
    comparisons: pd.DataFrame
    no_vendor: pd.DataFrame
    not_compared: pd.DataFrame


def _empty(record: type) -> Any:
    return field(default_factory=lambda: frame(record, []))


@dataclass(frozen=True, slots=True)
class History:
    """What stands on the sheets that need the past; empty by default."""

    changes: pd.DataFrame = _empty(Changed)
    carried: pd.DataFrame = _empty(Carried)
    log: pd.DataFrame = _empty(Logged)
