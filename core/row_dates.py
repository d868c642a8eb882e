"""Dates of every row (R5), and what the last invoiced period missed."""

import datetime as dt
from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa

from core import money
from core.charges import FAR, dates, day_number, day_of, days
from core.exact import MONEY, Flags, Ints, decimals
from core.frames import alike
from core.joining import RECONCILE, Joined
from core.records import Agreement
from core.rows import Rows
from core.run import Inputs
from core.scope import Scope, first_open_day, invoiced_period
from core.usage_of_parts import NEVER, UsageOfParts

LAST = day_number(dt.date.max)
"""A line that is billed through the last day there is has no end."""


def row_dates(
    inputs: Inputs, rows: Rows, joined: Joined, usage: UsageOfParts, scope: Scope, agreements: tuple[Agreement, ...]
) -> dict[str, Any]:
    """R5's default date, the days between which a line is billed, and what the last invoiced period missed."""
    is_line, line, part = rows.is_line, rows.line, rows.part
    default = np.full(len(part), -1, dtype=np.int64)
    default[is_line] = scope.default_day[line[is_line]]
    open_days = _open_days(agreements, inputs.today)
    default[~is_line] = [open_days.get(c, -1) for c in joined.groups.customer[part[~is_line]]]
    invoiced = _of_line(rows, days(inputs.lines["invoiced_through"], FAR))
    starts = _of_line(rows, days(inputs.lines["effective"], FAR))
    ends = _of_line(rows, np.where(scope.last_day < LAST, scope.last_day + 1, FAR))
    return {
        "effective_date": dates(default, default >= 0),
        "invoiced_through": dates(invoiced, invoiced != FAR),
        "in_arrears": _flag(inputs, rows, "in_arrears"),
        "prorates": _flag(inputs, rows, "prorates"),
        "starts": dates(starts, starts != FAR),
        "ends": dates(ends, ends != FAR),
        "since": dates(usage.since[part], usage.since[part] != NEVER),
        "can_reduce_from": dates(usage.can_reduce_from[part], usage.can_reduce_from[part] != NEVER),
        "missed": _missed(inputs, rows, usage, invoiced),
    }


def _of_line(rows: Rows, days_of_lines: Ints) -> Ints:
    """A day of each row's PSA line; FAR where the line has none, and for new revenue."""
    found = np.full(len(rows.line), FAR, dtype=np.int64)
    found[rows.is_line] = days_of_lines[rows.line[rows.is_line]]
    return found


def _flag(inputs: Inputs, rows: Rows, name: str) -> Flags:
    found = np.zeros(len(rows.line), dtype=bool)
    found[rows.is_line] = np.asarray(inputs.lines[name], dtype=bool)[rows.line[rows.is_line]]
    return found


def _open_days(agreements: tuple[Agreement, ...], today: dt.date) -> dict[str, int]:
    """Per customer the first open day of its open agreements, where they agree on it."""
    found: dict[str, set[int]] = defaultdict(set)
    for agreement in agreements:
        if agreement.open:
            found[agreement.customer_id].add(day_number(first_open_day(agreement.invoiced_through, today)))
    return {customer: next(iter(d)) for customer, d in found.items() if len(d) == 1}


def _missed(inputs: Inputs, rows: Rows, usage: UsageOfParts, invoiced: Ints) -> pa.Array:
    """Only for lines that bill too little, whose invoiced period and whose change are known."""
    starts, untils = _invoiced_periods(inputs, invoiced, rows.months)
    since = usage.since[rows.part]
    short = rows.is_line & (rows.state == RECONCILE) & (rows.difference > 0) & rows.proposed & ~rows.money
    short &= (since != NEVER) & (since < untils)
    more = money.per_cycle(rows.to_bill, rows.included, rows.price, rows.billable)
    extra = more - money.per_cycle(rows.psa, rows.included, rows.price, rows.billable)
    amount = money.missed(np.where(short, extra, 0), np.where(short, since, 0), starts, np.where(short, untils, starts + 1))
    return decimals(amount, short, MONEY)


def _invoiced_periods(inputs: Inputs, invoiced: Ints, months: Ints) -> tuple[Ints, Ints]:
    """First day of the period invoiced last, and the first day after it; both 0 where the PSA does not say."""
    distinct, first = alike((invoiced, months))
    spans = [(0, 0) if invoiced[i] == FAR else _span(inputs, int(invoiced[i]), int(months[i])) for i in first.tolist()]
    found = np.array(spans, dtype=np.int64).reshape(-1, 2)[distinct]
    return found[:, 0], found[:, 1]


def _span(inputs: Inputs, invoiced: int, months: int) -> tuple[int, int]:
    first, after = invoiced_period(day_of(invoiced), months, inputs.today)
    return day_number(first), day_number(after)
