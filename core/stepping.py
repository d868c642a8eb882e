"""Dated steps: a line whose quantity changes on several days, as one decision. What is wrong with one is said at its cell."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from core.causes import number
from core.dates import DateRules, problem_with, problem_with_span
from core.records import Action, Comparison, Decision, Measure, Problem, State, Step
from core.settings import Settings

Last = TypeVar("Last", bound=dt.date | None)
Found = tuple[Problem | None, tuple[str, ...]]
"""What keeps the dates from being used, and what to know if they are."""


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """By their days, however they were typed."""
    return tuple(sorted(steps, key=lambda step: step.effective_date))


def problem_with_steps(decision: Decision, row: Comparison) -> Problem | None:
    """Why steps cannot stand beside what else is decided on the row, or beside one another."""
    steps = in_order(decision.steps)
    said = _with_decision(decision, row)
    if said:
        return Problem(decision.place, said)
    for before, step in zip((None, *steps), steps, strict=False):
        if before and before.effective_date == step.effective_date:
            return Problem(step.place or decision.place, f"two steps of one line start on {step.effective_date}: keep one")
        if step.quantity == 0:
            said = f"a quantity of 0 from {step.effective_date} must be chosen as End line, without steps"
            return Problem(step.place or decision.place, said)
        if step.quantity < 0:
            return Problem(step.place or decision.place, f"the quantity {number(step.quantity)} is below zero")
    return None


def _with_decision(decision: Decision, row: Comparison) -> str:
    if decision.action not in (Action.APPROVE, Action.ADD_LINE):
        return f"{decision.action} takes no dated steps: choose Approve or Add line, or empty the line's rows on Dated steps"
    if decision.quantity is not None or decision.effective_date is not None:
        return "Quantity or From is typed on the row, and dated steps too: keep one of both"
    if row.state is State.NO_CHANGE:
        return "the line has no difference, so nothing can be approved in steps: empty its rows on Dated steps, or choose Ask"
    if row.measure is Measure.MONEY:
        return "this line is compared in money: type a New price, no dated steps"
    return ""


def problem_with_days(
    steps: Sequence[Step], row: Comparison, rules: DateRules, settings: Settings, *, reason: str | None, new_line: bool
) -> Found:
    """R5 for each step. A backdated step may be lower than the one before it, but not lower than what is invoiced."""
    warnings: dict[str, None] = {}
    invoiced = row.psa_quantity or Decimal(0)
    for place, step in enumerate(steps):
        said, more = problem_with(
            step.effective_date,
            rules,
            increase=step.quantity > invoiced or (place > 0 and step.quantity == invoiced),
            reason=reason,
            new_line=new_line,
            price_only=place == 0 and step.quantity == row.psa_quantity,
        )
        said = problem_with_span(step.effective_date, row, rules, settings, ending=False) or said
        if said:
            return Problem(step.place, said), ()
        warnings |= dict.fromkeys(more)
    return None, tuple(warnings)


def without_repeats(steps: Iterable[Step], quantity: Decimal, *, repriced: bool) -> tuple[Step, ...]:
    """The steps that change something. Where a price is typed it starts with the first of them, which therefore stays."""
    kept: list[Step] = []
    for step in steps:
        if step.quantity != quantity or (repriced and not kept):
            kept.append(step)
        quantity = step.quantity
    return tuple(kept)


def described(steps: Iterable[Step]) -> str:
    """Steps in words: 28 from 2026-11-10, 30 from 2026-12-01."""
    return ", ".join(f"{number(step.quantity)} from {step.effective_date}" for step in in_order(steps))


def spans(steps: Sequence[Step], last: Last) -> list[tuple[Step, dt.date | Last]]:
    """Each step with the first day on which it does not hold any more; for the last one what is given."""
    following: list[dt.date | Last] = [step.effective_date for step in steps[1:]]
    return list(zip(steps, [*following, last], strict=False))
