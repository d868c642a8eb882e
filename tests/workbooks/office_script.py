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
        self.before: list[tuple[Any, str]] = []
        """What typed cells held, in the order of the typing."""

    def sheet(self, name: str) -> Any:
        return self.document.Sheets.getByName(name)

    def type(self, sheet: str, cell: str, value: Any) -> None:
        target = self.sheet(sheet).getCellRangeByName(cell)
        self.before.append((target, target.Formula))
        if isinstance(value, str):
            target.String = value
        else:
            target.Value = value

    def formula(self, sheet: str, cell: str, formula: str) -> None:
        target = self.sheet(sheet).getCellRangeByName(cell)
        self.before.append((target, target.Formula))
        target.Formula = formula

    def untype(self) -> None:
        """Every typed cell as it was."""
        for target, formula in reversed(self.before):
            target.Formula = formula

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

    def formulas(self, *only: str) -> None:
        """Every formula cell of every sheet, or of some, with its value, and the places of those with errors."""
        found, errors = [], []
        for name in only or self.document.Sheets.ElementNames:
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


TYPING = {"type", "formula", "calculate", "formulas"}
"""Steps after which a document can be put back."""


class Documents:
    """Opens files. The last one into which something was only typed stays open, for those who type into the same file next."""

    def __init__(self, desktop: Any) -> None:
        self.desktop = desktop
        self.kept: tuple[Any, Any] | None = None  # which file, and its document

    def carried_out(self, job: str) -> Any:
        """What was asked; or raises what went wrong."""
        work = json.loads(Path(job).read_text(encoding="utf-8"))
        if {step for step, _ in work["steps"]} <= TYPING:
            return self.typed(Path(work["open"]), work["steps"])
        self.forget()
        document = self.opened(Path(work["open"]))
        try:
            return self.done(Steps(document), work["steps"])
        finally:
            document.close(True)

    def typed(self, path: Path, wanted: Any) -> Any:
        which = path, path.stat().st_mtime_ns, path.stat().st_ino
        if self.kept is None or self.kept[0] != which:
            self.forget()
            self.kept = which, self.opened(path)
        steps = Steps(self.kept[1])
        try:
            answers = self.done(steps, wanted)
            steps.untype()
        except Exception:
            self.forget()
            raise
        return answers

    def forget(self) -> None:
        if self.kept is not None:
            self.kept[1].close(True)
            self.kept = None

    def opened(self, path: Path) -> Any:
        return self.desktop.loadComponentFromURL(uno.systemPathToFileUrl(str(path)), "_blank", 0, (option("Hidden", True),))

    @staticmethod
    def done(steps: Steps, wanted: Any) -> Any:
        for step, arguments in wanted:
            getattr(steps, step)(*arguments)
        return steps.answers


def main(pipe: str) -> None:
    """One job a line, until there are no more."""
    documents = Documents(connect(pipe))
    for line in sys.stdin:
        try:
            answer = {"answers": documents.carried_out(line.strip())}
        except Exception:
            answer = {"error": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    documents.forget()


main(sys.argv[1])
