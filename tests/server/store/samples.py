"""Frames of awkward values for every record class, and runs made of them."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa

from core.frames import Column, frame, frame_of_columns, records, schema
from core.mapping import AccountMapping, Kind, Mapping, ServiceMapping, ServiceRule, Tie
from core.periods import Period
from core.records import (
    Agreement,
    AgreementLine,
    Charge,
    Comparison,
    Measure,
    NotCompared,
    NoVendor,
    Service,
    Source,
    Tally,
    UnmappedAccount,
    UnmappedService,
)
from core.run import Earlier, Inputs, Reconciliation
from core.settings import Settings

NOVEMBER = Period(2026, 11)
DECEMBER = Period(2026, 12)

TEXTS = ["plain", "", "Zoë Åström AG 漢字 🙂", "tab\t newline\n\\N \\. back\\slash", 'O\'Brien "quoted"; -- %s ?', "  spaces  "]
DAYS = [dt.date(2026, 11, 30), dt.date(1900, 1, 1), dt.date(2028, 2, 29), dt.date(9999, 12, 31)]
LARGEST = 10**18 - 1
INTEGERS = [0, 1, LARGEST, -LARGEST, -1, 123_456]

MAPPING = Mapping(
    accounts=(
        AccountMapping("Pax8", "A-2", "Zoë & Co", Kind.MAPPED, "C-9", Decimal("0.6")),
        AccountMapping("Pax8", "A-2", "Zoë & Co", Kind.MAPPED, "C-1", Decimal("0.4")),
        AccountMapping("Acronis", "A-1", "own", Kind.EXCLUDED, reason="lab", owner="Ann", review=dt.date(2027, 1, 31)),
    ),
    services=(ServiceMapping("Pax8", "SKU:P1Y", "Business Premium", Kind.MAPPED, "M365", Decimal("1.5")),),
    rules=(
        ServiceRule("M365", minimum=Decimal(5), round_up_to=Decimal(10)),
        ServiceRule("M365", "C-1", keep_at_zero=True),
        ServiceRule("AZURE", measure=Measure.MONEY, markup=Decimal("0.15")),
    ),
    ties=(Tie("Pax8", "S-1", "L-1"),),
    none_expected=frozenset({"LABOUR", "ZIP"}),
)

SETTINGS = Settings(psa="autotask", locked_through=dt.date(2026, 9, 30), large_percent=Decimal("12.5"))


def awkward(record: type, rows: int = 12) -> pd.DataFrame:
    """A frame of that record whose values are hard to keep; each nullable column is empty now and then."""
    made = {c.name: [_value(c, row, index) for row in range(rows)] for index, c in enumerate(schema(record))}
    return frame_of_columns(record, made)


def _value(column: Column, row: int, index: int) -> Any:
    turn = row + index
    if column.nullable and turn % 3 == 0:
        return None
    if pa.types.is_decimal(column.type):
        return Decimal(INTEGERS[turn % len(INTEGERS)]).scaleb(-column.type.scale)
    if column.type == pa.string():
        return TEXTS[turn % len(TEXTS)]
    if column.type == pa.date32():
        return DAYS[turn % len(DAYS)]
    return turn % 2 == 0 if column.type == pa.bool_() else INTEGERS[turn % len(INTEGERS)]


def inputs(period: Period = NOVEMBER, **changes: Any) -> Inputs:
    """Frozen inputs, every part filled."""
    made = Inputs(
        period=period,
        today=dt.date(2026, 11, 22),
        lines=awkward(AgreementLine),
        charges=awkward(Charge),
        sources=(Source("pax8.csv", "Pax8", "pax8", "ab" * 32, 12, True, None, ("one", "zwei, drei")),),
        services=tuple(records(Service, awkward(Service, 5))),
        agreements=tuple(records(Agreement, awkward(Agreement, 3))),
        mapping=MAPPING,
        settings=SETTINGS,
        earlier={"k1": Earlier(Decimal("12.5"), 2), "k2": Earlier(None, 0)},
    )
    return replace(made, **changes)


def reconciliation(given: Inputs | None = None, **changes: Any) -> Reconciliation:
    """A result over the inputs, every part filled."""
    given = given or inputs()
    certain = AccountMapping("Pax8", "A-7", "Certain", Kind.MAPPED, "C-7")
    made = Reconciliation(
        inputs=given,
        mapping=replace(given.mapping, accounts=(certain, *given.mapping.accounts)),
        comparisons=awkward(Comparison),
        no_vendor=awkward(NoVendor),
        not_compared=awkward(NotCompared),
        unmapped_accounts=awkward(UnmappedAccount),
        unmapped_services=awkward(UnmappedService),
        ledger=awkward(Tally),
        agreements=tuple(records(Agreement, awkward(Agreement, 4))),
    )
    return replace(made, **changes)


def empty(record: type) -> pd.DataFrame:
    """A frame without a row."""
    return frame(record, [])
