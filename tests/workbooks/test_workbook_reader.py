"""What people type, and what becomes of it."""

import datetime as dt
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from core.records import Action
from core.run import Reconciliation
from tests.workbooks.book import Book
from tests.workbooks.editing import edited, typed
from tests.workbooks.example import IDENTITY, KEY
from tests.workbooks.places import cell, rows_of
from workbooks.compare_issued import as_issued, changed_cells
from workbooks.identity import verify
from workbooks.layout_tables import UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES
from workbooks.reader import WorkbookRefused, read_workbook
from workbooks.unverified import comparison_from_cells

LINE = "line:3589"


def test_an_untouched_workbook_says_nothing(issued: Path, reconciliation: Reconciliation) -> None:
    returned = read_workbook(issued)
    assert (returned.decisions, returned.mapping_decisions, returned.problems, returned.notices) == ((), (), (), ())
    assert dict(returned.typed_totals) == {}
    assert changed_cells(returned, reconciliation) == ()
    assert returned.identity == IDENTITY
    assert verify(returned.identity, KEY)
    assert not verify(returned.identity, b"another installation")


def test_an_unknown_workbook_gives_the_comparisons_it_was_made_of(issued: Path, reconciliation: Reconciliation) -> None:
    rebuilt, problems = comparison_from_cells(read_workbook(issued))
    assert problems == ()
    order = ["key"]
    ours, theirs = (data.sort_values(order).reset_index(drop=True) for data in (reconciliation.comparisons, rebuilt))
    assert ours.equals(theirs)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"decision": "Approve"}, (Action.APPROVE, None, None)),
        ({"decision": "\xa0 APPROVE "}, (Action.APPROVE, None, None)),
        ({"decision": "End  line"}, (Action.END_LINE, None, None)),
        ({"decision": "Approve", "quantity": "1,234 "}, (Action.APPROVE, Decimal(1234), None)),
        ({"decision": "Approve", "quantity": 0.1 + 0.2}, (Action.APPROVE, Decimal("0.3000"), None)),
        ({"decision": "Approve", "quantity": 0}, (Action.APPROVE, Decimal(0), None)),
        ({"decision": "Approve", "from": "2026-12-01"}, (Action.APPROVE, None, dt.date(2026, 12, 1))),
        ({"decision": "Approve", "from": "12/15/2026"}, (Action.APPROVE, None, dt.date(2026, 12, 15))),
        ({"decision": "Approve", "from": "1 Dec 2026"}, (Action.APPROVE, None, dt.date(2026, 12, 1))),
        ({"decision": "Approve", "from": 46357}, (Action.APPROVE, None, dt.date(2026, 12, 1))),
        ({"decision": "Approve", "from": dt.datetime(2026, 12, 1)}, (Action.APPROVE, None, dt.date(2026, 12, 1))),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_careless_typing_is_understood(issued: Path, tmp_path: Path, cells: dict[str, Any], expected: tuple[Any, ...]) -> None:
    returned = typed(issued, tmp_path / "a.xlsx", "Microsoft", LINE, cells)
    (one,) = returned.decisions
    assert returned.problems == ()
    assert (one.action, one.quantity, one.effective_date) == expected
    assert (one.key, one.by) == (LINE, "anna@northwind.example")
    assert one.place == f"a.xlsx, Microsoft!{cell('decision', rows_of(issued, 'Microsoft')[LINE])}"
    assert one.fingerprint


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"decision": "yes"}, "decision", "choose Approve or Dismiss or Ask"),
        ({"decision": "Approve", "quantity": "about 12"}, "quantity", "not a number"),
        ({"decision": "Approve", "quantity": "1,5"}, "quantity", "not a number"),
        ({"decision": "Approve", "quantity": -3}, "quantity", "below zero"),
        ({"decision": "Approve", "quantity": True}, "quantity", "not a number"),
        ({"decision": "Approve", "from": "01/12/2026"}, "from", "can be 2026-01-12 or 2026-12-01"),
        ({"decision": "Approve", "from": "soon"}, "from", "not a date"),
        ({"decision": "Approve", "from": 12}, "from", "not a date"),
        ({"decision": "Approve", "from": "2026-02-30"}, "from", "not a date"),
        ({"quantity": 12}, "quantity", "nothing is decided"),
        ({"decision": "=A1"}, "decision", "formula without a value"),
    ],
)
def test_what_cannot_be_understood_is_a_problem_with_its_cell(
    issued: Path, tmp_path: Path, cells: dict[str, Any], column: str, words: str
) -> None:
    returned = typed(issued, tmp_path / "a.xlsx", "Microsoft", LINE, cells)
    (problem,) = returned.problems
    assert returned.decisions == ()
    assert problem.place == f"a.xlsx, Microsoft!{cell(column, rows_of(issued, 'Microsoft')[LINE])}"
    assert words in problem.message


