"""One file through its profile: raw cells to typed columns, with everything that was noticed on the way."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.files import totals
from connectors.files.compose import compose, placeholders
from connectors.files.errors import Findings, refused
from connectors.files.excel import OLD_FORMAT, oddities, read_workbook, refuse_old_format
from connectors.files.profile import PLACES, Profile
from connectors.files.recognition import Table, recognise
from connectors.files.style import Style, decide
from connectors.files.table import Book, Cell, Sheet, cell_text, read_bytes
from connectors.files.text import read_text
from connectors.files.values import Column, convert, is_blank, shown
from core.records import Source


@dataclass(slots=True)
class Reading:
    """The data rows of a file as typed columns, one value a row each."""

    book: Book
    table: Table
    rows: list[int]  # of the sheet, counted from 0
    columns: dict[str, list[Any]]
    notes: list[str]
    findings: Findings = field(default_factory=Findings)

    @property
    def profile(self) -> Profile:
        return self.table.profile

    def column(self, name: str) -> list[Any]:
        """A column's values; None in every row where the file does not have it."""
        return self.columns.get(name) or [None] * len(self.rows)

    def place(self, position: int, name: str | None = None) -> str:
        """Where a row, or its cell in a column, stands in the file."""
        places = self.table.columns.get(name or "")
        if not places:
            return self.table.sheet.place(self.rows[position])
        return self.table.sheet.place(self.rows[position], places[0], self.table.headers[places[0]])

    def find(self, position: int, name: str | None, message: str) -> None:
        self.findings.add(self.rows[position], self.place(position, name), message)

    def found_at(self, position: int, name: str) -> bool:
        """Whether a problem of that cell is known already."""
        return self.place(position, name) in self.findings

    def default(self, name: str, value: Any) -> None:
        """Fills the blank values of a column."""
        self.columns[name] = [value if found is None else found for found in self.column(name)]

    def source(self, role: str, as_of: dt.date | None = None) -> Source:
        """The file as a run remembers it."""
        return Source(
            name=self.book.file,
            role=role,
            layout=self.profile.name,
            sha256=self.book.sha256,
            rows=len(self.rows),
            complete=True,
            as_of=as_of,
            notes=tuple(self.notes),
        )

    def compose(self, *names: str) -> None:
        """Adds the columns that the profile composes of others, in its order: those named, or all that are not there yet."""
        for name, templates in self.profile.compose.items():
            if name in names or (not names and name != "vendor"):
                self.columns[name] = compose(self._meant(templates), self.columns, len(self.rows))

    def _meant(self, templates: Sequence[str]) -> Sequence[str]:
        """The vendor stands in for a column that the file lacks, not for cells left blank in one that it has."""
        if self.table.columns.keys() & set(placeholders(templates)):
            return [template for template in templates if template != "{vendor}"]
        return templates


def open_book(path: Path, profiles: Sequence[Profile]) -> Book:
    """The raw tables of a file, by what it holds and not by what its name ends in."""
    data = read_bytes(path)
    if data.startswith(OLD_FORMAT):
        refuse_old_format(path.name, data)
    if data.startswith(b"PK") or path.suffix.casefold() in (".xlsx", ".xlsm"):
        return read_workbook(path.name, data)
    return read_text(path.name, data, frozenset().union(*(profile.vocabulary for profile in profiles)))


def read(path: Path, profiles: Sequence[Profile], currency: str) -> Reading:
    """The file's rows by the profile that fits it. Problems of single cells are left in `findings`."""
    book = open_book(path, profiles)
    table, notes = recognise(book, profiles)
    reading = Reading(book, table, [], {}, [*book.notes, *notes])
    cells = _cells(reading)
    if not reading.rows:
        raise refused(table.sheet.place(table.header_row), "there are headers and no rows below them; export the file again")
    style = decide(table, cells, reading.rows, book.separator)
    reading.notes += style.notes
    _convert(reading, cells, style, currency)
    return reading


def _cells(reading: Reading) -> dict[str, list[Cell]]:
    """The cells of each column used, blank ones replaced by the fallback's; fills the reading's rows."""
    table, width = reading.table, len(reading.table.headers)
    kept: list[Sequence[Cell]] = []
    for index in range(table.header_row + 1, len(table.sheet.rows)):
        row = table.sheet.rows[index]
        if all(is_blank(cell) for cell in row):
            continue
        if len(row) != width:
            row = _fitted(reading, index, row, width)
        kept.append(row)
        reading.rows.append(index)
    used = reading.profile.read
    return {name: _column(kept, places, table.sheet) for name, places in table.columns.items() if name in used}


def _fitted(reading: Reading, index: int, row: Sequence[Cell], width: int) -> Sequence[Cell]:
    sheet = reading.table.sheet
    if sheet.name is None and any(not is_blank(cell) for cell in row[width:]):
        extra = next(cell for cell in row[width:] if not is_blank(cell))
        message = f"this row has more cells than the {width} headers ({shown(extra)}); put quotes round cells that hold a separator"
        reading.findings.add(index, sheet.place(index), message)
    return [*row[:width], *[""] * (width - len(row))]


