"""Opens a returned file: what is no workbook of ours is refused in one sentence, the rest is handed on as sheets of values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from workbooks.gate import RowsIssued, limits_for
from workbooks.gate_xml import Table
from workbooks.identity import Identity
from workbooks.identity_sheet import read_identity
from workbooks.layout import IDENTITY
from workbooks.packed_sheets import Raw, SheetValues
from workbooks.read_apart import Apart, read_apart
from workbooks.sheet_scan import Scan, WorkbookRefused

__all__ = ["Opened", "Raw", "Table", "open_workbook"]


@dataclass(frozen=True, slots=True)
class Opened:
    """The file as values, with what the values do not show."""

    name: str
    identity: Identity
    sheets: Mapping[str, SheetValues]
    tables: tuple[Table, ...]
    scans: Mapping[str, Scan]


def open_workbook(path: Path, rows_issued: RowsIssued | None = None) -> Opened:
    """The file's sheets, tables and identity; WorkbookRefused where it is not one of ours.

    rows_issued: how many rows a workbook was issued with, which limits what may come back of it.
    """
    apart = _passed(path, rows_issued)
    return Opened(path.name, read_identity(path.name, apart.sheets), apart.sheets, apart.tables, apart.scans)


def identity_of(path: Path) -> Identity | None:
    """Which issue a file says it is, read from its hidden sheet alone; none where it has no such sheet.

    WorkbookRefused where the sheet is damaged.
    """
    try:
        with CalamineWorkbook.from_path(path) as book:
            name = next((name for name in book.sheet_names if name.casefold() == IDENTITY), None)
            rows = [] if name is None else book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise WorkbookRefused(f"{path.name} cannot be read ({error}): open it, and save it as an Excel workbook (.xlsx)") from error
    return None if name is None else read_identity(path.name, {name: rows})


def _passed(path: Path, rows_issued: RowsIssued | None) -> Apart:
    try:
        return read_apart(path, limits_for(path, rows_issued))
    except WorkbookRefused as refusal:
        raise WorkbookRefused(f"{path.name} {refusal}") from refusal
