"""What a real LibreOffice does to a workbook, and that nothing of it is lost or misread."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils.cell import coordinate_to_tuple
from python_calamine import CalamineWorkbook

from core.records import Action, Decision
from core.run import Reconciliation
from tests.workbooks.example import IDENTITY
from tests.workbooks.office import Office
from tests.workbooks.places import cell, formulas_of, header_row, rows_of
from workbooks.compare_issued import changed_cells
from workbooks.layout import NONE_EXPECTED
from workbooks.layout_tables import INVOICE_TOTALS, NO_VENDOR, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES
from workbooks.layout_vendor import VENDOR
from workbooks.reader import Returned, read_workbook
from workbooks.sheet_scan import address
from workbooks.writer import write_workbook

LINE_ACTIONS = (Action.APPROVE, Action.ADD_LINE, Action.END_LINE, Action.DISMISS, Action.ASK)


def recomputed(office: Office, path: Path, *steps: tuple[Any, ...], only: tuple[str, ...] = ()) -> dict[tuple[str, str], Any]:
    """Every formula's value after calculateAll, by sheet and cell, of all sheets or of some; no formula may be an error."""
    found, errors = office.run(path, *steps, ("calculate",), ("formulas", *only))
    assert errors == []
    return {(sheet, address(row, column)): value for sheet, row, column, value in found}


def cached(path: Path) -> dict[tuple[str, str], Any]:
    """Every formula's value as the file keeps it."""
    with CalamineWorkbook.from_path(path) as book:
        values = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    places = [(tab, at, *coordinate_to_tuple(at)) for tab, found in formulas_of(path).items() for at in found]
    return {(tab, at): values[tab][row - 1][column - 1] for tab, at, row, column in places}


def different(ours: dict[Any, Any], theirs: dict[Any, Any]) -> list[tuple[Any, Any, Any]]:
    assert ours.keys() == theirs.keys()
    return [(place, value, theirs[place]) for place, value in ours.items() if not same(value, theirs[place])]


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        return abs(ours - theirs) < 1e-6
    return (ours or "") == theirs


def test_every_cached_value_is_what_libreoffice_computes(office: Office, issued: Path) -> None:
    ours = cached(issued)
    assert len(ours) > 900
    assert different(ours, recomputed(office, issued)) == []


def test_an_untouched_workbook_saved_by_libreoffice_says_nothing(
    office: Office, issued: Path, reconciliation: Reconciliation
) -> None:
    returned = read_workbook(office.saved(issued))
    assert (returned.identity, returned.decisions, returned.mapping_decisions, returned.problems) == (IDENTITY, (), (), ())
    assert changed_cells(returned, reconciliation) == ()
    assert dict(returned.typed_totals) == {}


def typed(issued: Path) -> list[tuple[Any, ...]]:
    """Decisions of every kind, some of them typed carelessly."""
    microsoft, pax8 = rows_of(issued, "Microsoft"), rows_of(issued, "Pax8")
    new = next(row for key, row in pax8.items() if key.startswith("new:"))
    accounts, no_vendor = rows_of(issued, "Unmapped accounts"), rows_of(issued, "No vendor")
    services = rows_of(issued, "Unmapped services")
    return [
        ("type", "Microsoft", cell("decision", microsoft["line:3589"]), " approve "),
        ("type", "Microsoft", cell("quantity", microsoft["line:3589"]), "27 "),
        ("type", "Microsoft", cell("reason", microsoft["line:3589"]), "agreed with client"),
        ("type", "Microsoft", cell("decision", microsoft["line:4102"]), "Approve"),
        ("type", "Microsoft", cell("quantity", microsoft["line:4102"]), 20),
        ("type", "Microsoft", cell("from", microsoft["line:4102"]), 46357),
        ("type", "Pax8", cell("decision", new), "Add line"),
        ("type", "Pax8", cell("add_to", new), "Backup add-on (child of Managed 365) [902]"),
        ("type", "Pax8", cell("note", new), "=cmd|' /C calc'!A0"),
        ("type", "Unmapped accounts", cell("decision", min(accounts.values()), UNMAPPED_ACCOUNTS), "Map"),
        ("type", "Unmapped services", cell("decision", min(services.values()), UNMAPPED_SERVICES), "Internal"),
        ("type", "No vendor", cell("decision", min(no_vendor.values()), NO_VENDOR), NONE_EXPECTED),
        ("type", "Cover", address(header_row(issued, "Cover") + 1, INVOICE_TOTALS.positions["typed"]), 14791.97),
    ]


