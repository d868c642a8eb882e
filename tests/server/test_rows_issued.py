"""What was issued limits what may come back."""

from pathlib import Path

import pytest

from server.copies import read_copies
from server.errors import Refused
from tests.server.month import Month
from tests.workbooks.book import Book


def test_the_rows_of_an_issued_workbook_are_known_and_others_are_not(month: Month) -> None:
    copy = month.made.workbook("dana")
    (read,) = read_copies([copy])
    with month.store() as store:
        rows = store.rows_issued(read.returned.identity.workbook_id)
        assert store.rows_issued("never issued") is None
    assert rows is not None
    assert rows >= len(read.returned.cells)


def test_a_copy_far_larger_than_its_issue_is_refused_by_the_store_that_issued_it(month: Month, tmp_path: Path) -> None:
    """The same file is read where nobody can say how large its workbook was."""
    book = Book(month.made.workbook("dana"))
    book["Legend"]["A60000"].value = "far below"
    book.save(tmp_path / "copy.xlsx")
    assert read_copies([tmp_path / "copy.xlsx"])
    with month.store() as store, pytest.raises(Refused, match="something in cell A60000, far outside"):
        read_copies([tmp_path / "copy.xlsx"], store.rows_issued)
