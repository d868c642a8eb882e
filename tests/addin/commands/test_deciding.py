"""Deciding selected lines, as Excel and a real LibreOffice let it be done."""

from itertools import pairwise
from typing import Any

import pytest

from addin.cells import bridged, write_column
from addin.deciding import SEEN, accepted
from addin.errors import NotReady
from addin.workbook import Lines
from tests.addin.commands.world import Desk, on_both


def expected(state: str) -> str | None:
    return {"Reconcile": "Approve", "No usage": "End line"}.get(state)


@on_both
def test_each_selected_line_gets_the_word_that_fits_its_state(desk: Desk) -> None:
    lines = desk.lines[0]
    desk.select(lines, f"A{lines.first}:A{lines.last}")
    said = desk.press("accept_selected")
    rows = desk.cells("state", "proposed", "decision")
    accepted = [row for row in rows if row[2] is not None]
    assert all(decision == expected(state) for state, _, decision in accepted)
    assert {decision for _, _, decision in accepted} == {"Approve", "End line"}
    assert all(proposed == "No" or expected(state) is None for state, proposed, decision in rows if decision is None)
    assert said is not None
    assert said.startswith(f"{len(accepted)} lines accepted.")
    assert "they need a quantity" in said
    assert "they need an agreement" in said
    assert "there is nothing to accept" in said


@on_both
def test_what_is_filtered_out_or_not_selected_stays_as_it_is(desk: Desk) -> None:
    lines = desk.lines[0]
    first = lines.first
    desk.file.hide(lines.name, [first + 2, first + 3])
    desk.select(lines, f"B{first}:D{first + 5},L{first + 8},A1:A3")
    desk.press("clear")
    desk.type(lines, first + 2, note="mine")
    desk.press("ask", "Ben: is this right?")
    noted = [note for (note,) in desk.cells("note")]
    asked = [0, 1, 4, 5, 8]
    assert [place for place, note in enumerate(noted) if note == "Ben: is this right?"] == asked
    assert noted[2] == "mine"
    assert [place for place, (word,) in enumerate(desk.cells("decision")) if word == "Ask"] == asked


@on_both
@pytest.mark.parametrize("areas", ["L:L", "A1:BZ1048576", "A2:A3000,K1:K9"])
def test_whole_columns_are_cut_to_the_lines(desk: Desk, areas: str) -> None:
    lines = desk.lines[1]
    desk.select(lines, areas)
    desk.press("ask", "why?")
    assert {word for (word,) in desk.cells("decision", lines=lines)} == {"Ask"}
    below = lines.sheet.range((lines.last + 1, lines.places["decision"])).value
    above = lines.sheet.range((lines.first - 1, lines.places["decision"])).value
    assert (above, below) == ("Decision", None)


def test_dismissing_asks_for_a_reason_and_a_note_where_the_reason_wants_one(desk: Desk) -> None:
    lines = desk.lines[0]
    row = state_row(desk, "Reconcile")
    desk.select(lines, f"C{row}")
    desk.press("dismiss_selected", "12", "9", "agreed by phone")
    assert [one.partition("\n")[0] for one in desk.asked] == [
        "Why are the selected lines dismissed? Type the number.",
        "'12' is not in the list. Why are the selected lines dismissed? Type the number.",
        "This reason wants a note:",
    ]
    assert desk.cells("decision", "reason", "note")[row - lines.first] == ("Dismiss", "other (see note)", "agreed by phone")


def test_whoever_cancels_has_decided_nothing(desk: Desk) -> None:
    desk.select(desk.lines[0], f"A{desk.lines[0].first}:A{desk.lines[0].last}")
    assert desk.press("dismiss_selected", False) is None
    assert desk.press("dismiss_selected", "9", False) is None
    assert desk.press("ask", False) is None
    assert {word for (word,) in desk.cells("decision")} == {None}


def test_what_is_decided_otherwise_is_left_until_it_is_cleared(desk: Desk) -> None:
    lines, row = desk.lines[0], state_row(desk, "Reconcile")
    desk.type(lines, row, decision=" dismiss ", reason="commitment", quantity=26.5, **{"from": "2026-12-01"})
    desk.select(lines, f"A{row}")
    said = desk.press("accept_selected")
    assert said == "0 lines accepted.\n1 left: they are decided otherwise: clear them first."
    assert desk.press("clear") == "1 line cleared."
    names = ("decision", "quantity", "from", "add_to", "reason", "note", "new_price")
    assert desk.cells(*names)[row - lines.first] == (None,) * 7
    assert desk.press("accept_selected") == "1 line accepted."


