"""The ten worked cases, each as customers of the made MSP. The figures are the cases' own.

Case 2 is an Autotask case; this MSP runs ConnectWise, where the same decision is a line for the extra units and a change in place.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from connectors.sandbox.catalogue import ANNUAL, HUNTRESS, ITEMS, MICROSOFT, PAX8, UPFRONT, vendor_name
from connectors.sandbox.world import (
    ENTITY,
    NEW,
    NO_CHANGE,
    NO_USAGE,
    NOT_KNOWN,
    RECONCILE,
    Customer,
    Expected,
    Maker,
    line_key,
    microsoft_account_id,
    new_key,
    vendor_service_id,
)
from core.mapping import AccountMapping, Kind, ServiceMapping, ServiceRule, Tie
from core.records import Measure

D = Decimal
NOV_10, DEC_1 = dt.date(2026, 11, 10), dt.date(2026, 12, 1)
BP = "SPB"


def make_cases(maker: Maker) -> None:
    """All ten, in their order."""
    for case in (_one, _two, _three, _four, _five, _six, _seven, _eight, _nine, _ten):
        case(maker)


def _added_in_november(maker: Maker, account: str) -> None:
    """25 from the start of the month; on the tenth refunded, and 28 charged."""
    subscription = maker.microsoft(account, BP, 25, units=0)
    pair: Any = {"subscription": subscription, "start": NOV_10, "kind": "addQuantity"}
    maker.microsoft(account, BP, -25, units=0, amount=D("-308.00"), **pair)
    maker.microsoft(account, BP, 28, amount=D("344.96"), **pair)


def _one(maker: Maker) -> None:
    customer = maker.customer("Alder & Finch Atelier")
    key = line_key(maker.line(customer, "M365-BP", 25, "22.00"))
    _added_in_november(maker, customer.name)
    maker.expect(key, RECONCILE, 3, "66.00")
    maker.play(key, "Approve", writes=("quantity 25 to 28",), effect=D("66.00"), next_invoice=D("616.00"))


def _two(maker: Maker) -> None:
    customer = maker.customer("Birchbark Veterinarians", prorates=True)
    key = line_key(maker.line(customer, "M365-BP", 25, "22.00"))
    _added_in_november(maker, customer.name)
    maker.expect(key, RECONCILE, 3, "66.00")
    maker.play(
        key, "Approve", effective_date=NOV_10, reason="corrected next month", effect=D("66.00"), next_invoice=D("616.00"),
        writes=("add a line of 3 M365-BP at 22 from 2026-11-10 to 2026-11-30", "quantity 25 to 28"), catch_up=D("46.20"),
    )  # fmt: skip


def _three(maker: Maker) -> None:
    customer = maker.customer("Cedarmill Orthodontists")
    ended = maker.line(customer, "M365-BP", 25, "22.00", cancelled_date="2026-11-30")
    maker.world.listed[ended] = "out of scope"
    key = line_key(maker.line(customer, "M365-BP", 28, "22.00", effective_date="2026-12-01"))
    maker.microsoft(customer.name, BP, 28)
    maker.expect(key, NO_CHANGE, 0, "0.00")
    maker.play(key, "Approve", outcome="nothing to do")


def _four(maker: Maker) -> None:
    customer = maker.customer("Dunmore Haulage Ltd")
    for product, quantity, included, price, vendor, minimum, difference, effect in (
        ("EXO-P1", 30, 5, "3.00", 32, None, 2, "6.00"),
        ("VISIO-2", 3, 5, "12.00", 4, None, 1, "0.00"),
        ("PBI-PRO", 25, 0, "9.00", 18, 25, 0, "0.00"),
        ("INTUNE", 25, 0, "9.00", 27, 25, 2, "18.00"),
    ):
        key = line_key(maker.line(customer, product, quantity, price, less_included=included or ""))
        maker.microsoft(customer.name, ITEMS[product].part, vendor)
        maker.expect(key, RECONCILE if difference else NO_CHANGE, difference, effect)
        if minimum:
            maker.world.rules.append(ServiceRule(product, customer.name, minimum=D(minimum)))
        after = max(0, quantity + difference - included) * D(price)
        outcome = "accepted" if difference else "nothing to do"
        writes = (f"quantity {quantity} to {quantity + difference}",) if difference else ()
        maker.play(key, "Approve", writes=writes, outcome=outcome, effect=D(effect), next_invoice=after)


def _five(maker: Maker) -> None:
    customer = maker.customer("Eastgate Paediatrics")
    one = line_key(maker.line(customer, "M365-BP", 100, "24.00"))
    other = line_key(maker.line(customer, "M365-BP", 18, "22.00"))
    maker.microsoft(customer.name, BP, 100, term=ANNUAL)
    maker.microsoft(customer.name, BP, 20, price=D("21.12"))
    maker.map_service(MICROSOFT, ITEMS["M365-BP"], ANNUAL)
    maker.expect(one, RECONCILE)
    maker.expect(other, RECONCILE)
    maker.play(one, "Approve", outcome="refused")
    maker.play(other, "Approve", quantity=D(20), writes=("quantity 18 to 20",), effect=D("44.00"), next_invoice=D("440.00"))


def _six(maker: Maker) -> None:
    ended = maker.customer("Foxglove Patisserie")
    key = line_key(maker.line(ended, "EDR", 12, "10.00"))
    maker.counts(HUNTRESS, ended.name, "HUN-EDR", 0)
    maker.expect(key, NO_USAGE, -12, "-120.00")
    maker.play(key, "End line", writes=("cancelled date 2026-11-30",), effect=D("-120.00"), next_invoice=D("0.00"))

    suggested = maker.customer("Gannet Wharf Chandlery")
    key = line_key(maker.line(suggested, "M365-BS", 12, "10.00"))
    maker.pax8("Gannet Wharf Chandlers Group", ITEMS["M365-BS"].part, 14, bucket="unmapped")
    maker.expect(key, NOT_KNOWN)
    maker.play(key, "End line", reason="not billable", outcome="suspended")
    maker.world.mapped.append((PAX8, "Gannet Wharf Chandlers Group"))
    maker.world.after[key] = Expected(RECONCILE, D(2), D("20.00"))

    annual = maker.customer("Hollis Crane Actuaries")
    key = line_key(maker.line(annual, "M365-E3", 12, "10.00"))
    part = ITEMS["M365-E3"].part
    start, end = dt.date(2026, 1, 15), dt.date(2027, 1, 14)
    maker.microsoft(annual.name, part, 12, term=UPFRONT, price=D("345.60"), kind="new", start=start, end=end, january=True)
    maker.microsoft(annual.name, ITEMS["PHONE"].part, 3)
    maker.expect(line_key(maker.line(annual, "PHONE", 3)), NO_CHANGE, 0, 0)
    maker.map_service(MICROSOFT, ITEMS["M365-E3"], UPFRONT)
    maker.expect(key, NO_CHANGE, 0, 0)

    absent = maker.customer("Ironbark Geodesy")
    key = line_key(maker.line(absent, "O365-E3", 12, "10.00"))
    maker.microsoft(absent.name, ITEMS["PHONE"].part, 2)
    maker.expect(line_key(maker.line(absent, "PHONE", 2)), NO_CHANGE, 0, 0)
    maker.expect(key, NO_USAGE, -12, "-120.00")
    maker.play(
        key, "End line", reason="not billable", writes=("cancelled date 2026-11-30",), effect=D("-120.00"), next_invoice=D(0)
    )


def _seven(maker: Maker) -> None:
    customer = maker.customer("Juniper Notaries LLP")
    child = maker.agreement(customer, "Security add-on", customer.agreement)
    maker.expect(line_key(maker.line(customer, "M365-BS", 7, "15.00")), NO_CHANGE, 0, 0)
    maker.microsoft(customer.name, ITEMS["M365-BS"].part, 7)
    maker.microsoft(customer.name, "MDE_SMB", 7, bucket="new revenue")
    key = maker.expect(new_key(customer, "DEF-BUS"), NEW, 7, "101.50")
    maker.play(
        key, "Add line", agreement=child.agreement_id, effect=D("101.50"), next_invoice=D("101.50"),
        writes=("add a line of 7 DEF-BUS at 14.5 from 2026-12-01",),
    )  # fmt: skip

    forgetful = maker.customer("Kelpwood Tannery")
    maker.expect(line_key(maker.line(forgetful, "M365-BS", 5, "15.00")), NO_CHANGE, 0, 0)
    maker.microsoft(forgetful.name, ITEMS["M365-BS"].part, 5)
    maker.microsoft(forgetful.name, "MDE_SMB", 4, bucket="new revenue")
    key = maker.expect(new_key(forgetful, "DEF-BUS"), NEW, 4, "58.00")
    maker.play(key, "Add line", outcome="refused")

    closed = maker.customer("Lorimer Upholstery", status="Expired", invoiced_through=dt.date(2026, 10, 31))
    line = maker.line(closed, "M365-BS", 9, "15.00")
    maker.world.listed[line] = "out of scope"
    maker.microsoft(closed.name, ITEMS["M365-BS"].part, 9, bucket="new revenue")
    key = maker.expect(new_key(closed, "M365-BS"), NEW, 9, "135.00")
    maker.play(key, "Ask", note="Still uses 9 licences on an expired agreement: who signs the new one? (Dana)")


def _eight(maker: Maker) -> None:
    customer = maker.customer("Kingfisher Endodontics")
    key = line_key(maker.line(customer, "GOLD", 30, "120.00", description="Gold User (all-in seat)"))
    maker.microsoft(customer.name, BP, 32, product="Microsoft 365 Business Premium (no Teams)", term=GOLD_TERM)
    maker.world.services.append(
        ServiceMapping(MICROSOFT, vendor_service_id(MICROSOFT, BP, GOLD_TERM), "Business Premium (no Teams)", Kind.MAPPED, "GOLD")
    )
    maker.counts(HUNTRESS, customer.name, "HUN-GOLD", 31, bucket="included")
    maker.world.services.append(ServiceMapping(HUNTRESS, "HUN-GOLD", vendor_name("HUN-GOLD"), Kind.INCLUDED, "GOLD"))
    maker.expect(key, RECONCILE, 2, "240.00")
    maker.play(key, "Approve", writes=("quantity 30 to 32",), effect=D("240.00"), next_invoice=D("3840.00"))

    maker.microsoft(ENTITY, BP, 15, bucket="internal")
    maker.world.accounts.append(
        AccountMapping(MICROSOFT, microsoft_account_id(ENTITY), ENTITY, Kind.INTERNAL, reason="own tenant", owner="Dana Whitfield")
    )
    maker.microsoft(customer.name, "FLOW_FREE", 10000, bucket="free", price=D(0))
    maker.world.services.append(
        ServiceMapping(MICROSOFT, vendor_service_id(MICROSOFT, "FLOW_FREE"), vendor_name("FLOW_FREE"), Kind.FREE)
    )


GOLD_TERM = "Three-Year commitment for monthly billing"


def _nine(maker: Maker) -> None:
    annual = maker.customer("Larkspur Vineyards", cycle="Annual", months=12, invoiced_through=dt.date(2027, 2, 28))
    key = line_key(maker.line(annual, "M365-BP", 10, "264.00", effective_date="2026-03-01"))
    maker.microsoft(annual.name, BP, 12, kind="addQuantity", start=NOV_10, amount=D("147.84"))
    maker.expect(key, RECONCILE, 2, "44.00")
    maker.play(key, "Approve", writes=("quantity 10 to 12",), effect=D("44.00"), next_invoice=D("3168.00"))

    arrears = maker.customer("Mallow Street Physiotherapy", timing="Arrears", invoiced_through=dt.date(2026, 10, 31))
    key = line_key(maker.line(arrears, "EXO-P1", 40, "6.00"))
    maker.microsoft(arrears.name, "EXCHANGESTANDARD", 45)
    maker.expect(key, RECONCILE, 5, "30.00")
    maker.play(
        key, "Approve", effective_date=DEC_1, effect=D("30.00"), next_invoice=D("240.00"),
        writes=("add a line of 45 EXO-P1 at 6 from 2026-12-01", "cancelled date 2026-11-30"),
    )  # fmt: skip


def _ten(maker: Maker) -> None:
    customer = maker.customer("Nightjar Studios", timing="Arrears", invoiced_through=dt.date(2026, 10, 31))
    key = line_key(maker.line(customer, "AZURE", 1, "900.00", description="Azure consumption + 15 %"))
    maker.microsoft(customer.name, "AZURE-PLAN", 1, product="Azure plan", price=D("812.37"), units=0, category="Azure", kind="new")
    service_id = vendor_service_id(MICROSOFT, "AZURE-PLAN")
    maker.world.services.append(ServiceMapping(MICROSOFT, service_id, "Azure plan", Kind.MAPPED, "AZURE"))
    maker.world.rules.append(ServiceRule("AZURE", measure=Measure.MONEY, markup=D("0.15")))
    maker.expect(key, RECONCILE, None, "34.23")
    maker.play(
        key, "Approve", writes=("unit price 900 to 934.23 and unit cost to 812.37",), effect=D("34.23"), next_invoice=D("934.23")
    )

    maker.microsoft(customer.name, "PROJECT_P1", 3, bucket="excluded", price=D("3.20"))
    maker.world.services.append(
        ServiceMapping(
            MICROSOFT, vendor_service_id(MICROSOFT, "PROJECT_P1"), vendor_name("PROJECT_P1"), Kind.EXCLUDED,
            reason="promotion, paid by Microsoft", owner="Dana Whitfield", review=dt.date(2027, 1, 31),
        )
    )  # fmt: skip
    maker.microsoft("Zyxomma Quarries", BP, 8, bucket="unmapped", price=D("10.00"))
    maker.microsoft(customer.name, BP, 0, bucket="credits and one-offs", kind="customerCredit", amount=D("-20.00"), units=0)


def multi_site(maker: Maker) -> Customer:
    """One customer with two sites, each with its own account at Pax8 and its own line."""
    customer = maker.customer("Ospreyview Climbing Gyms")
    for site, billed, used in (("Denver", 14, 16), ("Tulsa", 9, 9)):
        line = maker.line(customer, "M365-BS", billed, "15.00")
        account = f"Ospreyview Climbing - {site} site"
        maker.pax8(account, ITEMS["M365-BS"].part, used)
        account_id = maker.world.pax8[-1]["company_id"]
        maker.world.accounts.append(AccountMapping(PAX8, account_id, account, Kind.MAPPED, customer.name))
        maker.world.ties.append(Tie(PAX8, account_id, line))
        difference = used - billed
        key = maker.expect(line_key(line), RECONCILE if difference else NO_CHANGE, difference, D("15.00") * difference)
        if difference:
            writes = (f"quantity {billed} to {used}",)
            maker.play(key, "Approve", writes=writes, effect=D("30.00"), next_invoice=D("240.00"))
    return customer


def other_traps(maker: Maker) -> None:
    """What else belongs in a believable month: a one-off, a negative line, an unmapped service, prorations and rebates at Pax8."""
    multi_site(maker)
    customer = maker.customer("Quillstone Bookbinders")
    maker.world.listed[maker.line(customer, "HELPDESK", 6)] = "no vendor"
    maker.world.listed[maker.line(customer, "M365-BB", -2)] = "out of scope"
    one_off = maker.customer("Quillstone Bookbinders", cycle="One-Time", months=0)
    one_off.agreement = "Projects"
    maker.world.listed[maker.line(one_off, "ONSITE", 1, "900.00")] = "out of scope"
    key = line_key(maker.line(customer, "M365-BB", 11))
    maker.pax8(customer.name, ITEMS["M365-BB"].part, 11)
    maker.pax8(customer.name, ITEMS["M365-BB"].part, 1, kind="prorate", units=0)
    maker.expect(key, NO_CHANGE, 0, 0)
    maker.pax8(customer.name, "POWER_BI_PRO", -2, kind="rebate", bucket="credits and one-offs", units=0)
    maker.pax8(customer.name, "PROJECTPROFESSIONAL", 4, bucket="unmapped", cost=D("19.20"))