def expect_the_typed(returned: Returned) -> None:
    assert returned.problems == ()
    found = {one.key: one for one in returned.decisions}
    assert found["line:3589"].action is Action.APPROVE
    assert found["line:3589"].quantity == 27
    assert found["line:4102"].quantity == 20
    assert found["line:4102"].effective_date == dt.date(2026, 12, 1)
    new = next(one for key, one in found.items() if key.startswith("new:"))
    assert (new.action, new.agreement) == (Action.ADD_LINE, "Backup add-on (child of Managed 365) [902]")
    assert new.note == "=cmd|' /C calc'!A0"
    assert len(found) == 3
    assert {(one.subject, one.choice) for one in returned.mapping_decisions} == {
        ("account", "Map"), ("service", "Internal"), ("no vendor", NONE_EXPECTED),
    }  # fmt: skip
    assert dict(returned.typed_totals) == {("microsoft_2026-11.csv", "USD"): Decimal("14791.97")}


def last_column(sheet: str = "BO") -> str:
    return address(0, len(VENDOR.columns) - 1)[:-1]


def test_decisions_typed_in_libreoffice_come_back(office: Office, issued: Path) -> None:
    """What people then do to the sheets is tried in tests/workbooks/survival."""
    expect_the_typed(read_workbook(office.saved(issued, *typed(issued))))


def test_sorting_changes_no_read_only_cell(office: Office, issued: Path, reconciliation: Reconciliation) -> None:
    saved = office.saved(issued, ("sort", "Microsoft", f"A8:{last_column()}35", 1))
    assert changed_cells(read_workbook(saved), reconciliation) == ()


def test_effects_and_checks_follow_what_is_typed(office: Office, issued: Path) -> None:
    rows = rows_of(issued, "Microsoft")
    found = recomputed(office, issued, *typed(issued))
    at = lambda name, key: found["Microsoft", cell(name, rows[key])]  # noqa: E731
    assert at("effect", "line:4102") == pytest.approx(44.00)
    assert at("check", "line:4102") == "ok"
    assert at("check", "line:3589") == "quantity is not a number"  # typed as text; the reader understands it
    assert at("check", "line:4101") == "open"


def test_a_typed_quantity_and_price_reach_row_vendor_summary_and_cover_at_once(office: Office, issued: Path) -> None:
    """30 at 25.00 instead of 28 at 22.00: 750 - 550 = 200 a month instead of 66."""
    row = rows_of(issued, "Microsoft")["line:3589"]
    before = recomputed(office, issued)
    typed = {"decision": "Approve", "quantity": 30, "new_price": 25, "reason": "agreed with client"}
    after = recomputed(office, issued, *(("type", "Microsoft", cell(name, row), value) for name, value in typed.items()))
    effect = cell("effect", row)
    assert (before["Microsoft", effect], after["Microsoft", effect]) == (66, 200)
    moved = {
        place: after[place] - before[place]
        for place in before
        if isinstance(before[place], float) and isinstance(after[place], float) and abs(after[place] - before[place]) > 1e-6
    }
    money = {
        sheet: [at for (there, at), by in moved.items() if there == sheet and abs(by - 134) < 1e-6] for sheet in SHEETS_OF_MONEY
    }
    assert all(money.values()), money
    assert ("Cover", "B2") in after
    assert after["Cover", "B2"] == "✓ all checks agree"
    assert any(sheet == "Summary" and by == 1 for (sheet, _), by in moved.items())  # one more is approved


SHEETS_OF_MONEY = ("Microsoft", "Summary", "Cover")


def test_a_decided_workbook_is_cached_as_libreoffice_computes_it(
    office: Office, issued: Path, tmp_path: Path, reconciliation: Reconciliation
) -> None:
    returned = read_workbook(office.saved(issued, *typed(issued)))
    path = tmp_path / "decided.xlsx"
    write_workbook(reconciliation, path, IDENTITY, {one.key: one for one in returned.decisions})
    found = recomputed(office, path)
    assert different(cached(path), found) == []
    assert found["Cover", "B2"] == "✓ all checks agree"  # the movement closes, decided and open add up
    again = read_workbook(path)
    assert {(d.key, d.action, d.quantity, d.note) for d in again.decisions} == {
        (d.key, d.action, d.quantity, d.note) for d in returned.decisions
    }


