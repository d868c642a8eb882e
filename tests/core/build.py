"""Builders of records for tests: every field has a usual value, so that a case names only what it is about."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from core.frames import frame, records
from core.mapping import AccountMapping, Kind, Mapping, ServiceMapping
from core.periods import Period
from core.reconcile import reconcile
from core.records import AgreementLine, BillCustomer, Charge, ChargeKind, Comparison, Service, Source
from core.run import Inputs, Reconciliation

TODAY = dt.date(2026, 11, 26)
NOVEMBER = Period(2026, 11)
D = Decimal

LINE = AgreementLine(
    line_id="3589", agreement_id="871", agreement="Managed 365", parent_agreement=None, customer_id="Acme", customer="Acme",
    service_id="BP", service="Microsoft 365 Business Premium", quantity=D(25), included=D(0), unit_price=D("22.00"),
    unit_cost=D("17.60"), effective=dt.date(2026, 1, 1), cancelled=None, cycle_months=1, agreement_status="Active",
    bill_customer=BillCustomer.BILLABLE, in_arrears=False, prorates=False, invoiced_through=dt.date(2026, 11, 30),
    currency="USD", place="agreements.csv row 2",
)  # fmt: skip

CHARGE = Charge(
    source="microsoft.csv", row=2, vendor="Microsoft", account_id="t-acme", account="Acme", vendor_service_id="SKU-BP",
    vendor_service="Business Premium (vendor)", sku="SKU-BP", term=None, subscription_id="sub-1", kind=ChargeKind.CHARGE,
    quantity=D(25), assigned=None, unit_cost=D("17.60"), cost_months=1, amount=D("440.00"), start=dt.date(2026, 11, 1),
    until=dt.date(2026, 12, 1), can_reduce_from=None, final=True, currency="USD",
)  # fmt: skip

ACCOUNT = AccountMapping("Microsoft", "t-acme", "Acme", Kind.MAPPED, "Acme")
SERVICE = ServiceMapping("Microsoft", "SKU-BP", "Business Premium (vendor)", Kind.MAPPED, "BP")
MAPPED = Mapping((ACCOUNT,), (SERVICE,))


def line(line_id: str = "3589", quantity: Any = 25, price: Any = "22.00", **changes: Any) -> AgreementLine:
    return replace(LINE, line_id=line_id, quantity=D(quantity), unit_price=D(price), **changes)


def charge(quantity: Any = 25, amount: Any = "440.00", subscription: str | None = "sub-1", **changes: Any) -> Charge:
    return replace(CHARGE, quantity=D(quantity), amount=D(amount), subscription_id=subscription, **changes)


def mapped(*services: ServiceMapping, accounts: Iterable[AccountMapping] = (ACCOUNT,), **changes: Any) -> Mapping:
    return Mapping(tuple(accounts), services or (SERVICE,), **changes)


def service(vendor_service_id: str, service_id: str | None, kind: Kind = Kind.MAPPED, **changes: Any) -> ServiceMapping:
    vendor = changes.pop("vendor", "Microsoft")
    return ServiceMapping(vendor, vendor_service_id, f"{vendor_service_id} (vendor)", kind, service_id, **changes)


def source(name: str, role: str, **changes: Any) -> Source:
    return replace(Source(name, role, "test", "0" * 64, 1, True, dt.date(2026, 11, 30)), **changes)


def inputs(lines: Iterable[AgreementLine], charges: Iterable[Charge], mapping: Mapping = MAPPED, **changes: Any) -> Inputs:
    """Nobody changes them: the same are given out again."""
    given = tuple(lines), tuple(charges), mapping, tuple(changes.items())
    try:
        return _alike(*given)
    except TypeError:  # a change that has no hash
        return _inputs(*given)


def _inputs(
    lines: Sequence[AgreementLine], charges: Sequence[Charge], mapping: Mapping, changes: Iterable[tuple[str, Any]]
) -> Inputs:
    numbered = [replace(c, row=i + 2) for i, c in enumerate(charges)]
    sources = {(c.source, c.vendor) for c in charges}
    found = (source("agreements.csv", "PSA"), *(source(name, vendor) for name, vendor in sorted(sources)))
    return Inputs(
        **{
            "period": NOVEMBER,
            "today": TODAY,
            "lines": frame(AgreementLine, lines),
            "charges": frame(Charge, numbered),
            "sources": found,
            "mapping": mapping,
            "services": (Service("BP", "Microsoft 365 Business Premium", D("22.00"), D("17.60")),),
            **dict(changes),
        }
    )


_alike = lru_cache(64)(_inputs)


def compared(made: Inputs) -> tuple[Reconciliation, list[Comparison]]:
    """The comparison, which many tests of one case look at: it is made once."""
    kept = _COMPARED.get(id(made))
    if kept is None or kept[0] is not made:
        if len(_COMPARED) >= 64:
            _COMPARED.clear()
        result = reconcile(made)
        kept = _COMPARED[id(made)] = made, result, records(Comparison, result.comparisons)
    return kept[1], list(kept[2])


_COMPARED: dict[int, tuple[Inputs, Reconciliation, list[Comparison]]] = {}


def only(made: Inputs) -> Comparison:
    (row,) = compared(made)[1]
    return row
