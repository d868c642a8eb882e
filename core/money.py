"""Money of a line (R5, R10, R12): revenue per month, what the next invoice changes by, and what was missed so far."""

import datetime as dt
from decimal import Decimal

import numpy as np

from core.exact import CENT, Flags, Ints, cents, divide, to_cent
from core.scope import invoiced_period


def per_cycle(quantity: Ints, included: Ints, price: Ints, billable: Flags) -> Ints:
    """Cents of one billing cycle: quantity beyond the included one, times price; nothing for lines that do not bill.

    A negative line bills its negative amount.
    """
    billed = np.where(quantity < 0, quantity, np.maximum(0, quantity - included))
    return np.where(billable, cents(billed, price), 0)


def per_month(cycle_cents: Ints, months: Ints) -> Ints:
    """R10: the cycle's amount over the months of the cycle, half-up to the cent."""
    return divide(cycle_cents, months)


def missed(extra_cents: Ints, since: Ints, starts: Ints, untils: Ints) -> Ints:
    """What a difference would have billed in the last invoiced period from `since` on, by days.

    extra_cents: of a whole period. since, starts, untils: days since 1970.
    """
    from_day = np.maximum(since, starts)
    count = np.maximum(0, untils - from_day)
    return divide(extra_cents * count, untils - starts)


def revenue(quantity: Decimal, included: Decimal, price: Decimal, months: int, billable: bool = True) -> Decimal:
    """Revenue per month of one line, the same rule as for columns."""
    return to_cent(cycle_amount(quantity, included, price, billable) / max(1, months))


def cycle_amount(quantity: Decimal, included: Decimal, price: Decimal, billable: bool = True) -> Decimal:
    """What one billing cycle of one line bills."""
    if not billable:
        return Decimal(0).quantize(CENT)
    return to_cent(max(Decimal(0), quantity - included) * price)


def prorated(
    amount: Decimal, start: dt.date, until: dt.date, invoiced_through: dt.date | None, months: int, today: dt.date
) -> Decimal:
    """The part of a period's amount that falls on the days from `start` to before `until`, in the period last invoiced."""
    first, after = invoiced_period(invoiced_through, months, today)
    return to_cent(amount * (min(until, after) - max(start, first)).days / (after - first).days)