@on_both
def test_a_note_stays_text_whatever_it_looks_like(desk: Desk) -> None:
    lines = desk.lines[0]
    desk.select(lines, f"A{lines.first}")
    for note in ("=1+1", "0123", "-5", "2026-12-01", "'quoted'"):
        desk.press("ask", note)
        assert desk.cells("note")[0] == (note,)


@on_both
def test_on_a_protected_sheet_the_yellow_cells_are_written_and_no_other(desk: Desk) -> None:
    lines = desk.lines[0]
    desk.file.protect(lines.name)
    desk.select(lines, f"A{lines.first}:A{lines.last}")
    desk.press("ask", "why?")
    assert {word for (word,) in desk.cells("decision")} == {"Ask"}
    assert desk.app.calculation == "automatic"
    with pytest.raises(NotReady, match="is it protected"):
        write_column(lines.sheet, lines.places["state"], {lines.first: "Reconcile"}, {lines.first})


def test_a_selection_that_is_no_line_is_said(desk: Desk) -> None:
    desk.select(desk.lines[0], "A1:C3")
    with pytest.raises(NotReady, match=r"No visible line of .* is selected"):
        desk.press("accept_selected")
    desk.file.select("Cover", "A1")
    with pytest.raises(NotReady, match="on a vendor's sheet"):
        desk.press("clear")


def test_a_column_that_was_moved_is_found_and_one_that_is_missing_is_named(desk: Desk) -> None:
    lines: Lines = desk.lines[0]
    header = (lines.first - 1, lines.places["decision"])
    lines.sheet.range(header).value = "Verdict"
    desk.select(lines, f"A{lines.first}")
    with pytest.raises(NotReady, match="has no column Decision"):
        desk.press("accept_selected")


def test_few_calls_are_made_however_many_lines_there_are(desk: Desk) -> None:
    desk.select(desk.lines[0], f"A{desk.lines[0].first}:A{desk.lines[0].last}")
    before = desk.app.impl.calls
    desk.press("ask", "why?")
    assert desk.app.impl.calls - before < 15


@on_both
def test_lines_in_between_that_are_left_cost_no_calls(desk: Desk) -> None:
    """Excel takes milliseconds for each; empty cells between written ones are written empty."""
    lines = desk.lines[0]
    words = [found.get("decision") if isinstance(found, dict) else None for found in map(accepted, rows_of(desk))]
    gaps = sum(1 for before, after in pairwise(words) if before != after)
    assert gaps > 5
    desk.type(lines, lines.first + words.index(None), note="a note of somebody's")
    desk.select(lines, f"A{lines.first}:A{lines.last}")
    before = desk.app.impl.calls
    desk.press("accept_selected")
    assert desk.app.impl.calls - before < 15
    assert [word for (word,) in desk.cells("decision")] == words
    assert desk.cells("note")[words.index(None)] == ("a note of somebody's",)


def rows_of(desk: Desk) -> list[dict[str, Any]]:
    columns = desk.lines[0].read(*SEEN)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@pytest.mark.parametrize(
    ("rows", "empty", "written"),
    [
        ([], {1}, []),
        ([3], {2, 4}, [3]),
        ([3, 5], {4}, [3, 4, 5]),
        ([3, 6], {4}, [3, 6]),  # row 5 holds something, or was not selected
        ([3, 6, 8], {4, 5, 7}, [3, 4, 5, 6, 7, 8]),
    ],
)
def test_only_rows_that_are_empty_are_written_empty(rows: list[int], empty: set[int], written: list[int]) -> None:
    found = bridged({row: ["Approve", row] for row in rows}, empty)
    assert sorted(found) == written
    assert {row: cells for row, cells in found.items() if row not in rows} == {
        row: [None, None] for row in written if row not in rows
    }


def state_row(desk: Desk, state: Any) -> int:
    """The first row of a state in which a decision needs nothing else."""
    lines = desk.lines[0]
    rows = desk.cells("state", "proposed")
    return lines.first + next(place for place, (one, proposed) in enumerate(rows) if one == state and proposed != "No")
