"""One sheet of lines for all vendors: another layout of the same rows."""

from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from core.records import Action, Decision
from core.run import Reconciliation
from server.slices import slice_of
from tests.workbooks.example import CUSTOMERS, IDENTITY
from tests.workbooks.office import Office
from tests.workbooks.test_libreoffice import cached, different, recomputed
from tests.workbooks.test_slice import of
from workbooks.compare_issued import READ, changed_cells
from workbooks.reader import read_workbook
from workbooks.rows import blocks
from workbooks.writer import Options, write_workbook

BY_CLIENT = Options(by_client=True)


@pytest.fixture(scope="module")
def lines(reconciliation: Reconciliation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nobody writes to it."""
    path = tmp_path_factory.mktemp("lines") / "lines.xlsx"
    write_workbook(reconciliation, path, IDENTITY, options=BY_CLIENT)
    return path


def test_all_lines_stand_on_one_sheet_with_their_vendor_in_sight(lines: Path, reconciliation: Reconciliation) -> None:
    book = load_workbook(lines)
    assert {"Microsoft", "Pax8", "Huntress"}.isdisjoint(book.sheetnames)
    (table,) = book["Lines"].tables.values()
    assert [column.name for column in table.tableColumns][:5] == ["Ref", "Client", "PSA service", "Vendor", "State"]
    assert (
        len(read_workbook(lines).cells) == sum(block.size for block in blocks(reconciliation, None, READ)) + 3
    )  # and the invoices'


def test_nothing_of_it_differs_from_what_was_issued(lines: Path, reconciliation: Reconciliation) -> None:
    returned = read_workbook(lines)
    assert (returned.problems, changed_cells(returned, reconciliation)) == ((), ())


def test_a_line_has_the_same_ref_in_both_layouts(reconciliation: Reconciliation) -> None:
    refs = [
        {row["key"]: row["ref"] for block in made for row in block.rows if "ref" in block.sheet.positions}
        for made in (blocks(reconciliation), blocks(reconciliation, by_client=True))
    ]
    assert refs[0] == refs[1]


def test_the_summary_is_still_by_vendor_and_every_figure_is_libreoffices(lines: Path, office: Office) -> None:
    assert different(cached(lines), found := recomputed(office, lines)) == []
    assert found["Cover", "B2"] == "✓ all checks agree"
    summary = load_workbook(lines, data_only=True)["Summary"]
    assert {row[0].value for row in summary.iter_rows(min_row=8, max_row=10)} == {"Microsoft", "Pax8", "Huntress"}


def test_decisions_come_back_from_it(reconciliation: Reconciliation, tmp_path: Path) -> None:
    decided = {"line:3589": Decision("line:3589", "", Action.APPROVE, Decimal(27), reason="agreed")}
    write_workbook(reconciliation, tmp_path / "a.xlsx", IDENTITY, decided, options=BY_CLIENT)
    (found,) = read_workbook(tmp_path / "a.xlsx").decisions
    assert (found.key, found.action, found.quantity) == ("line:3589", Action.APPROVE, 27)


def test_a_slice_of_one_client_has_it_by_itself(reconciliation: Reconciliation, tmp_path: Path) -> None:
    for count, tab in ((1, "Lines"), (2, "Microsoft")):
        held = slice_of(reconciliation, CUSTOMERS[:count])
        write_workbook(held, tmp_path / "s.xlsx", of(CUSTOMERS[:count]), run=reconciliation)
        assert tab in load_workbook(tmp_path / "s.xlsx").sheetnames


def test_a_protected_workbook_takes_input_and_nothing_else(reconciliation: Reconciliation, tmp_path: Path) -> None:
    write_workbook(reconciliation, tmp_path / "p.xlsx", IDENTITY, options=Options(protected=True))
    book = load_workbook(tmp_path / "p.xlsx")
    assert all(sheet.protection.sheet and not sheet.protection.autoFilter for sheet in book)
    sheet = book["Microsoft"]
    heads = {cell.value: cell.column_letter for cell in next(r for r in sheet.iter_rows() if r[0].value == "Ref")}
    assert [sheet[f"{heads[name]}12"].protection.locked for name in ("Decision", "New price", "Effect per month", "Key")] == [
        False, False, True, True,
    ]  # fmt: skip