def test_a_changed_cell_that_no_decision_rests_on_is_named_and_not_used(
    issued: Path, tmp_path: Path, reconciliation: Reconciliation
) -> None:
    returned = typed(issued, tmp_path / "a.xlsx", "Microsoft", LINE, {"decision": "Approve", "why": "because"})
    (why,) = changed_cells(returned, reconciliation)
    assert why.place.endswith(cell("why", rows_of(issued, "Microsoft")[LINE]))
    assert why.message == "Why was issued as uses 28, billed 25 and reads because now: not used"
    assert len(as_issued(returned, reconciliation).decisions) == 1


def test_a_decision_in_a_row_with_another_number_than_issued_is_not_used(
    issued: Path, tmp_path: Path, reconciliation: Reconciliation
) -> None:
    returned = typed(issued, tmp_path / "a.xlsx", "Microsoft", LINE, {"decision": "Approve", "to_bill": 99, "why": "because"})
    (notice,), made = changed_cells(returned, reconciliation), as_issued(returned, reconciliation)
    assert "because" in notice.message
    (problem,) = made.problems
    assert (made.decisions, problem.place) == ((), f"a.xlsx, Microsoft!{cell('to_bill', rows_of(issued, 'Microsoft')[LINE])}")
    assert problem.message == (
        "To bill was issued as 28 and reads 99 now, and the decision rests on it: not used; put 28 back, or type another one under "
        "Quantity, with a Reason"
    )


def test_a_row_without_its_key_is_a_problem(issued: Path, tmp_path: Path) -> None:
    returned = typed(issued, tmp_path / "a.xlsx", "Microsoft", LINE, {"decision": "Approve", "key": None})
    assert returned.decisions == ()
    assert "lost its hidden key" in returned.problems[0].message


@pytest.mark.parametrize(("second", "decisions", "problems"), [("Approve", 1, 0), (None, 1, 0), ("Dismiss", 0, 2)])
def test_a_row_pasted_twice_counts_once_or_not_at_all(
    issued: Path, tmp_path: Path, second: str | None, decisions: int, problems: int
) -> None:
    book = Book(issued)
    sheet, row = book["Microsoft"], rows_of(issued, "Microsoft")[LINE]
    sheet[cell("decision", row)].value = "Approve"
    last = max(rows_of(issued, "Microsoft").values()) + 1
    for name in ("key", "fingerprint", "state"):
        sheet[cell(name, last)].value = sheet[cell(name, row)].value
    sheet[cell("decision", last)].value = second
    book.save(tmp_path / "a.xlsx")
    returned = read_workbook(tmp_path / "a.xlsx")
    assert (len(returned.decisions), len(returned.problems)) == (decisions, problems)


def test_tables_are_found_by_their_headers_where_a_program_dropped_the_tables(
    issued: Path, tmp_path: Path, reconciliation: Reconciliation
) -> None:
    def edit(book: Workbook) -> None:
        for sheet in book:
            for name in list(sheet.tables):
                del sheet.tables[name]
        book["Microsoft"].title = "M"
        book["M"][cell("decision", rows_of(issued, "Microsoft")[LINE])].value = "Ask"

    returned = edited(issued, tmp_path / "a.xlsx", edit)
    assert [(one.key, one.action) for one in returned.decisions] == [(LINE, Action.ASK)]
    assert returned.problems == ()
    assert changed_cells(returned, reconciliation) == ()


@pytest.mark.parametrize(
    ("text", "decided", "words"),
    [
        ('t="e"><v>#N/A</v>', 0, "#N/A"),
        ("><f>40-12</f><v>28</v>", 1, "its value 28 counts"),
        ("><f>40-12</f>", 0, "without a value"),
    ],
)  # fmt: skip
def test_formulas_and_errors_in_input_cells_are_said(issued: Path, tmp_path: Path, text: str, decided: int, words: str) -> None:
    path = tmp_path / "a.xlsx"
    typed(issued, path, "Microsoft", LINE, {"decision": "Approve", "quantity": 777})
    place = cell("quantity", rows_of(issued, "Microsoft")[LINE])
    _replace_in_sheets(path, f'<c r="{place}"', text)
    returned = read_workbook(path)
    assert len(returned.decisions) == decided
    (said,) = returned.notices if decided else returned.problems
    assert said.place == f"a.xlsx, Microsoft!{place}"
    assert words in said.message


