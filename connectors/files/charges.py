"""A vendor's invoice or count file as charges."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pandas as pd

from connectors.files.kinds import charge_kinds
from connectors.files.loading import load_profiles
from connectors.files.names import as_of_name, vendor_of
from connectors.files.periods import until_column, whole_months
from connectors.files.profile import Profile, Role
from connectors.files.reading import Reading, read
from connectors.files.table import header_key
from core.frames import frame_of_columns
from core.periods import DAY, Period, add_months
from core.records import Agreement, Charge, ChargeKind, Source
from core.settings import Settings

COUNTING = (ChargeKind.CHARGE, ChargeKind.COUNT)


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was taken: its rows as a frame of their record class, and what is known of the file."""

    frame: pd.DataFrame
    source: Source
    agreements: tuple[Agreement, ...] = ()  # agreements export: those declared by a row without a line


def read_usage(
    path: Path | str, settings: Settings, vendor: str | None = None, profiles: Sequence[Profile] | None = None
) -> Import:
    """A vendor file as Charge rows; ImportRefused names everything that is wrong with it.

    `vendor` overrides the vendor that the profile, the file's rows or its name give.
    """
    path = Path(path)
    known = load_profiles() if profiles is None else profiles
    reading = read(path, [p for p in known if p.role in (Role.CHARGES, Role.COUNTS)], settings.currency)
    _name_vendor(reading, vendor, path.stem)
    reading.compose()
    kinds = charge_kinds(reading)
    _end_rows(reading, kinds)
    columns = _columns(reading, kinds)
    _check(reading, columns)
    reading.findings.refuse_if_any()
    vendors = ", ".join(dict.fromkeys(columns["vendor"]))
    as_of = _as_of(reading, columns, path.stem)
    return Import(frame_of_columns(Charge, columns), reading.source(vendors, as_of))


def _name_vendor(reading: Reading, given: str | None, stem: str) -> None:
    """The vendor of each row: as given, else the profile's, else the row's own, else the file name's."""
    fixed = given or reading.profile.vendor
    if not fixed:
        reading.compose("vendor")
    reading.columns["vendor"] = [fixed or named or vendor_of(stem) for named in reading.column("vendor")]


def _columns(reading: Reading, kinds: list[ChargeKind]) -> dict[str, Any]:
    until = until_column(reading)
    unit_costs, cost_months = _unit_costs(reading, whole_months(reading.column("start"), until))
    names = ("vendor", "account_id", "account", "vendor_service_id", "vendor_service", "sku", "term", "subscription_id")
    return {
        "source": [reading.book.file] * len(reading.rows),
        "row": [reading.table.sheet.row_number(row) for row in reading.rows],
        **{name: reading.column(name) for name in names},
        "kind": kinds,
        **{name: reading.column(name) for name in ("quantity", "assigned")},
        "unit_cost": unit_costs,
        "cost_months": cost_months,
        "amount": reading.column("amount"),
        "start": reading.column("start"),
        "until": until,
        "can_reduce_from": _commitments(reading),
        "final": [reading.profile.final if final is None else final for final in reading.column("final")],
        "currency": reading.column("currency"),
    }


def _end_rows(reading: Reading, kinds: list[ChargeKind]) -> None:
    """Rows of ended subscriptions become a count of zero."""
    rule = reading.profile.ended
    if rule is None or rule.column not in reading.columns:
        return
    ended = [at for at, state in enumerate(reading.column(rule.column)) if state and header_key(state) in rule.values]
    for position in ended:
        kinds[position] = ChargeKind.COUNT
        reading.columns["quantity"][position] = Decimal(0)
        for name in {"start", "end"} & reading.columns.keys():
            reading.columns[name][position] = None  # its period is over; what it counts now is zero
    if ended:
        reading.notes.append(f"rows of ended subscriptions, which count 0: {len(ended):,}")


