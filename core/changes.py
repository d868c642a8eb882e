"""From accepted decisions to what is to be done in the PSA (R5, R6, R8): ordered writes, and their effect on invoices."""

import datetime as dt
import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core import dialects
from core.dates import DateRules
from core.decisions import Judged
from core.dialects import Amend, Write
from core.exact import to_cent
from core.mapping import ServiceRule
from core.money import cycle_amount, prorated, revenue
from core.periods import add_months
from core.records import Action, Comparison, Step
from core.settings import Settings
from core.stepping import spans


@dataclass(frozen=True, slots=True)
class Change:
    """One decided line: what to do in the PSA, from when, and what it does to the money. Amounts are before tax."""

    id: str  # of its content and date: the same decision planned twice is one change, and again next month another
    key: str
    customer: str
    service: str
    agreement_id: str
    agreement: str
    line_id: str | None
    action: Action
    what: str
    effective_date: dt.date
    old_quantity: Decimal | None
    new_quantity: Decimal | None
    old_price: Decimal | None
    new_price: Decimal | None
    effect: Decimal  # revenue per month
    next_invoice_before: Decimal  # of the first period not invoiced
    next_invoice_after: Decimal
    catch_up: Decimal  # prorated amount of the invoiced period, billed on top
    currency: str
    warnings: tuple[str, ...]
    reason: str | None
    note: str | None
    by: str
    place: str
    writes: tuple[Write, ...]
    steps: tuple[Step, ...] = ()  # in their order; none: the new quantity from the effective date on


def plan(judged: Iterable[Judged], rules: Iterable[ServiceRule], settings: Settings, today: dt.date) -> list[Change]:
    """A change for every accepted decision that writes; the same content twice is one change.

    Steps that only touch included units can come to no write at all: then there is no change.
    """
    keep = {(r.service_id, r.customer_id): r.keep_at_zero for r in rules}
    planned = (_change(j, keep, settings, today) for j in judged if j.writes)
    return list({change.id: change for change in planned if change.writes}.values())


def _change(judged: Judged, keep: Mapping[tuple[str, str | None], bool], settings: Settings, today: dt.date) -> Change:
    row, decision = judged.row, judged.decision
    if row is None or judged.effective_date is None:
        raise ValueError(f"not an accepted decision: {decision}")
    amend = _amend(judged, row, judged.effective_date, keep, settings, today)
    dialect: Callable[[Amend, Settings], tuple[Write, ...]] = dialects.DIALECTS[settings.psa]
    writes = dialect(amend, settings)
    before, after, catch_up = invoices(amend)
    return Change(
        change_id(row.key, judged.effective_date, writes),
        row.key,
        row.customer,
        row.service,
        amend.agreement_id,
        judged.agreement.agreement if judged.agreement else row.agreement or "",
        row.line_id,
        decision.action,
        "; then ".join(w.says for w in writes),
        judged.effective_date,
        row.psa_quantity,
        judged.quantity,
        amend.old_price if row.line_id else None,
        judged.price,
        _per_month(amend),
        before,
        after,
        catch_up,
        row.currency,
        judged.warnings,
        decision.reason,
        decision.note,
        decision.by,
        decision.place,
        writes,
        judged.steps,
    )


def _amend(
    judged: Judged,
    row: Comparison,
    day: dt.date,
    keep: Mapping[tuple[str, str | None], bool],
    settings: Settings,
    today: dt.date,
) -> Amend:
    subject = judged.agreement or row
    dates = DateRules.of(subject, settings, today)
    old_quantity = _old_quantity(row)
    price = judged.price if judged.price is not None else row.unit_price
    foreign = judged.agreement is not None and judged.agreement.currency != row.currency
    cost = row.unit_cost if row.vendor_unit_cost is None or foreign else row.vendor_unit_cost * _cycles(row, dates)
    return Amend(
        action=judged.decision.action,
        agreement_id=(judged.agreement.agreement_id if judged.agreement else row.agreement_id) or "",
        line_id=row.line_id,
        service_id=row.service_id,
        day=day,
        first_open=dates.default,
        invoiced_from=dates.invoiced_from,
        old_quantity=old_quantity,
        new_quantity=judged.quantity if judged.quantity is not None else old_quantity,
        included=row.included,
        old_price=row.unit_price if row.line_id and row.unit_price is not None else Decimal(0),
        new_price=price if price is not None else Decimal(0),
        new_cost=cost if row.line_id is None or row.proposed_price is not None else None,
        line_cost=row.unit_cost,
        months=dates.cycle_months,
        bill_customer=row.bill_customer,
        keep_at_zero=keep.get((row.service_id, row.customer_id), keep.get((row.service_id, None), False)),
        today=today,
        invoiced_through=dates.invoiced_through,
        ends=row.ends,
        typed_steps=judged.steps,
    )


def _cycles(row: Comparison, dates: DateRules) -> int:
    """New revenue has its cost per month; a line of an agreement billed for longer carries it for the whole cycle."""
    return dates.cycle_months if row.line_id is None else 1


def _old_quantity(row: Comparison) -> Decimal:
    """Before the change: nothing for new revenue, one for a line measured in money."""
    if row.psa_quantity is not None:
        return row.psa_quantity
    return Decimal(1) if row.line_id else Decimal(0)


def invoices(amend: Amend) -> tuple[Decimal, Decimal, Decimal]:
    """What the first period not invoiced bills before and after the change, and the catch-up for days invoiced already."""
    before = cycle_amount(amend.old_quantity, amend.included, amend.old_price, amend.billable)
    return before, _first_open_period(amend), _catch_up(amend)


def _first_open_period(amend: Amend) -> Decimal:
    """By days where a step falls inside the period, each part rounded, as it is billed."""
    start = amend.first_open
    after = add_months(start, max(1, amend.months))
    inside = [(step.effective_date, step.quantity) for step in amend.steps if start < step.effective_date < after]
    parts = [(start, amend.open_quantity), *inside, (after, Decimal(0))]
    amounts = []
    for (day, quantity), (end, _) in itertools.pairwise(parts):
        price = amend.old_price if day < amend.day else amend.new_price
        whole = cycle_amount(quantity, amend.included, price, amend.billable)
        amounts.append(to_cent(whole * (end - day).days / (after - start).days))
    return sum(amounts, Decimal("0.00"))


def _catch_up(amend: Amend) -> Decimal:
    """The units that days invoiced already are billed more of."""
    steps = [step for step in amend.steps if step.effective_date < amend.first_open]
    amounts = []
    for step, end in spans(steps, amend.first_open):
        extra = cycle_amount(amend.more(step.quantity), Decimal(0), amend.new_price, amend.billable)
        amounts.append(prorated(extra, step.effective_date, end, amend.invoiced_through, amend.months, amend.today))
    return sum(amounts, Decimal("0.00"))


def _per_month(amend: Amend) -> Decimal:
    after = revenue(amend.new_quantity, amend.included, amend.new_price, amend.months, amend.billable)
    return after - revenue(amend.old_quantity, amend.included, amend.old_price, amend.months, amend.billable)


def change_id(key: str, day: dt.date, writes: tuple[Write, ...]) -> str:
    """The id of a change of this content on that day."""
    content: list[Any] = [key, day, [[w.method, w.path, w.body] for w in writes]]
    text = json.dumps(content, default=str, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
