"""The value of every formula on Costs, in Python: what Excel will compute from a row."""

from decimal import Decimal
from typing import Any

from core.words import COST_ACTIONS, REASON_OTHER
from workbooks.columns import Row

UPDATE = COST_ACTIONS[0].casefold()


def _word(value: Any) -> str:
    return " ".join(value.split()).casefold() if isinstance(value, str) else ""


def change(row: Row) -> Decimal | None:
    """The new cost minus the catalogue's."""
    old, new = row.get("catalogue_cost"), row.get("new_cost")
    if not isinstance(new, Decimal):
        new = row.get("vendor_cost")
    return new - old if isinstance(old, Decimal) and isinstance(new, Decimal) else None


def check(row: Row) -> str:
    """What is missing in a row, in the order in which the formula looks; a typed cost is a number here."""
    decision = _word(row.get("decision"))
    if not decision:
        if row.get("new_cost") is not None or row.get("own_too") is not None:
            return "choose a decision"
        return "no action" if row["to_decide"] == "No" else "open"
    if decision not in [word.casefold() for word in COST_ACTIONS]:
        return "not a choice"
    return _missing(row, decision) or "ok"


def _missing(row: Row, decision: str) -> str:
    new, proposed, updates = row.get("new_cost"), row.get("vendor_cost"), decision == UPDATE
    if updates and new is None and proposed is None:
        return "type a New cost"
    another = updates and new is not None and proposed is not None and new != proposed
    if row.get("reason") is None and (decision == "dismiss" or another):
        return "reason needed"
    other = decision == "dismiss" and _word(row.get("reason")) == REASON_OTHER
    asks = decision == "ask" or other or (updates and row["state"] == "Other currency")
    return "note needed" if row.get("note") is None and asks else ""
