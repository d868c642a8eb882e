"""Opens a returned file: what is no workbook of ours is refused in one sentence, the rest is handed on as sheets of values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbooks.columns import Raw, SheetValues
from workbooks.gate import RowsIssued, limits_for
from workbooks.gate_xml import Table
from workbooks.identity import Identity
from workbooks.identity_sheet import read_identity
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


def _passed(path: Path, rows_issued: RowsIssued | None) -> Apart:
    try:
        return read_apart(path, limits_for(path, rows_issued))
    except WorkbookRefused as refusal:
        raise WorkbookRefused(f"{path.name} {refusal}") from refusal
