"""A returned copy against what was issued: every read-only cell that differs is named, and what was issued is what counts."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from decimal import Decimal

from core.records import MappingDecision, Problem
from core.run import Reconciliation
from workbooks.columns import Raw
from workbooks.cover import invoice_rows
from workbooks.decisions_read import SUBJECTS
from workbooks.layout import KEY, Column, Kind, Sheet
from workbooks.layout_tables import INVOICE_TOTALS
from workbooks.layout_vendor import VENDOR
from workbooks.reader import Returned
from workbooks.returned_rows import ReturnedCells, ReturnedTable
from workbooks.rows import Row, Value, blocks
from workbooks.safe_text import safe_text
from workbooks.slice import named
from workbooks.typed_values import NotUnderstoodError, date, number, plain

RESULT = "result"
"""Filled in after submission, so it is not as issued."""


def changed_cells(returned: Returned, reconciliation: Reconciliation) -> tuple[Problem, ...]:
    """Each read-only cell that is not as issued, with its place. The change is not used."""
    problems = []
    issued = _issued(reconciliation)
    unlike = _unlike(returned, issued)
    for key in returned.cells:
        if key not in unlike:
            continue
        cells = returned.cells[key]
        if (cells.sheet.table, key) not in issued:
            problems.append(Problem(cells.at(KEY), "this key was not issued with this workbook; the row is not used"))
            continue
        row = issued[cells.sheet.table, key]
        for column in cells.sheet.issued:
            if column.name in cells.values and not _same(column, row.get(column.name), cells.values[column.name]):
                was = _shown(row.get(column.name))
                said = f"{column.header} was issued as {was} and reads {_shown(cells.values[column.name])} now: not used"
                problems.append(Problem(cells.at(column.name), said))
    return tuple(problems)


def _unlike(returned: Returned, issued: Mapping[tuple[str, str], Row]) -> Set[str]:
    """The keys of the rows to look at, found column by column where the copy is a file: each pair of values is compared once."""
    if not isinstance(returned.cells, ReturnedCells):
        return returned.cells.keys()
    found: set[str] = set()
    for table in returned.cells.tables:
        known = [key for key in table.keys if (table.sheet.table, key) in issued]
        found.update(table.keys - set(known))
        rows = [issued[table.sheet.table, key] for key in known]
        for column in table.sheet.issued:
            if column.name in table.names:
                found.update(_changed_keys(column, table, known, rows))
    return found


def _changed_keys(column: Column, table: ReturnedTable, keys: Sequence[str], rows: Sequence[Row]) -> list[str]:
    values, numbers = table.column(column.name, keys)
    name = column.name
    pairs = [(row.get(name), number) for row, number in zip(rows, numbers, strict=True)]
    changed = {pair for pair in set(pairs) if not _same(column, pair[0], values[pair[1]])}
    return [key for key, pair in zip(keys, pairs, strict=True) if pair in changed] if changed else []


def as_issued(returned: Returned, reconciliation: Reconciliation) -> Returned:
    """The same, with the vendor and id of each mapping decision as issued; decisions on rows never issued are dropped.

    reconciliation: what the workbook holds, which for a slice are the rows of its customers.
    """
    issued = _issued(reconciliation)
    kept = []
    for key, said in zip(returned.mapping_keys, returned.mapping_decisions, strict=True):
        sheet = returned.cells[key].sheet
        if (sheet.table, key) in issued:
            kept.append((key, _with_ids(said, sheet, issued[sheet.table, key])))
    keys, decisions = tuple(key for key, _ in kept), tuple(said for _, said in kept)
    made = replace(returned, mapping_keys=keys, mapping_decisions=decisions)
    return _within_slice(made, issued) if returned.identity.customers else made


def _within_slice(returned: Returned, issued: Mapping[tuple[str, str], Row]) -> Returned:
    """Without what was typed into rows of other customers, which may stand in the run but not in this slice."""
    own = tuple(d for d in returned.decisions if (VENDOR.table, d.key) in issued)
    problems = tuple(Problem(d.place, _foreign(returned, d.key)) for d in returned.decisions if d not in own)
    return replace(returned, decisions=own, typed_totals={}, problems=(*returned.problems, *problems))


def _foreign(returned: Returned, key: str) -> str:
    whose = plain(returned.cells[key].values.get("customer", "")) or "another customer"
    held = named(returned.identity.customers)
    return f"this row of {whose} was not issued with this workbook, which holds only {held}: decide it in a copy that holds it"


def _with_ids(said: MappingDecision, sheet: Sheet, row: Row) -> MappingDecision:
    _, vendor, identifier, _ = SUBJECTS[sheet.name]
    return replace(said, vendor=str(row.get(vendor) or ""), vendor_id=str(row[identifier]))


def _issued(reconciliation: Reconciliation) -> Mapping[tuple[str, str], Row]:
    found = {(block.sheet.table, str(row[KEY])): row for block in blocks(reconciliation) for row in block.rows}
    return found | {(INVOICE_TOTALS.table, str(row[KEY])): row for row in invoice_rows(reconciliation.ledger)}


def _same(column: Column, issued: Value, found: Raw) -> bool:
    if column.name == RESULT or (column.kind is Kind.TEXT and issued == found != ""):
        return True
    if issued is None or issued == "":
        return plain(found) == ""
    try:
        if column.kind is Kind.DATE:
            return date(found) == issued
        if column.kind is not Kind.TEXT:
            places = number(found, Kind.PRICE if column.kind is not Kind.COUNT else Kind.COUNT)
            return math.isclose(float(places), float(Decimal(str(issued))), rel_tol=1e-9, abs_tol=1e-6)
    except NotUnderstoodError:
        return False
    return plain(found) == plain(safe_text(str(issued)))


def _shown(value: Value | Raw) -> str:
    if value is None or value == "":
        return "empty"
    if isinstance(value, dt.datetime):
        value = value.date()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else plain(value)
