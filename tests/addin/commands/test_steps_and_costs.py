"""Dated steps and vendors' costs are sent with the lines: never a line without its steps, never half of them."""

import datetime as dt
from decimal import Decimal

import pytest

from addin.errors import NotReady
from addin.workbook import Lines
from tests.addin.commands.world import Desk, on_both
from tests.server.api.site import LINE, Site

FIRST, SECOND = dt.datetime(2026, 12, 1), dt.datetime(2027, 1, 1)  # noqa: DTZ001 - cells have no zone


def steps(desk: Desk, *rows: dict[str, object]) -> Lines:
    """Typed on the sheet Dated steps, from its first row on."""
    found = desk.workbook.steps
    assert found is not None
    for place, row in enumerate(rows):
        desk.type(found, found.first + place, **row)
    return found


def approve(desk: Desk) -> int:
    """The line's Ref, once it is approved."""
    lines = desk.lines[0]
    desk.type(lines, lines.first, decision="Approve")
    return int(desk.cells("ref")[0][0])


def costs(desk: Desk) -> Lines:
    return next(lines for lines in desk.lines if lines.name == "Costs")


@on_both
def test_a_line_is_sent_with_all_of_its_steps(live: Desk, site: Site) -> None:
    ref = approve(live)
    steps(live, {"ref": ref, "quantity": 26, "from": FIRST}, {"ref": ref, "quantity": 28, "from": SECOND, "note": "as agreed"})
    said = live.press("submit", "yes") or ""
    assert "1 change submitted" in said
    (kept,) = site.loop.store.decisions_of_run(site.loop.runs[-1])
    assert [(int(s.quantity), str(s.effective_date), s.note) for s in kept.steps] == [
        (26, "2026-12-01", None), (28, "2027-01-01", "as agreed"),
    ]  # fmt: skip
    lines = sorted(
        (str(row["effectiveDate"])[:10], row["quantity"])
        for row in site.loop.model.additions.values()
        if row["product"] == site.loop.model.additions[LINE]["product"]
    )
    assert [quantity for _, quantity in lines] == [Decimal(26), Decimal(28)]
    live.press("status")
    assert [result for result, *_ in live.cells("result", lines=live.workbook.steps)][:3] == ["written", "written", None]


@on_both
def test_what_was_wrong_with_a_step_is_no_longer_marked_once_it_is_mended(live: Desk) -> None:
    ref = approve(live)
    sheet = steps(live, {"ref": ref, "quantity": 26, "from": FIRST}, {"ref": ref, "quantity": "many", "from": SECOND})
    live.press("validate")
    assert "is not a number" in str(live.cells("result", lines=sheet)[1][0])
    live.type(sheet, sheet.first + 1, quantity=28)
    live.press("validate")
    assert live.cells("result", lines=sheet)[1] == (None,)


@pytest.mark.parametrize(
    ("row", "cell", "words"),
    [
        ({"quantity": 26, "from": FIRST}, "ref", "Ref is missing"),
        ({"ref": 1, "from": FIRST}, "quantity", "Quantity is missing"),
        ({"ref": 1, "quantity": 26}, "from", "From is missing"),
        ({"ref": 99, "quantity": 26, "from": FIRST}, "ref", "99 is no Ref of this workbook"),
        ({"ref": 1.5, "quantity": 26, "from": FIRST}, "ref", "1.5 is no Ref of this workbook"),
        ({"ref": 1, "quantity": "many", "from": FIRST}, "quantity", "Quantity: 'many' is not a number"),
        ({"ref": 1, "quantity": 26, "from": "soon"}, "from", "From: 'soon'"),
        ({"ref": 1, "quantity": -1, "from": FIRST}, "quantity", "below zero"),
    ],
)
def test_half_a_step_keeps_everything_from_being_sent(
    live: Desk, site: Site, row: dict[str, object], cell: str, words: str
) -> None:
    assert approve(live) == 1
    sheet = steps(live, {"ref": 1, "quantity": 28, "from": SECOND}, row)
    said = live.press("validate") or ""
    assert words in said
    assert sheet.place(sheet.first + 1, cell) in said
    with pytest.raises(NotReady, match="Nothing was sent"):
        live.press("submit")
    assert site.loop.store.decisions(site.loop.runs[-1]) == []


