"""The gate that every returned workbook passes before a parser sees a cell of it. There is no second way in.

First the directory, which costs nothing: how much, under which names, and how large it says that it is. Then every part is
unpacked once, a piece at a time, and held against that; markup is looked at as bytes. What is refused is told in one sentence.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from workbooks.gate_archive import Archive, open_archive
from workbooks.gate_limits import COLUMN_BLOCKS, LONGEST_TEXT, MIB, Limits
from workbooks.gate_parts import MARKUP, ending, refuse_parts
from workbooks.gate_xml import SheetPart, Table, checked, refuse_relations, sheet_parts, tables_of
from workbooks.sheet_scan import Irregular, Scan, Scanner, WorkbookRefused, scan

RowsIssued = Callable[[str], int | None]
"""How many rows the workbook of that id was issued with; None where it is not known."""

_SAVE = "open it, save it as an Excel workbook (.xlsx) and send that."
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_STRINGS, _PROPERTIES = "xl/sharedStrings.xml", "docProps/custom.xml"
_COUNT = re.compile(rb'<(?:\w+:)?sst\b[^>]*\b(?:uniqueC|c)ount="(\d+)"')
_ID = re.compile(rb'name="tieout_workbook_id"[^>]*>\s*<(?:\w+:)?lpwstr>([^<]{1,80})<')


@dataclass(frozen=True, slots=True)
class Inspected:
    """What is known of a workbook that passed."""

    sheets: tuple[SheetPart, ...]
    tables: tuple[Table, ...]
    scans: Mapping[str, Scan]  # by sheet


def limits_for(path: Path, rows_issued: RowsIssued | None) -> Limits:
    """The limits that hold for a file, by the issue that it claims to be of; WorkbookRefused where its directory is refused."""
    if path.is_dir():
        raise WorkbookRefused("is a folder: name the workbooks in it")
    with path.open("rb") as file:
        archive = enter(file, Limits.of(None) if rows_issued is None else _WIDEST)
        limits = Limits.of(rows_issued(_claimed(archive)) if rows_issued else None)
        enter(file, limits)
    return limits


def sheet_names(path: Path) -> list[str]:
    """The names of a file's worksheets, of which nothing is read; WorkbookRefused where it is no workbook."""
    limits = limits_for(path, None)
    with path.open("rb") as file:
        return [sheet.name for sheet in sheet_parts(enter(file, limits))]


_WIDEST = Limits.of(400_000)
"""Until it is known of which issue a file claims to be; only its directory is read by that."""


def _claimed(archive: Archive) -> str:
    """The workbook id that the file's properties name."""
    if _PROPERTIES not in archive.parts:
        return ""
    found = _ID.search(b"".join(checked([archive.read(_PROPERTIES, MIB)])))
    return found[1].decode(errors="replace") if found else ""


def enter(file: BinaryIO, limits: Limits) -> Archive:
    """The first half: what the file is, and what its directory states."""
    file.seek(0)
    start = file.read(8)
    if not start:
        raise WorkbookRefused("is empty: save the workbook again and send that.")
    if start == _OLE:
        raise WorkbookRefused(
            "is encrypted or in the old .xls format: remove its password, save it as an Excel workbook (.xlsx) and send that."
        )
    if not start.startswith(b"PK\3\4"):
        raise WorkbookRefused(f"is not a readable Excel workbook: {_SAVE}")
    archive = open_archive(file, limits)
    if "xl/workbook.xml" not in archive.parts:
        raise WorkbookRefused(f"is {_other_kind(archive)}: {_SAVE}")
    refuse_parts(archive.parts)
    return archive


def _other_kind(archive: Archive) -> str:
    if "xl/workbook.bin" in archive.parts:
        return "a binary workbook (.xlsb)"
    return "an OpenDocument file" if "content.xml" in archive.parts else "no Excel workbook"


def inspect(archive: Archive, limits: Limits) -> Inspected:
    """The second half: every part unpacked once. The small ones come first, so that most is refused at once."""
    refuse_relations(archive)
    sheets = sheet_parts(archive)
    tables = tuple(table for sheet in sheets for table in tables_of(archive, sheet))
    own = {sheet.part for sheet in sheets}
    for name in sorted(archive.parts, key=lambda name: archive.parts[name].unpacked):
        if name not in own:
            _look_through(archive, name, limits)
    return Inspected(tuple(sheets), tables, {sheet.name: _scanned(archive, sheet.part, limits) for sheet in sheets})


def _look_through(archive: Archive, name: str, limits: Limits) -> None:
    pieces = archive.chunks(name)
    if ending(name) not in MARKUP:
        for _ in pieces:
            pass
        return
    first = True
    for piece in checked(pieces):
        if first and name == _STRINGS and any(int(n) > limits.cells for n in _COUNT.findall(piece[:1_000])):
            raise WorkbookRefused("says that it holds more texts than it has cells: send the workbook as saved.")
        first = False


def _scanned(archive: Archive, part: str, limits: Limits) -> Scan:
    try:
        return scan(checked(archive.chunks(part)), limits.rows, COLUMN_BLOCKS)
    except Irregular:
        return Scanner(limits.rows, limits.columns).scan(checked(archive.chunks(part)))


__all__ = ["LONGEST_TEXT", "Inspected", "Limits", "RowsIssued", "WorkbookRefused", "enter", "inspect", "limits_for", "sheet_names"]
