"""How ConnectWise invoices an agreement: whole periods, days of a period where it prorates, and lines dated into the past."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from connectors.sandbox.connectwise_model import Model, Row, day_of
from core.periods import DAY, Period, add_months

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """What one addition is billed for the days from `start` to before `until`."""

    addition_id: int
    product: str
    quantity: Decimal
    amount: Decimal
    start: dt.date
    until: dt.date
    catch_up: bool  # of days in a period that was invoiced before


def invoice(model: Model, agreement_id: int, through: dt.date) -> list[InvoiceLine]:
    """Invoices every period up to the one that holds `through`, and what was added to periods invoiced before."""
    with model.lock:
        agreement = model.agreements[agreement_id]
        months = model.months(agreement)
        if not months:
            return []
        first_open = _first_open(model, agreement)
        until = first_open
        while until <= through:
            until = _later(until, months, first_open)
        lines = [line for row in _billable(model, agreement_id) for line in _lines(model, agreement, row, first_open, until)]
        model.invoiced_through[agreement_id] = until - DAY
        for row in _billable(model, agreement_id):
            model.billed_through[row["id"]] = until - DAY
        model.touch(agreement)
        _keep(model, agreement, lines)
        return lines


def total(lines: list[InvoiceLine]) -> Decimal:
    return sum((line.amount for line in lines), Decimal("0.00"))


def _first_open(model: Model, agreement: Row) -> dt.date:
    through = model.invoiced_through.get(agreement["id"])
    return through + DAY if through else Period.of(model.clock().date()).start


def _later(day: dt.date, months: int, anchor: dt.date) -> dt.date:
    return add_months(day, months, anchor.day)


def _billable(model: Model, agreement_id: int) -> list[Row]:
    return [row for row in model.additions.of(agreement_id) if row["billCustomer"] != "DoNotBill"]


def _lines(model: Model, agreement: Row, row: Row, first_open: dt.date, until: dt.date) -> Iterator[InvoiceLine]:
    start, end = _span(model, row)
    billed = model.billed_through.get(row["id"])
    months = model.months(agreement)
    period = first_open
    while period > max(start, billed + DAY if billed else dt.date.min):
        period = _later(period, -months, first_open)
    while period < until:
        after = _later(period, months, first_open)
        old = after <= first_open
        if not (old and (billed is not None or not model.switches.bills_lines_inside_invoiced_period)):
            amount = _amount(agreement, row, period, after, max(start, period), min(end, after), old)
            if amount is not None:
                product = row["product"]["identifier"]
                yield InvoiceLine(row["id"], product, row["quantity"], amount, max(start, period), min(end, after), old)
        period = after


def _span(model: Model, row: Row) -> tuple[dt.date, dt.date]:
    """The days that a line is billed for, half-open."""
    cancelled = day_of(row, "cancelledDate")
    if cancelled is not None and model.switches.cancelled_date_is_last_billed_day:
        cancelled += DAY
    return day_of(row, "effectiveDate") or dt.date.min, cancelled or dt.date.max


def _amount(agreement: Row, row: Row, period: dt.date, after: dt.date, start: dt.date, until: dt.date, old: bool) -> Decimal | None:
    """What the days bill; None where they bill nothing. Without proration a line bills the whole period that it begins."""
    if start >= until:
        return None
    quantity, included = row["quantity"] or Decimal(0), row["lessIncluded"] or Decimal(0)
    units = quantity if quantity < 0 else max(Decimal(0), quantity - included)
    price = Decimal(0) if row["billCustomer"] == "NoCharge" else row["unitPrice"] or Decimal(0)
    whole = (units * price).quantize(CENT, ROUND_HALF_UP)
    if (start, until) == (period, after):
        return whole
    if not agreement["prorateFlag"]:
        return whole if start == period and not old else None
    return (whole * (until - start).days / (after - period).days).quantize(CENT, ROUND_HALF_UP)


def _keep(model: Model, agreement: Row, lines: list[InvoiceLine]) -> None:
    number = len(model.invoices) + 1
    row = {
        "invoiceNumber": str(10000 + number), "type": "Agreement", "total": total(lines), "company": agreement["company"],
        "agreement": {"id": agreement["id"], "name": agreement["name"]}, "date": f"{model.clock().date()}T00:00:00Z",
    }  # fmt: skip
    model.put(model.invoices, row)
