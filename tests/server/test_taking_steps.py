"""Copies with dated steps: taken whole or not at all, merged, replaced, listed, and typed in again where a workbook is reissued."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.server.month import ALDER, APPROVE, Month, problems, tieout_on
from tests.workbooks.book import Book, Page
from workbooks.layout_steps import STEPS
from workbooks.layout_vendor import VENDOR

Typed = Sequence[tuple[Any, Any, Any]]
"""Ref (None: Alder's), quantity and day of each row."""

TWO: Typed = ((None, 26, "2026-12-01"), (None, 28, "2027-01-01"))
SWAPPED: Typed = (TWO[1], TWO[0])
OTHER: Typed = (TWO[0], (None, 28, "2027-02-01"))


def ref_of(path: Path, customer: str) -> int:
    """The Ref of a customer's first row."""
    return next(int(row[VENDOR.positions["ref"]]) for row in vendor_rows(path) if row[VENDOR.positions["customer"]] == customer)


def vendor_rows(path: Path) -> list[list[Any]]:
    return [row for page in Book(path) if any(name.startswith(VENDOR.table) for name in page.tables) for row in page.rows]


def step_rows(page: Page) -> range:
    first, last = page.tables[STEPS.table]
    return range(first, last + 1)


def with_steps(month: Month, name: str, typed: Typed, recipient: str = "dana", entry: dict[str, str] | None = None) -> Path:
    """A copy in which Alder's row is approved, and steps are typed."""
    entry = APPROVE if entry is None else entry
    made = f"steps-{recipient}-{'-'.join(entry.values())}"  # one file for all tests that type the same
    book = Book(month.made.copy(made, {ALDER: entry}, recipient))
    sheet = book[STEPS.name]
    for number, (ref, quantity, day) in zip(step_rows(sheet), typed, strict=False):
        for column, value in (("ref", ref or ref_of(month.made.workbook(recipient), ALDER)), ("quantity", quantity), ("from", day)):
            sheet.cell(number, STEPS.positions[column] + 1).value = value
    path = month.out / f"{name}.xlsx"
    book.save(path)
    return path


def test_steps_of_a_copy_are_one_change_and_the_list_tells_each(month: Month) -> None:
    listed = month.tieout("changes", with_steps(month, "dana", TWO), "--out", month.out / "list.csv")
    assert listed.exit_code == 0, listed.output
    text = (month.out / "list.csv").read_text(encoding="utf-8-sig")
    assert "26 from 2026-12-01, 28 from 2027-01-01" in text
    assert "; then on line" in text
    shown = month.tieout("show", month.made.run).stdout
    assert "Approve 26 from 2026-12-01, 28 from 2027-01-01 by dana" in shown


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ((TWO, "dana"), (SWAPPED, "bert"), "accepted"),
        ((TWO, "dana"), (OTHER, "bert"), "conflict"),
        ((TWO, "dana"), ((), "bert"), "conflict"),
        ((TWO, "dana"), (OTHER, "dana"), "accepted"),
    ],
)
def test_a_later_copy_with_other_steps_decides_otherwise(
    month: Month, first: tuple[Typed, str], second: tuple[Typed, str], status: str
) -> None:
    month.take(with_steps(month, "first", *first))
    taken = month.take(with_steps(month, "second", *second))
    assert [str(j.status) for j in taken.judged] == [status]
    if status == "conflict":
        assert "but an earlier copy said Approve 26 from 2026-12-01, 28 from 2027-01-01 by dana" in taken.problems[0].message


def test_the_same_copy_twice_keeps_its_steps_once(month: Month) -> None:
    copy = with_steps(month, "dana", TWO)
    month.take(copy)
    month.take(copy)
    with month.store() as store:
        (kept,) = store.decisions_of_run(month.made.run)
    assert [str(step.quantity) for step in kept.steps] == ["26.0000", "28.0000"]


