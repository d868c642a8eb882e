"""Runs inside LibreOffice's own Python: carries out the steps of JSON files on documents and answers what was asked, as JSON.

Not a test and not imported by one; `office.py` starts it.
"""

import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import uno  # type: ignore[import-not-found]
from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]
from com.sun.star.connection import NoConnectException  # type: ignore[import-not-found]
from com.sun.star.sheet import CellFlags, FormulaResult  # type: ignore[import-not-found]
from com.sun.star.sheet.FillDirection import TO_BOTTOM  # type: ignore[import-not-found]
from com.sun.star.table import TableSortField  # type: ignore[import-not-found]

FILTERS = {"xlsx": "Calc MS Excel 2007 XML", "ods": "calc8"}


def connect(pipe: str) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(240):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except NoConnectException:
            time.sleep(0.25)
    raise SystemExit("LibreOffice did not start")


def option(name: str, value: Any) -> Any:
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


class Steps:
    """One method for each kind of step."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.answers: list[Any] = []

    def sheet(self, name: str) -> Any:
        return self.document.Sheets.getByName(name)

    def type(self, sheet: str, cell: str, value: Any) -> None:
        target = self.sheet(sheet).getCellRangeByName(cell)
        if isinstance(value, str):
            target.String = value
        else:
            target.Value = value

    def formula(self, sheet: str, cell: str, formula: str) -> None:
        self.sheet(sheet).getCellRangeByName(cell).Formula = formula

    def sort(self, sheet: str, cells: str, field: int) -> None:
        order = TableSortField()
        order.Field, order.IsAscending = field, True
        fields = uno.Any("[]com.sun.star.table.TableSortField", (order,))
        self.sheet(sheet).getCellRangeByName(cells).sort((option("SortFields", fields), option("ContainsHeader", False)))

    def hide_rows(self, sheet: str, first: int, last: int) -> None:
        self.sheet(sheet).Rows.getByIndex(first).IsVisible = False
        for row in range(first, last + 1):
            self.sheet(sheet).Rows.getByIndex(row).IsVisible = False

    def insert_rows(self, sheet: str, before: int, count: int) -> None:
        self.sheet(sheet).Rows.insertByIndex(before, count)

    def delete_rows(self, sheet: str, first: int, count: int) -> None:
        self.sheet(sheet).Rows.removeByIndex(first, count)

    def insert_columns(self, sheet: str, before: int, count: int) -> None:
        self.sheet(sheet).Columns.insertByIndex(before, count)

    def delete_columns(self, sheet: str, first: int, count: int) -> None:
        self.sheet(sheet).Columns.removeByIndex(first, count)

    def swap_columns(self, sheet: str, cells: str, other: str) -> None:
        """Exchanges the contents of two ranges of one column each."""
        first, second = (self.sheet(sheet).getCellRangeByName(one) for one in (cells, other))
        ours, theirs = first.FormulaArray, second.FormulaArray
        first.FormulaArray, second.FormulaArray = theirs, ours

    def move_cells(self, sheet: str, cells: str, to: str) -> None:
        """Cuts a range and pastes it elsewhere on its sheet."""
        page = self.sheet(sheet)
        page.moveRange(page.getCellRangeByName(to).CellAddress, page.getCellRangeByName(cells).RangeAddress)

    def fill(self, sheet: str, cells: str) -> None:
        """Drags the first cell of a range down over the rest of it."""
        self.sheet(sheet).getCellRangeByName(cells).fillAuto(TO_BOTTOM, 1)

    def plain_format(self, sheet: str, cells: str) -> None:
        self.sheet(sheet).getCellRangeByName(cells).NumberFormat = 0

    def merge(self, sheet: str, cells: str) -> None:
        self.sheet(sheet).getCellRangeByName(cells).merge(True)

    def move_sheet(self, sheet: str, place: int) -> None:
        self.document.Sheets.moveByName(sheet, place)

    def copy_sheet(self, sheet: str, name: str) -> None:
        self.document.Sheets.copyByName(sheet, name, self.document.Sheets.Count)

    def show_sheets(self) -> None:
        for name in self.document.Sheets.ElementNames:
            self.sheet(name).IsVisible = True

    def rename(self, sheet: str, name: str) -> None:
        self.sheet(sheet).Name = name

    def calculate(self) -> None:
        self.document.calculateAll()

    def formulas(self) -> None:
        """Every formula cell of every sheet with its value, and the places of those with errors."""
        found, errors = [], []
        for name in self.document.Sheets.ElementNames:
            sheet = self.sheet(name)
            cursor = sheet.createCursor()
            cursor.gotoEndOfUsedArea(False)
            end = cursor.RangeAddress
            cells = sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow).DataArray
            for area in sheet.queryContentCells(CellFlags.FORMULA).RangeAddresses:
                for row in range(area.StartRow, area.EndRow + 1):
                    found += [[name, row, column, cells[row][column]] for column in range(area.StartColumn, area.EndColumn + 1)]
            errors += [
                [name, area.StartRow, area.StartColumn] for area in sheet.queryFormulaCells(FormulaResult.ERROR).RangeAddresses
            ]
        self.answers += [found, errors]

    def save(self, path: str) -> None:
        name = FILTERS[path.rpartition(".")[2]]
        self.document.storeToURL(uno.systemPathToFileUrl(path), (option("FilterName", name),))


def carried_out(desktop: Any, job: str) -> Any:
    """What was asked, or what went wrong."""
    work = json.loads(Path(job).read_text(encoding="utf-8"))
    url = uno.systemPathToFileUrl(work["open"])
    document = desktop.loadComponentFromURL(url, "_blank", 0, (option("Hidden", True),))
    steps = Steps(document)
    try:
        for step, arguments in work["steps"]:
            getattr(steps, step)(*arguments)
    finally:
        document.close(True)
    return steps.answers


def main(pipe: str) -> None:
    """One job a line, until there are no more."""
    desktop = connect(pipe)
    for line in sys.stdin:
        try:
            answer = {"answers": carried_out(desktop, line.strip())}
        except Exception:
            answer = {"error": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


main(sys.argv[1])
