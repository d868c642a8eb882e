"""What each sheet shows, as plain values: the writer prints them, and a returned copy is compared with them."""

import datetime as dt
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from core.behind import behind
from core.clients import Client, clients
from core.costs import Cost, costs
from core.frames import records
from core.records import Comparison, NotCompared, NoVendor, State, UnmappedAccount, UnmappedService
from core.run import Reconciliation
from core.seats import Seat, seats
from core.words import CYCLES
from workbooks.layout import (
    CHECKS,
    COVER,
    DOWN,
    END,
    IDENTITY,
    LEGEND,
    LISTS,
    NEW,
    SAME,
    SUMMARY,
    TO_DECIDE,
    UNKNOWN,
    UP,
    Column,
    Kind,
    Sheet,
)
from workbooks.layout_costs import COSTS
from workbooks.layout_lookups import CLIENTS, EVIDENCE
from workbooks.layout_tables import NO_VENDOR, NOT_COMPARED, TABLES, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES
from workbooks.layout_vendor import VENDOR
from workbooks.lists import AGREEMENT_NOT_NEEDED, agreement_lists
from workbooks.safe_text import tab_names, table_names

Value = str | Decimal | int | dt.date | None
Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Block:
    """One sheet with a table, and its rows by column name."""

    sheet: Sheet
    title: str
    tab: str
    table: str
    rows: tuple[Row, ...]


def blocks(reconciliation: Reconciliation, tables: Container[Sheet] = TABLES) -> tuple[Block, ...]:
    """Every sheet that has rows: the vendors by money at stake, then the sheets of fixed name, or those of them in `tables`."""
    vendors = _vendor_blocks(reconciliation)
    return (*vendors, *_table_blocks(reconciliation, tables, {str(row["key"]): row["ref"] for b in vendors for row in b.rows}))


def left_out(made: Sequence[Block]) -> tuple[str, ...]:
    """Names of the sheets that have no rows."""
    there = {block.sheet.name for block in made}
    return tuple(sheet.name for sheet in (VENDOR, *TABLES) if sheet.name not in there)


def _vendor_blocks(reconciliation: Reconciliation) -> list[Block]:
    by_vendor: dict[str, list[Comparison]] = {}
    for comparison in records(Comparison, reconciliation.comparisons):
        by_vendor.setdefault(comparison.vendor, []).append(comparison)
    vendors = sorted(by_vendor, key=lambda vendor: (-at_stake(by_vendor[vendor]), vendor.casefold(), vendor))
    taken = (COVER, SUMMARY, CHECKS, LEGEND, IDENTITY, LISTS, *(sheet.name for sheet in TABLES))
    numbers = {customer: entry.number for customer, entry in agreement_lists(reconciliation).items()}
    made, ref = [], 0
    for vendor, tab, table in zip(vendors, tab_names(vendors, taken), table_names(VENDOR.table, vendors), strict=True):
        rows = []
        for comparison in sorted(by_vendor[vendor], key=_order):
            ref += 1
            rows.append(_line(comparison, ref, numbers))
        made.append(Block(VENDOR, vendor, tab, table, tuple(rows)))
    return made


def at_stake(comparisons: Sequence[Comparison]) -> Decimal:
    """Sum of the absolute effects."""
    return sum((abs(c.effect) for c in comparisons if c.effect is not None), Decimal(0))


def _order(comparison: Comparison) -> tuple[Any, ...]:
    group = 0 if comparison.state in TO_DECIDE else 1 if comparison.state is State.NOT_KNOWN else 2
    effect = comparison.effect
    return (
        group,
        effect is None,
        Decimal(0) if effect is None else -abs(effect),
        comparison.customer.casefold(),
        comparison.service.casefold(),
        comparison.key,
    )


