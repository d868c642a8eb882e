"""The rows of one table whose typing is not to be trusted: filled through hidden rows, dragged, or merged over."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from core.records import Problem
from workbooks.decisions_read import Entry
from workbooks.finding import Found
from workbooks.layout import KEY, Kind, Role
from workbooks.layout_vendor import VENDOR
from workbooks.packed_sheets import Raw
from workbooks.sheet_marks import NO_MARKS, Marks
from workbooks.sheet_scan import address
from workbooks.traps import FilledRow, traps
from workbooks.typed_values import NotUnderstoodError, date, number, plain, word

_WORDS = ("reason", "note", "owner")
"""Inputs that say why, not what."""


def trapped(entries: Sequence[Entry], marks: Marks) -> dict[int, list[Problem]]:
    """What is wrong with rows of a table, by their number. Such a row stays undecided."""
    typed = [entry for entry in entries if entry.inputs]
    found: dict[int, list[Problem]] = {}
    if not typed:
        return found
    by_row = {entry.row: entry for entry in typed}
    for trap in traps([_filled(entry, marks) for entry in typed], marks.hidden):
        first, last = (address(row, by_row[row].columns.get(trap.column, 0)) for row in trap.rows)
        said = trap.message.format(cells=f"{first}:{last}")
        found.setdefault(trap.row, []).append(Problem(by_row[trap.row].at(trap.column), said))
    return found


def _filled(entry: Entry, marks: Marks) -> FilledRow:
    inputs, lines = entry.inputs, entry.sheet is VENDOR
    said = tuple(f"{name}={word(value)}" for name, value in sorted(inputs.items()) if name not in _WORDS)
    return FilledRow(
        entry.row,
        entry.row in marks.hidden,
        said if "decision" in inputs else (),
        word(inputs.get("note", "")),
        _day(inputs) if lines else None,
        _number(inputs, "quantity", Kind.QUANTITY) if lines else None,
        _number(inputs, "new_price", Kind.PRICE) if lines else None,
        _number(entry.cells, "to_bill", Kind.QUANTITY) if lines else None,
    )


def _day(inputs: Mapping[str, Raw]) -> dt.date | None:
    try:
        return date(inputs["from"]) if "from" in inputs else None
    except NotUnderstoodError:
        return None


def _number(cells: Mapping[str, Raw], name: str, kind: Kind) -> Decimal | None:
    try:
        return number(cells[name], kind) if plain(cells.get(name, "")) else None
    except NotUnderstoodError:
        return None


def merged_over(table: Found, place: str, sheet: Sequence[Sequence[Raw]], marks: Marks = NO_MARKS) -> list[Problem]:
    """Inputs merged over several rows: a program keeps the first cell of them, and a person reads it in all rows."""
    inputs = {table.columns[c.name]: c for c in table.sheet.columns if c.role is Role.INPUT and c.name in table.columns}
    problems = []
    for first_row, first_column, last_row, _ in marks.merged:
        column = inputs.get(first_column)
        if not column or last_row <= first_row or not table.header_row < first_row < table.end:
            continue
        top = address(first_row, first_column)
        for row in range(first_row + 1, min(last_row + 1, table.end)):
            if plain(_at(sheet, first_row, first_column)) and plain(_at(sheet, row, table.columns.get(KEY, 0))):
                said = f"this cell is merged with {top}: only {top} holds a value: unmerge, and type {column.header} in each row"
                problems.append(Problem(f"{place}!{address(row, first_column)}", said))
    return problems


def _at(sheet: Sequence[Sequence[Raw]], row: int, column: int) -> Raw:
    return sheet[row][column] if row < len(sheet) and column < len(sheet[row]) else ""
