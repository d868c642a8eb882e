"""A file that breaks its parser breaks one process, and that is told as a refusal."""

import datetime as dt
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from tests.ready_reader import AS_IN_USE
from tests.workbooks.hostile.making import parts_of, with_cells, zipped
from workbooks import read_apart as module
from workbooks.gate import Limits, WorkbookRefused, limits_for
from workbooks.packed_sheets import Packing, SheetValues
from workbooks.read_apart import read_apart

WIDE = Limits.of(None)


@pytest.fixture(autouse=True)
def _in_its_own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "run", AS_IN_USE)


class Tight(Limits):
    """Memory for an ordinary workbook, and not for one with a cell far away."""

    @property
    def memory(self) -> int:
        return 300_000_000


class Hasty(Limits):
    @property
    def seconds(self) -> int:
        return 0


@pytest.mark.skipif(sys.platform != "linux", reason="a process' memory can be limited on Linux only")
def test_a_parser_that_runs_out_of_memory_ends_its_process_and_not_this_one(issued: Path, tmp_path: Path) -> None:
    parts = parts_of(issued)
    with_cells('<row r="200000"><c r="FZ200000"><v>1</v></c></row>')(parts)
    (tmp_path / "a.xlsx").write_bytes(zipped(parts))
    with pytest.raises(WorkbookRefused, match=r"^takes more memory to read"):
        read_apart(tmp_path / "a.xlsx", Tight(WIDE.rows, WIDE.cells, WIDE.unpacked, WIDE.parts))
    assert read_apart(issued, Tight(WIDE.rows, WIDE.cells, WIDE.unpacked, WIDE.parts)).sheets


def test_a_process_that_takes_too_long_is_ended_and_a_refusal(issued: Path) -> None:
    with pytest.raises(WorkbookRefused, match="takes more time to read"):
        read_apart(issued, Hasty(WIDE.rows, WIDE.cells, WIDE.unpacked, WIDE.parts))


@pytest.mark.parametrize(
    ("code", "words"), [(-6, "memory"), (-9, "memory"), (3, "memory"), (-11, "breaks the reader"), (1, "breaks")]
)
def test_however_the_process_ends_it_is_said(code: int, words: str) -> None:
    assert words in module._why(code)


def test_many_threads_read_at_once(issued: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: read_apart(issued, WIDE), range(8)))
    assert {tuple(one.sheets) for one in found} == {tuple(found[0].sheets)}
    assert threading.active_count() < 20


def test_limits_follow_what_was_issued(issued: Path) -> None:
    asked = []

    def rows_issued(workbook_id: str) -> int:
        asked.append(workbook_id)
        return 58

    limits = limits_for(issued, rows_issued)
    assert asked == ["WB-2026-11-0007"]
    assert limits == Limits.of(58)
    assert limits.rows < WIDE.rows < Limits.of(300_000).rows


def test_a_workbook_with_more_rows_than_its_issue_allows_is_refused(issued: Path) -> None:
    with pytest.raises(WorkbookRefused, match="far outside of what was issued"):
        read_apart(issued, replace(Limits.of(1), rows=30))


def test_every_value_stands_where_it_stood_and_is_of_the_kind_that_it_was(tmp_path: Path) -> None:
    """Beside the bare parser; the first row and columns are empty, and True is not 1."""
    book = Workbook()
    sheet = book.worksheets[0]
    cells = {"C4": "x", "D6": True, "D7": 1, "D8": False, "D9": 0, "E8": dt.date(2026, 1, 2), "E9": dt.datetime(2026, 1, 2, 3, 4)}  # noqa: DTZ001
    for place, value in {**cells, "F9": dt.timedelta(days=2, hours=3), "G9": dt.time(3, 4), "G12": "ж 1"}.items():
        sheet[place] = value
    book.create_sheet("empty")
    book.save(tmp_path / "a.xlsx")
    found = read_apart(tmp_path / "a.xlsx", WIDE).sheets
    with CalamineWorkbook.from_path(tmp_path / "a.xlsx") as bare:
        for name in bare.sheet_names:
            rows = bare.get_sheet_by_name(name).to_python(skip_empty_area=False)
            assert [[(type(cell), cell) for cell in row] for row in found[name]] == [[(type(c), c) for c in row] for row in rows]


@pytest.mark.parametrize("kinds", [300, 70_000])
def test_a_column_of_many_different_values_comes_back_whole(kinds: int) -> None:
    rows = [[f"text {n}", float(n % 7), ""] for n in range(kinds)]
    place, blob, forms = 0, b"", []
    for kind, values, numbers in Packing().take(rows).columns():
        forms.append([kind, place, len(values), place + len(values), len(numbers)])
        blob += values + numbers
        place += len(values) + len(numbers)
    assert [*SheetValues(memoryview(blob), kinds, forms)] == rows