@pytest.mark.parametrize(
    ("typed", "entry", "said"),
    [
        ((*TWO, (None, None, "2027-02-01")), APPROVE, "type the quantity of this step"),
        ((*TWO, (9999, 30, "2027-02-01")), APPROVE, "9999 is no Ref of this workbook"),
        (TWO, {}, "no decision that can be used"),
        (TWO, {"decision": "Dismiss", "reason": "commitment"}, "Dismiss takes no dated steps"),
        (TWO, {**APPROVE, "quantity": "28"}, "Quantity or From is typed on the row, and dated steps too"),
        ((TWO[0], TWO[0]), APPROVE, "two steps of one line start on 2026-12-01"),
        ((TWO[0], (None, 0, "2027-01-01")), APPROVE, "a quantity of 0 from 2027-01-01 must be chosen as End line"),
        ((TWO[0], (None, 28, "2027-01-15")), APPROVE, "the agreement does not prorate"),
    ],
)
def test_a_step_that_cannot_be_used_is_named_and_nothing_of_its_line_is_written(
    month: Month, typed: Typed, entry: dict[str, str], said: str
) -> None:
    copy = with_steps(month, "bad", typed, entry=entry)
    listed = month.tieout("changes", copy, "--out", month.out / "list.csv", "--despite-problems")
    assert any(said in line for line in problems(listed)), listed.stderr
    assert (month.out / "list.csv").read_text(encoding="utf-8-sig").count("\n") == 1  # the header


def test_a_workbook_that_is_issued_again_has_the_steps_typed_in(month: Month) -> None:
    month.take(with_steps(month, "dana", TWO))
    out = month.out / "again.xlsx"
    assert month.tieout("issue", month.made.run, "--out", out, "--for", "dana").exit_code == 0
    sheet = Book(out)[STEPS.name]
    rows = [sheet.rows[number - 1] for number in step_rows(sheet)[:3]]
    shown = [[row[STEPS.positions[name]] for name in ("client", "quantity", "check")] for row in rows]
    assert shown == [[ALDER, 26, "ok"], [ALDER, 28, "ok"], [None, None, None]]
    taken = month.take(out)
    assert ([str(j.status) for j in taken.judged], len(taken.changes), taken.problems) == (["accepted"], 1, [])


def test_a_copy_that_no_store_knows_has_its_steps_too(month: Month, tmp_path: Path) -> None:
    copy = with_steps(month, "dana", TWO)
    listed = tieout_on(str(tmp_path / "other.sqlite"), "changes", copy, "--out", tmp_path / "list.csv", "--unverified")
    assert listed.exit_code == 0, listed.output
    assert "26 from 2026-12-01, 28 from 2027-01-01" in (tmp_path / "list.csv").read_text(encoding="utf-8-sig")


def test_an_annotated_copy_tells_of_the_line_and_of_each_of_its_steps(month: Month) -> None:
    copy = with_steps(month, "told", TWO)
    done = month.tieout("changes", copy, "--out", month.out / "list.csv", "--annotate")
    assert done.exit_code == 0, done.output
    out, result = month.out / "told (results).xlsx", STEPS.positions["result"]
    told = [row[result] for row in Book(out)[STEPS.name].rows if row[STEPS.positions["quantity"]] in (26, 28)]
    (own,) = {
        str(row[VENDOR.positions["result"]])
        for row in vendor_rows(out)
        if row[VENDOR.positions["customer"]] == ALDER and row[VENDOR.positions["decision"]]
    }
    assert own.startswith("accepted, to do: ")
    assert told == [own, own]


def test_a_step_that_cannot_be_used_is_told_in_its_own_row(month: Month) -> None:
    copy = with_steps(month, "wrong", (TWO[0], (None, "many", "2027-01-01")))
    month.tieout("changes", copy, "--out", month.out / "list.csv", "--annotate")
    rows = Book(month.out / "wrong (results).xlsx")[STEPS.name].rows
    (told,) = (row[STEPS.positions["result"]] for row in rows if row[STEPS.positions["quantity"]] == "many")
    assert "'many' is not a number" in str(told)
