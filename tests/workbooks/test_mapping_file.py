"""The mapping workbook: what is written is what is read, and what is wrong is told with its cell."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from core.mapping import AccountMapping, Kind, Mapping, ServiceMapping, ServiceRule, Tie
from core.records import Measure
from core.settings import Settings
from tests.workbooks.judges import assert_valid
from workbooks.layout_mapping import MAPPING_SHEETS
from workbooks.mapping_file import is_issued, read_mapping, write_mapping
from workbooks.pen import WorkbookNotWritten

D = Decimal
DAY = dt.date(2027, 1, 31)
WHOLE = Mapping(
    (
        AccountMapping("Pax8", "0042", "=Contoso", Kind.MAPPED, "801", D("0.25")),
        AccountMapping("Pax8", "0042", "=Contoso", Kind.MAPPED, "Fabrikam", D("0.75")),
        AccountMapping("Microsoft", "t-1", "Own tenant", Kind.INTERNAL, reason="own", owner="Dana"),
        AccountMapping("Pax8", "9", "Old Ltd", Kind.EXCLUDED, reason="gone", owner="Dana", review=DAY),
    ),
    (
        ServiceMapping("Microsoft", "SKU | P1M", "Business Premium", Kind.MAPPED, "BP", D("1.5")),
        ServiceMapping("Huntress", "EDR", "EDR", Kind.INCLUDED, "GOLD"),
        ServiceMapping("Microsoft", "FREE", "Flow Free", Kind.FREE),
    ),
    (
        ServiceRule("BP", None, D(25), D(5), D(1)),
        ServiceRule("AZ", "801", measure=Measure.MONEY, markup=D("0.15"), keep_at_zero=True),
    ),
    (Tie("Pax8", "sub-1", "3001"),),
    frozenset({"HELPDESK", "007"}),
)
SET = Settings("Northwind", "autotask", "EUR", False, False, dt.date(2026, 10, 31), D(20), D("12.5"), D(1000))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write_mapping(WHOLE, SET, tmp_path / "m.xlsx")
    assert_valid(tmp_path / "m.xlsx")
    found = read_mapping(tmp_path / "m.xlsx")
    assert (found.mapping, found.settings, found.problems) == (WHOLE, SET, ())
    assert [p.name for p in tmp_path.iterdir()] == ["m.xlsx"]
    assert not is_issued(tmp_path / "m.xlsx")


def test_an_empty_mapping_has_every_sheet_to_fill(tmp_path: Path) -> None:
    write_mapping(Mapping(), Settings(), tmp_path / "m.xlsx")
    assert_valid(tmp_path / "m.xlsx")
    assert load_workbook(tmp_path / "m.xlsx").sheetnames == [sheet.name for sheet in MAPPING_SHEETS]
    found = read_mapping(tmp_path / "m.xlsx")
    assert (found.mapping, found.settings, found.problems) == (Mapping(), Settings(), ())


NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=("Cc", "Cs", "Zs")), min_size=1, max_size=8)
PLACES = st.decimals(min_value="0.000001", max_value=99999, places=6)
KINDS = st.sampled_from([Kind.MAPPED, Kind.INCLUDED])
MAPPINGS = st.builds(
    Mapping,
    st.lists(st.builds(AccountMapping, NAMES, NAMES, NAMES, st.just(Kind.MAPPED), NAMES), unique_by=lambda a: a.account_id).map(
        tuple
    ),
    st.lists(
        st.builds(ServiceMapping, NAMES, NAMES, NAMES, KINDS, NAMES, PLACES), unique_by=lambda s: (s.vendor, s.vendor_service_id)
    ).map(tuple),
    st.lists(st.builds(ServiceRule, NAMES, st.none() | NAMES), unique_by=lambda r: r.service_id).map(tuple),
    st.lists(st.builds(Tie, NAMES, NAMES, NAMES), unique_by=lambda t: (t.vendor, t.reference)).map(tuple),
    st.frozensets(NAMES, max_size=3),
)


@settings(max_examples=25, deadline=None)
@given(mapping=MAPPINGS)
def test_any_mapping_makes_the_round_trip(tmp_path_factory: pytest.TempPathFactory, mapping: Mapping) -> None:
    path = tmp_path_factory.mktemp("mapping") / "m.xlsx"
    write_mapping(mapping, Settings(), path)
    found = read_mapping(path)
    assert (found.problems, found.mapping) == ((), mapping)


ACCOUNT = ("Vendor", "Account ID", "Account", "Kind", "Customer", "Share", "Reason", "Owner", "Review date")
SERVICE = ("Vendor", "Vendor service ID", "Vendor service", "Kind", "PSA service", "Multiplier")
RULE = ("PSA service", "Customer", "Minimum", "Round up to", "Tolerance", "Measure", "Markup", "Keep at zero")

WRONG: list[tuple[str, list[tuple[Any, ...]], str, str]] = [
    ("Accounts", [ACCOUNT, ("P", "1", "A", "maped", "C")], "Accounts!D2", "'maped' is none of mapped, included"),
    ("Accounts", [ACCOUNT, ("P", "1", "A", "mapped", "C", "half")], "Accounts!F2", "Share: 'half' is not a number"),
    ("Accounts", [ACCOUNT, ("P", "1", "A", "excluded", None, 1, "x", "y", "soon")], "Accounts!I2", "Review date: 'soon'"),
    ("Accounts", [ACCOUNT, ("P", None, "A", "mapped", "C")], "Accounts, row 2", "Account ID must be filled"),
    ("Accounts", [ACCOUNT, ("P", "1", "A", "mapped")], "Accounts, row 2", "Customer must be filled"),
    ("Accounts", [ACCOUNT, ("P", "1", "A", "free", "C")], "Accounts, row 2", "an account is mapped, internal or excluded"),
    ("Accounts", [ACCOUNT, ("P", "1", "A", "excluded")], "Accounts, row 2", "an exclusion wants a Reason"),
    ("Accounts", [ACCOUNT, ("P", "1", "A", "mapped", "C", -1)], "Accounts, row 2", "the Share is above 0"),
    ("Accounts", [ACCOUNT, ("P", "1", "A", "mapped", "C", 0.5)], "Accounts, row 2", "add up to 0.5, not to 1"),
    (
        "Accounts",
        [ACCOUNT, ("P", "1", "A", "mapped", "C"), ("P", "1", "A.", "mapped", "D")],
        "Accounts, row 2",
        "add up to 2, not to 1",
    ),
    (
        "Accounts",
        [ACCOUNT, ("P", "1", "A", "mapped", "C", 0.5), ("P", "1", "A", "mapped", "C", 0.5)],
        "Accounts, row 3",
        "P 1 C stands in row 2 already: keep one",
    ),
    ("Accounts", [ACCOUNT[:3], ("P", "1", "A")], "Accounts!A1", "row 1 lacks the headers Kind"),
    ("Services", [SERVICE, ("P", "1", "A", "mapped")], "Services, row 2", "PSA service must be filled"),
    ("Services", [SERVICE, ("P", "1", "A", "mapped", "S", 0)], "Services, row 2", "the Multiplier must be above 0"),
    ("Services", [SERVICE, ("P", "1", "A", "free"), (), ("P", "1", "A", "mapped", "S")], "Services, row 4", "in row 2 already"),
    ("Rules", [RULE, ("S", None, -1)], "Rules, row 2", "Minimum and Tolerance cannot be below 0"),
    ("Rules", [RULE, ("S", None, None, 0)], "Rules, row 2", "Round up to must be above 0"),
    ("Rules", [RULE, ("S", None, None, None, None, "euros")], "Rules!F2", "'euros' is none of units, money"),
    ("Rules", [RULE, ("S", None, None, None, None, None, None, "maybe")], "Rules!H2", "'maybe' is neither yes nor no"),
    ("Settings", [("Setting", "Value"), ("curency", "USD")], "Settings!B2", "'curency' is not a setting; there are"),
    ("Settings", [("Setting", "Value"), ("currency", "dollars")], "Settings!B2", "write it as three letters"),
    ("Settings", [("Setting", "Value"), ("psa", "halo")], "Settings!B2", "'halo' is no PSA that is known"),
    ("Settings", [("Setting", "Value"), ("large_units", -1)], "Settings!B2", "is below zero"),
    ("Settings", [("Name", "Value"), ("psa", "autotask")], "Settings!A1", "row 1 lacks the headers Setting"),
    ("Sheet1", [("a",)], "", "has none of the sheets Accounts, Services"),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "rows", "place", "said"), WRONG, ids=[w[3][:40] for w in WRONG])
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, sheet: str, rows: list[tuple[Any, ...]], place: str, said: str
) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for number, cells in enumerate(rows, 1):
        for column, value in enumerate(cells, 1):
            page.cell(number, column).value = value
    book.save(tmp_path / "m.xlsx")
    found = read_mapping(tmp_path / "m.xlsx")
    (problem,) = found.problems
    assert (problem.place, said in problem.message) == (f"m.xlsx, {place}" if place else "m.xlsx", True), problem


def test_columns_may_stand_in_any_order_and_numbers_may_be_ids(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Accounts"
    page.append(["kind ", "CUSTOMER", "Account", "Account  ID", "Vendor", "Remark"])
    page.append(["Mapped", 801, "Contoso", 42, "Pax8", "ours"])
    book.save(tmp_path / "m.xlsx")
    found = read_mapping(tmp_path / "m.xlsx")
    assert (found.problems, found.settings) == ((), None)
    assert found.mapping.accounts == (AccountMapping("Pax8", "42", "Contoso", Kind.MAPPED, "801"),)


@pytest.mark.parametrize(
    ("name", "said"), [("none.xlsx", "there is no such file"), (".", "this is a folder"), ("a.txt", "is no mapping")]
)
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "a.txt").write_text("hello")
    (problem,) = read_mapping(tmp_path / name).problems
    assert said in problem.message
    assert not is_issued(tmp_path / name)


def test_an_issued_workbook_is_told_apart(issued: Path) -> None:
    assert is_issued(issued)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkbookNotWritten, match="could not be written"):
        write_mapping(WHOLE, SET, tmp_path / "none" / "m.xlsx")

    def held(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "m.xlsx").write_text("old")
    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(WorkbookNotWritten, match="close it where it is open"):
        write_mapping(WHOLE, SET, tmp_path / "m.xlsx")
    assert (tmp_path / "m.xlsx").read_text() == "old"
