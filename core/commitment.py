"""A typed quantity against what is counted and what is committed (R14): another one wants a reason, a lower one is said."""

import datetime as dt
from decimal import Decimal

from core.causes import number
from core.records import Action, Comparison, Decision
from core.scope import short_date


def typed_problem(quantity: Decimal, decision: Decision, row: Comparison) -> str:
    """Why a quantity cannot be used as typed; empty where it is To bill, or has its reason."""
    if row.to_bill is None or quantity == row.to_bill or decision.reason:
        return ""
    below = below_commitment(quantity, decision, row, decision.effective_date or row.effective_date)
    said = f"is {below}" if below else f"differs from To bill {number(row.to_bill)}"
    return f"the typed quantity {number(quantity)} {said}: a reason is wanted"


def below_commitment(quantity: Decimal | None, decision: Decision, row: Comparison, day: dt.date | None) -> str:
    """That a person bills fewer units than the vendor bills us until its commitment ends; empty where it is not so.

    A multiplier or share makes units bought and units billed two things, so only the smaller of both is committed for certain.
    """
    chosen = decision.quantity is not None or decision.action is Action.END_LINE
    if not chosen or quantity is None or not row.can_reduce_from or row.bought is None or row.to_bill is None:
        return ""
    committed = min(row.bought, row.to_bill)
    if quantity >= committed or (day and day >= row.can_reduce_from):
        return ""
    return f"below the {number(committed)} committed until {short_date(row.can_reduce_from)}"
