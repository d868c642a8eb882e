"""A workbook of some customers says so at once, and its own figures agree."""

from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from core.run import Reconciliation
from server.slices import slice_of
from tests.workbooks.example import CUSTOMERS, IDENTITY, KEY
from tests.workbooks.judges import assert_valid
from tests.workbooks.office import Office
from tests.workbooks.places import header_row
from tests.workbooks.test_libreoffice import cached, different, recomputed
from workbooks.compare_issued import changed_cells
from workbooks.identity import Identity, scope_of, sign, verify
from workbooks.reader import read_workbook
from workbooks.slice import named, only
from workbooks.writer import write_workbook


def of(customers: tuple[str, ...]) -> Identity:
    return sign(replace(IDENTITY, scope=scope_of(customers)), KEY)


@pytest.fixture(scope="session")
def part(reconciliation: Reconciliation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook of two customers. Nobody writes to it."""
    path = tmp_path_factory.mktemp("slice") / "slice.xlsx"
    write_workbook(slice_of(reconciliation, CUSTOMERS[:2]), path, of(CUSTOMERS[:2]), run=reconciliation)
    assert_valid(path)
    return path


def texts(book: Workbook, tab: str) -> list[str]:
    return [str(cell.value) for row in book[tab].iter_rows() for cell in row if isinstance(cell.value, str)]


def test_the_cover_says_first_that_it_is_a_slice(part: Path) -> None:
    cover = load_workbook(part)["Cover"]
    assert cover["B3"].value == "Only: Contoso Legal LLP, Fabrikam Dental Group; 15 of 75 rows"
    assert cover["C7"].value == "only Contoso Legal LLP, Fabrikam Dental Group"
    assert cover["B3"].fill.fgColor.rgb != cover["B4"].fill.fgColor.rgb


def test_a_whole_workbook_says_nothing_of_a_slice(issued: Path) -> None:
    book = load_workbook(issued)
    assert book["Cover"]["B3"].value is None
    assert not [text for tab in ("Cover", "Summary", "Microsoft") for text in texts(book, tab) if "only Contoso" in text]


def test_every_sheet_of_a_slice_names_its_customers(part: Path) -> None:
    book = load_workbook(part)
    for tab in ("Summary", "Microsoft", "Pax8", "Huntress", "No vendor", "Not compared"):
        assert any("· only Contoso Legal LLP, Fabrikam Dental Group" in text for text in texts(book, tab)), tab


def test_a_slice_shows_no_proof_of_the_whole_run_and_says_where_it_is(part: Path) -> None:
    said = texts(load_workbook(part), "Cover")
    assert "Completeness: not proven here" in said
    proven = "That every row of every file stands somewhere is proven on the cover of the whole run's workbook"
    assert f"{proven} (run R-2026-11-03, revision 2)." in said
    left = "2 unmapped accounts and 2 unmapped services of this run."
    assert any(text.endswith(left) for text in said)
    assert not [text for text in said if text in ("Unexplained", "Vendor invoices") or "Unmapped" in text]
    assert "Left out because they have no rows: Changes, Carried forward, Log." in said


def test_a_slice_holds_no_name_of_another_customer(part: Path) -> None:
    book = load_workbook(part)
    said = {text for tab in book.sheetnames for text in texts(book, tab)}
    assert not [text for text in said for other in CUSTOMERS[2:] if other in text]


def test_an_untouched_slice_says_nothing(part: Path, reconciliation: Reconciliation) -> None:
    returned = read_workbook(part)
    assert verify(returned.identity, KEY)
    assert returned.identity.customers == CUSTOMERS[:2]
    assert (returned.decisions, returned.problems, returned.notices) == ((), (), ())
    assert changed_cells(returned, slice_of(reconciliation, CUSTOMERS[:2])) == ()


@pytest.mark.parametrize("customers", [CUSTOMERS[:2], CUSTOMERS[13:16], CUSTOMERS[17:]])
def test_the_checks_of_a_slice_agree_as_libreoffice_computes_them(
    office: Office, tmp_path: Path, reconciliation: Reconciliation, customers: tuple[str, ...]
) -> None:
    path = tmp_path / "slice.xlsx"
    write_workbook(slice_of(reconciliation, customers), path, of(customers), run=reconciliation)
    found = recomputed(office, path)
    assert different(cached(path), found) == []
    assert found["Cover", "B2"] == "✓ all checks agree"


def test_a_deleted_row_of_a_slice_turns_the_flag_red(office: Office, part: Path) -> None:
    found = recomputed(office, part, ("delete_rows", "Microsoft", header_row(part, "Microsoft") + 2, 1))
    assert found["Cover", "B2"].startswith("✗")


def test_many_customers_are_named_by_their_number() -> None:
    assert named(CUSTOMERS[:5]) == ", ".join(CUSTOMERS[:5])
    assert named(CUSTOMERS) == ", ".join(CUSTOMERS[:5]) + " and 13 more"
    assert only(IDENTITY) == ""


def test_a_slice_of_a_vendor_says_so_and_its_checks_agree(office: Office, tmp_path: Path, reconciliation: Reconciliation) -> None:
    path, identity = tmp_path / "slice.xlsx", sign(replace(IDENTITY, scope=scope_of([], ["Pax8"])), KEY)
    mine = slice_of(reconciliation, (), ["Pax8"])
    write_workbook(mine, path, identity, run=reconciliation)
    book, found = load_workbook(path), recomputed(office, path)
    assert book["Cover"]["B3"].value == "Only: Pax8; 15 of 75 rows"
    assert book["Cover"]["C7"].value == "only Pax8"
    said = texts(book, "Cover")
    assert any(text.startswith("PSA lines that no vendor counts") for text in said)
    assert not [text for text in said if "Huntress" in text or "microsoft_" in text or "No vendor" in text]
    assert (different(cached(path), found), found["Cover", "B2"]) == ([], "✓ all checks agree")
    returned = read_workbook(path)
    assert (returned.problems, changed_cells(returned, mine)) == ((), ())


def test_a_slice_of_customers_at_vendors_names_both() -> None:
    identity = replace(IDENTITY, scope=scope_of(CUSTOMERS[:2], ["Pax8"]))
    assert only(identity) == " · only Contoso Legal LLP, Fabrikam Dental Group at Pax8"
