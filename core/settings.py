"""What a person may set: each setting is a field with its default and, in its help, what it means."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True)
class Settings:
    """Frozen with every run. The help of each field is what the mapping workbook's Settings sheet prints."""

    entity: str = _setting("", "The MSP's own name, as the cover shows it.")
    psa: str = _setting("connectwise", "The PSA whose rules the change list follows: connectwise or autotask.")
    currency: str = _setting("USD", "Currency of rows whose file names none.")
    cancelled_date_is_last_billed_day: bool = _setting(
        True, "ConnectWise: a line is billed through its cancelled date. No: the cancelled date is the first day not billed."
    )
    bills_lines_inside_invoiced_period: bool = _setting(
        True, "ConnectWise: a line dated inside an invoiced period is billed later. No: backdating is refused."
    )
    locked_through: dt.date | None = _setting(None, "Last day of the periods that are closed; earlier dates are refused.")
    large_units: Decimal = _setting(Decimal(10), "A change is large from this many units, if it is also large in per cent.")
    large_percent: Decimal = _setting(Decimal(25), "A change is large from this many per cent, if it is also large in units.")
    large_amount: Decimal = _setting(Decimal(250), "A change is large from this much money a month.")
    explain_amount: Decimal = _setting(
        Decimal(250), "An explanation is wanted from this much change of revenue or vendor cost a month, if explain_percent is met."
    )
    explain_percent: Decimal = _setting(
        Decimal(10), "An explanation is wanted from this many per cent of the last period's amount, if explain_amount is met."
    )
