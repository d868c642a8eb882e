"""Which PSA lines are compared, and from which date on (R4, R5): the others are listed with their reason."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.charges import FAR, day_number, day_of, days
from core.exact import Flags, Ints, scaled
from core.frames import Objects, codes, values
from core.periods import DAY, Period, add_months
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Scope:
    """Per line, in the order of the frame. Days are counted since 1970."""

    compared: Flags
    reason: Objects  # why it is not compared; empty where it is
    default_day: Ints  # R5: first day of the first period not yet invoiced
    last_day: Ints  # last billed day; FAR: no end
    follows: Flags  # it goes on for a line that ends the day before it starts
    before: Ints  # scaled quantity of the lines that it goes on for


def first_open_day(invoiced_through: dt.date | None, today: dt.date) -> dt.date:
    """R5: the day after the last invoiced one; where the PSA does not say, the first of next month."""
    return invoiced_through + DAY if invoiced_through else Period.of(today).until


def is_period_start(day: dt.date, invoiced_through: dt.date | None, cycle_months: int, today: dt.date) -> bool:
    """Whether a billing period of the agreement, invoiced or not, starts on that day."""
    if cycle_months < 1:
        return False
    first = first_open_day(invoiced_through, today)
    apart = (day.year - first.year) * 12 + day.month - first.month
    return apart % cycle_months == 0 and add_months(first, apart) == day


def invoiced_period(invoiced_through: dt.date | None, cycle_months: int, today: dt.date) -> tuple[dt.date, dt.date]:
    """The last invoiced period, half-open: its first day, and the first day after it."""
    until = first_open_day(invoiced_through, today)
    return add_months(until, -max(1, cycle_months)), until


def last_billed_days(lines: pd.DataFrame, settings: Settings) -> Ints:
    """Last billed day of each line, by what a cancelled date means in this PSA; FAR where the line has no end."""
    cancelled = days(lines["cancelled"], FAR)
    shift = 0 if settings.cancelled_date_is_last_billed_day else 1
    return np.where(cancelled == FAR, FAR, cancelled - shift)


def cancelled_date(first_day_not_billed: dt.date, settings: Settings) -> dt.date:
    """What the PSA calls the end of a line, by the meaning it gives to a cancelled date."""
    return first_day_not_billed - DAY if settings.cancelled_date_is_last_billed_day else first_day_not_billed


def scope_lines(lines: pd.DataFrame, today: dt.date, settings: Settings) -> Scope:
    """lines: an AgreementLine frame. Ended lines, one-offs, negative lines and agreements that do not bill are not compared."""
    last_day = last_billed_days(lines, settings)
    invoiced = days(lines["invoiced_through"], FAR)
    starts = np.where(invoiced == FAR, day_number(first_open_day(None, today)), invoiced + 1)
    follower = _followers(lines, last_day)
    reason = _reasons(lines, last_day, starts, follower >= 0)
    _name_followers(reason, lines, follower, last_day)
    ending = np.flatnonzero(follower >= 0)
    before = np.zeros(len(lines), dtype=np.int64)
    np.add.at(before, follower[ending], scaled(lines["quantity"])[0][ending])
    return Scope(reason == "", reason, starts, last_day, np.isin(np.arange(len(lines)), follower[ending]), before)


def _followers(lines: pd.DataFrame, last_day: Ints) -> Ints:
    """For each line the one of the same agreement and service that starts the day after it ends, or -1."""
    found = np.full(len(lines), -1, dtype=np.int64)
    start = days(lines["effective"], -FAR)
    ending = np.flatnonzero((last_day != FAR) & np.isin(last_day + (last_day != FAR), start))
    if not len(ending):
        return found
    ids = zip(*(values(lines[c]) for c in ("customer_id", "agreement_id", "service_id")), start.tolist(), strict=True)
    key = list(ids)
    lasting = ~_negative(lines) & np.asarray(lines["cycle_months"] > 0, dtype=bool) & (last_day >= start)
    at = {k: row for row, k in reversed(list(enumerate(key))) if lasting[row]}
    for row in ending.tolist():
        found[row] = at.get((*key[row][:3], int(last_day[row]) + 1), -1)
    return found


def _negative(lines: pd.DataFrame) -> Flags:
    return np.asarray((scaled(lines["quantity"])[0] < 0) | (scaled(lines["unit_price"])[0] < 0))


def _reasons(lines: pd.DataFrame, last_day: Ints, starts: Ints, followed: Flags) -> Objects:
    statuses, names = codes(lines["agreement_status"])
    closed = np.array([n.casefold() != "active" for n in names], dtype=bool)[statuses]
    said = np.array([f"agreement {n.casefold()}" for n in names], dtype=object)
    reason = np.full(len(lines), "", dtype=object)
    reason[followed | (last_day < np.maximum(starts, days(lines["effective"], -FAR)))] = ENDED
    reason[_negative(lines)] = "negative line"
    reason[np.asarray(lines["cycle_months"] == 0, dtype=bool)] = "one-off"
    reason[closed] = said[statuses[closed]]
    return reason


ENDED = "ended"


def _name_followers(reason: Objects, lines: pd.DataFrame, follower: Ints, last_day: Ints) -> None:
    """Says of every ended line when it ends and which line goes on for it."""
    for row in np.flatnonzero(reason == ENDED).tolist():
        end = short_date(day_of(int(last_day[row])))
        if follower[row] >= 0:
            reason[row] = f"ends {end}; line {lines['line_id'].iloc[follower[row]]} goes on"
        else:
            reason[row] = f"ended {end}"


def short_date(day: dt.date) -> str:
    """As sentences show it: 1 Dec 2026."""
    return f"{day.day} {day:%b %Y}"