def _column(rows: Sequence[Sequence[Cell]], places: tuple[int, ...], sheet: Sheet) -> list[Cell]:
    cells = [row[places[0]] for row in rows]
    for place in places[1:]:
        cells = [row[place] if is_blank(cell) else cell for cell, row in zip(cells, rows, strict=True)]
    if sheet.name is None:
        return cells
    return [cell_text(cell).upper() if isinstance(cell, bool) else cell for cell in cells]  # True would pass for 1


def _convert(reading: Reading, cells: dict[str, list[Cell]], style: Style, currency: str) -> None:
    table, columns = reading.table, {}
    for name, raw in cells.items():
        columns[name] = convert(raw, reading.profile.columns[name], style.decimal, style.day_first)
    found = totals.find(table, reading.rows, cells, columns)
    reading.notes += totals.notes(table, reading.rows, columns, found)
    keep = [position for position in range(len(reading.rows)) if position not in found]
    if not keep:
        raise refused(
            table.sheet.place(table.header_row), "there is nothing but a totals row below the headers; export the file again"
        )
    reading.columns = {name: _at(column.values, keep, found) for name, column in columns.items()}
    cells = {name: _at(raw, keep, found) for name, raw in cells.items()}
    reading.rows = _at(reading.rows, keep, found)
    _defaults(reading)
    reading.default("currency", currency)
    odd = _oddities(reading)
    for name, column in columns.items():
        _check(reading, name, cells[name], column, odd)


def _at(values: list[Any], keep: Sequence[int], left_out: set[int]) -> list[Any]:
    return [values[position] for position in keep] if left_out else values


def _defaults(reading: Reading) -> None:
    """A column that the file lacks and the profile has a default for is read as if its cells were blank."""
    for name, rule in reading.profile.columns.items():
        if name not in reading.columns and rule.default is not None:
            reading.columns[name] = convert([""] * len(reading.rows), rule, ".", False).values


def _check(reading: Reading, name: str, cells: Sequence[Cell], column: Column, odd: set[tuple[int, int]]) -> None:
    rule, values = reading.profile.columns[name], reading.columns[name]
    if column.wrong or (rule.required and None in values):
        for position, cell in enumerate(cells):
            if cell in column.wrong:
                reading.find(position, name, f"{shown(cell)} {column.wrong[cell]}")
            elif rule.required and values[position] is None and not _is_odd(reading, position, name, odd):
                reading.find(position, name, "is empty; a value was expected in every row")
    for position in _positions(cells, set(column.marked)):
        code, meant = column.marked[cells[position]], reading.columns["currency"][position]
        if code != meant:
            reading.find(
                position, name, f"{shown(cells[position])} is in {code}, but the row's currency is {meant}; correct one of them"
            )
    if column.rounded:
        count = sum(1 for _ in _positions(cells, column.rounded))
        places = PLACES[rule.type]
        reading.notes.append(f"{reading.table.header(name)}: {count:,} with more than {places} decimals, rounded half up")


def _positions(cells: Sequence[Cell], wanted: set[Cell]) -> Iterator[int]:
    return (position for position, cell in enumerate(cells) if cell in wanted) if wanted else iter(())


def _is_odd(reading: Reading, position: int, name: str, odd: set[tuple[int, int]]) -> bool:
    return any((reading.rows[position], place) in odd for place in reading.table.columns[name])


def _oddities(reading: Reading) -> set[tuple[int, int]]:
    """Notes the formulas in the columns used; finds formulas without a value and error cells, and returns their places."""
    sheet, table = reading.table.sheet, reading.table
    if sheet.name is None:
        return set()
    odd = oddities(reading.book, sheet)
    used = {place for name in reading.profile.read & table.columns.keys() for place in table.columns[name]}
    last, skipped = max(reading.rows), _skipped_rows(reading)
    reason = dict.fromkeys(odd.uncached, "this formula has no value; open the workbook in Excel, save it and import it again")
    reason |= {cell: f"this cell holds the error {text or '?'}; correct it" for cell, text in odd.errors.items()}
    wrong = {cell for cell in reason if cell[0] > table.header_row and cell[1] in used and cell[0] not in skipped}
    for row, place in sorted(wrong):
        reading.findings.add(row, sheet.place(row, place, table.headers[place]), reason[row, place])
    formulas = sum(
        1 for row, place in odd.formulas - wrong if table.header_row < row <= last and place in used and row not in skipped
    )
    if formulas:
        reading.notes.append(f"cells with a formula, which count with the value last calculated: {formulas:,}")
    return wrong


def _skipped_rows(reading: Reading) -> set[int]:
    """Rows with cells that are no data rows: totals."""
    kept, sheet = set(reading.rows), reading.table.sheet
    first = reading.table.header_row + 1
    return {row for row in range(first, len(sheet.rows)) if row not in kept and any(not is_blank(cell) for cell in sheet.rows[row])}
