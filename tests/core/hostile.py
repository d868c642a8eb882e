"""Small worlds of hostile mixtures, for properties: every kind of mapping, charge and line, in any combination."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from core.mapping import AccountMapping, Kind, Mapping, ServiceMapping, ServiceRule, Tie
from core.records import AgreementLine, BillCustomer, Charge, ChargeKind, Measure, Service
from core.run import Inputs
from tests.core.build import CHARGE, LINE, inputs

D = Decimal
DAYS = [
    None, dt.date(2026, 1, 15), dt.date(2026, 10, 31), dt.date(2026, 11, 1), dt.date(2026, 11, 10), dt.date(2026, 11, 27),
    dt.date(2026, 11, 30), dt.date(2026, 12, 1), dt.date(2027, 1, 1), dt.date(2027, 3, 31), dt.date(2027, 4, 1),
]  # fmt: skip
CUSTOMERS = {"Acme": "Acme", "c2": "Twin Ltd", "c3": "Twin Ltd"}
SERVICES = ("BP", "GOLD", "AZ", "HELP")
ACCOUNTS = {"t-acme": "Acme", "t-two": "Twin", "t-shared": "Shared", "t-own": "Our MSP", "t-out": "Old Co", "t-new": "Zenith"}
VENDOR_SERVICES = ("SKU-BP", "SKU-BP-Y", "SKU-IN", "SKU-FREE", "SKU-OUT", "SKU-AZ", "SKU-NEW")
QUANTITIES = st.sampled_from([D(0), D(1), D(5), D("2.5"), D(25), D(28), D(-3), D(10**9)])
PRICES = st.sampled_from([D(0), D("22.00"), D("17.605"), D("-4.00"), D("0.000001")])

AGREEMENTS: dict[str, dict[str, Any]] = {
    "871": {},
    "872": {"cycle_months": 12, "prorates": True, "invoiced_through": dt.date(2027, 2, 28)},
    "873": {"agreement_status": "Expired"},
    "874": {"cycle_months": 0},
    "875": {"invoiced_through": None, "prorates": True},
    "876": {"cycle_months": 3, "in_arrears": True, "invoiced_through": dt.date(2026, 10, 31), "currency": "EUR"},
}

lines = st.builds(
    lambda customer, agreement, **changes: replace(
        LINE, customer_id=customer, customer=CUSTOMERS[customer], agreement_id=agreement, **AGREEMENTS[agreement], **changes
    ),
    customer=st.sampled_from(list(CUSTOMERS)),
    agreement=st.sampled_from(["871", "871", *AGREEMENTS]),
    service_id=st.sampled_from(SERVICES),
    quantity=QUANTITIES,
    included=st.sampled_from([D(0), D(5)]),
    unit_price=PRICES,
    unit_cost=st.sampled_from([None, D(0), D("17.60")]),
    effective=st.sampled_from(DAYS),
    cancelled=st.sampled_from([None, None, *DAYS]),
    bill_customer=st.sampled_from(list(BillCustomer)),
)

charges = st.builds(
    lambda account, service, **changes: replace(
        CHARGE,
        account_id=account,
        account=ACCOUNTS[account],
        vendor_service_id=service,
        vendor_service=f"{service} plan",
        **changes,
    ),
    account=st.sampled_from(list(ACCOUNTS)),
    service=st.sampled_from(VENDOR_SERVICES),
    source=st.sampled_from(["november.csv", "january.csv"]),
    vendor=st.sampled_from(["Microsoft", "Microsoft", "Pax8"]),
    subscription_id=st.sampled_from([None, "s1", "s2", "s3"]),
    kind=st.sampled_from(list(ChargeKind)),
    quantity=st.one_of(st.none(), QUANTITIES),
    assigned=st.sampled_from([None, D(3)]),
    unit_cost=st.sampled_from([None, D("17.60"), D("21.12")]),
    cost_months=st.sampled_from([None, 1, 12]),
    amount=st.sampled_from([None, D("440.00"), D("-308.00"), D("0.01"), D("0.00")]),
    start=st.sampled_from(DAYS),
    until=st.sampled_from(DAYS),
    final=st.booleans(),
    currency=st.sampled_from(["USD", "USD", "EUR"]),
)


def _account(account: str, kind: Kind, customer: str | None = None, share: str = "1") -> list[AccountMapping]:
    return [AccountMapping(v, account, ACCOUNTS[account], kind, customer, D(share)) for v in ("Microsoft", "Pax8")]


def _service(service: str, kind: Kind, target: str | None = None, multiplier: str = "1") -> list[ServiceMapping]:
    return [ServiceMapping(v, service, service, kind, target, D(multiplier)) for v in ("Microsoft", "Pax8")]


MAPPING = Mapping(
    tuple(
        _account("t-acme", Kind.MAPPED, "Acme")
        + _account("t-shared", Kind.MAPPED, "c2", "0.3333")
        + _account("t-shared", Kind.MAPPED, "c3", "0.6667")
        + _account("t-own", Kind.INTERNAL)
        + _account("t-out", Kind.EXCLUDED)
    ),
    tuple(
        _service("SKU-BP", Kind.MAPPED, "BP")
        + _service("SKU-BP-Y", Kind.MAPPED, "BP", "0.5")
        + _service("SKU-IN", Kind.INCLUDED, "GOLD")
        + _service("SKU-FREE", Kind.FREE)
        + _service("SKU-OUT", Kind.EXCLUDED)
        + _service("SKU-AZ", Kind.MAPPED, "AZ")
    ),
    (ServiceRule("AZ", measure=Measure.MONEY, markup=D("0.15")), ServiceRule("BP", "Acme", minimum=D(26), tolerance=D(1))),
    (Tie("Microsoft", "s1", "1"), Tie("Pax8", "t-acme", "2"), Tie("Microsoft", "s3", "nowhere")),
    frozenset({"HELP"}),
)


@st.composite
def worlds(draw: st.DrawFn) -> Inputs:
    """Lines with ids 1, 2, ..., charges with rows of their own, and sometimes no mapping at all."""
    some: list[AgreementLine] = [replace(a, line_id=str(i + 1)) for i, a in enumerate(draw(st.lists(lines, max_size=9)))]
    rows: list[Charge] = [
        replace(c, until=None) if c.start and c.until and c.until <= c.start else c for c in draw(st.lists(charges, max_size=12))
    ]
    mapping = draw(st.sampled_from([MAPPING, MAPPING, MAPPING, Mapping()]))
    catalogue = (Service("BP", "Business Premium", D("22.00"), D("17.60")), Service("AZ", "Azure", None, None))
    return inputs(some, rows, mapping, services=catalogue)
