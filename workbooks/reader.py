"""Reads a returned workbook: decisions by the hidden key, whatever was sorted, hidden, moved, renamed or saved by another program.

A row that cannot be used is a problem with its place and stays undecided (R19); a file that cannot be read is refused.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.records import Decision, MappingDecision, Problem
from workbooks.columns import Raw
from workbooks.decisions_read import Entry, Given, line_decision, mapping_decision, typed_total
from workbooks.finding import Found, find_tables
from workbooks.gate import RowsIssued
from workbooks.identity import Identity
from workbooks.layout import KEY, Column, Role
from workbooks.layout_tables import INVOICE_TOTALS, NOT_COMPARED
from workbooks.layout_vendor import VENDOR
from workbooks.opening import Opened, open_workbook
from workbooks.returned_rows import Cells, ReturnedCells, ReturnedTable, RowValues
from workbooks.sheet_scan import Scan, WorkbookRefused, address
from workbooks.typed_values import plain

__all__ = ["Cells", "Returned", "WorkbookRefused", "read_workbook"]


@dataclass(frozen=True, slots=True)
class Returned:
    """Everything a returned copy says."""

    file: str
    identity: Identity
    decisions: tuple[Decision, ...]
    mapping_decisions: tuple[MappingDecision, ...]
    mapping_keys: tuple[str, ...]  # key of the row of each mapping decision
    typed_totals: Mapping[tuple[str, str], Decimal]  # by source and currency
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]  # used, and worth saying
    cells: Mapping[str, Cells]  # by key


def read_workbook(path: Path, rows_issued: RowsIssued | None = None) -> Returned:
    """What the copy says; WorkbookRefused where it cannot be read at all.

    rows_issued: how many rows the workbook of an id was issued with, which limits what may come back of it.
    """
    opened = open_workbook(Path(path), rows_issued)
    tables, problems = find_tables(opened)
    entries: list[Entry] = []
    notices: list[Problem] = []
    returned: list[ReturnedTable] = []
    seen: set[str] = set()
    for table in tables:
        keys = _keys(opened, table)
        entries += _entries(opened, table, keys, problems, notices)
        first = {key: row for row, key in reversed(keys.items()) if key not in seen}
        rows = {key: row for row, key in keys.items() if first.get(key) == row}
        seen |= rows.keys()
        returned.append(ReturnedTable(table, f"{opened.name}, {table.tab}", opened.sheets[table.tab], rows))
    given = [made for entry in entries if (made := _given(entry, opened.identity, problems))]
    kept = _once(given, problems)
    lines = tuple(one.said for one in kept if isinstance(one.said, Decision))
    mappings = [one for one in kept if isinstance(one.said, MappingDecision)]
    totals = {one.about: one.said for one in kept if isinstance(one.said, Decimal)}
    return Returned(
        opened.name,
        opened.identity,
        lines,
        tuple(one.said for one in mappings if isinstance(one.said, MappingDecision)),
        tuple(one.key for one in mappings),
        totals,
        tuple(problems),
        tuple(notices),
        ReturnedCells(returned),
    )


def _keys(opened: Opened, table: Found) -> dict[int, str]:
    """The key of each row below the header that has one."""
    texts = opened.sheets[table.tab].columns[table.columns[KEY]].mapped(plain)
    below = range(table.header_row + 1, len(texts))
    if table.sheet is INVOICE_TOTALS:  # the cover goes on below its table
        below = range(below.start, next((row for row in below if not texts[row]), len(texts)))
    return {row: texts[row] for row in below if texts[row]}


def _entries(opened: Opened, table: Found, keys: Mapping[int, str], problems: list[Problem], notices: list[Problem]) -> list[Entry]:
    """The rows with a key and something typed in them. A row without a key that has something typed in it is a problem."""
    place, values = f"{opened.name}, {table.tab}", opened.sheets[table.tab]
    odd = _Odd(opened.scans[table.tab], table)
    issued = {c.name: table.columns[c.name] for c in table.sheet.columns if c.name in table.columns and c.role is not Role.INPUT}
    made = []
    for row in _typed_rows(opened, table, odd):
        inputs, found = odd.inputs(row, RowValues(values, table.columns, row))
        if row in keys:
            unusable = False
            for column, words, fatal in found:
                (problems if fatal else notices).append(Problem(f"{place}!{address(row, table.columns[column.name])}", words))
                unusable |= fatal
            cells = RowValues(values, issued, row)
            made.append(Entry(table.sheet, keys[row], {} if unusable else inputs, cells, place, row, table.columns))
        elif table.sheet is not INVOICE_TOTALS:
            _without_key(place, table, row, inputs, found, problems)
    return made


def _typed_rows(opened: Opened, table: Found, odd: "_Odd") -> list[int]:
    """The rows below the header with something in one of their input cells, even if it is no value."""
    columns = opened.sheets[table.tab].columns
    found = set(odd.rows)
    for at in odd.columns.values():
        found.update(columns[at].rows_where(lambda value: plain(value) != ""))
    return sorted(row for row in found if row > table.header_row)


class _Odd:
    """The input cells of a table that hold errors and formulas (R19)."""

    def __init__(self, scan: Scan, table: Found) -> None:
        self.columns = {c: table.columns[c.name] for c in table.sheet.inputs if c.name in table.columns}
        inputs = set(self.columns.values())
        self._errors = {at: text for at, text in scan.errors.items() if at[1] in inputs}
        self._formulas = {(row, column) for column, rows in scan.formulas.items() if column in inputs for row in rows}

    @property
    def rows(self) -> set[int]:
        return {row for row, _ in (*self._errors, *self._formulas)}

    def inputs(self, row: int, values: Mapping[str, Raw]) -> tuple[dict[str, Raw], list[tuple[Column, str, bool]]]:
        """What is typed in a row, and the cells with formulas or errors."""
        typed: dict[str, Raw] = {}
        odd = []
        for column, place in self.columns.items():
            value, at = values[column.name], (row, place)
            if at in self._errors:
                odd.append((column, f"{column.header} shows the error {self._errors[at]}: type the value", True))
            elif at in self._formulas and plain(value) == "":
                odd.append((column, f"{column.header} holds a formula without a value: type the value", True))
            elif at in self._formulas:
                odd.append((column, f"{column.header} holds a formula; its value {plain(value)} counts", False))
            if plain(value) != "":
                typed[column.name] = value
        return typed, odd


def _without_key(
    place: str,
    table: Found,
    row: int,
    inputs: Mapping[str, Raw],
    odd: Sequence[tuple[Column, str, bool]],
    problems: list[Problem],
) -> None:
    names = [*inputs, *(column.name for column, *_ in odd)]
    if names:
        at = f"{place}!{address(row, table.columns[names[0]])}"
        problems.append(
            Problem(at, "this row has lost its hidden key, so it is not known which line it is: decide in the line's own row")
        )


def _given(entry: Entry, identity: Identity, problems: list[Problem]) -> Given | None:
    if not entry.inputs or entry.sheet is NOT_COMPARED:
        return None
    if entry.sheet is VENDOR:
        return line_decision(entry, identity.recipient, problems)
    if entry.sheet is INVOICE_TOTALS:
        return typed_total(entry, problems)
    return mapping_decision(entry, identity.recipient, problems)


def _once(given: Sequence[Given], problems: list[Problem]) -> list[Given]:
    """One decision a row: equal ones of pasted copies are one, different ones are a problem and none is used."""
    by_key: dict[tuple[str, str], list[Given]] = defaultdict(list)
    for one in given:
        by_key[one.sheet.table, one.key].append(one)
    kept = []
    for found in by_key.values():
        if len({one.content for one in found}) == 1:
            kept.append(found[0])
        else:
            places = " and ".join(one.place for one in found)
            problems += [Problem(one.place, f"the same line is decided differently at {places}: keep one") for one in found]
    return kept
