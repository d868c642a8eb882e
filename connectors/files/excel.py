"""Workbooks: the cells of every sheet, and the cells that hold a formula or an error."""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from xml.parsers import expat

from openpyxl.utils.cell import coordinate_to_tuple
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from connectors.files.errors import refused
from connectors.files.table import Book, Sheet

OLD_FORMAT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
"""What reading a broken or encrypted package raises."""

UNPACKED_LIMIT = 2_000_000_000
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(slots=True)
class Oddities:
    """Cells of one sheet whose value is not simply typed, by (row, column)."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    uncached: set[tuple[int, int]] = field(default_factory=set)  # formulas never calculated: they have no value
    errors: dict[tuple[int, int], str] = field(default_factory=dict)  # such as #N/A


def refuse_old_format(file: str, data: bytes) -> None:
    """Refuses what is no .xlsx inside: the old binary format, or a workbook behind a password."""
    if _ENCRYPTED in data:
        raise refused(file, "the workbook is protected by a password; save it without one")
    raise refused(file, "this is the old Excel format; open it in Excel and save it as .xlsx")


def read_workbook(file: str, data: bytes) -> Book:
    """Every worksheet of an .xlsx file that a person sees; the hidden ones only where there is no other."""
    _check_package(file, data)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        tables = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        shown = [sheet.name for sheet in tables if sheet.visible == SheetVisibleEnum.Visible]
        names = shown or [sheet.name for sheet in tables]
        sheets = tuple(
            Sheet(file, name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))  # row numbers stay real
            for name in names
        )
    except (*DAMAGED, CalamineError) as error:
        raise refused(file, f"the workbook is damaged ({error}); open it in Excel and save it again") from None
    return Book(file, data, sheets)


def _check_package(file: str, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = set(package.namelist())
            size = sum(part.file_size for part in package.infolist())
    except DAMAGED as error:
        raise refused(file, f"the workbook is damaged ({error}); open it in Excel and save it again") from None
    if "xl/workbook.xml" not in names:
        raise refused(file, "this is not an .xlsx workbook; open it and save it as .xlsx or CSV (UTF-8)")
    if size > UNPACKED_LIMIT:
        raise refused(file, "the workbook is too large to open; export it as CSV")


def oddities(book: Book, sheet: Sheet) -> Oddities:
    """The formulas and errors of a sheet. Read only where a quick look finds any: most vendor files have none."""
    try:
        with zipfile.ZipFile(io.BytesIO(book.data)) as package:
            part = package.read(_part_of(package, sheet.name or ""))
            if not re.search(rb't="e"|<(?:\w+:)?f[ >/]', part):
                return Oddities()
            return _scan(part)
    except (*DAMAGED, KeyError, expat.ExpatError) as error:
        raise refused(book.file, f"the workbook is damaged ({error}); open it in Excel and save it again") from None


def _part_of(package: zipfile.ZipFile, sheet: str) -> str:
    """The part that holds a sheet, found through the workbook's relations."""
    sheets = {found["name"]: found["r:id"] for found in _elements(package.read("xl/workbook.xml"), "sheet")}
    relations = _elements(package.read("xl/_rels/workbook.xml.rels"), "Relationship")
    target = {found["Id"]: found["Target"] for found in relations}[sheets[sheet]]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _elements(part: bytes, name: str) -> list[dict[str, str]]:
    """The attributes of every element of that name; the relation id under one spelling whatever its prefix."""
    found: list[dict[str, str]] = []

    def start(element: str, attributes: dict[str, str]) -> None:
        if element.rpartition(":")[2] == name:
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            found.append(attributes | {"r:id": relation})

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(part, True)
    return found


class _Scan:
    """Follows the cells of a sheet part, whether or not they carry their own address."""

    def __init__(self) -> None:
        self.found = Oddities()
        self.cell = (-1, -1)
        self.type = ""
        self.formula = False
        self.in_value = False
        self.value = ""

    def start(self, element: str, attributes: dict[str, str]) -> None:
        name = element.rpartition(":")[2]
        if name == "row":
            self.cell = (int(attributes["r"]) - 1 if "r" in attributes else self.cell[0] + 1, -1)
        elif name == "c":
            self.cell = _address(attributes["r"]) if "r" in attributes else (self.cell[0], self.cell[1] + 1)
            self.type, self.formula, self.value = attributes.get("t", ""), False, ""
        elif name == "f":
            self.formula = True
        self.in_value = name == "v"

    def text(self, text: str) -> None:
        if self.in_value:
            self.value += text

    def end(self, element: str) -> None:
        self.in_value = False
        if element.rpartition(":")[2] != "c":
            return
        if self.type == "e":
            self.found.errors[self.cell] = self.value
        if self.formula:
            self.found.formulas.add(self.cell)
            if not self.value and self.type != "str":  # a calculated empty text is typed as one
                self.found.uncached.add(self.cell)


def _address(reference: str) -> tuple[int, int]:
    row, column = coordinate_to_tuple(reference)
    return row - 1, column - 1


def _scan(part: bytes) -> Oddities:
    scan = _Scan()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = scan.start, scan.end, scan.text
    parser.Parse(part, True)
    return scan.found