def _replace_in_sheets(path: Path, start: str, text: str) -> None:
    import re

    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            if "worksheets/sheet" in name:
                data = re.sub(rf"({start}[^>]*?)( t=\"n\")?><v>777</v>".encode(), rf"\1 {text}".encode(), data)
            archive.writestr(name, data)


@pytest.mark.parametrize(
    ("cells", "target", "problem"),
    [
        ({"decision": "map"}, "Tailspin Toys Ltd [C04]", None),
        ({"decision": "Map", "target": "Trey Research [C17]"}, "Trey Research [C17]", None),
        ({"decision": "Internal"}, None, None),
        ({"decision": "Exclude"}, None, "a reason, an owner and a review date"),
        ({"decision": "Exclude", "reason": "test", "owner": "Ben", "review": "2027-01-31"}, None, None),
        ({"decision": "Free"}, None, "choose Map or Internal or Exclude"),
        ({"target": "Trey Research [C17]"}, None, "nothing is decided"),
    ],
)
def test_an_account_is_mapped_or_excluded(
    issued: Path, tmp_path: Path, reconciliation: Reconciliation, cells: dict[str, Any], target: str | None, problem: str | None
) -> None:
    key = next(key for key in rows_of(issued, "Unmapped accounts") if "mi-900" in key)
    returned = typed(issued, tmp_path / "a.xlsx", "Unmapped accounts", key, cells, UNMAPPED_ACCOUNTS)
    if problem:
        assert returned.mapping_decisions == ()
        assert problem in returned.problems[0].message
        return
    (one,) = as_issued(returned, reconciliation).mapping_decisions
    assert (one.subject, one.vendor, one.vendor_id, one.target) == ("account", "Microsoft", "mi-900", target)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"decision": "Free", "vendor_service_id": "something else"}, "Vendor service id not as issued"),
        ({"decision": "Map", "suggestion": "Trey Research [C17]"}, "choose another one under Target"),
    ],
)
def test_a_mapping_decision_in_a_row_that_shows_something_else_is_not_used(
    issued: Path, tmp_path: Path, reconciliation: Reconciliation, cells: dict[str, Any], words: str
) -> None:
    key = next(iter(rows_of(issued, "Unmapped services")))
    made = as_issued(typed(issued, tmp_path / "a.xlsx", "Unmapped services", key, cells, UNMAPPED_SERVICES), reconciliation)
    assert made.mapping_decisions == ()
    assert words in made.problems[0].message


def _refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(WorkbookRefused) as found:
        read_workbook(path)
    return str(found.value)


def _zip(path: Path, parts: dict[str, str]) -> bytes:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path.read_bytes()


def test_files_that_are_no_workbook_of_ours_are_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    assert "not a readable Excel workbook" in _refused(path, b"hello")
    assert "encrypted or in the old .xls format" in _refused(path, bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600)
    assert "binary workbook" in _refused(path, _zip(path, {"xl/workbook.bin": ""}))
    assert "OpenDocument" in _refused(path, _zip(path, {"content.xml": ""}))
    Workbook().save(path)
    assert "no identity sheet" in _refused(path, path.read_bytes())


def test_a_damaged_or_newer_identity_is_refused(issued: Path, tmp_path: Path) -> None:
    for name, value, words in (("revision", "x", "damaged identity"), ("schema_version", "99", "newer version")):
        book = Book(issued)
        book["_tieout"].cell(book["_tieout"].where(name).row, 2).value = value
        book.save(tmp_path / "a.xlsx")
        with pytest.raises(WorkbookRefused, match=words):
            read_workbook(tmp_path / "a.xlsx")


def test_two_columns_of_one_input_stop_the_table(issued: Path, tmp_path: Path) -> None:
    def edit(book: Workbook) -> None:
        sheet = book["Microsoft"]
        sheet.tables.clear()
        sheet["BZ7"].value = "Decision"

    returned = edited(issued, tmp_path / "a.xlsx", edit)
    assert "two columns are called Decision" in returned.problems[0].message


def test_the_file_opens_in_openpyxl_with_everything_declared(issued: Path) -> None:
    book = load_workbook(issued)
    assert book["_tieout"].sheet_state == "veryHidden"
    assert book["_lists"].sheet_state == "hidden"
    sheet = book["Microsoft"]
    assert list(sheet.tables) == ["Lines_Microsoft"]
    assert len(sheet.data_validations.dataValidation) == 7
    assert sheet.conditional_formatting
    assert sheet.freeze_panes == "D8"
    assert sheet.print_title_rows == "$7:$7"
