"""Where things stand in an issued workbook, for tests that type into it."""

from functools import cache
from pathlib import Path

from openpyxl import load_workbook

from workbooks.layout import Sheet
from workbooks.layout_vendor import VENDOR
from workbooks.sheet_scan import address


@cache
def header_row(path: Path, tab: str) -> int:
    """Row, from 0, of the header of a sheet's table."""
    sheet = load_workbook(path)[tab]
    (table,) = sheet.tables.values()
    return int("".join(filter(str.isdigit, table.ref.split(":")[0]))) - 1


@cache
def rows_of(path: Path, tab: str) -> dict[str, int]:
    """Row, from 0, of each key."""
    sheet, first = load_workbook(path)[tab], header_row(path, tab)
    headers = [cell.value for cell in sheet[first + 1]]
    column = headers.index("Key")
    return {
        str(row[column].value): number
        for number, row in enumerate(sheet.iter_rows(min_row=first + 2), first + 1)
        if row[column].value
    }


def cell(name: str, row: int, sheet: Sheet = VENDOR) -> str:
    """Address of a column in a row counted from 0."""
    return address(row, sheet.positions[name])
