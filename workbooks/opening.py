"""Opens a returned file: what is no workbook of ours is refused in one sentence, the rest is handed on as sheets of values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbooks.columns import Raw, SheetValues
from workbooks.gate import RowsIssued, limits_for
from workbooks.gate_xml import Table
from workbooks.identity import Identity, from_texts
from workbooks.layout import IDENTITY, SCHEMA_VERSION
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
    return Opened(path.name, _identity(path, apart.sheets), apart.sheets, apart.tables, apart.scans)


def _passed(path: Path, rows_issued: RowsIssued | None) -> Apart:
    try:
        return read_apart(path, limits_for(path, rows_issued))
    except WorkbookRefused as refusal:
        raise WorkbookRefused(f"{path.name} {refusal}") from refusal


def _identity(path: Path, sheets: Mapping[str, SheetValues]) -> Identity:
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
