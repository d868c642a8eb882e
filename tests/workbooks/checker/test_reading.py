"""Files of every kind are read without trusting them, and never changed; what is no workbook is refused in a sentence."""

import hashlib
import io
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.workbooks.checker.good import write_good
from workbooks.checker import check_workbook
from workbooks.checker.ranges import Range, as_range, letters, number_of, overlapping
from workbooks.sheet_scan import WorkbookRefused


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "good.xlsx"
    write_good(path)
    return path.read_bytes()


def archive(**parts: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for name, text in parts.items():
            target.writestr(name, text)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a readable Excel workbook"),
        (b"Company,Quantity\n", "not a readable Excel workbook"),
        (bytes.fromhex("d0cf11e0a1b11ae1"), "encrypted or in the old .xls format"),
        (archive(content="x"), "holds no workbook"),
        (archive(**{"[Content_Types].xml": "<Types/>"}), "holds no workbook"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(data)
    with pytest.raises(WorkbookRefused, match=said):
        check_workbook(tmp_path / "a.xlsx")


def test_a_cut_file_is_refused(tmp_path: Path, good: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(good[: len(good) // 2])
    with pytest.raises(WorkbookRefused, match="not a readable"):
        check_workbook(tmp_path / "a.xlsx")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_a_damaged_file_is_refused_or_its_faults_are_told(tmp_path: Path, good: bytes, at: float, byte: int) -> None:
    """One wrong byte anywhere never ends in anything else."""
    place = int(at * len(good))
    (tmp_path / "a.xlsx").write_bytes(good[:place] + bytes([byte]) + good[place + 1 :])
    with suppress(WorkbookRefused):
        check_workbook(tmp_path / "a.xlsx")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 400), value=st.sampled_from(["", "x", "-1", "99999999999999", "1.5", "rId1"]))
@example(at=1, value="x")  # an encoding that nobody knows
def test_a_number_that_is_none_in_any_attribute_is_no_trouble(tmp_path: Path, good: bytes, at: int, value: str) -> None:
    with zipfile.ZipFile(io.BytesIO(good)) as source:
        parts = {name: source.read(name).decode() for name in source.namelist() if not name.endswith("theme1.xml")}
    for name, text in parts.items():
        pieces = text.split('"')
        place = at * 2 % len(pieces) // 2 * 2 + 1
        if place < len(pieces) and "http" not in pieces[place]:
            pieces[place] = value
            (tmp_path / "a.xlsx").write_bytes(archive(**(parts | {name: '"'.join(pieces)})))
            with suppress(WorkbookRefused):
                check_workbook(tmp_path / "a.xlsx")


def test_the_file_is_only_read(tmp_path: Path, good: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(good)
    path.chmod(0o400)
    check_workbook(path)
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(good).digest()
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsx"]


def _filled(path: Path, rows: int) -> Path:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    for row in range(rows):
        sheet.write_row(row, 0, [f"text {row}", *range(row, row + 19)])
    book.close()
    return path


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    peaks = []
    for rows in (1_500, 3_000):  # both fill the buffers that are read into
        path = _filled(tmp_path / f"{rows}.xlsx", rows)
        tracemalloc.start()
        assert check_workbook(path) == ()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 20_000


@given(st.integers(1, 16_384))
def test_columns_are_counted_as_letters_and_back(column: int) -> None:
    assert number_of(letters(column)) == column


@pytest.mark.parametrize("text", ["", "A0", "A1:", "XFE1", "A1048577", "B2:A1", "a1", "A1,B2", "1", "A"])
def test_what_is_no_range_is_none(text: str) -> None:
    assert as_range(text) is None


RANGES = st.builds(
    lambda top, left, height, width: Range(top, left, top + height, left + width),
    st.integers(1, 12), st.integers(1, 12), st.integers(0, 3), st.integers(0, 3),
)  # fmt: skip


@given(st.lists(RANGES, max_size=12))
def test_every_pair_that_overlaps_is_found(ranges: list[Range]) -> None:
    there = sum(a.meets(b) for place, a in enumerate(ranges) for b in ranges[place + 1 :])
    assert len(list(overlapping(ranges))) == there
