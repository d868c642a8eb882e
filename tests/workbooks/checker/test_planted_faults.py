"""Every fault planted alone in a good workbook is told, with its place; the good workbook itself has none."""

import shutil
import zipfile
from pathlib import Path

import pytest

from tests.workbooks.checker.good import write_good
from tests.workbooks.checker.planted import LINES, OTHER_TABLE, PLANTED, Planted, plant
from workbooks.checker import Fault, check_workbook


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "good.xlsx"
    write_good(path)
    return path


def with_parts(good: Path, path: Path, parts: dict[str, str]) -> tuple[Fault, ...]:
    """The faults of the good workbook with some parts written otherwise, or added."""
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w") as target:
        for name in dict.fromkeys((*source.namelist(), *parts)):
            target.writestr(name, parts.get(name) or source.read(name))
    return check_workbook(path)


def part(good: Path, name: str) -> str:
    with zipfile.ZipFile(good) as archive:
        return archive.read(name).decode()


def test_a_good_workbook_has_no_fault(good: Path) -> None:
    assert check_workbook(good) == ()


@pytest.mark.parametrize("fault", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_fault_is_told_with_its_place(good: Path, tmp_path: Path, fault: Planted) -> None:
    plant(good, tmp_path / "planted.xlsx", fault)
    found = check_workbook(tmp_path / "planted.xlsx")
    told = [one for one in found if fault.wrong in one.wrong and fault.place in f"{one.place} {one.part}"]
    assert told, "\n".join(map(str, found)) or "nothing was told"
    assert all(one.mend for one in found)


def test_two_tables_that_share_cells_are_told(good: Path, tmp_path: Path) -> None:
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    second = '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/table"'
    third = part(good, OTHER_TABLE).replace("E6:F8", "D9:E10").replace("Other", "Third").replace('id="2"', 'id="3"', 1)
    parts = {
        rels: part(good, rels).replace("</Relationships>", f'{second} Target="../tables/table3.xml"/></Relationships>'),
        LINES: part(good, LINES).replace('<tablePart r:id="rId1"/>', '<tablePart r:id="rId1"/><tablePart r:id="rId2"/>'),
        "xl/tables/table3.xml": third,
        "[Content_Types].xml": part(good, "[Content_Types].xml").replace("tables/table2.xml", "tables/table3.xml"),
    }  # fmt: skip
    told = [one for one in with_parts(good, tmp_path / "a.xlsx", parts) if "share cells" in one.wrong]
    assert [(one.place, one.part) for one in told] == [("Lines and Third", LINES)]


def test_a_calculation_chain_that_names_a_cell_without_formula_is_told(good: Path, tmp_path: Path) -> None:
    rels, space = "xl/_rels/workbook.xml.rels", "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    made = '<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    types = part(good, "[Content_Types].xml")
    parts = {
        rels: part(good, rels).replace("</Relationships>", f'{made} Target="calcChain.xml"/></Relationships>'),
        "[Content_Types].xml": types.replace("</Types>", f'<Override PartName="/xl/calcChain.xml" ContentType="{kind}"/></Types>'),
        "xl/calcChain.xml": f'<calcChain xmlns="{space}"><c r="E8" i="1"/><c r="E9"/><c r="C8"/></calcChain>',
    }
    found = with_parts(good, tmp_path / "a.xlsx", parts)
    assert [(one.part, one.place) for one in found] == [("xl/calcChain.xml", "Lines!C8")]


def test_a_part_that_stands_twice_in_the_archive_is_told(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    shutil.copy(good, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("XL/workbook.xml", "<workbook/>")
    assert [one.wrong for one in check_workbook(path)] == ["the archive holds this part 2 times"]


def test_a_fault_of_many_rows_is_told_some_times_and_counted(good: Path, tmp_path: Path) -> None:
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>NaN</v></c></row>' for row in range(11, 1_011))
    sheet = part(good, LINES).replace("</sheetData>", f"{rows}</sheetData>").replace("A1:E10", "A1:E1010")
    found = with_parts(good, tmp_path / "a.xlsx", {LINES: sheet})
    assert len(found) == 11
    assert found[0].place == "Lines!A11"
    assert str(found[-1]) == f"{LINES}: 990 more of the same; write a finite number, or nothing"


def test_there_are_enough_faults() -> None:
    assert len(PLANTED) >= 100
