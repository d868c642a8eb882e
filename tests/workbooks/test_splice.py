"""The spliced workbook against the one that XlsxWriter writes cell by cell from the same plan."""

import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from core.frames import frame, records
from core.records import Action, Comparison, Decision
from core.run import Reconciliation
from tests.workbooks.example import IDENTITY
from workbooks import render
from workbooks.writer import How, write_workbook
from workbooks.zip_parts import ZLIB

ODD = (
    "=1+1", "+49 30", "-x", "@sum", "\ttab", " spaces ", "a & b < c > d", "_x0041_", "\x00\x07bell", "line\nbreak\r\nand", "\ufffe",
    "😀 emoji", "שלום עולם", "x" * 32_766, "x" * 33_000, "😀" * 17_000, "＝full width", "'quoted", '"quotes"', "tail ", "␀", "0012",
)  # fmt: skip


def with_odd_names(reconciliation: Reconciliation) -> Reconciliation:
    made = [
        replace(row, customer=odd, service=ODD[-1 - number % len(ODD)], why=odd, vendor_account=odd)
        for number, (row, odd) in enumerate(zip(records(Comparison, reconciliation.comparisons), ODD * 3, strict=False))
    ]
    return replace(reconciliation, comparisons=frame(Comparison, made))


def as_excel(value: Any) -> Any:
    """openpyxl shows the escape of an underscore, which XlsxWriter leaves out: Excel would read its _x0041_ as an A."""
    return value.replace("_x005F_", "_") if isinstance(value, str) else value


def cells(path: Path) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Formula or value, cached value, and look of every cell."""
    book, values, looks = load_workbook(path), load_workbook(path, data_only=True), dict[tuple[int, ...], tuple[Any, ...]]()

    def look(one: Any) -> tuple[Any, ...]:
        style = tuple(one._style or ())
        if style not in looks:
            found = (one.number_format, one.font.b, one.fill.fgColor.rgb, one.quotePrefix, one.alignment.wrap_text)
            looks[style] = (*found, one.alignment.horizontal)
        return looks[style]

    return {
        (sheet.title, one.coordinate): (
            as_excel(one.value),
            as_excel(values[sheet.title][one.coordinate].value),
            *look(one),
            sheet.row_dimensions[one.row].height,
        )
        for sheet in book
        for row in sheet.iter_rows()
        for one in row
    }


def decisions(reconciliation: Reconciliation) -> dict[str, Decision]:
    keys = sorted(reconciliation.comparisons["key"])
    return {
        key: Decision(key, "", list(Action)[number % 5], Decimal(number) / 4, None, "=a & b", Decimal("3.215"), "x", ODD[number])
        for number, key in enumerate(keys[: len(ODD)])
    }


def given(reconciliation: Reconciliation, shape: str) -> tuple[Reconciliation, dict[str, Decision]]:
    """Names that want care, or decisions typed in; every other row is as it is."""
    return (with_odd_names(reconciliation), {}) if shape == "odd names" else (reconciliation, decisions(reconciliation))


@pytest.mark.parametrize("shape", ["odd names", "decided"])
def test_every_cell_is_as_xlsxwriter_writes_it(reconciliation: Reconciliation, tmp_path: Path, shape: str) -> None:
    of, decided = given(reconciliation, shape)
    write_workbook(of, tmp_path / "spliced.xlsx", IDENTITY, decided)
    write_workbook(of, tmp_path / "oracle.xlsx", IDENTITY, decided, how=How(spliced=False))
    ours, theirs = cells(tmp_path / "spliced.xlsx"), cells(tmp_path / "oracle.xlsx")
    assert len(ours) > 4_000
    assert {place for place in ours.keys() | theirs.keys() if ours.get(place) != theirs.get(place)} == set()


@pytest.mark.parametrize("shape", ["odd names", "decided"])
def test_few_rows_are_written_as_many_are(
    reconciliation: Reconciliation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    of, decided = given(reconciliation, shape)
    written = []
    for few in (0, 100_000):
        monkeypatch.setattr(render, "FEW", few)
        write_workbook(of, tmp_path / f"{few}.xlsx", IDENTITY, decided)
        with zipfile.ZipFile(tmp_path / f"{few}.xlsx") as archive:
            written.append({name: archive.read(name) for name in archive.namelist() if not name.startswith("docProps/")})
    assert written[0] == written[1]


def test_every_other_part_is_the_shells_own(reconciliation: Reconciliation, tmp_path: Path) -> None:
    write_workbook(reconciliation, tmp_path / "spliced.xlsx", IDENTITY, how=How(deflater=ZLIB))
    write_workbook(reconciliation, tmp_path / "oracle.xlsx", IDENTITY, how=How(spliced=False))
    with zipfile.ZipFile(tmp_path / "spliced.xlsx") as ours, zipfile.ZipFile(tmp_path / "oracle.xlsx") as theirs:
        assert ours.testzip() is None
        assert sorted(ours.namelist()) == sorted(theirs.namelist())
        same = [name for name in ours.namelist() if ours.read(name) == theirs.read(name)]
    differing = {name.rsplit("/", 1)[0] for name in set(ours.namelist()) - set(same)}
    assert differing <= {"xl/worksheets", "xl", "docProps"}, differing
    assert any(name.startswith("xl/tables/") for name in same)
    assert not any(name.startswith("xl/tables/") for name in set(ours.namelist()) - set(same))


def test_a_sheet_with_more_rows_than_excel_takes_is_refused(
    reconciliation: Reconciliation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbooks import splice
    from workbooks.pen import WorkbookNotWritten

    monkeypatch.setattr(splice, "_MOST_ROWS", 12)
    with pytest.raises(WorkbookNotWritten, match="in parts, by vendor or by customer"):
        write_workbook(reconciliation, tmp_path / "a.xlsx", IDENTITY)
    assert list(tmp_path.iterdir()) == []
