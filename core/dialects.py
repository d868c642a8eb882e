"""How a change is written in each PSA (R6, R8): the exact requests, in order. Data only; nothing is sent from here."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.causes import number, signed
from core.records import Action, BillCustomer
from core.scope import cancelled_date
from core.settings import Settings

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

    @property
    def billable(self) -> bool:
        return self.bill_customer is BillCustomer.BILLABLE

    @property
    def extra(self) -> Decimal:
        """Units that are billed in addition; included ones are not."""
        return max(NONE, self.new_quantity - self.included) - max(NONE, self.old_quantity - self.included)


@dataclass(frozen=True, slots=True)
class Write:
    """One request to the PSA, as data, and what it does in words."""

    method: str
    path: str
    body: Mapping[str, Any]
    says: str


def connectwise(amend: Amend, settings: Settings) -> tuple[Write, ...]:
    """R6: in place at the first uninvoiced period's start; backdated, a line for the extra units beside it; else a new line.

    A line that is added in place of one whose end is scheduled ends with it; changed in place, the line keeps its end.
    """
    if amend.line_id is None:
        return (_add(amend, amend.new_quantity, amend.day, included=amend.included),)
    if amend.action is Action.END_LINE and not amend.keep_at_zero:
        return (_end(amend, amend.day, settings),)
    if amend.day == amend.first_open:
        return (_patch(amend),)
    if amend.day < amend.first_open:
        until = min(amend.first_open, amend.ends or amend.first_open)
        extra = _add(amend, amend.extra, amend.day, cancelled=cancelled_date(until, settings))
        return (extra, _patch(amend)) if amend.extra > 0 else (_patch(amend),)
    kept_end = cancelled_date(amend.ends, settings) if amend.ends and amend.ends > amend.day else None
    added = _add(amend, amend.new_quantity, amend.day, included=amend.included, cancelled=kept_end)
    return (added, _end(amend, amend.day, settings))


def _line(amend: Amend) -> str:
    return f"/finance/agreements/{amend.agreement_id}/additions/{amend.line_id}"


def _patch(amend: Amend) -> Write:
    body: dict[str, Any] = {}
    said = []
    if amend.new_quantity != amend.old_quantity:
        body["quantity"] = amend.new_quantity
        said.append(f"quantity {number(amend.old_quantity)} to {number(amend.new_quantity)}")
    if amend.new_price != amend.old_price:
        body["unitPrice"] = amend.new_price
        said.append(f"unit price {number(amend.old_price)} to {number(amend.new_price)}")
    if amend.new_cost is not None and amend.new_cost != amend.line_cost:
        body["unitCost"] = amend.new_cost
        said.append(f"unit cost to {number(amend.new_cost)}")
    return Write("PATCH", _line(amend), body, f"on line {amend.line_id} change {' and '.join(said)}")


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
    """A signed difference of units from a date; Autotask prorates and bills it by itself."""
    body: dict[str, Any] = {"unitChange": amend.new_quantity - amend.old_quantity, "effectiveDate": amend.day}
    if amend.line_id is None:
        body |= {"contractID": amend.agreement_id, "serviceID": amend.service_id}
    else:
        body |= {"contractServiceID": amend.line_id}
    said = f"adjust service {amend.line_id or amend.service_id} by {signed(amend.new_quantity - amend.old_quantity)} units"
    if amend.new_price != amend.old_price:
        body["adjustedUnitPrice"] = amend.new_price
        said += f", unit price to {number(amend.new_price)}"
    if amend.new_cost is not None and amend.new_cost != amend.line_cost:
        body["adjustedUnitCost"] = amend.new_cost
        said += f", unit cost to {number(amend.new_cost)}"
    said += f" from {amend.day}"
    return (Write("POST", "/V1.0/ContractServiceAdjustments", body, said),)


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
