"""Files as a real LibreOffice holds them, over its bridge. Every call is a round trip, so whole blocks are asked for.

Workbooks of ours show no currencies and no dates that are formulas; what Excel does with currencies is the other engine's. While a
command wants nothing drawn, rows keep their heights, and they are not made up for afterwards.
"""

import datetime as dt
import sys
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from tests.addin.engines.files import Area

SYSTEM_PACKAGES = "/usr/lib/python3/dist-packages"
"""Where LibreOffice's bridge lies; it is made for the system's Python, so ours must be of the same version."""

EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - cells have no zone
DATES = 2
"""com.sun.star.sheet.CellFlags"""
ERRORS = 4
"""com.sun.star.sheet.FormulaResult"""
CONTENTS = 1 | 2 | 4 | 16
"""com.sun.star.sheet.CellFlags: values, dates, texts, formulas"""
LONGEST_START = 60.0


def bridge() -> Any:
    """The module uno; ImportError where this Python has none."""
    if SYSTEM_PACKAGES not in sys.path:
        sys.path.append(SYSTEM_PACKAGES)
    import uno

    return uno


class LibreOfficePage:
    """A sheet, which is looked up when it is first needed."""

    def __init__(self, sheets: Any, name: str) -> None:
        self.sheets, self.name = sheets, name

    @cached_property
    def sheet(self) -> Any:
        return self.sheets.getByName(self.name)

    def used(self) -> Area:
        cursor = self.sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        end = cursor.RangeAddress
        return Area(1, 1, end.EndRow + 1, end.EndColumn + 1)

    def _range(self, area: Area) -> Any:
        right, bottom = area.column + area.columns - 2, area.row + area.rows - 2
        return self.sheet.getCellRangeByPosition(area.column - 1, area.row - 1, right, bottom)

    def read(self, area: Area) -> list[list[Any]]:
        cells = self._range(area)
        found = cells.getDataArray()
        rows = [[None if value == "" else value for value in row] for row in found]
        if any(type(value) is float for row in found for value in row):  # it hands over dates as numbers
            for row, column in self._in(cells.queryContentCells(DATES), area):
                rows[row][column] = EPOCH + dt.timedelta(seconds=round(rows[row][column] * 86_400))
        if any(None in row for row in found):  # and errors as nothing
            for row, column in self._in(cells.queryFormulaCells(ERRORS), area):
                shown = self.sheet.getCellByPosition(area.column - 1 + column, area.row - 1 + row).String
                rows[row][column] = shown if shown.startswith("#") else "#VALUE!"
        return rows

    @staticmethod
    def _in(found: Any, area: Area) -> Iterator[tuple[int, int]]:
        """The cells of what was found, counted from the area's first."""
        for one in found.getRangeAddresses():
            for row in range(one.StartRow, one.EndRow + 1):
                for column in range(one.StartColumn, one.EndColumn + 1):
                    yield row - area.row + 1, column - area.column + 1

    def write(self, area: Area, rows: Sequence[Sequence[Any]]) -> None:
        formula = any(isinstance(value, str) and type(value) is str and value.startswith("=") for value in chain(*rows))
        cells = self._range(area)
        cells.setDataArray(tuple(tuple(_given(value) for value in row) for row in rows))
        if formula:
            self._write_formulas(area, rows)

    def _write_formulas(self, area: Area, rows: Sequence[Sequence[Any]]) -> None:
        for down, row in enumerate(rows):
            for right, value in enumerate(row):
                if type(value) is str and value.startswith("="):
                    cell = self.sheet.getCellByPosition(area.column - 1 + right, area.row - 1 + down)
                    cell.setFormula(value.replace('","', '";"'))

    def visible(self, area: Area) -> list[Area]:
        addresses = self._range(area).queryVisibleCells().getRangeAddresses()
        return [
            Area(one.StartRow + 1, one.StartColumn + 1, one.EndRow - one.StartRow + 1, one.EndColumn - one.StartColumn + 1)
            for one in addresses
        ]

    def locked(self, area: Area) -> bool:
        return bool(self.sheet.isProtected() and self._range(area).CellProtection.IsLocked)

    def formula(self, row: int, column: int) -> str:
        return str(self.sheet.getCellByPosition(column - 1, row - 1).getFormula()).replace('";"', '","')

    def clear(self) -> None:
        self.sheet.clearContents(CONTENTS)


