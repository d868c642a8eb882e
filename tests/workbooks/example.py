"""A believable month: three vendors, about sixty lines, every state, and the figures of the worked cases."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from core.frames import frame
from core.mapping import AccountMapping, Kind, Mapping, ServiceMapping, ServiceRule
from core.periods import Period
from core.reconcile import reconcile
from core.records import Agreement, AgreementLine, BillCustomer, Charge, ChargeKind, Measure, Service, Source
from core.run import Inputs, Reconciliation
from workbooks.identity import Identity, sign

D = Decimal
KEY = b"a key that only tests have"
NOVEMBER, TODAY = Period(2026, 11), dt.date(2026, 11, 26)
FIRST, NEXT = dt.date(2026, 11, 1), dt.date(2026, 12, 1)

IDENTITY = sign(
    Identity(
        workbook_id="WB-2026-11-0007",
        run_id="R-2026-11-03",
        revision=2,
        period=NOVEMBER,
        scope="all",
        recipient="anna@northwind.example",
        issued_at=dt.datetime(2026, 11, 26, 9, 30, tzinfo=dt.UTC),
        issued_by="Tieout",
        entity="Northwind IT Services",
    ),
    KEY,
)

SERVICES = (
    Service("BP", "Microsoft 365 Business Premium", D("22.00"), D("17.60"), "CFQ7TTC0LCHC"),
    Service("E3", "Microsoft 365 E3", D("39.00"), D("31.20")),
    Service("EXO", "Exchange Online Plan 1", D("4.80"), D("3.60")),
    Service("AZ", "Azure consumption", None, None),
    Service("HUN", "Managed EDR (Huntress)", D("6.00"), D("2.95")),  # the vendor charges 3.10
    Service("BAK", "Cloud backup per workstation", D("14.50"), D("10.00")),
    Service("DNS", "DNS filtering", None, D("0.90")),
    Service("GOLD", "Gold User support bundle", D("120.00"), None),
    Service("DOM", "Domain renewal", D("1.50"), None),
)
_NAMES = {s.service_id: s.service for s in SERVICES}
_PRICES = {s.service_id: s.price or D("1.80") for s in SERVICES}

CUSTOMERS = (
    "Contoso Legal LLP", "Fabrikam Dental Group", "Adventure Works Cycles", "Tailspin Toys Ltd", "Wingtip Accounting",
    "Litware Logistics",
    "Proseware Clinics", "Lucerne Publishing", "Blue Yonder Travel", "Woodgrove Advisors", "Coho Vineyard & Winery",
    "Alpine Ski House",
    "Humongous Insurance", "Graphic Design Institute", "Margie's Travel", "Southridge Video", "Trey Research", "The Phone Company",
)  # fmt: skip

_LINE = AgreementLine(
    "0", "0", "Managed 365", None, "", "", "", "", D(0), D(0), D(0), None, dt.date(2025, 1, 1), None, 1, "Active",
    BillCustomer.BILLABLE, False, False, dt.date(2026, 11, 30), "USD", "agreements.csv",
)  # fmt: skip
_CHARGE = Charge(
    "microsoft_2026-11.csv", 2, "Microsoft", "", "", "", "", None, "Annual, billed monthly", None, ChargeKind.CHARGE, D(0), None,
    D(0), 1, D(0), FIRST, NEXT, dt.date(2027, 3, 1), True, "USD",
)  # fmt: skip

_VENDOR_SERVICES = {
    "BP": ("Microsoft", "CFQ7TTC0LCHC:P1Y:M", "Microsoft 365 Business Premium (annual, monthly)", D("17.60")),
    "E3": ("Microsoft", "CFQ7TTC0LFLX:P1Y:M", "Microsoft 365 E3 (annual, monthly)", D("31.20")),
    "EXO": ("Microsoft", "CFQ7TTC0LH16:P1M:M", "Exchange Online (Plan 1) (monthly)", D("3.60")),
    "AZ": ("Microsoft", "AZURE-PLAN", "Azure plan", D("812.37")),
    "HUN": ("Huntress", "huntress-edr", "Managed EDR", D("3.10")),
    "BAK": ("Pax8", "acronis-ws", "Acronis Cyber Protect Workstation", D("10.00")),
    "DNS": ("Pax8", "dnsfilter-pro", "DNSFilter Pro", D("0.90")),
}
_FILES = {"Microsoft": "microsoft_2026-11.csv", "Pax8": "pax8_invoice_4411.csv", "Huntress": "huntress_agents.csv"}

# customer, service, PSA quantity (None: no line), vendor quantity (None: nothing counted)
_USE = (
    (0, "BP", 25, 28), (1, "BP", 40, 40), (2, "BP", 12, 15), (3, "BP", 8, 8), (4, "BP", 18, 11), (5, "BP", 30, 30),
    (6, "BP", 64, 79),
    (7, "BP", 5, 5), (8, "BP", 9, 9), (9, "BP", 14, 14), (10, "BP", 22, 20), (11, "BP", 31, 31), (12, "BP", None, 7),
    (13, "BP", 6, 6),
    (0, "E3", 10, 12), (5, "E3", 45, 45), (6, "E3", 20, 0), (12, "E3", 110, 131), (14, "E3", None, 3), (0, "EXO", 6, 6),
    (1, "EXO", 4, 9), (2, "EXO", 12, 12), (7, "EXO", 3, 0), (15, "EXO", 11, 11), (16, "EXO", 2, 5), (13, "AZ", 1, 1),
    (0, "BAK", 25, 25), (1, "BAK", 38, 44), (2, "BAK", 15, 15), (3, "BAK", None, 7), (4, "BAK", 12, 0), (5, "BAK", 30, 29),
    (8, "BAK", 9, 9), (9, "BAK", 14, 14), (10, "BAK", 20, 26), (14, "BAK", None, 4), (1, "DNS", 80, 92), (2, "DNS", 30, 30),
    (3, "DNS", None, 12), (6, "DNS", 140, 140), (0, "HUN", 30, 32), (1, "HUN", 41, 41), (2, "HUN", 16, 16), (3, "HUN", 9, 12),
    (4, "HUN", 19, 19), (5, "HUN", 33, 33), (6, "HUN", 90, 77), (7, "HUN", 6, None), (8, "HUN", 10, 10), (9, "HUN", 15, 15),
    (10, "HUN", 22, 25), (11, "HUN", 31, 31), (12, "HUN", 100, 118), (13, "HUN", None, 6), (15, "HUN", 12, 12), (16, "HUN", 4, 4),
)  # fmt: skip


def line(number: int, customer: int, service: str, quantity: Any, **changes: Any) -> AgreementLine:
    name = CUSTOMERS[customer]
    return replace(
        _LINE,
        **{
            "line_id": str(number), "agreement_id": str(800 + customer), "customer_id": f"C{customer + 1:02}", "customer": name,
            "service_id": service, "service": _NAMES[service], "quantity": D(quantity), "unit_price": _PRICES[service],
            "unit_cost": next(s.cost for s in SERVICES if s.service_id == service), **changes,
        },
    )  # fmt: skip


def charge(row: int, customer: int, service: str, quantity: Any, **changes: Any) -> Charge:
    vendor, sku, name, cost = _VENDOR_SERVICES[service]
    return replace(
        _CHARGE,
        **{
            "source": _FILES[vendor], "row": row, "vendor": vendor, "account_id": f"{vendor[:2].lower()}-{customer + 1:03}",
            "account": CUSTOMERS[customer].upper() if vendor == "Huntress" else CUSTOMERS[customer], "vendor_service_id": sku,
            "vendor_service": name, "subscription_id": f"sub-{vendor[:2]}-{row}",
            "quantity": None if quantity is None else D(quantity),
            "unit_cost": cost, "amount": D(quantity or 0) * cost, **changes,
        },
    )  # fmt: skip


def lines() -> list[AgreementLine]:
    made = [line(3589 + n, c, s, psa, **_special(c, s)) for n, (c, s, psa, _) in enumerate(_USE) if psa is not None]
    return [
        *made,
        line(4101, 14, "BP", 100, unit_price=D("24.00"), unit_cost=D("17.60")),
        line(4102, 14, "BP", 18, unit_price=D("22.00"), unit_cost=D("17.60")),
        line(4201, 0, "GOLD", 30),
        *(line(4300 + n, n, "DOM", 1 + n % 3) for n in range(6)),
        line(4401, 17, "BP", 3, agreement_status="Expired"),
        line(4402, 9, "DOM", 1, cycle_months=0),
    ]


def _special(customer: int, service: str) -> dict[str, Any]:
    return {
        (10, "BP"): {"cycle_months": 12, "unit_price": D("264.00"), "invoiced_through": dt.date(2027, 2, 28)},
        (10, "HUN"): {"bill_customer": BillCustomer.NO_CHARGE},
        (1, "DNS"): {"included": D(5), "unit_price": D("3.00")},
        (13, "AZ"): {"unit_price": D("900.00"), "in_arrears": True, "invoiced_through": dt.date(2026, 10, 31)},
        (16, "EXO"): {"unit_price": D("4.125"), "prorates": True},
    }.get((customer, service), {})


def charges() -> list[Charge]:
    monthly = {(14, "E3"): {"unit_cost": D("37.44")}}  # beside the annual 31.20
    made = [charge(2 + n, c, s, u, **monthly.get((c, s), {})) for n, (c, s, _, u) in enumerate(_USE) if u is not None and s != "AZ"]
    return [
        *made,
        charge(80, 13, "AZ", None, kind=ChargeKind.USAGE, amount=D("812.37"), unit_cost=None),
        charge(81, 14, "BP", 100),
        charge(82, 14, "BP", 20, unit_cost=D("17.60")),
        charge(83, 0, "BP", None, kind=ChargeKind.CREDIT, amount=D("-20.00"), subscription_id="sub-credit"),
        charge(84, 1, "BP", 15, account_id="mi-own", account="Northwind IT Services", amount=D("264.00")),
        charge(85, 1, "BP", 10_000, vendor_service_id="FLOW-FREE", vendor_service="Power Automate Free",
               amount=D(0), unit_cost=D(0)),
        charge(86, 1, "BP", 3, vendor_service_id="VISIO", vendor_service="Visio Plan 2", amount=D("36.00"), unit_cost=D(12)),
        charge(87, 1, "BP", 8, account_id="mi-900", account="Tailspin Toys Limited", amount=D("140.80")),
        charge(88, 1, "BAK", 4, account_id="pa-901", account="Wide World Importers", amount=D("40.00")),
        charge(89, 2, "BAK", 6, vendor_service_id="acronis-srv", vendor_service="Acronis Cyber Protect Server", amount=D("210.00")),
        charge(90, 2, "BAK", 2, vendor_service_id="kb4", vendor_service="=HYPERLINK(\"http://x\",\"training\")", amount=D("9.60")),
    ]  # fmt: skip


def mapping() -> Mapping:
    accounts = {
        (c.vendor, c.account_id, c.account): int(c.account_id[3:])
        for c in charges()
        if c.account_id[3:].isdigit() and int(c.account_id[3:]) < 100
    }
    services = [ServiceMapping(v, sku, name, Kind.MAPPED, s) for s, (v, sku, name, _) in _VENDOR_SERVICES.items()]
    return Mapping(
        (
            *(AccountMapping(v, i, name, Kind.MAPPED, f"C{number:02}") for (v, i, name), number in accounts.items()),
            AccountMapping("Microsoft", "mi-own", "Northwind IT Services", Kind.INTERNAL),
        ),
        (
            *services,
            ServiceMapping("Microsoft", "FLOW-FREE", "Power Automate Free", Kind.FREE),
            ServiceMapping("Pax8", "kb4", "training", Kind.EXCLUDED, reason="trial", owner="Ben", review=dt.date(2027, 1, 31)),
        ),
        (ServiceRule("AZ", measure=Measure.MONEY, markup=D("0.15")), ServiceRule("HUN", "C12", minimum=D(31))),
        (),
        frozenset({"DOM"}),
    )


def agreements() -> tuple[Agreement, ...]:
    child = Agreement("902", "Backup add-on", "Managed 365", "C04", CUSTOMERS[3], "Active", 1, False, False, None, "USD")
    return (child, replace(child, agreement_id="903", agreement="Old project", status="Expired"))


def inputs(**changes: Any) -> Inputs:
    sources = tuple(
        Source(name, vendor, f"{vendor.lower()}-csv", "0" * 64, sum(1 for c in charges() if c.vendor == vendor), True, as_of)
        for (vendor, name), as_of in zip(_FILES.items(), (TODAY, dt.date(2026, 11, 25), None), strict=True)
    )
    psa = Source("agreements.csv", "PSA", "connectwise-additions", "1" * 64, len(lines()), True, TODAY)
    return Inputs(
        **{
            "period": NOVEMBER, "today": TODAY, "lines": frame(AgreementLine, lines()), "charges": frame(Charge, charges()),
            "sources": (psa, *sources), "services": SERVICES, "agreements": agreements(), "mapping": mapping(), **changes,
        }
    )  # fmt: skip


def example(**changes: Any) -> Reconciliation:
    """The month, reconciled."""
    made = reconcile(inputs(**changes))
    return replace(made, agreements=tuple(_plain(one) for one in made.agreements))


def _plain(one: Agreement) -> Agreement:
    """Empty cells of a frame as None."""
    return replace(one, **{name: None for name in ("parent_agreement", "invoiced_through") if getattr(one, name) is pd.NA})
