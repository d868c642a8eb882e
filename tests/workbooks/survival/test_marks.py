"""Hidden rows and merged cells, as different programs write them."""

import pytest

from workbooks.sheet_marks import NO_MARKS, Marks
from workbooks.sheet_scan import Irregular, Scanner, scan


def marks_of(xml: bytes) -> Marks:
    """As the gate finds them: at a glance, or by a parser."""
    try:
        return scan([xml], 100_000, 6).marks
    except Irregular:
        return Scanner(100_000, 182).scan([xml]).marks


@pytest.mark.parametrize(
    ("xml", "marks"),
    [
        ('<cols><col min="1" max="2" hidden="1"/></cols><sheetData><row r="1"><c r="A1"/></row></sheetData>', NO_MARKS),
        ('<sheetData><row r="2" hidden="1"/><row r="7" spans="1:2" hidden="true"/></sheetData>', Marks(frozenset({1, 6}))),
        ('<sheetData><row r="2" hidden="0"/><row r="3" hidden="false"/></sheetData>', NO_MARKS),
        ("<sheetData><row/><row hidden='1'/></sheetData>", Marks(frozenset({1}))),
        ('<sheetData><row/><row hidden="1"/><row r="9"/><row hidden="1"></row></sheetData>', Marks(frozenset({1, 9}))),
        ('<x:sheetData><x:row r="3" hidden="1"/></x:sheetData>', Marks(frozenset({2}))),
        ('<sheetData/><mergeCells count="1"><mergeCell ref="L8:M10"/></mergeCells>', Marks(merged=((7, 11, 9, 12),))),
    ],
)
def test_rows_that_are_not_shown_and_cells_that_are_one(xml: str, marks: Marks) -> None:
    assert marks_of(xml.encode()) == marks
