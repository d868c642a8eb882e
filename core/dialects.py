"""How a change is written in each PSA (R6, R8): the exact requests, in order. Data only; nothing is sent from here."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.causes import number, signed
from core.records import Action, BillCustomer, Step
from core.scope import cancelled_date
from core.settings import Settings
from core.stepping import spans

NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Amend:
    """What is to become of one line, without a PSA in mind."""

    action: Action
    agreement_id: str
    line_id: str | None  # None: a new line
    service_id: str
    day: dt.date
    first_open: dt.date  # first day of the first period not invoiced
    invoiced_from: dt.date
    old_quantity: Decimal
    new_quantity: Decimal
    included: Decimal
    old_price: Decimal
    new_price: Decimal
    new_cost: Decimal | None  # None: the cost stays
    line_cost: Decimal | None
    months: int
    bill_customer: BillCustomer
    keep_at_zero: bool
    today: dt.date
    invoiced_through: dt.date | None
    ends: dt.date | None  # first day that the line is not billed; None: no end is scheduled
    typed_steps: tuple[Step, ...] = ()  # in their order; none: new_quantity from the day on

    @property
    def billable(self) -> bool:
        return self.bill_customer is BillCustomer.BILLABLE

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every quantity with the day from which it holds, in their order."""
        return self.typed_steps or (Step(self.new_quantity, self.day),)

    def more(self, quantity: Decimal) -> Decimal:
        """Units that are billed in addition; included ones are not."""
        return max(NONE, quantity - self.included) - max(NONE, self.old_quantity - self.included)

    @property
    def open_quantity(self) -> Decimal:
        """The quantity at the start of the first period not invoiced."""
        before = [step.quantity for step in self.steps if step.effective_date <= self.first_open]
        return before[-1] if before else self.old_quantity


@dataclass(frozen=True, slots=True)
class Write:
    """One request to the PSA, as data, and what it does in words."""

    method: str
    path: str
    body: Mapping[str, Any]
    says: str


def connectwise(amend: Amend, settings: Settings) -> tuple[Write, ...]:
    """R6: in place at the first uninvoiced period's start; backdated, a line for the extra units beside it; else a new line.

    Of several steps those before that start are lines beside the old one, those after it a chain of new ones, each ended
    where the next begins; the old line is changed once, last, so that until then nothing of it is missing.
    A line that is added in place of one whose end is scheduled ends with it; changed in place, the line keeps its end.
    """
    if amend.line_id is None:
        return _chain(amend, amend.steps, settings)
    if amend.action is Action.END_LINE and not amend.keep_at_zero:
        return (_end(amend, amend.day, settings),)
    later = tuple(step for step in amend.steps if step.effective_date > amend.first_open)
    added = (*_beside(amend, settings), *_chain(amend, later, settings))
    if len(later) == len(amend.steps):
        return (*added, _end(amend, later[0].effective_date, settings))
    return (*added, *_patch(amend, cancelled_date(later[0].effective_date, settings) if later else None))


def _beside(amend: Amend, settings: Settings) -> list[Write]:
    """Lines for the units that days invoiced already are billed more of; they end before the first period not invoiced."""
    steps = tuple(step for step in amend.steps if step.effective_date < amend.first_open)
    last = min(amend.first_open, amend.ends or amend.first_open)
    return [
        _add(amend, units, step.effective_date, cancelled=cancelled_date(end, settings))
        for step, end in spans(steps, last)
        if (units := amend.more(step.quantity)) > 0
    ]


def _chain(amend: Amend, steps: tuple[Step, ...], settings: Settings) -> tuple[Write, ...]:
    """Lines of which each ends on the day before the next one starts, and the last one where the old line would have."""
    return tuple(
        _add(
            amend,
            step.quantity,
            step.effective_date,
            included=amend.included,
            cancelled=cancelled_date(end, settings) if end and end > step.effective_date else None,
        )
        for step, end in spans(steps, amend.ends)
    )


def _line(amend: Amend) -> str:
    return f"/finance/agreements/{amend.agreement_id}/additions/{amend.line_id}"


def _patch(amend: Amend, cancelled: dt.date | None) -> tuple[Write, ...]:
    """The old line as it is from the first period not invoiced on; nothing where all of it stays."""
    body: dict[str, Any] = {}
    said = []
    if amend.open_quantity != amend.old_quantity:
        body["quantity"] = amend.open_quantity
        said.append(f"quantity {number(amend.old_quantity)} to {number(amend.open_quantity)}")
    if amend.new_price != amend.old_price:
        body["unitPrice"] = amend.new_price
        said.append(f"unit price {number(amend.old_price)} to {number(amend.new_price)}")
    if amend.new_cost is not None and amend.new_cost != amend.line_cost:
        body["unitCost"] = amend.new_cost
        said.append(f"unit cost to {number(amend.new_cost)}")
    if cancelled:
        body["cancelledDate"] = cancelled
        said.append(f"cancelled date to {cancelled}")
    return (Write("PATCH", _line(amend), body, f"on line {amend.line_id} change {' and '.join(said)}"),) if body else ()


