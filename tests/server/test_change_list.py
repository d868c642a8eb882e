"""The change list's cells: exact, and never a formula."""

import csv
import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from core.carried import dismissed_through
from core.changes import Change
from core.decisions import Judged, Status
from core.periods import Period
from core.records import Action, Decision, Problem, Step
from server.change_list import CHANGES, not_written, write_change_list
from server.errors import Refused
from tests.workbooks.judges import assert_valid

D = Decimal
CHANGE = Change(
    "id1", "key", "Contoso", "Backup", "7", "Managed", "3001", Action.APPROVE, "on line 3001 change quantity 1 to 2",
    dt.date(2026, 12, 1), D("1.5000"), D("100.0000"), D("2.500000"), None, D("-10.00"), D("1.00"), D("2.00"), D("0.00"), "USD",
    ("large change", "backdated"), None, None, "dana", "a.xlsx, Pax8!L8", (),
)  # fmt: skip


def changed(**fields: str) -> Change:
    return Change(**{name: fields.get(name, getattr(CHANGE, name)) for name in Change.__dataclass_fields__})


def cells(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    return row


def test_numbers_are_exact_and_dates_are_iso(tmp_path: Path) -> None:
    write_change_list(tmp_path / "l.csv", [CHANGE], [])
    row = cells(tmp_path / "l.csv")
    names = ("Old quantity", "New quantity", "Old price", "New price", "Effect per month", "From", "Mind")
    assert [row[name] for name in names] == [
        "1.5", "100", "2.5", "", "-10.00", "2026-12-01", "large change; backdated",
    ]  # fmt: skip


def test_dated_steps_are_told_one_by_one(tmp_path: Path) -> None:
    steps = (Step(D("28.0000"), dt.date(2026, 11, 10)), Step(D("30.5000"), dt.date(2026, 12, 1)))
    write_change_list(tmp_path / "l.csv", [replace(CHANGE, steps=steps)], [])
    assert cells(tmp_path / "l.csv")["Dated steps"] == "28 from 2026-11-10, 30.5 from 2026-12-01"


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_no_text_is_ever_a_formula(tmp_path: Path, evil: str) -> None:
    change = changed(customer=evil, note=evil)
    write_change_list(tmp_path / "l.csv", [change], [])
    assert cells(tmp_path / "l.csv")["Customer"].startswith("'")
    write_change_list(tmp_path / "l.xlsx", [change], [])
    assert_valid(tmp_path / "l.xlsx")
    sheet = load_workbook(tmp_path / "l.xlsx")["Changes"]
    assert {cell.data_type for cell in sheet[2]} <= {"s", "n", "d"}
    assert sheet["A2"].quotePrefix
    assert not [cell for cell in sheet[2] if cell.hyperlink]


def test_every_column_stands_in_both_kinds_of_list(tmp_path: Path) -> None:
    for name in ("l.csv", "l.xlsx"):
        write_change_list(tmp_path / name, [CHANGE], [])
    header = [cell.value for cell in load_workbook(tmp_path / "l.xlsx")["Changes"][1]]
    assert header == list(cells(tmp_path / "l.csv")) == [field.header for field in CHANGES]


def test_a_list_that_cannot_be_written_is_refused_and_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "l.csv").write_text("old")
    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(Refused, match="close it where it is open"):
        write_change_list(tmp_path / "l.csv", [CHANGE], [])
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("l.csv", "old")]


def test_what_is_not_written_says_why_and_until_when() -> None:
    def judged(action: Action, status: Status, problem: Problem | None = None) -> Judged:
        return Judged(Decision("k", "f", action, reason="commitment"), status, problem)

    left = not_written(
        [
            judged(Action.DISMISS, Status.ACCEPTED),
            judged(Action.ASK, Status.ACCEPTED),
            judged(Action.DISMISS, Status.SUSPENDED, Problem("p", "moved")),
            judged(Action.APPROVE, Status.ACCEPTED),
            judged(Action.APPROVE, Status.NOTHING_TO_DO),
        ],
        Period(2026, 11),
    )
    assert [(one.until, one.why) for one in left] == [(dt.date(2026, 12, 31), "commitment"), (None, "commitment"), (None, "moved")]


@pytest.mark.parametrize(
    ("period", "day"), [("2026-11", "2026-12-31"), ("2026-12", "2027-01-31"), ("2027-01", "2027-02-28"), ("2028-01", "2028-02-29")]
)
def test_a_dismissal_lasts_through_the_next_period(period: str, day: str) -> None:
    assert dismissed_through(Period.parse(period)) == dt.date.fromisoformat(day)
