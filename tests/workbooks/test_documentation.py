"""The page that documents the workbook is what the layout says."""

from collections.abc import Callable
from pathlib import Path

from workbooks.documentation import workbook_page
from workbooks.layout_tables import READABLE

PAGE = Path(__file__).parents[2] / "docs" / "workbook.md"


def test_the_page_in_docs_is_what_the_layout_says(golden: Callable[[Path, str], None]) -> None:
    golden(PAGE, workbook_page())


def test_every_column_that_takes_input_is_on_it() -> None:
    page = workbook_page()
    assert [c.header for sheet in READABLE for c in sheet.inputs if f"| **{c.header}** |" not in page] == []
