"""The sheets that people decide on and few others: programs open and save them sooner than a whole workbook."""

from functools import partial
from pathlib import Path

import pytest

from core.run import Reconciliation
from tests.workbooks.example import IDENTITY
from workbooks import writer
from workbooks.layout import Sheet
from workbooks.layout_tables import NO_VENDOR, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES
from workbooks.rows import blocks


def write_lean(month: Reconciliation, path: Path, *more: Sheet) -> None:
    """Written by the real writer, which is only told of fewer tables and of no legend; `more`: further tables."""
    tables = (NO_VENDOR, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES, *more)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "blocks", partial(blocks, tables=tables))
        patch.setattr(writer, "write_legend", lambda *_: None)
        writer.write_workbook(month, path, IDENTITY)
