"""Billing months and cycles."""

import datetime as dt

import pytest

from core.periods import Period, add_months


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "months", "anchor", "wanted"),
    [
        ("2026-01-31", 1, None, "2026-02-28"),
        ("2026-02-28", 1, 31, "2026-03-31"),
        ("2026-02-28", 1, None, "2026-03-28"),
        ("2027-12-31", 2, None, "2028-02-29"),
        ("2026-01-15", -1, None, "2025-12-15"),
        ("2026-03-31", -1, None, "2026-02-28"),
        ("2026-11-01", 12, None, "2027-11-01"),
        ("2026-12-01", 0, None, "2026-12-01"),
    ],
)
def test_months_later_is_the_same_day_or_the_last(start: str, months: int, anchor: int | None, wanted: str) -> None:
    assert add_months(day(start), months, anchor) == day(wanted)


def test_a_period_is_half_open_and_knows_its_neighbour() -> None:
    period = Period.parse(" 2026-12 ")
    assert (period.start, period.until, str(period.previous)) == (day("2026-12-01"), day("2027-01-01"), "2026-11")
    assert Period.of(day("2026-12-31")) == period > period.previous


@pytest.mark.parametrize(
    ("today", "as_of"), [("2026-11-26", "2026-11-26"), ("2027-05-01", "2026-11-30"), ("2026-10-01", "2026-11-01")]
)
def test_the_as_of_day_lies_inside_the_period(today: str, as_of: str) -> None:
    assert Period(2026, 11).as_of(day(today)) == day(as_of)


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "26-11", "2026/11", "2026-11-01", ""])
def test_another_text_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        Period.parse(text)
