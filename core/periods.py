"""Billing months, billing cycles and the dates on which a change may start (R5)."""

import datetime as dt
import re
from calendar import monthrange
from dataclasses import dataclass

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The billing month that a run reconciles, half-open: `until` is the first day after it."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Period":
        """From 2026-11; ValueError says what was expected."""
        found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text.strip())
        if not found:
            raise ValueError(f"{text!r} is not a period; write it as YYYY-MM, for example 2026-11")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: dt.date) -> "Period":
        return cls(day.year, day.month)

    @property
    def start(self) -> dt.date:
        return dt.date(self.year, self.month, 1)

    @property
    def until(self) -> dt.date:
        return add_months(self.start, 1)

    @property
    def previous(self) -> "Period":
        return Period.of(self.start - DAY)

    def as_of(self, today: dt.date) -> dt.date:
        """The day whose counts are compared: today, held inside the period."""
        return max(self.start, min(today, self.until - DAY))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def add_months(day: dt.date, months: int, anchor_day: int | None = None) -> dt.date:
    """The same day of the month some months later; the month's last day where it is shorter.

    `anchor_day` is the contract's own day, so that 31 January, 28 February, 31 March stay one series.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return dt.date(year, month + 1, min(anchor_day or day.day, monthrange(year, month + 1)[1]))
