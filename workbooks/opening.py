"""Opens a returned file: what is no workbook of ours is refused in one sentence, the rest is handed on as sheets of values."""

import datetime as dt
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from workbooks.identity import Identity, from_texts
from workbooks.layout import IDENTITY, SCHEMA_VERSION
from workbooks.sheet_scan import Scan, WorkbookRefused, refuse_too_large, scan_sheets

Raw = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_SAVE_AS = "save it as an Excel workbook (.xlsx) and send that."


@dataclass(frozen=True, slots=True)
class Table:
    """An Excel table of the file: its name, its sheet, the row of its header and its columns, from 0."""

    name: str
    sheet: str
    header_row: int
    first_column: int
    last_column: int


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
    scans = _scans(path)
    try:
        with CalamineWorkbook.from_path(path, load_tables=True) as book:
            names = [sheet.name for sheet in book.sheets_metadata if sheet.name in scans]
            sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
            tables = tuple(_table(book, name) for name in book.table_names or ())
    except CalamineError as error:
        raise WorkbookRefused(f"{path.name} cannot be read ({error}): open it, {_SAVE_AS}") from error
    return Opened(path.name, _identity(path, sheets), sheets, tables, scans)


def identity_of(path: Path) -> Identity | None:
    """Which issue a file says it is, read from its hidden sheet alone; none where it has no such sheet.

    WorkbookRefused where the sheet is damaged.
    """
    try:
        with CalamineWorkbook.from_path(path) as book:
            name = next((name for name in book.sheet_names if name.casefold() == IDENTITY), None)
            return None if name is None else _identity(path, {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)})
    except (CalamineError, OSError) as error:
        raise WorkbookRefused(f"{path.name} cannot be read ({error}): open it, {_SAVE_AS}") from error


def _scans(path: Path) -> Mapping[str, Scan]:
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
            return scan_sheets(archive)
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


def _table(book: CalamineWorkbook, name: str) -> Table:
    found = book.get_table_by_name(name)
    first = found.start or (1, 0)
    return Table(name, found.sheet, first[0] - 1, first[1], first[1] + len(found.columns) - 1)


def _identity(path: Path, sheets: Mapping[str, list[list[Raw]]]) -> Identity:
    """From the hidden sheet, which keeps its name where programs rename nothing and show what was hidden."""
    rows = next((rows for name, rows in sheets.items() if name.casefold() == IDENTITY), None)
    if rows is None:
        raise WorkbookRefused(
            f"{path.name} has no identity sheet: return the workbook that was issued, not a copy of some of its sheets."
        )
    found = {str(row[0]): _as_text(row[1]) for row in rows if len(row) > 1}
    version = found.get("schema_version", "")
    if version.isdigit() and int(version) > SCHEMA_VERSION:
        raise WorkbookRefused(f"{path.name} was issued by a newer version of Tieout: read it with that version.")
    try:
        return from_texts(found)
    except (KeyError, ValueError) as error:
        raise WorkbookRefused(
            f"{path.name} has a damaged identity sheet ({error}): return the workbook as it was issued."
        ) from error


def _as_text(value: Raw) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
