"""What Excel itself has saved has no fault. The files stand in packages that tests install anyway, so none is kept here."""

import importlib.util
from pathlib import Path

import pytest

from tests.components import require
from workbooks.checker import check_workbook

XLWINGS = Path(importlib.util.find_spec("xlwings").origin).parent  # type: ignore[union-attr, arg-type]
SAVED = (
    "quickstart.xlsm", "quickstart_standalone.xlsm", "quickstart_addin.xlam", "quickstart_addin_ribbon.xlam", "addin/xlwings.xlam",
)  # fmt: skip


@pytest.mark.parametrize("name", SAVED)
def test_a_file_of_xlwings_that_excel_saved_has_no_fault(name: str) -> None:
    assert check_workbook(XLWINGS / name) == ()


def test_a_workbook_with_links_that_excel_saved_has_no_fault() -> None:
    packages = require("ooxml-validator").parents[1]
    assert check_workbook(packages / "xlsx-populate" / "examples" / "ranges" / "template.xlsx") == ()