@pytest.mark.parametrize(
    ("cells", "check", "effect"),
    [
        ({"decision": "Approve"}, "ok", 66.0),
        ({"decision": "Add line"}, "not a choice for this state", 66.0),
        ({"decision": "Approve", "quantity": 26}, "below the 28 committed until 1 Mar 2027: reason needed", 22.0),
        ({"decision": "Approve", "quantity": 30}, "reason needed", 110.0),
        ({"decision": "Approve", "quantity": 26, "reason": "trial"}, "ok, below the 28 committed until 1 Mar 2027", 22.0),
        ({"decision": "Approve", "quantity": 30, "reason": "trial"}, "ok", 110.0),
        ({"decision": "Approve", "from": 46357}, "ok", 66.0),
        ({"decision": "Approve", "from": 46358}, "no proration: choose a period's start", 66.0),
        ({"decision": "Approve", "from": 46388}, "ok", 66.0),
        ({"decision": "Approve", "new_price": 10}, "reason needed", -270.0),
        ({"decision": "Approve", "quantity": 0, "reason": "x"}, "0 is not a quantity to bill", -550.0),
        ({"decision": "Approve", "from": 46327}, "reason needed", 66.0),
        ({"decision": "Approve", "from": 46300}, "no proration: choose a period's start", 66.0),
        ({"decision": "End line"}, "reason needed", -550.0),
        ({"decision": "Dismiss"}, "reason needed", 66.0),
        ({"decision": "Dismiss", "reason": "other (see note)"}, "note needed", 66.0),
        ({"decision": "Ask"}, "note needed", 66.0),
        ({"quantity": 26}, "choose a decision", 22.0),
    ],
)  # fmt: skip
def test_the_check_says_what_is_missing(office: Office, issued: Path, cells: dict[str, Any], check: str, effect: float) -> None:
    row = rows_of(issued, "Microsoft")["line:3589"]
    typed = (("type", "Microsoft", cell(name, row), value) for name, value in cells.items())
    found = recomputed(office, issued, *typed, only=("Microsoft",))
    assert found["Microsoft", cell("check", row)] == check
    assert found["Microsoft", cell("effect", row)] == pytest.approx(effect)


def test_a_deleted_row_and_a_wrong_invoice_turn_the_flag_red(office: Office, issued: Path) -> None:
    typed_cell = address(header_row(issued, "Cover") + 1, INVOICE_TOTALS.positions["typed"])
    found = recomputed(office, issued, ("delete_rows", "Pax8", 20, 1), ("type", "Cover", typed_cell, 14799.04))
    assert found["Cover", "B2"].startswith("✗")
    difference = address(header_row(issued, "Cover") + 1, INVOICE_TOTALS.positions["difference"])
    assert found["Cover", difference] == pytest.approx(7.07)
    assert any(value == "✗ differs" for (sheet, _), value in found.items() if sheet == "Checks")


def test_every_kind_of_decision_on_every_row_is_cached_as_libreoffice_computes_it(
    office: Office, tmp_path: Path, reconciliation: Reconciliation
) -> None:
    """Each row gets another combination of inputs, legal or not: formulas and their Python twins agree on all of them."""
    combinations = [
        {
            "action": action,
            "quantity": quantity,
            "new_price": price,
            "effective_date": day,
            "reason": reason,
            "note": note,
            "agreement": to,
        }
        for action in LINE_ACTIONS
        for quantity, price, day, reason, note, to in (
            (None, None, None, None, None, None),
            (Decimal("12.5"), None, None, "trial", None, "x [1]"),
            (None, Decimal("3.215"), None, None, "Ann: why?", "x [1]"),
            (Decimal(0), None, dt.date(2026, 11, 10), None, None, "x [1]"),
            (None, None, dt.date(2026, 11, 10), "other (see note)", None, None),
            (Decimal(300), Decimal(950), dt.date(2027, 3, 1), "x", "y", None),
        )
    ]
    keys = sorted(reconciliation.comparisons["key"])
    checks: set[Any] = set()
    for shift in range(3):
        chosen = zip(keys, (combinations * 3)[shift * 7 :], strict=False)
        decided = {key: Decision(key, "", **one) for key, one in chosen}
        path = tmp_path / f"{shift}.xlsx"
        write_workbook(reconciliation, path, IDENTITY, decided)
        found = recomputed(office, path)
        assert different(cached(path), found) == []
        checks |= {value for value in found.values() if isinstance(value, str)}
    assert {"choose an agreement", "reason needed", "note needed", "type a quantity", "not a choice for this state", "ok"} <= checks
    assert {"0 is not a quantity to bill", "type a New price", "type a New price, no quantity"} & checks
