"""What the Check column says of a vendor's row in which something is typed, in Python; in the order in which the formula looks."""

import datetime as dt
from decimal import Decimal
from typing import Any

from core.periods import add_months
from core.words import REASON_OTHER
from workbooks.columns import Row
from workbooks.layout_formulas import ADD_LINE, APPROVE, ASK, DISMISS, END_LINE, NOT_A_CHOICE

INPUTS = ("decision", "quantity", "from", "add_to", "new_price", "reason", "note")
RESTS_ON = (
    *INPUTS, "stepped", "new_quantity", "choice",
    "state", "large", "measure", "price_used", "proposed", "proposed_price", "price_floor", "to_bill",
    "committed", "can_reduce_from", "commitment", "proven", "earliest", "prorates", "effective_date", "months", "invoiced_through",
)  # fmt: skip
"""The columns that are looked at."""


def check(row: Row) -> str:
    """row: the columns of RESTS_ON, computed. A typed input is of its column's kind here; text for a number is Excel's to find."""
    choice = row["choice"] or 0
    if choice == 0:
        return _undecided(row)
    if choice == NOT_A_CHOICE:
        return "not a choice for this state"
    return _wrong(row, choice) or _date(row, choice) or _missing(row, choice) or _fine(row, choice)


def untouched(state: str, large: bool) -> str:
    """What stands in a row without a decision."""
    return "no action" if state == "No change" else "open, large" if large else "open"


def _undecided(row: Row) -> str:
    if any(row.get(name) is not None for name in ("quantity", "from", "add_to", "new_price", "stepped")):
        return "choose a decision"
    return untouched(str(row["state"]), row["large"] == "Yes")


def _wrong(row: Row, choice: Any) -> str:
    quantity, stepped = row.get("quantity"), row.get("stepped")
    money, bills = row["measure"] == "money", choice in (APPROVE, ADD_LINE)
    if bills and money and (quantity is not None or stepped is not None):
        return "type a New price, no quantity"
    if stepped is not None and not bills:
        return "empty its Dated steps"
    if stepped is not None and (quantity is not None or row.get("from") is not None):
        return "on Dated steps or here: keep one"
    if bills and row["price_used"] is None:
        return "type a New price"
    if choice == APPROVE and not money and row["proposed"] == "No" and quantity is None and stepped is None:
        return "type a quantity"
    if bills and quantity is not None and quantity == 0:
        return "0 is not a quantity to bill"
    return "choose an agreement" if choice == ADD_LINE and row.get("add_to") is None else ""


def _date(row: Row, choice: Any) -> str:
    start, earliest, default = row.get("from"), row.get("earliest"), row.get("effective_date")
    if not isinstance(start, dt.date) or choice in (DISMISS, ASK):
        return ""
    if isinstance(earliest, dt.date) and start < earliest:
        return "date in a closed period"
    bound = choice in (APPROVE, END_LINE) and row["prorates"] == "No" and isinstance(default, dt.date)
    if bound and isinstance(default, dt.date) and not _starts_a_period(start, default, int(row["months"] or 1)):  # type: ignore[arg-type]
        return "no proration: choose a period's start"
    return ""


def _starts_a_period(day: dt.date, default: dt.date, months: int) -> bool:
    apart = (day.year - default.year) * 12 + day.month - default.month
    return apart % max(1, months) == 0 and day == add_months(default, apart)


def _below_commitment(row: Row, choice: Any) -> bool:
    quantity, committed, start, until = (row.get(n) for n in ("new_quantity", "committed", "from", "can_reduce_from"))
    if choice != APPROVE or row["measure"] == "money" or not isinstance(quantity, Decimal) or not isinstance(committed, Decimal):
        return False
    over = isinstance(start, dt.date) and isinstance(until, dt.date) and start >= until
    return quantity < committed and not over


def _missing(row: Row, choice: Any) -> str:
    if row.get("reason") is None and _below_commitment(row, choice):
        return f"below {row['commitment']}: reason needed"
    if row.get("reason") is None and _needs_reason(row, choice):
        return "reason needed"
    other = choice == DISMISS and " ".join(str(row.get("reason") or "").split()).casefold() == REASON_OTHER
    return "note needed" if row.get("note") is None and (choice == ASK or other) else ""


def _needs_reason(row: Row, choice: Any) -> bool:
    if choice == DISMISS or (choice == END_LINE and row["proven"] == "No"):
        return True
    start, invoiced = row.get("from"), row.get("invoiced_through")
    if choice != ASK and isinstance(start, dt.date) and isinstance(invoiced, dt.date) and start <= invoiced:
        return True
    return choice in (APPROVE, ADD_LINE) and (_other_quantity(row) or _other_price(row))


def _other_quantity(row: Row) -> bool:
    quantity, to_bill = row.get("new_quantity"), row.get("to_bill")
    return row["measure"] != "money" and quantity is not None and to_bill is not None and quantity != to_bill


def _other_price(row: Row) -> bool:
    price, floor = row.get("new_price"), row.get("price_floor")
    if not isinstance(price, Decimal):
        return False
    if row["measure"] == "money":
        return price != (row.get("proposed_price") or 0)
    return isinstance(floor, Decimal) and price < floor


def _fine(row: Row, choice: Any) -> str:
    if _below_commitment(row, choice):
        return f"ok, below {row['commitment']}"
    return "ok, large" if row["large"] == "Yes" and choice in (APPROVE, ADD_LINE, END_LINE) else "ok"
