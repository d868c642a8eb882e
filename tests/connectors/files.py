"""Shorthands of these tests: a file made and read in one line."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from connectors.files import Import, ImportRefused, read_usage
from core.frames import records
from core.records import Charge
from core.settings import Settings

SAMPLES = Path(__file__).parent / "samples"
HEADERS = "Account,Service,Quantity"


def usage_of(folder: Path, content: str | bytes, name: str = "vendor.csv", **options: Any) -> Import:
    """Reads a vendor file of this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_usage(path, Settings(), **options)


def charges_of(folder: Path, content: str | bytes, name: str = "vendor.csv", **options: Any) -> list[Charge]:
    return records(Charge, usage_of(folder, content, name, **options).frame)


def refusal_of(folder: Path, content: str | bytes, name: str = "vendor.csv", **options: Any) -> str:
    """What the refusal of a vendor file of this content says."""
    with pytest.raises(ImportRefused) as refusal:
        usage_of(folder, content, name, **options)
    return str(refusal.value)


def workbook(*sheets: tuple[str, Iterable[Any]]) -> bytes:
    """An .xlsx file of these sheets."""
    made = openpyxl.Workbook()
    del made[made.sheetnames[0]]
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return bytes_of(made)


def bytes_of(made: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def column(data: pd.DataFrame, name: str) -> list[Any]:
    return [None if pd.isna(value) else value for value in data[name]]
