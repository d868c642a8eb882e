"""Cells that a spreadsheet program typed by itself are told, and are not used."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from workbooks.traps import FilledRow, traps

DEC = [dt.date(2026, 12, day) for day in range(1, 8)]


def rows(*cells: Any, column: str = "day", note: str = "", **more: Any) -> list[FilledRow]:
    """Rows below one another from 8 on; None: nothing is typed in that row."""
    made = [FilledRow(number, False, ("decision=approve",), note, **{column: one}, **more) for number, one in enumerate(cells, 8)]
    return [row for row, one in zip(made, cells, strict=True) if one is not None]


def filled(*pairs: tuple[int, int], note: str = "") -> list[FilledRow]:
    """Rows of typed quantity and To bill."""
    return [
        FilledRow(number, False, ("x",), note, quantity=Decimal(typed), to_bill=Decimal(to_bill))
        for number, (typed, to_bill) in enumerate(pairs, 8)
    ]


def seen(*said: str, note: str = "") -> list[FilledRow]:
    """Rows that say a word; one with a "-" before it is hidden, one that is empty says nothing."""
    made = []
    for number, word in enumerate(said, 8):
        bare, _, own = word.partition("/")
        made.append(FilledRow(number, bare.startswith("-"), (bare.lstrip("-"),) if bare.strip("-") else (), own or note))
    return made


@pytest.mark.parametrize(
    ("typed", "flagged"),
    [
        (rows(*DEC[:3]), [8, 9, 10]),
        (rows(*DEC[:2]), []),
        (rows(DEC[0], DEC[0], DEC[0]), []),
        (rows(DEC[0], DEC[2], DEC[4]), []),
        (rows(DEC[0], DEC[1], None, DEC[2]), []),
        (rows(DEC[4], *DEC[:4], DEC[0]), [9, 10, 11, 12]),
        (rows(DEC[2], DEC[1], DEC[0]), []),
        (rows(*DEC[:3], note="one a day"), []),
        (rows(*map(Decimal, (27, 28, 29)), column="quantity", to_bill=Decimal(30)), [8, 9, 10]),
        (rows(*map(Decimal, (27, 28)), column="quantity", to_bill=Decimal(30)), []),
        (rows(Decimal("21.5"), Decimal("22.5"), Decimal("23.5"), column="price"), [8, 9, 10]),
        (rows(Decimal("21.5"), Decimal("21.5"), Decimal("21.5"), column="price"), []),
        (filled((5, 5), (6, 6), (7, 7)), []),  # typed as counted
        (filled((27, 28), (27, 44), (27, 15), (27, 9)), [8, 9, 10, 11]),
        (filled((27, 28), (27, 27), (27, 44), (27, 15), (27, 9)), [8, 10, 11, 12]),
        (filled((27, 28), (27, 44), (27, 15)), []),
        (filled((27, 28), (27, 28), (27, 28), (27, 28)), []),  # one and the same gap
        (filled((27, 28), (27, 44), (26, 15), (27, 9), (27, 8)), []),
        (filled((27, 28), (27, 44), (27, 15), (27, 9), note="agreed"), []),
        (seen("a", "-a", "a"), [9]),
        (seen("a", "-a", "-a"), [9, 10]),
        (seen("-a", "a"), [8]),
        (seen("a", "-b", "a"), []),
        (seen("a", "", "-a"), []),
        (seen("-a", "-a"), []),
        (seen("a", "a"), []),
        (seen("a", "-a/checked", "a"), []),
        (seen("a", "-a", "a", note="all"), [9]),  # the note was pasted with it
    ],
)  # fmt: skip
def test_what_looks_dragged_filled_or_pasted_over_is_flagged(typed: list[FilledRow], flagged: list[int]) -> None:
    assert [trap.row for trap in traps(typed, {row.row for row in typed if row.hidden})] == flagged


def test_dates_dragged_over_shown_rows_count_up_whatever_is_hidden_between() -> None:
    typed = [FilledRow(row, False, ("x",), "", day=day) for row, day in zip((8, 11, 14), DEC, strict=False)]
    assert [trap.row for trap in traps(typed, {9, 10, 12, 13})] == [8, 11, 14]
    assert traps(typed, {9, 10}) == []
    between = FilledRow(9, True, ("y",), "", day=DEC[6])
    assert [trap.row for trap in traps([typed[0], between, *typed[1:]], {9, 10, 12, 13})] == [8, 11, 14]