def _line(comparison: Comparison, ref: int, agreement_numbers: Mapping[str, int]) -> Row:
    new = comparison.state is State.NEW_REVENUE
    return _fields(VENDOR, comparison) | {
        "ref": ref,
        "change": _symbol(comparison),
        "billing_cycle": CYCLES.get(comparison.months, f"{comparison.months} months"),
        "psa_ids": _psa_ids(comparison),
        "to_decide": "Yes" if comparison.state in TO_DECIDE else "No",
        "agreement_list": agreement_numbers[comparison.customer_id] if new else AGREEMENT_NOT_NEEDED,
    }


def _symbol(comparison: Comparison) -> str:
    match comparison.state:
        case State.NO_CHANGE:
            return SAME
        case State.NEW_REVENUE:
            return NEW
        case State.NO_USAGE:
            return END
    change = comparison.difference or comparison.effect
    if comparison.state is State.NOT_KNOWN or not change:
        return UNKNOWN
    return UP if change > 0 else DOWN


def _psa_ids(comparison: Comparison) -> str:
    parts = (("line", comparison.line_id), ("agreement", comparison.agreement_id), ("service", comparison.service_id))
    return " · ".join(f"{word} {number}" for word, number in parts if number)


def _fields(sheet: Sheet, record: object) -> Row:
    return {c.name: field_value(c, getattr(record, c.field)) for c in sheet.issued if c.field}


def field_value(column: Column, value: Any) -> Value:
    """A record's field as its cell shows it."""
    if value is None:
        return None
    if column.words:
        return column.words[0] if value else column.words[1]
    if column.kind is Kind.PERCENT:
        return Decimal(int(value)) / 100
    return str(value) if column.kind is Kind.TEXT else value


def _table_blocks(reconciliation: Reconciliation, tables: Container[Sheet], refs: Mapping[str, Value]) -> list[Block]:
    found = behind(reconciliation)
    sources: tuple[tuple[Sheet, type, Callable[[], pd.DataFrame]], ...] = (
        (NO_VENDOR, NoVendor, lambda: reconciliation.no_vendor),
        (NOT_COMPARED, NotCompared, lambda: reconciliation.not_compared),
        (COSTS, Cost, lambda: costs(reconciliation, found)),
        (UNMAPPED_ACCOUNTS, UnmappedAccount, lambda: reconciliation.unmapped_accounts),
        (UNMAPPED_SERVICES, UnmappedService, lambda: reconciliation.unmapped_services),
        (CLIENTS, Client, lambda: clients(reconciliation, found)),
        (EVIDENCE, Seat, lambda: seats(reconciliation, found)),
    )
    made = []
    for sheet, record, data in sources:
        rows = [_table_row(sheet, one) for one in _records(record, data())] if sheet in tables else []
        if sheet is EVIDENCE:
            rows = sorted((row | {"ref": refs[str(row["line_key"])]} for row in rows), key=_ref)
        elif sheet not in IN_ORDER:
            rows = sorted(rows, key=_table_order)
        if rows:
            made.append(Block(sheet, sheet.name, sheet.name, sheet.table, tuple(rows)))
    return made


def _ref(row: Row) -> int:
    ref = row["ref"]
    return ref if isinstance(ref, int) else 0


IN_ORDER = (COSTS, CLIENTS)
"""Sheets whose rows come in their order."""


def _records(record: type, data: pd.DataFrame) -> list[Any]:
    return records(record, data)


def _table_row(sheet: Sheet, record: Any) -> Row:
    row = _fields(sheet, record)
    if "suggestion" in sheet.positions:
        row["suggestion"] = label(record.suggestion, record.suggestion_id)
    return row


def label(name: str | None, number: str | None) -> str | None:
    """A customer or service as the drop-downs show it."""
    return None if name is None else f"{name} [{number}]" if number else name


def _table_order(row: Row) -> tuple[Any, ...]:
    money = row.get("money", row.get("revenue"))
    known = row.get("expected_none") == "Yes"
    return (known, -abs(money) if isinstance(money, Decimal) else Decimal(0), str(row["key"]))