def test_steps_of_a_line_that_is_not_decided_are_told(live: Desk) -> None:
    steps(live, {"ref": 1, "quantity": 26, "from": FIRST})
    assert "row 1 has dated steps, and no decision that can be used" in (live.press("validate") or "")


def test_a_note_alone_is_no_step(live: Desk, site: Site) -> None:
    approve(live)
    steps(live, {"note": "none needed"})
    live.press("submit", "yes")
    assert site.loop.model.additions[LINE]["quantity"] == Decimal(28)


@on_both
def test_a_cost_is_accepted_where_the_vendors_agree_on_one(desk: Desk) -> None:
    sheet = costs(desk)
    states = [state for (state,) in desk.cells("state", lines=sheet)]
    assert {"Differs", "Mixed", "Same"} <= set(states)
    desk.select(sheet, f"A{sheet.first}:A{sheet.last}")
    said = (desk.press("accept_selected") or "").splitlines()
    proposed = desk.cells("state", "vendor_cost", "decision", lines=sheet)
    accepted = [state for state, _, decision in proposed if decision == "Update cost"]
    assert accepted == [state for state, cost, _ in proposed if state == "Differs" or (state == "Other currency" and cost)]
    assert said[0] == f"{len(accepted)} {'line' if len(accepted) == 1 else 'lines'} accepted."
    assert f"{states.count('Mixed')} left: they need a New cost." in said


@on_both
def test_a_typed_cost_is_sent_and_written(live: Desk, site: Site) -> None:
    sheet = costs(live)
    live.type(sheet, sheet.first, decision=" update COST ", new_cost=18.1, reason="the distributor's offer", own_too=" yes ")
    said = live.press("submit", "yes") or ""
    assert "submitted" in said
    (kept,) = site.loop.store.decisions_of_run(site.loop.runs[-1])
    assert (kept.action, kept.new_price, kept.own_too) == ("Update cost", Decimal("18.1"), True)
    assert {p["cost"] for p in site.loop.model.products.values() if p["identifier"] == kept.key[5:]} == {Decimal("18.1")}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"decision": "Approve"}, "'Approve' is not a choice; choose Update cost or Dismiss or Ask"),
        ({"decision": "Update cost", "own_too": "perhaps"}, "'perhaps' is neither Yes nor No"),
        ({"decision": "Update cost", "new_cost": "dear"}, "New cost: 'dear' is not a number"),
        ({"new_cost": 3.0}, "New cost is typed, but nothing is decided"),
    ],
)
def test_what_is_wrong_with_a_cost_is_told(live: Desk, cells: dict[str, object], words: str) -> None:
    sheet = costs(live)
    live.type(sheet, sheet.first, **cells)
    assert words in (live.press("validate") or "")


def test_clear_empties_a_cost_too(live: Desk) -> None:
    sheet = costs(live)
    live.type(sheet, sheet.first, decision="Update cost", new_cost=3.0, own_too="Yes")
    live.select(sheet, f"A{sheet.first}")
    assert live.press("clear") == "1 line cleared."
    assert live.cells("decision", "new_cost", "own_too", lines=sheet)[0] == (None, None, None)


@pytest.mark.parametrize("lost", ["ref", "from", "key"])
def test_a_sheet_of_steps_that_cannot_be_read_keeps_its_lines_from_being_sent(live: Desk, site: Site, lost: str) -> None:
    ref = approve(live)
    sheet = steps(live, {"ref": ref, "quantity": 26, "from": FIRST})
    sheet.sheet.range((sheet.first - 1, sheet.places[lost])).value = "Something"
    with pytest.raises(NotReady, match="Dated steps has lost its columns"):
        live.press("submit")
    assert site.loop.store.decisions(site.loop.runs[-1]) == []
