"""Workbooks of every shape that a month may have: both judges pass them, and every reader reads them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from core.run import Reconciliation
from tests.workbooks.judges import Sdk, assert_valid
from tests.workbooks.office import Office
from tests.workbooks.shapes import SHAPES, Shape, small
from tests.workbooks.test_libreoffice import cached, different, recomputed
from workbooks.compare_issued import changed_cells
from workbooks.layout_vendor import VENDOR
from workbooks.reader import read_workbook
from workbooks.writer import write_workbook

EVERY = pytest.mark.parametrize("name", SHAPES)
ALIKE = ("60", "only", "one vendor", "many", "names that", "formulas", "control", "several", "a slice of", "names of")
LOOKED_AT = pytest.mark.parametrize("name", [name for name in SHAPES if not name.startswith(ALIKE)])
"""What Microsoft's SDK looks at, which takes it a second or two each: no large shape, and of those alike one. In "every word odd"
stand the words of all the others."""

NAMED = pytest.mark.parametrize(
    "name", [name for name in SHAPES if name.startswith(("as it is", "no rows", "names", "a slice", "an odd", "every", "typed"))]
)
"""Where names of sheets and tables differ, or which of them there are."""

Written = Callable[[str], tuple[Shape, Path]]


@pytest.fixture(scope="session")
def base() -> Reconciliation:
    return small()


@pytest.fixture(scope="session")
def written(base: Reconciliation, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A shape and its workbook, by name; each is written once and nobody writes to it after that."""
    folder, made = tmp_path_factory.mktemp("shapes"), dict[str, Shape]()

    def write(name: str) -> tuple[Shape, Path]:
        path = folder / f"{name.replace(' ', '-')}.xlsx"
        if name not in made:
            made[name] = shape = SHAPES[name](base)
            write_workbook(shape.reconciliation, path, shape.identity, shape.decided, run=shape.run)
        return made[name], path

    return write


@EVERY
def test_nothing_makes_excel_offer_a_repair(written: Written, name: str) -> None:
    assert_valid(written(name)[1])


@LOOKED_AT
def test_microsofts_sdk_finds_nothing(written: Written, sdk: Sdk, name: str) -> None:
    sdk.assert_valid(written(name)[1])


@NAMED
def test_other_readers_see_the_same_sheets_and_tables(written: Written, name: str) -> None:
    path = written(name)[1]
    loaded = load_workbook(path)
    tables = {table.displayName: sheet.title for sheet in loaded for table in sheet.tables.values()}
    with CalamineWorkbook.from_path(path, load_tables=True) as book:
        assert book.sheet_names == loaded.sheetnames
        assert {table: book.get_table_by_name(table).sheet for table in book.table_names} == tables


@EVERY
def test_an_untouched_copy_says_nothing(written: Written, name: str) -> None:
    shape, path = written(name)
    returned = read_workbook(path)
    assert (returned.problems, changed_cells(returned, shape.reconciliation)) == ((), ())
    assert returned.identity == shape.identity
    assert {one.key for one in returned.decisions} == set(shape.decided)
    vendors = {str(name) for name in shape.reconciliation.comparisons["vendor"]} if name == "60 vendors" else set()
    assert {cells.values["vendor"] for cells in returned.cells.values() if cells.sheet is VENDOR} >= vendors


@pytest.mark.parametrize("name", ["every word odd", "typed decisions", "no rows"])
def test_libreoffice_computes_what_is_cached(office: Office, written: Written, name: str) -> None:
    path = written(name)[1]
    assert different(cached(path), recomputed(office, path)) == []
