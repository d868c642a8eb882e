"""Edits an issued workbook with openpyxl: quick, for what does not need a spreadsheet program."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from tests.workbooks.places import cell, rows_of
from workbooks.layout import Sheet
from workbooks.layout_vendor import VENDOR
from workbooks.reader import Returned, read_workbook


def edited(issued: Path, path: Path, edit: Callable[[Workbook], None]) -> Returned:
    """The workbook after an edit, read."""
    book = load_workbook(issued)
    edit(book)
    book.save(path)
    return read_workbook(path)


def typed(issued: Path, path: Path, tab: str, key: str, cells: Mapping[str, Any], sheet: Sheet = VENDOR) -> Returned:
    """The workbook after typing into one row."""

    def edit(book: Workbook) -> None:
        for name, value in cells.items():
            book[tab][cell(name, rows_of(issued, tab)[key], sheet)].value = value

    return edited(issued, path, edit)
