"""How ConnectWise says how far an agreement is invoiced, under the settings for what nobody knows for certain."""

import datetime as dt
from collections.abc import Mapping

from connectors.fields import Fields
from core.periods import DAY, add_months

CYCLES: Mapping[str, int | None] = {
    "Monthly": 1, "BiMonthly": 2, "Quarterly": 3, "SemiAnnual": 6, "Yearly": 12, "NotRecurring": 0,
    "Weekly": None, "BiWeekly": None,
}  # fmt: skip
"""Months of each billing option; None: it is not made of months."""

PERIOD_TYPES = ("Current", "Future", "Both", "Undefined")

FIRST_DAY_NOT_INVOICED, DAY_OF_INVOICING = "first day not invoiced", "day of invoicing"


def in_arrears(agreement: Fields, values: Mapping[str, str]) -> bool:
    """Whether a period is invoiced when it has passed."""
    word = agreement.one_of("periodType", {t: t for t in PERIOD_TYPES}, "Undefined")
    return word == "Current" and values["current_period_is"] == "in arrears"


def needs_cycle(agreement: Fields, values: Mapping[str, str]) -> bool:
    """Whether `invoiced_through` depends on the billing cycle."""
    told = agreement.day("nextInvoiceDate") is not None
    return told and in_arrears(agreement, values) and values["next_invoice_date_is"] == DAY_OF_INVOICING


def invoiced_through(agreement: Fields, months: int, values: Mapping[str, str]) -> dt.date | None:
    """The last day invoiced; None where there is no next invoice date.

    On the day of invoicing in arrears, the period of so many months that is invoiced has just passed.
    """
    following = agreement.day("nextInvoiceDate")
    if following is None:
        return None
    if needs_cycle(agreement, values):
        following = add_months(following, -months)
    return following - DAY
