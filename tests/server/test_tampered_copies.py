"""Copies in which rows were mixed up, or a program typed by itself: nothing of it is used, and each cell is named (R19)."""

import datetime as dt
from pathlib import Path
from typing import Any

from tests.server.month import ALDER, APPROVE, DUNMORE, FOXGLOVE, Month, statuses
from tests.workbooks.book import Book
from tests.workbooks.survival.where import Places, where

END = {"decision": "End line"}


def decided(path: Path, *customers: str) -> tuple[str, Places, list[int]]:
    """The sheet on which something is decided for all these customers, and the first such row of each."""
    book = Book(path)
    for tab, places in where(path).items():
        if "Fingerprint" not in places.columns:
            continue
        rows = {
            book[tab].cell(row + 1, places.columns["Client"] + 1).value: row
            for row in places.rows.values()
            if book[tab].cell(row + 1, places.columns["Decision"] + 1).value
        }
        if rows.keys() >= set(customers):
            return tab, places, [rows[customer] for customer in customers]
    raise AssertionError(f"no sheet has decisions for {customers}")


def edited(month: Month, path: Path, cells: dict[tuple[str, str], Any]) -> Path:
    book, target = Book(path), month.out / path.name
    for (tab, place), value in cells.items():
        book[tab][place].value = value
    book.save(target)
    return target


def test_two_swapped_keys_are_named_and_neither_row_is_written(month: Month) -> None:
    path = month.made.copy("two-and-an-end", {ALDER: APPROVE, DUNMORE: APPROVE, FOXGLOVE: END})
    tab, places, rows = decided(path, ALDER, DUNMORE)
    keys = {row: key for key, row in places.rows.items()}
    mine, theirs = rows
    copy = edited(month, path, {(tab, places.at("Key", mine)): keys[theirs], (tab, places.at("Key", theirs)): keys[mine]})
    taken = month.take(copy)
    assert {keys[mine], keys[theirs]}.isdisjoint(j.decision.key for j in taken.judged)
    assert statuses(taken)[FOXGLOVE] == "accepted"
    assert [p.place for p in taken.problems] == [f"{path.name}, {tab}!{places.at('Client', row)}" for row in rows]
    assert f"its hidden key stands for {DUNMORE}" in taken.problems[0].message
    with month.store() as store:
        assert [p.place for p in store.copy_problems(taken.copies[0])] == [p.place for p in taken.problems]
    assert month.take(path).problems == []


def test_dates_that_were_dragged_wait_until_somebody_writes_why(month: Month) -> None:
    path = month.made.copy("two-and-an-end", {ALDER: APPROVE, DUNMORE: APPROVE, FOXGLOVE: END})
    tab, places, _ = decided(path, ALDER)
    top = places.first
    days = [dt.datetime(2026, 12, number) for number in (1, 2, 3)]  # noqa: DTZ001 - a cell's dates are naive
    dragged = {(tab, places.at("From", top + number)): day for number, day in enumerate(days)}
    dragged |= {(tab, places.at("Decision", top + number)): "Approve" for number in range(3)}
    told = month.take(edited(month, path, dragged))
    flagged = [p for p in told.problems if "counts up day by day" in p.message]
    assert [p.place for p in flagged] == [f"{path.name}, {tab}!{places.at('From', top + number)}" for number in range(3)]
    assert not {key for key, row in places.rows.items() if row < top + 3} & {j.decision.key for j in told.judged}