def _given(value: Any) -> Any:
    if value is None or (type(value) is str and value.startswith("=")):
        return ""
    if isinstance(value, dt.datetime):
        return (value - EPOCH).total_seconds() / 86_400
    return str(value) if isinstance(value, str) else float(value)


class LibreOfficeFile:
    def __init__(self, uno: Any, document: Any, path: str) -> None:
        self.uno, self.document, self.name = uno, document, Path(path).name

    @property
    def automatic(self) -> bool:
        return bool(self.document.isAutomaticCalculationEnabled())

    @automatic.setter
    def automatic(self, value: bool) -> None:
        self.document.enableAutomaticCalculation(value)

    @property
    def drawing(self) -> bool:
        return bool(self.document.IsAdjustHeightEnabled)

    @drawing.setter
    def drawing(self, value: bool) -> None:
        self.document.IsAdjustHeightEnabled = value

    @cached_property
    def sheets(self) -> Any:
        return self.document.Sheets

    def pages(self) -> list[LibreOfficePage]:
        return [LibreOfficePage(self.sheets, name) for name in self.sheets.ElementNames]

    def page(self, name: str) -> LibreOfficePage:
        return LibreOfficePage(self.sheets, name)

    def add(self, name: str) -> LibreOfficePage:
        self.sheets.insertNewByName(name, self.sheets.Count)
        return self.page(name)

    def selection(self) -> tuple[LibreOfficePage, list[Area]] | None:
        picked = self.document.CurrentController.getSelection()
        if picked.supportsService("com.sun.star.sheet.SheetCellRange"):
            addresses = [picked.getRangeAddress()]
        elif picked.supportsService("com.sun.star.sheet.SheetCellRanges"):
            addresses = list(picked.getRangeAddresses())
        else:
            return None
        page = self.pages()[addresses[0].Sheet]
        return page, [
            Area(a.StartRow + 1, a.StartColumn + 1, a.EndRow - a.StartRow + 1, a.EndColumn - a.StartColumn + 1) for a in addresses
        ]

    def select(self, sheet: str, areas: str) -> None:
        page = self.sheets.getByName(sheet)
        if "," not in areas:
            self.document.CurrentController.select(page.getCellRangeByName(areas))
            return
        picked = self.document.createInstance("com.sun.star.sheet.SheetCellRanges")
        picked.addRangeAddresses(tuple(page.getCellRangeByName(area).RangeAddress for area in areas.split(",")), False)
        self.document.CurrentController.select(picked)

    def hide(self, sheet: str, rows: Sequence[int]) -> None:
        for row in rows:
            self.sheets.getByName(sheet).Rows.getByIndex(row - 1).IsVisible = False

    def protect(self, sheet: str) -> None:
        self.sheets.getByName(sheet).protect("")

    def save(self, path: Path) -> None:
        self.document.storeToURL(path.as_uri(), (_option(self.uno, "FilterName", "Calc MS Excel 2007 XML"),))

    def close(self) -> None:
        self.document.close(True)


class LibreOfficeFiles:
    """Opens files in the LibreOffice that listens on a pipe."""

    def __init__(self, pipe: str) -> None:
        self.uno = bridge()
        local = self.uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        context = _connected(resolver, f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        self.desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)

    def open(self, path: str) -> LibreOfficeFile:
        hidden = (_option(self.uno, "Hidden", True),)
        return LibreOfficeFile(self.uno, self.desktop.loadComponentFromURL(Path(path).as_uri(), "_blank", 0, hidden), path)

    def close(self) -> None:
        """Whoever started it ends it."""


def _connected(resolver: Any, address: str) -> Any:
    """It listens a moment after it was started."""
    end = time.monotonic() + LONGEST_START
    while True:
        try:
            return resolver.resolve(address)
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _option(uno: Any, name: str, value: Any) -> Any:
    option = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    option.Name, option.Value = name, value
    return option
