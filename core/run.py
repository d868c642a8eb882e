"""What a run freezes (Inputs) and what it says (Reconciliation)."""

import datetime as dt
from collections.abc import Mapping as Lookup
from dataclasses import dataclass, field
from decimal import Decimal

import pandas as pd

from core.mapping import Mapping
from core.periods import Period
from core.records import Agreement, Service, Source
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the run of the period before said of a key."""

    vendor_quantity: Decimal | None
    age: int


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a comparison rests on. The same inputs give the same reconciliation, for ever (R17)."""

    period: Period
    today: dt.date
    lines: pd.DataFrame  # AgreementLine
    charges: pd.DataFrame  # Charge
    sources: tuple[Source, ...]
    services: tuple[Service, ...] = ()  # the PSA's catalogue; may be empty
    agreements: tuple[Agreement, ...] = ()  # those that have no line yet
    mapping: Mapping = field(default_factory=Mapping)
    settings: Settings = field(default_factory=Settings)
    earlier: Lookup[str, Earlier] = field(default_factory=dict)  # by comparison key


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Reconciliation:
    """The result: every row that came in stands in exactly one of these frames' buckets, which `ledger` proves (R16)."""

    inputs: Inputs
    mapping: Mapping  # the inputs' mapping with the certain matches of names added
    comparisons: pd.DataFrame  # Comparison: one row a compared PSA line or new revenue
    no_vendor: pd.DataFrame  # NoVendor
    not_compared: pd.DataFrame  # NotCompared
    unmapped_accounts: pd.DataFrame  # UnmappedAccount
    unmapped_services: pd.DataFrame  # UnmappedService
    ledger: pd.DataFrame  # Tally
    agreements: tuple[Agreement, ...]  # open and closed, for the drop-downs