def _unit_costs(reading: Reading, months: list[int | None]) -> tuple[list[Decimal | None], list[int | None]]:
    """The price of a full period and its months: by the rule, from one column for whole months and from another for parts."""
    rule = reading.profile.unit_cost
    if rule is None:
        return reading.column("unit_cost"), [None] * len(reading.rows)
    words = reading.column(reading.profile.charge_kinds.column or "")
    whole_types = {word for word in set(words) if header_key(word or "") in rule.types}
    costs: list[Decimal | None] = []
    lengths: list[int | None] = []
    by_term = {term: _months_of(term, rule.months) for term in set(reading.column("term"))}
    columns = (reading.column(name) for name in (rule.column, rule.whole_months, "term"))
    for usual, whole, term, word, length in zip(*columns, words, months, strict=True):
        taken = whole is not None and length is not None and word in whole_types
        costs.append(whole if taken or usual is None else usual)
        lengths.append(length if taken else by_term[term])
    return costs, lengths


def _months_of(term: str | None, patterns: Mapping[str, int]) -> int | None:
    """The billing period that a term names; the first pattern that fits."""
    return next((months for pattern, months in patterns.items() if term and fnmatchcase(term.casefold(), pattern)), None)


def _commitments(reading: Reading) -> list[dt.date | None]:
    """The first day on which a commitment of more than a month may be reduced: the day after its end."""
    rule = reading.profile.commitment
    if rule is None:
        return reading.column("can_reduce_from")
    known: dict[tuple[Any, ...], dt.date | None] = {}
    rows = zip(reading.column(rule.start), reading.column(rule.end), reading.column("term"), strict=True)
    result = []
    for start, end, term in rows:
        key = (start, end, term)
        if key not in known:
            monthly = term is not None and any(fnmatchcase(term.casefold(), pattern) for pattern in rule.monthly)
            short = start is not None and end is not None and end + DAY <= add_months(start, 1)
            known[key] = None if end is None or monthly or short else end + DAY
        result.append(known[key])
    return result


def _check(reading: Reading, columns: dict[str, Any]) -> None:
    """What a charge needs beyond cells that can be read."""
    for name in ("account_id", "vendor_service_id"):
        for position, value in enumerate(columns[name]):
            if not value and reading.rows[position] not in reading.findings.rows:
                what = "account" if name == "account_id" else "service"
                reading.find(position, None, f"this row names no {what}")
    for position, (kind, quantity) in enumerate(zip(columns["kind"], columns["quantity"], strict=True)):
        if quantity is None and kind in COUNTING and not reading.found_at(position, "quantity"):
            reading.find(position, "quantity", "is empty; a quantity was expected, 0 where there is none")
    for position, (start, until) in enumerate(zip(columns["start"], columns["until"], strict=True)):
        if start is not None and until is not None and until <= start:
            reading.find(position, "end", f"{until - DAY} is before the period's start {start}")


def _as_of(reading: Reading, columns: dict[str, Any], stem: str) -> dt.date | None:
    """The day the data speaks of: the rows' own, else the last day that charges cover, else the one in the file's name."""
    days: list[dt.date] = [day for day in reading.column("as_of") if day is not None]
    if days:
        if min(days) != max(days):
            reading.notes.append(f"its rows speak of days from {min(days)} to {max(days)}")
        return max(days)
    kinds = columns["kind"]
    covered: list[dt.date] = [
        until - DAY for until, kind in zip(columns["until"], kinds, strict=True) if until is not None and kind in COUNTING
    ]
    if covered:
        reading.notes.append(f"its charges cover days through {max(covered)}")
        return max(covered)
    return as_of_name(stem)


def most_charge_month(charges: pd.DataFrame) -> Period | None:
    """The month in which most charges start; of equals the later one. None where no charge says."""
    starts = charges.loc[charges["kind"] == ChargeKind.CHARGE.value, "start"].dropna()
    months = pd.Series([Period.of(day) for day in starts], dtype=object).value_counts()
    return max(months.index, key=lambda month: (months[month], month), default=None)
