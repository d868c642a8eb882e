"""R4: which lines are compared, and why the others are not."""

import datetime as dt
from typing import Any

import pytest

from core.frames import frame, records
from core.records import AgreementLine, NotCompared, State
from core.scope import FAR, first_open_day, invoiced_period, is_period_start, scope_lines
from core.settings import Settings
from tests.core.build import TODAY, D, charge, compared, inputs, line


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


NOV_30, DEC_1, MAR_31, APR_1 = day("2026-11-30"), day("2026-12-01"), day("2027-03-31"), day("2027-04-01")
FIRST_NOT_BILLED = Settings(cancelled_date_is_last_billed_day=False)


@pytest.mark.parametrize(
    ("changes", "settings", "reason"),
    [
        ({}, Settings(), ""),
        ({"cancelled": NOV_30}, Settings(), "ended 30 Nov 2026"),
        ({"cancelled": DEC_1}, Settings(), ""),
        ({"cancelled": DEC_1}, FIRST_NOT_BILLED, "ended 30 Nov 2026"),
        ({"cancelled": day("2026-12-02")}, FIRST_NOT_BILLED, ""),
        ({"cancelled": NOV_30, "invoiced_through": day("2026-10-31")}, Settings(), ""),  # November is still to be billed
        ({"cancelled": NOV_30, "invoiced_through": None}, Settings(), "ended 30 Nov 2026"),
        ({"effective": APR_1, "cancelled": MAR_31}, Settings(), "ended 31 Mar 2027"),  # never billed
        ({"effective": APR_1, "cancelled": APR_1}, Settings(), ""),
        ({"quantity": D(-1)}, Settings(), "negative line"),
        ({"unit_price": D(-1)}, Settings(), "negative line"),
        ({"quantity": D(0)}, Settings(), ""),
        ({"cycle_months": 0}, Settings(), "one-off"),
        ({"agreement_status": "Expired"}, Settings(), "agreement expired"),
        ({"agreement_status": "ACTIVE"}, Settings(), ""),
        ({"agreement_status": "Inactive", "cycle_months": 0, "quantity": D(-1)}, Settings(), "agreement inactive"),
    ],
)
def test_a_line_is_compared_or_says_why_not(changes: dict[str, Any], settings: Settings, reason: str) -> None:
    made = line()
    row = AgreementLine(**{n: changes.get(n, getattr(made, n)) for n in AgreementLine.__dataclass_fields__})
    found = scope_lines(frame(AgreementLine, [row]), TODAY, settings)
    assert (found.reason.tolist(), found.compared.tolist()) == ([reason], [reason == ""])


def test_a_line_without_an_end_has_none() -> None:
    assert scope_lines(frame(AgreementLine, [line()]), TODAY, Settings()).last_day.tolist() == [FAR]


def scheduled(*lines: AgreementLine, vendor: int = 25) -> tuple[list[str], dict[str, Any]]:
    result, rows = compared(inputs(lines, [charge(vendor)]))
    return [n.reason for n in records(NotCompared, result.not_compared)], {r.line_id or "": r for r in rows}


def test_two_lines_that_one_goes_on_for_are_billed_once() -> None:
    before = [line("1", 10, cancelled=MAR_31), line("2", 15, cancelled=MAR_31)]
    listed, rows = scheduled(*before, line("3", 25, effective=APR_1))
    assert listed == ["ends 31 Mar 2027; line 3 goes on"] * 2
    assert {k: (r.state, r.psa_quantity, r.why) for k, r in rows.items()} == {"3": (State.NO_CHANGE, 25, "now 25, 25 from 1 Apr")}


@pytest.mark.parametrize(
    "changes",
    [{"quantity": D(-5)}, {"cycle_months": 0}, {"agreement_id": "872"}, {"service_id": "X"}, {"cancelled": MAR_31}],
    ids=["negative", "one-off", "another agreement", "another service", "never billed"],
)
def test_a_line_does_not_vanish_behind_one_that_cannot_go_on_for_it(changes: dict[str, Any]) -> None:
    made = line("2", effective=APR_1)
    other = AgreementLine(**{n: changes.get(n, getattr(made, n)) for n in AgreementLine.__dataclass_fields__})
    _, rows = scheduled(line("1", 25, cancelled=MAR_31), other)
    assert rows["1"].psa_quantity == 25
    assert not any(r.state is State.NEW_REVENUE for r in rows.values())


def test_an_end_and_its_follower_meet_where_the_cancelled_date_is_the_first_day_not_billed() -> None:
    made = [line("1", 25, cancelled=DEC_1), line("2", 28, effective=DEC_1)]
    _, rows = compared(inputs(made, [charge(28)], settings=FIRST_NOT_BILLED))
    assert [(r.line_id, r.state, r.why) for r in rows] == [("2", State.NO_CHANGE, "now 25, 28 from 1 Dec")]


@pytest.mark.parametrize(
    ("invoiced", "months", "starts"),
    [
        (NOV_30, 1, {"2026-12-01": True, "2026-11-01": True, "2027-01-01": True, "2026-12-02": False, "2026-11-10": False}),
        (day("2027-02-28"), 12, {"2027-03-01": True, "2026-03-01": True, "2026-12-01": False}),
        (day("2026-12-31"), 3, {"2027-01-01": True, "2027-04-01": True, "2026-10-01": True, "2027-02-01": False}),
        (day("2027-01-30"), 1, {"2027-01-31": True, "2027-02-28": True, "2027-03-31": True, "2027-03-30": False}),
        (None, 1, {"2026-12-01": True, "2026-12-15": False}),
        (NOV_30, 0, {"2026-12-01": False}),
    ],
)
def test_periods_start_on_the_contracts_own_day(invoiced: dt.date | None, months: int, starts: dict[str, bool]) -> None:
    assert {d: is_period_start(day(d), invoiced, months, TODAY) for d in starts} == starts


@pytest.mark.parametrize(
    ("invoiced", "months", "first", "after"),
    [
        (NOV_30, 1, "2026-11-01", "2026-12-01"),
        (day("2027-02-28"), 12, "2026-03-01", "2027-03-01"),
        (None, 1, "2026-11-01", "2026-12-01"),
        (day("2026-11-14"), 3, "2026-08-15", "2026-11-15"),
        (NOV_30, 0, "2026-11-01", "2026-12-01"),
    ],
)
def test_the_last_invoiced_period_and_the_first_open_day(invoiced: dt.date | None, months: int, first: str, after: str) -> None:
    assert invoiced_period(invoiced, months, TODAY) == (day(first), day(after))
    assert first_open_day(invoiced, TODAY) == day(after)
