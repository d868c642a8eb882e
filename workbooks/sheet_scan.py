"""What a reader of values cannot see: cells that hold an error or a formula. Read from the sheets' own XML."""

import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

LARGEST_PARTS = 200 * 1024 * 1024
MOST_PACKED = 40
"""Beyond the size that any workbook may have, a file may unpack to this many times what it takes."""
Place = tuple[int, int]
"""Row and column, both from 0."""


class WorkbookRefused(Exception):  # noqa: N818 - named by what happened
    """The file cannot be read as a workbook of ours; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Scan:
    """The odd cells of one sheet."""

    errors: dict[Place, str] = field(default_factory=dict)
    formulas: set[Place] = field(default_factory=set)


def refuse_too_large(archive: zipfile.ZipFile) -> None:
    """Before anything is unpacked: the sizes that the archive states. A large workbook packs far less well than a bomb.

    No part unpacks to more than it states: the archive's reader stops there, and then its check sum is wrong.
    """
    unpacked = sum(entry.file_size for entry in archive.infolist())
    packed = sum(entry.compress_size for entry in archive.infolist())
    if unpacked > max(LARGEST_PARTS, packed * MOST_PACKED):
        raise WorkbookRefused(
            f"The file unpacks to more than {LARGEST_PARTS // 1024**2} MB: send the workbook that was issued, without additions."
        )


def scan_sheets(archive: zipfile.ZipFile) -> Mapping[str, Scan]:
    """The odd cells of every worksheet, by its name."""
    return {name: _Scanner().scan(archive.read(part)) for name, part in sheet_parts(archive).items()}


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _parse(data: bytes, start: Any, end: Any = None, text: Any = None) -> None:
    """One pass over a part; a document type is refused, for ours has none and others attack with it."""
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise WorkbookRefused(
            "The file holds a document type declaration, which no spreadsheet program writes: send the workbook as saved."
        )

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise WorkbookRefused(
            f"The file is damaged ({error}): open it in a spreadsheet program, save it again and send that."
        ) from None


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part that holds each worksheet, by the sheet's name."""
    sheets: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            relation = next((value for name, value in attributes.items() if _local(name) == "id" and ":" in name), "")
            sheets[attributes.get("name", "")] = relation

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _parse(archive.read("xl/workbook.xml"), sheet)
    _parse(archive.read("xl/_rels/workbook.xml.rels"), relation)
    parts = {name: _resolved(targets.get(found, "")) for name, found in sheets.items()}
    known = set(archive.namelist())
    return {name: part for name, part in parts.items() if part in known and "/worksheets/" in part}


def _resolved(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


class _Scanner:
    """Follows rows and cells, also where they carry no address of their own."""

    def __init__(self) -> None:
        self.found = Scan()
        self.row = self.column = -1
        self.error = self.in_value = False
        self.value = ""

    def scan(self, data: bytes) -> Scan:
        _parse(data, self.start, self.end, self.text)
        return self.found

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match _local(tag):
            case "row":
                self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
                self.column = -1
            case "c":
                self.column = column_number(attributes["r"]) if "r" in attributes else self.column + 1
                self.error = attributes.get("t") == "e"
            case "f":
                self.found.formulas.add((self.row, self.column))
            case "v":
                self.in_value, self.value = self.error, ""

    def text(self, data: str) -> None:
        if self.in_value:
            self.value += data

    def end(self, tag: str) -> None:
        if self.in_value and _local(tag) == "v":
            self.found.errors[self.row, self.column] = self.value
            self.in_value = False


def column_number(address: str) -> int:
    """Column from 0 of an address like AB12."""
    number = 0
    for letter in re.sub(r"[^A-Za-z]", "", address).upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def address(row: int, column: int) -> str:
    """Address of a place: K12."""
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
