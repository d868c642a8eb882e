"""What was changed that nobody may change: recognised, named, and nothing used that should not be."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from core.run import Reconciliation
from tests.workbooks.survival.changes import put, rows_of
from tests.workbooks.survival.stages import Bench, Tables, lo, xl
from tests.workbooks.survival.where import where
from tests.workbooks.survival.world import Said, said
from workbooks.as_shown import SEEN, WHICH
from workbooks.layout_vendor import VENDOR
from workbooks.reader import WorkbookRefused, read_workbook

Edit = Callable[[Workbook, Tables], None]
LINES = ("line:3589", "line:3591", "line:3593", "line:3603", "line:3609")
HIDDEN_FROM = "Key"


def named(found: Said) -> set[tuple[str, int]]:
    """Sheet and row, from 0, of each problem."""
    places = [re.fullmatch(r"[^,]+, (.+)![A-Z]+(\d+)", problem.place) for problem in found.problems]
    return {(place[1], int(place[2]) - 1) for place in places if place}


def swap(headers: Callable[[list[str]], list[str]], one: str = "line:3589", other: str = "line:3591") -> Edit:
    """Exchanges cells of two rows."""

    def edit(book: Workbook, tables: Tables) -> None:
        page, places = book["Microsoft"], tables["Microsoft"]
        for header in headers(list(places.columns)):
            ours, theirs = page[places.cell(header, one)], page[places.cell(header, other)]
            ours.value, theirs.value = theirs.value, ours.value

    return edit


def hidden(headers: list[str]) -> list[str]:
    return headers[headers.index(HIDDEN_FROM) :]


def retype(header: str, value: Any, key: str = "line:3589", tab: str = "Microsoft") -> Edit:
    def edit(book: Workbook, tables: Tables) -> None:
        book[tab][tables[tab].cell(header, key)].value = value

    return edit


def rename(header: str, text: str | None, tab: str = "Microsoft") -> Edit:
    def edit(book: Workbook, tables: Tables) -> None:
        book[tab].tables.clear()
        book[tab][tables[tab].at(header, tables[tab].header)].value = text

    return edit


def move_half(book: Workbook, tables: Tables) -> None:
    """The shown columns a row further down, as a sort of half of the columns leaves them; the hidden ones where they were."""
    page, places = book["Microsoft"], tables["Microsoft"]
    at, rows = places.columns[HIDDEN_FROM], rows_of(page, places)
    put(page, places, [shown[:at] + row[at:] for shown, row in zip([rows[-1], *rows[:-1]], rows, strict=True)])


def paste_below(changes: dict[str, Any], *, leave: bool) -> Edit:
    """A copy of a row, as another workbook would have it, pasted under the table."""

    def edit(book: Workbook, tables: Tables) -> None:
        page, places = book["Microsoft"], tables["Microsoft"]
        for header, place in places.columns.items():
            cell = page.cell(places.rows["line:3589"] + 1, place + 1)
            page.cell(places.last + 2, place + 1).value = changes.get(header, cell.value)
        if not leave:
            page[places.cell("Decision", "line:3589")].value = None

    return edit


def delete_column(header: str) -> Edit:
    def edit(book: Workbook, tables: Tables) -> None:
        book["Microsoft"].tables.clear()
        book["Microsoft"].delete_cols(tables["Microsoft"].columns[header] + 1)

    return edit


TAMPERED: dict[str, tuple[Edit, tuple[str, ...], str]] = {
    "the keys of two rows swapped": (swap(lambda _: ["Key"]), LINES[:2], "its hidden key stands for"),
    "all hidden cells of two rows swapped": (swap(hidden), LINES[:2], "its hidden key stands for Adventure Works Cycles"),
    "half of the columns sorted": (move_half, LINES, "its hidden key stands for"),
    "a key copied onto another row": (retype("Key", "line:3591"), LINES[:2], "the same line is decided differently"),
    "another client typed": (retype("Client", "Somebody Else"), LINES[:1], "this row shows Somebody Else"),
    "the client emptied": (retype("Client", None), LINES[:1], "this row shows empty"),
    "a number typed over": (retype("To bill", 30), LINES[:1], "To bill was issued as 28 and reads 30 now"),
    "a price typed over": (retype("Unit price", 30), LINES[:1], "or type another one under New price"),
    "a fingerprint typed over": (retype("Fingerprint", "0" * 16), LINES[:1], "Fingerprint was issued as"),
    "a key nobody issued": (retype("Key", "line:99"), LINES[:1], "this key was not issued with this workbook"),
    "a key erased": (retype("Key", None), LINES[:1], "lost its hidden key"),
    "the key column renamed": (rename("Key", "Number"), LINES, "lost its hidden key"),
    "the key column deleted": (delete_column("Key"), LINES, "lost its hidden key"),
    "an input renamed": (rename("Quantity", "Qty"), ("line:3591",), "Quantity is missing, and the column Qty is not one of ours"),
    "a row of another run beside its own": (
        paste_below({"PSA quantity": 24, "Fingerprint": "1" * 16}, leave=True), LINES[:1], "is decided differently",
    ),
    "a row of another run in place of its own": (
        paste_below({"PSA quantity": 24, "Fingerprint": "1" * 16}, leave=False), LINES[:1], "PSA quantity was issued as 25",
    ),
    "an account's key on another account": (
        retype("Key", "account:Pax8:pa-901:USD", "account:Microsoft:mi-900:USD", "Unmapped accounts"),
        ("account:Microsoft:mi-900:USD",), "this row shows Microsoft, and its hidden key stands for Pax8",
    ),
    "a suggestion typed over": (
        retype("Suggestion", "Trey Research [C17]", "account:Microsoft:mi-900:USD", "Unmapped accounts"),
        ("account:Microsoft:mi-900:USD",), "or choose another one under Target",
    ),
    "the file of an invoice total typed over": (
        retype("Source", "pax8.csv", "microsoft_2026-11.csv|USD", "Cover"),
        ("microsoft_2026-11.csv|USD",),
        "this row shows pax8.csv",
    ),
}  # fmt: skip
"""By what was done: the edit, the decisions that are not used, and what is said of them."""


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_tampered_with_is_named_and_not_used(
    bench: Bench, lean: Path, month: Reconciliation, truth: Said, name: str
) -> None:
    edit, lost, words = TAMPERED[name]
    path = xl(edit)(bench, lean)
    found = said(path, month)
    assert found.decisions == {key: one for key, one in truth.decisions.items() if key not in lost}
    assert any(words in problem.message for problem in found.problems), found.problems
    tabs = {tab for tab, _ in named(found)}
    assert tabs == {next(tab for tab, places in where(lean).items() if lost[0] in places.rows)}


@pytest.mark.parametrize("name", ["the keys of two rows swapped", "half of the columns sorted", "the key column deleted"])
def test_each_row_that_lost_its_line_is_named(bench: Bench, lean: Path, month: Reconciliation, name: str) -> None:
    path = xl(TAMPERED[name][0])(bench, lean)
    page = load_workbook(path)["Microsoft"]
    header = next(row for row in page.iter_rows(values_only=True) if "Decision" in row)
    rows = {(page.title, number) for number, row in enumerate(page.iter_rows(values_only=True)) if row[header.index("Decision")]}
    lost = {row for row in rows if row[1] > where(lean)["Microsoft"].header}
    if name == "the keys of two rows swapped":
        lost = {("Microsoft", where(lean)["Microsoft"].rows[key]) for key in LINES[:2]}
    assert named(said(path, month)) == lost


def test_a_decision_is_kept_where_its_own_row_says_the_same_as_the_row_that_took_its_key(
    bench: Bench, fresh: Path, month: Reconciliation
) -> None:
    def edit(book: Workbook, tables: Tables) -> None:
        page, places = book["Microsoft"], tables["Microsoft"]
        for key in LINES[:2]:
            page[places.cell("Decision", key)].value = "Approve"
        for header in hidden(list(places.columns)):
            page[places.cell(header, "line:3591")].value = page[places.cell(header, "line:3589")].value

    found = said(xl(edit)(bench, fresh), month)
    assert list(found.decisions) == ["line:3589"]
    assert named(found) == {("Microsoft", where(fresh)["Microsoft"].rows["line:3591"])}


@pytest.mark.parametrize(
    "edit",
    [retype("Fingerprint", None), delete_column("Fingerprint"), retype("Why", "because"), retype("Ref", 99), retype("Age", None)],
)
def test_what_no_decision_rests_on_takes_nothing_away(
    bench: Bench, lean: Path, month: Reconciliation, truth: Said, edit: Edit
) -> None:
    found = said(xl(edit)(bench, lean), month)
    assert (found.decisions, found.problems) == (truth.decisions, ())


def test_a_total_below_a_row_inserted_between_the_invoices_is_read(bench: Bench, lean: Path, month: Reconciliation) -> None:
    def edit(book: Workbook, tables: Tables) -> None:
        places = tables["Cover"]
        book["Cover"][places.cell("Invoice total", "huntress_agents.csv|USD")].value = 1398.1
        book["Cover"].insert_rows(places.rows["huntress_agents.csv|USD"] + 1)

    assert "huntress_agents.csv|USD" in said(xl(edit)(bench, lean), month).decisions


def _second_identity(value: str | None) -> Edit:
    def edit(book: Workbook, _: Tables) -> None:
        page = book.copy_worksheet(book["_tieout"])
        page.title = "Sheet of Ben's"
        for row in page.iter_rows():
            if row[0].value == "workbook_id" and value:
                row[1].value = value

    return edit


def test_a_file_with_the_identities_of_two_workbooks_is_refused(bench: Bench, lean: Path, month: Reconciliation) -> None:
    with pytest.raises(WorkbookRefused, match="holds the identities of two workbooks"):
        read_workbook(xl(_second_identity("WB-2026-10-0003"))(bench, lean))
    assert said(xl(_second_identity(None))(bench, lean), month).problems == ()


def _typed_down(header: str, values: list[Any]) -> Edit:
    """The decisions of the first rows of the Microsoft sheet, and values below one another in another column."""

    def edit(book: Workbook, tables: Tables) -> None:
        page, places = book["Microsoft"], tables["Microsoft"]
        for number, value in enumerate(values):
            page[places.at("Decision", places.first + number)].value = "Approve"
            page[places.at(header, places.first + number)].value = value

    return edit


def test_dates_and_numbers_that_libreoffice_counts_up_are_told(bench: Bench, fresh: Path, month: Reconciliation) -> None:
    typed = xl(_typed_down("Reason", ["agreed"] * 5))(bench, fresh)
    places = where(fresh)["Microsoft"]
    top, rows = places.first, {("Microsoft", places.first + number) for number in range(5)}
    for header, start in (("From", 46357), ("Quantity", 27)):
        first, cells = places.at(header, top), places.range(header, header, top, top + 4)
        dragged = lo(lambda _, f=first, c=cells, s=start: [("type", "Microsoft", f, s), ("fill", "Microsoft", c)])
        found = said(dragged(bench, typed), month)
        assert (found.decisions, named(found)) == ({}, rows), header
        assert all(cells in problem.message for problem in found.problems)


def test_a_decision_pasted_through_a_filter_is_told_where_it_is_hidden(bench: Bench, fresh: Path, month: Reconciliation) -> None:
    typed, places = xl(_typed_down("Quantity", [None] * 5))(bench, fresh), where(fresh)["Microsoft"]
    found = said(lo(lambda _: [("hide_rows", "Microsoft", places.first + 1, places.first + 2)])(bench, typed), month)
    assert named(found) == {("Microsoft", places.first + 1), ("Microsoft", places.first + 2)}
    assert len(found.decisions) == 3
    assert "show the rows, look, and return the copy again" in found.problems[0].message
    assert said(typed, month).problems == ()


def test_a_decision_merged_over_rows_is_told_where_it_is_not_kept(bench: Bench, fresh: Path, month: Reconciliation) -> None:
    places = where(fresh)["Microsoft"]

    def edit(book: Workbook, _: Tables) -> None:
        page, letter = book["Microsoft"], get_column_letter(places.columns["Decision"] + 1)
        page.tables.clear()
        page[places.at("Decision", places.first)].value = "Approve"
        page.merge_cells(f"{letter}{places.first + 1}:{letter}{places.first + 3}")

    found = said(xl(edit)(bench, fresh), month)
    assert named(found) == {("Microsoft", places.first + 1), ("Microsoft", places.first + 2)}
    assert len(found.decisions) == 1


def test_every_number_that_a_fingerprint_covers_stands_in_the_row() -> None:
    assert {*SEEN[VENDOR.name], *WHICH[VENDOR.name]} <= {*VENDOR.positions}
