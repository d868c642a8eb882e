"""Types decisions into a copy of an issued workbook, as a person would: the demo's stand-in for an accountant."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from workbooks.layout import KEY, Sheet
from workbooks.layout_costs import COSTS
from workbooks.layout_history import CHANGES
from workbooks.layout_tables import UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES
from workbooks.layout_vendor import VENDOR

SHEETS = (VENDOR, COSTS, CHANGES, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES)
Entry = Mapping[str, Any]
"""What is typed into one row, by the column's name in the layout."""


def fill_in(issued: Path, copy: Path, entry_of: Callable[[Sheet, Mapping[str, Any]], Entry | None]) -> int:
    """Saves a copy in which each row has what `entry_of` says for it; the number of rows typed into.

    entry_of: told the sheet and the row's cells by column name.
    """
    book = load_workbook(issued)
    count = sum(_fill_sheet(page, sheet, entry_of) for page in book.worksheets for sheet in SHEETS if _table(page, sheet))
    book.save(copy)
    return count


def _table(page: Worksheet, sheet: Sheet) -> str | None:
    """The range of the sheet's table, if the page holds one."""
    return next((ref for name, ref in page.tables.items() if name.startswith(sheet.table)), None)


def _fill_sheet(page: Worksheet, sheet: Sheet, entry_of: Callable[[Sheet, Mapping[str, Any]], Entry | None]) -> int:
    first_column, header, _, last = range_boundaries(_table(page, sheet))
    names = {c.header: c.name for c in sheet.columns}
    columns = {names[cell.value]: cell.column for cell in page[header][first_column - 1 :] if cell.value in names}
    count = 0
    for row in range(header + 1, last + 1):
        cells = {name: page.cell(row, column).value for name, column in columns.items()}
        entry = entry_of(sheet, cells) if cells.get(KEY) else None
        if entry:
            count += 1
            for name, value in entry.items():
                page.cell(row, columns[name]).value = value
    return count
