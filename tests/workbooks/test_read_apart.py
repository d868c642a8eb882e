"""A file that breaks its parser breaks one process, and that is told as a refusal."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.workbooks.hostile.making import parts_of, with_cells, zipped
from workbooks import read_apart as module
from workbooks.gate import Limits, WorkbookRefused, limits_for
from workbooks.read_apart import read_apart

WIDE = Limits.of(None)


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