def _end(amend: Amend, day: dt.date, settings: Settings) -> Write:
    cancelled = cancelled_date(day, settings)
    said = f"end line {amend.line_id}: cancelled date {cancelled}; its quantity stays"
    return Write("PATCH", _line(amend), {"cancelledDate": cancelled}, said)


def _add(amend: Amend, quantity: Decimal, start: dt.date, *, included: Decimal = NONE, cancelled: dt.date | None = None) -> Write:
    """A new line, which bills as the old one does. A line for extra units includes none of them."""
    cost = amend.new_cost if amend.new_cost is not None else amend.line_cost
    body = {
        "product": amend.service_id,
        "quantity": quantity,
        "lessIncluded": included or None,
        "unitPrice": amend.new_price,
        "unitCost": cost,
        "billCustomer": str(amend.bill_customer),
        "effectiveDate": start,
        "cancelledDate": cancelled,
    }
    ending = f" to {cancelled}" if cancelled else ""
    said = f"add a line of {number(quantity)} {amend.service_id} at {number(amend.new_price)} from {start}{ending}"
    path = f"/finance/agreements/{amend.agreement_id}/additions"
    return Write("POST", path, {k: v for k, v in body.items() if v is not None}, said)


def autotask(amend: Amend, settings: Settings) -> tuple[Write, ...]:
    """A signed difference of units from a date, for each step; Autotask prorates and bills it by itself."""
    before = (amend.old_quantity, *(step.quantity for step in amend.steps))
    pairs = zip(before, amend.steps, strict=False)
    return tuple(_adjust(amend, step.quantity - old, step.effective_date, first=not n) for n, (old, step) in enumerate(pairs))


def _adjust(amend: Amend, units: Decimal, day: dt.date, *, first: bool) -> Write:
    """One adjustment; price and cost change with the first."""
    body: dict[str, Any] = {"unitChange": units, "effectiveDate": day}
    if amend.line_id is None:
        body |= {"contractID": amend.agreement_id, "serviceID": amend.service_id}
    else:
        body |= {"contractServiceID": amend.line_id}
    said = f"adjust service {amend.line_id or amend.service_id} by {signed(units)} units"
    if first and amend.new_price != amend.old_price:
        body["adjustedUnitPrice"] = amend.new_price
        said += f", unit price to {number(amend.new_price)}"
    if first and amend.new_cost is not None and amend.new_cost != amend.line_cost:
        body["adjustedUnitCost"] = amend.new_cost
        said += f", unit cost to {number(amend.new_cost)}"
    return Write("POST", "/V1.0/ContractServiceAdjustments", body, f"{said} from {day}")


def connectwise_cost(service_id: str, agreement_id: str, line_id: str, cost: Decimal) -> Write:
    """A unit cost in the catalogue (no line), or on a line. The catalogue's path is by the PSA's own id, so it is found later."""
    if not line_id:
        return Write(
            "PATCH", f"/procurement/catalog/{service_id}", {"cost": cost}, f"in the catalogue set unit cost {number(cost)}"
        )
    path = f"/finance/agreements/{agreement_id}/additions/{line_id}"
    return Write("PATCH", path, {"unitCost": cost}, f"on line {line_id} set unit cost {number(cost)}")


def autotask_cost(service_id: str, agreement_id: str, line_id: str, cost: Decimal) -> Write:
    """The service's unit cost, or an adjustment of a contract's service by no units."""
    if not line_id:
        return Write(
            "PATCH", "/V1.0/Services", {"id": service_id, "unitCost": cost}, f"set unit cost {number(cost)} of the service"
        )
    body = {"contractServiceID": line_id, "unitChange": NONE, "adjustedUnitCost": cost}
    return Write("POST", "/V1.0/ContractServiceAdjustments", body, f"set unit cost {number(cost)} of service {line_id}")


COST_DIALECTS: Mapping[str, Callable[[str, str, str, Decimal], Write]] = {
    "connectwise": connectwise_cost,
    "autotask": autotask_cost,
}
"""How a new unit cost is written: told the service, the agreement, the line (none: the catalogue) and the cost."""

DIALECTS: Mapping[str, Callable[[Amend, Settings], tuple[Write, ...]]] = {"connectwise": connectwise, "autotask": autotask}
