"""Opens a returned file: what is no workbook of ours is refused in one sentence, the rest is handed on as sheets of values."""

import datetime as dt
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from workbooks.identity import Identity
from workbooks.identity_sheet import read_identity
from workbooks.layout import IDENTITY
from workbooks.sheet_scan import Scan, WorkbookRefused, refuse_too_large, scan_sheets, sheet_parts
from workbooks.table_parts import Table, tables_of

Raw = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_SAVE_AS = "save it as an Excel workbook (.xlsx) and send that."


@dataclass(frozen=True, slots=True)
class Opened:
    """The file as values, with what the values do not show."""

    name: str
    identity: Identity
    sheets: Mapping[str, list[list[Raw]]]
    tables: tuple[Table, ...]
    scans: Mapping[str, Scan]


def open_workbook(path: Path) -> Opened:
    """The file's sheets, tables and identity; WorkbookRefused where it is not one of ours."""
    scans, tables = _scans(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            names = [sheet.name for sheet in book.sheets_metadata if sheet.name in scans]
            sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
    except CalamineError as error:
        raise WorkbookRefused(f"{path.name} cannot be read ({error}): open it, {_SAVE_AS}") from error
    return Opened(path.name, read_identity(path.name, sheets), sheets, tables, scans)


def identity_of(path: Path) -> Identity | None:
    """Which issue a file says it is, read from its hidden sheet alone; none where it has no such sheet.

    WorkbookRefused where the sheet is damaged.
    """
    try:
        with CalamineWorkbook.from_path(path) as book:
            name = next((name for name in book.sheet_names if name.casefold() == IDENTITY), None)
            rows = [] if name is None else book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise WorkbookRefused(f"{path.name} cannot be read ({error}): open it, {_SAVE_AS}") from error
    return None if name is None else read_identity(path.name, {name: rows})


def _scans(path: Path) -> tuple[Mapping[str, Scan], tuple[Table, ...]]:
    with path.open("rb") as file:
        start = file.read(8)
    if start == _OLE:
        raise WorkbookRefused(f"{path.name} is encrypted or in the old .xls format: remove its password, {_SAVE_AS}")
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" not in names:
                raise WorkbookRefused(_other_kind(path, names))
            refuse_too_large(archive)
            return scan_sheets(archive), tables_of(archive, sheet_parts(archive))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError, EOFError) as error:
        raise WorkbookRefused(f"{path.name} is not a readable Excel workbook: open it, {_SAVE_AS}") from error


def _other_kind(path: Path, names: set[str]) -> str:
    kind = (
        "a binary workbook (.xlsb)"
        if "xl/workbook.bin" in names
        else "an OpenDocument file"
        if "content.xml" in names
        else "no Excel workbook"
    )
    return f"{path.name} is {kind}: open it, {_SAVE_AS}"
