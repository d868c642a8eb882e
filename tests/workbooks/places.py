"""Where things stand in an issued workbook, for tests that type into it."""

import re
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from workbooks.layout import Sheet
from workbooks.layout_vendor import VENDOR
from workbooks.sheet_places import sheet_parts
from workbooks.sheet_scan import address


def header_row(path: Path, tab: str) -> int:
    """Row, from 0, of the header of a sheet's table."""
    return next(number for number, row in enumerate(_rows(path, tab)) if "Key" in row)


def rows_of(path: Path, tab: str) -> dict[str, int]:
    """Row, from 0, of each key."""
    rows, header = _rows(path, tab), header_row(path, tab)
    column = rows[header].index("Key")
    return {str(row[column]): number for number, row in enumerate(rows[header + 1 :], header + 1) if row[column] != ""}


@cache
def _rows(path: Path, tab: str) -> list[list[Any]]:
    with CalamineWorkbook.from_path(path) as book:
        return book.get_sheet_by_name(tab).to_python(skip_empty_area=False)


FORMULA = re.compile(r'<c r="([A-Z]+[0-9]+)"[^>]*><f[ >]')


def formulas_of(path: Path) -> dict[str, list[str]]:
    """Addresses of the cells that hold a formula, by sheet."""
    with zipfile.ZipFile(path) as archive:
        return {tab: FORMULA.findall(archive.read(part).decode()) for tab, part in sheet_parts(archive).items()}


def cell(name: str, row: int, sheet: Sheet = VENDOR) -> str:
    """Address of a column in a row counted from 0."""
    return address(row, sheet.positions[name])


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an issued workbook with what its cells show. Rows and columns count from 0."""

    tab: str
    first: int  # row of the first line
    left: int  # column
    headers: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]  # None: empty

    def named(self, sheet: Sheet) -> list[dict[str, Any]]:
        """The lines by the layout's names of their columns."""
        names = {c.header: c.name for c in sheet.columns}
        return [dict(zip([names[h] for h in self.headers], row, strict=True)) for row in self.rows]


def tables_of(path: Path) -> dict[str, Table]:
    """Every table by its name."""
    with CalamineWorkbook.from_path(path, load_tables=True) as book:
        return {name: _table(book.get_table_by_name(name)) for name in book.table_names}


def _table(found: Any) -> Table:
    rows = tuple(tuple(None if cell == "" else cell for cell in row) for row in found.to_python())
    return Table(found.sheet, found.start[0], found.start[1], tuple(found.columns), rows)
