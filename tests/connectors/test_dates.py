import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.dates import from_serial, parse_date, proves_day_first

READ = [
    "2026-01-15", "2026-1-15", "2026/01/15", "2026-01-15T23:59:59Z", "2026-01-15 00:00:00", "2026-01-15T11:33:12.314-0600",
    "2026-01-15T08:30:00+02:00", "1/15/2026", "01/15/2026", "1/15/2026 0:00", "1/15/2026 12:00:00 AM", "1-15-2026", "1/15/26",
    "15.1.2026", "15.01.2026", "15. 1. 2026", "15-Jan-2026", "15 January 2026", "15-jan-26", "Jan 15, 2026", "January 15 2026",
    "20260115", "46037",
]  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_a_date_is_read_in_every_usual_spelling(text: str) -> None:
    assert parse_date(text, day_first=False) == dt.date(2026, 1, 15)


def test_the_day_may_stand_first() -> None:
    assert parse_date("2/3/2026", day_first=True) == dt.date(2026, 3, 2)
    assert parse_date("2/3/2026", day_first=False) == dt.date(2026, 2, 3)


@pytest.mark.parametrize(
    "text", ["soon", "2026-02-30", "13/13/2026", "2026", "1/2", "2026-01-15 later", "32.1.2026", "15-Foo-2026", "99999"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        parse_date(text, day_first=False)


def test_a_year_that_cannot_be_meant_is_refused() -> None:
    with pytest.raises(ValueError, match="year 1926"):
        parse_date("1/15/1926", day_first=False)


@pytest.mark.parametrize("text", ["1/1/0001 12:00:00 AM", "0001-01-01T00:00:00", "9999-12-31", "12/31/9999"])
def test_a_placeholder_is_no_date(text: str) -> None:
    assert parse_date(text, day_first=False) is None


@pytest.mark.parametrize(
    ("text", "proves"),
    [("13/1/2026", True), ("1/13/2026 0:00", False), ("1/2/2026", None), ("13/13/2026", None), ("2026-01-13", None)],
)
def test_a_date_proves_the_order_of_day_and_month_or_leaves_it_open(text: str, proves: bool | None) -> None:
    assert proves_day_first(text) is proves


@given(st.dates(dt.date(1960, 1, 1), dt.date(2100, 1, 1)))
def test_any_date_in_any_format_reads_back(day: dt.date) -> None:
    assert parse_date(day.isoformat(), False) == day
    assert parse_date(f"{day.month}/{day.day}/{day.year} 0:00", False) == day
    assert parse_date(f"{day.day}/{day.month}/{day.year}", True) == day
    assert parse_date(f"{day.day}.{day.month}.{day.year}", False) == day
    assert parse_date(f"{day:%d-%b-%Y}", False) == day
    assert from_serial((day - dt.date(1899, 12, 30)).days) == day
