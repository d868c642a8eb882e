"""A workbook of ours as tests look at it and type into it: values from calamine, cells put straight into the sheets' XML.

It looks like openpyxl, and takes a tenth of its time: openpyxl parses and writes every cell of every sheet.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from openpyxl.utils.cell import coordinate_to_tuple
from python_calamine import CalamineWorkbook

from tests.workbooks.editing import type_into
from workbooks.sheet_scan import address


class Cell:
    """One cell. What is typed is seen at once, and stands in the file once the book is saved."""

    def __init__(self, page: "Page", row: int, column: int) -> None:
        self.page, self.row, self.column = page, row, column

    @property
    def coordinate(self) -> str:
        return address(self.row - 1, self.column - 1)

    @property
    def value(self) -> Any:
        return self.page.typed[self.coordinate] if self.coordinate in self.page.typed else self.page.shown(self.row, self.column)

    @value.setter
    def value(self, value: Any) -> None:
        self.page.typed[self.coordinate] = value


class Page:
    """One sheet. Rows and columns count from 1, as in openpyxl."""

    def __init__(self, book: "Book", title: str) -> None:
        self.book, self.title, self.typed = book, title, dict[str, Any]()

    @cached_property
    def rows(self) -> list[list[Any]]:
        """What the file shows, from A1 to the last cell that holds something; None where nothing."""
        found = self.book.source.get_sheet_by_name(self.title).to_python(skip_empty_area=False)
        return [[None if value == "" else value for value in row] for row in found]

    @property
    def tables(self) -> dict[str, tuple[int, int]]:
        """The first and the last row below the header of each table, by name."""
        return {name: rows for name, (tab, rows) in self.book.tables.items() if tab == self.title}

    def shown(self, row: int, column: int) -> Any:
        there = row <= len(self.rows) and column <= len(self.rows[row - 1])
        return self.rows[row - 1][column - 1] if there else None

    def __getitem__(self, coordinate: str) -> Cell:
        return Cell(self, *coordinate_to_tuple(coordinate))

    def cell(self, row: int, column: int) -> Cell:
        return Cell(self, row, column)

    def cells(self) -> Iterator[Cell]:
        """Every cell of the file's rows."""
        return (Cell(self, row, column) for row, cells in enumerate(self.rows, 1) for column in range(1, len(cells) + 1))

    def where(self, value: Any) -> Cell:
        """The first cell that shows this."""
        return next(cell for cell in self.cells() if cell.value == value)


class Book:
    """The whole workbook."""

    def __init__(self, path: Path) -> None:
        self.path, self.source = path, CalamineWorkbook.from_path(path, load_tables=True)
        self.sheetnames = list(self.source.sheet_names)
        self._pages = {name: Page(self, name) for name in self.sheetnames}

    @cached_property
    def tables(self) -> Mapping[str, tuple[str, tuple[int, int]]]:
        """Tab, and first and last row below the header, of each table."""
        found = {name: self.source.get_table_by_name(name) for name in self.source.table_names}
        return {name: (one.sheet, (one.start[0] + 1, one.end[0] + 1)) for name, one in found.items()}

    def __getitem__(self, tab: str) -> Page:
        return self._pages[tab]

    def __iter__(self) -> Iterator[Page]:
        return iter(self._pages.values())

    def save(self, path: Path) -> None:
        type_into(self.path, path, {page.title: page.typed for page in self if page.typed})
