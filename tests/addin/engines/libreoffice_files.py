"""Files as a real LibreOffice holds them, over its bridge. Every call is a round trip, so whole blocks are asked for."""

import datetime as dt
import sys
import time
from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from tests.addin.engines.files import Area

SYSTEM_PACKAGES = "/usr/lib/python3/dist-packages"
"""Where LibreOffice's bridge lies; it is made for the system's Python, so ours must be of the same version."""

EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - cells have no zone
DATE, CURRENCY = 2, 8
"""com.sun.star.util.NumberFormat"""
ERRORS = 4
"""com.sun.star.sheet.FormulaResult"""
CONTENTS = 1 | 2 | 4 | 16
"""com.sun.star.sheet.CellFlags: values, dates, texts, formulas"""
LONGEST_START = 60.0
FEW = 8


def bridge() -> Any:
    """The module uno; ImportError where this Python has none."""
    if SYSTEM_PACKAGES not in sys.path:
        sys.path.append(SYSTEM_PACKAGES)
    import uno

    return uno


class LibreOfficePage:
    def __init__(self, document: Any, sheet: Any, kinds: dict[int, int]) -> None:
        self.document, self.sheet, self.kinds = document, sheet, kinds  # kinds of number formats, by their key

        self.name = str(sheet.Name)

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
        rows = [[None if value == "" else value for value in row] for row in cells.getDataArray()]
        for place in range(area.columns):
            if any(isinstance(row[place], float) for row in rows):
                self._show(rows, area, place)
        for address in cells.queryFormulaCells(ERRORS).getRangeAddresses():
            for row in range(address.StartRow, address.EndRow + 1):
                for column in range(address.StartColumn, address.EndColumn + 1):
                    shown = self.sheet.getCellByPosition(column, row).String
                    rows[row - area.row + 1][column - area.column + 1] = shown if shown.startswith("#") else "#VALUE!"
        return rows

    def _show(self, rows: list[list[Any]], area: Area, place: int) -> None:
        """Turns a column's numbers into dates and currencies where they are shown as such."""
        cells = self._range(Area(area.row, area.column + place, area.rows, 1))
        key = cells.NumberFormat
        runs = [(key, range(area.rows))] if key else self._runs(cells, [row[place] for row in rows])  # no key: several formats
        for one, run in runs:
            kind = self._kind(one)
            for row in run if kind & (DATE | CURRENCY) else ():
                if isinstance(rows[row][place], float):
                    rows[row][place] = _shown(rows[row][place], kind)

    def _runs(self, cells: Any, values: list[Any]) -> list[tuple[int, range]]:
        """The format of each run of rows; of a few numbers each is asked for."""
        numbers = [place for place, value in enumerate(values) if isinstance(value, float)]
        if len(numbers) <= FEW:
            return [(cells.getCellByPosition(0, place).NumberFormat, range(place, place + 1)) for place in numbers]
        top = cells.RangeAddress.StartRow
        groups = cells.getUniqueCellFormatRanges()
        found = [groups.getByIndex(number) for number in range(groups.Count)]
        return [
            (group.getByIndex(0).NumberFormat, range(one.StartRow - top, one.EndRow - top + 1))
            for group in found
            for one in group.getRangeAddresses()
        ]

    def _kind(self, key: int) -> int:
        if key not in self.kinds:
            self.kinds[key] = self.document.NumberFormats.getByKey(key).Type
        return self.kinds[key]

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


def _shown(value: float, kind: int) -> Any:
    if kind & CURRENCY:
        return Decimal(value).quantize(Decimal("0.0001"))
    return EPOCH + dt.timedelta(seconds=round(value * 86_400))


def _given(value: Any) -> Any:
    if value is None or (type(value) is str and value.startswith("=")):
        return ""
    if isinstance(value, dt.datetime):
        return (value - EPOCH).total_seconds() / 86_400
    return str(value) if isinstance(value, str) else float(value)


class LibreOfficeFile:
    def __init__(self, uno: Any, document: Any, path: str) -> None:
        self.uno, self.document, self.name = uno, document, Path(path).name
        self.kinds: dict[int, int] = {}

    @property
    def automatic(self) -> bool:
        return bool(self.document.isAutomaticCalculationEnabled())

    @automatic.setter
    def automatic(self, value: bool) -> None:
        self.document.enableAutomaticCalculation(value)

    def pages(self) -> list[LibreOfficePage]:
        sheets = self.document.Sheets
        return [LibreOfficePage(self.document, sheets.getByIndex(place), self.kinds) for place in range(sheets.Count)]

    def page(self, name: str) -> LibreOfficePage:
        return LibreOfficePage(self.document, self.document.Sheets.getByName(name), self.kinds)

    def add(self, name: str) -> LibreOfficePage:
        self.document.Sheets.insertNewByName(name, self.document.Sheets.Count)
        return self.page(name)

    def selection(self) -> tuple[LibreOfficePage, list[Area]] | None:
        picked = self.document.CurrentController.getSelection()
        if picked.supportsService("com.sun.star.sheet.SheetCellRange"):
            addresses = [picked.getRangeAddress()]
        elif picked.supportsService("com.sun.star.sheet.SheetCellRanges"):
            addresses = list(picked.getRangeAddresses())
        else:
            return None
        page = LibreOfficePage(self.document, self.document.Sheets.getByIndex(addresses[0].Sheet), self.kinds)
        return page, [
            Area(a.StartRow + 1, a.StartColumn + 1, a.EndRow - a.StartRow + 1, a.EndColumn - a.StartColumn + 1) for a in addresses
        ]

    def select(self, sheet: str, areas: str) -> None:
        page = self.document.Sheets.getByName(sheet)
        if "," not in areas:
            self.document.CurrentController.select(page.getCellRangeByName(areas))
            return
        picked = self.document.createInstance("com.sun.star.sheet.SheetCellRanges")
        picked.addRangeAddresses(tuple(page.getCellRangeByName(area).RangeAddress for area in areas.split(",")), False)
        self.document.CurrentController.select(picked)

    def hide(self, sheet: str, rows: Sequence[int]) -> None:
        for row in rows:
            self.document.Sheets.getByName(sheet).Rows.getByIndex(row - 1).IsVisible = False

    def protect(self, sheet: str) -> None:
        self.document.Sheets.getByName(sheet).protect("")

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
