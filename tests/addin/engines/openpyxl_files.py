"""Files as openpyxl holds them: always there, and fast."""

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from tests.addin.engines.files import COLUMNS, ROWS, Area, Literal, shown_runs

CURRENCY = re.compile(r"[$€£¥]")


Values = Sequence[Sequence[Any]]
"""What the cells of a sheet showed when its file was opened, row by row; an empty text where nothing."""


class OpenpyxlPage:
    def __init__(self, sheet: Worksheet, values: Values) -> None:
        self.sheet, self.values = sheet, values

    @property
    def name(self) -> str:
        return str(self.sheet.title)

    def used(self) -> Area:
        return Area(1, 1, self.sheet.max_row, self.sheet.max_column)

    def read(self, area: Area) -> list[list[Any]]:
        return [[self._cell(row, column) for column in _span(area.column, area.columns)] for row in _span(area.row, area.rows)]

    def _cell(self, row: int, column: int) -> Any:
        cell = self.sheet._cells.get((row, column))
        if cell is None:
            return None
        value = cell.value
        if cell.data_type == "f":
            value = self._shown(row, column)
        if isinstance(value, int | float) and not isinstance(value, bool) and CURRENCY.search(cell.number_format):
            return Decimal(value).quantize(Decimal("0.0001"))
        return value

    def _shown(self, row: int, column: int) -> Any:
        there = row <= len(self.values) and column <= len(self.values[row - 1])
        value = self.values[row - 1][column - 1] if there else ""
        return None if value == "" else value

    def write(self, area: Area, rows: Sequence[Sequence[Any]]) -> None:
        for row, values in zip(_span(area.row, area.rows), rows, strict=True):
            for column, value in zip(_span(area.column, area.columns), values, strict=True):
                cell = self.sheet.cell(row, column)
                if isinstance(cell, MergedCell):
                    continue  # as in Excel: the value is gone
                cell.value = value
                if isinstance(value, Literal):
                    cell.data_type = "s"

    def visible(self, area: Area) -> list[Area]:
        hidden = {row for row, size in self.sheet.row_dimensions.items() if size.hidden}
        return shown_runs(area, hidden, self.sheet.max_row)

    def locked(self, area: Area) -> bool:
        if not self.sheet.protection.sheet:
            return False
        cells = (self.sheet.cell(row, column) for row in _span(area.row, area.rows) for column in _span(area.column, area.columns))
        return any(cell.protection.locked for cell in cells)

    def formula(self, row: int, column: int) -> str:
        return str(self.sheet.cell(row, column).value)

    def clear(self) -> None:
        self.sheet.delete_rows(1, self.sheet.max_row)


def _span(first: int, number: int) -> range:
    return range(first, first + number)


class OpenpyxlFile:
    def __init__(self, path: str) -> None:
        self.book = openpyxl.load_workbook(path)
        with CalamineWorkbook.from_path(path) as book:
            self.values = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in self.book.sheetnames}
        self.name, self.automatic, self.drawing = Path(path).name, True, True
        self.selected: tuple[str, str] | None = None

    def pages(self) -> list[OpenpyxlPage]:
        return [self._page(sheet) for sheet in self.book.worksheets]

    def page(self, name: str) -> OpenpyxlPage:
        return self._page(self.book[name])

    def _page(self, sheet: Worksheet) -> OpenpyxlPage:
        return OpenpyxlPage(sheet, self.values.get(sheet.title, ()))

    def add(self, name: str) -> OpenpyxlPage:
        return self._page(self.book.create_sheet(name))

    def selection(self) -> tuple[OpenpyxlPage, list[Area]] | None:
        if self.selected is None:
            return None
        sheet, areas = self.selected
        return self._page(self.book[sheet]), [_area(text) for text in areas.split(",")]

    def select(self, sheet: str, areas: str) -> None:
        self.selected = sheet, areas

    def hide(self, sheet: str, rows: Sequence[int]) -> None:
        for row in rows:
            self.book[sheet].row_dimensions[row].hidden = True

    def protect(self, sheet: str) -> None:
        self.book[sheet].protection.sheet = True

    def save(self, path: Path) -> None:
        self.book.save(path)

    def close(self) -> None:
        self.book.close()


def _area(text: str) -> Area:
    left, top, right, bottom = range_boundaries(text)
    top, bottom = top or 1, bottom or ROWS
    left, right = left or 1, right or COLUMNS
    return Area(top, left, bottom - top + 1, right - left + 1)


class OpenpyxlFiles:
    """Opens files."""

    def open(self, path: str) -> OpenpyxlFile:
        return OpenpyxlFile(path)

    def close(self) -> None:
        """Nothing runs."""
