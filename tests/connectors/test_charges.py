import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.files import most_charge_month
from core.frames import frame
from core.periods import Period
from core.records import Charge, ChargeKind
from tests.connectors.files import HEADERS, SAMPLES, charges_of, refusal_of, usage_of

MICROSOFT = {
    "PartnerId": "p", "CustomerId": "c-1", "CustomerName": "Harbor", "CustomerDomainName": "harbor.example",
    "InvoiceNumber": "G1", "OrderId": "o", "ProductId": "P", "SkuId": "0002", "AvailabilityId": "a",
    "SkuName": "Business Premium", "ProductName": "M365",
    "ChargeType": "cycleCharge", "UnitPrice": "17.60", "Quantity": "25", "Subtotal": "440.00", "Currency": "USD",
    "SubscriptionId": "s-1", "ChargeStartDate": "11/1/2026", "ChargeEndDate": "11/30/2026",
    "TermAndBillingCycle": "One-Year commitment for monthly billing", "EffectiveUnitPrice": "17.10", "UnitType": "",
    "BillableQuantity": "25", "BillingFrequency": "Monthly", "SubscriptionStartDate": "3/1/2026",
    "SubscriptionEndDate": "2/28/2027", "ProductCategory": "OnlineServicesNCE",
}  # fmt: skip

PAX8 = {
    "company_name": "Brightwater", "company_id": "b-1", "type": "subscription", "start_period": "2026-11-01",
    "end_period": "2026-12-01", "quantity": "31", "sku": "HTR-EDR", "description": "Managed EDR", "cost": "3.10",
    "cost_total": "96.10", "partner_subtotal": "", "subscription_id": "x-1", "term": "Monthly", "currency_code": "USD",
}  # fmt: skip


def _csv(*rows: dict[str, str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _microsoft(folder: Path, **cells: str) -> Charge:
    return charges_of(folder, _csv(MICROSOFT | cells))[0]


def _pax8(folder: Path, **cells: str) -> Charge:
    return charges_of(folder, _csv(PAX8 | cells))[0]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"ChargeType": "new"}, ChargeKind.CHARGE),
        ({"ChargeType": "RENEW"}, ChargeKind.CHARGE),
        ({"ChargeType": "Purchase"}, ChargeKind.CHARGE),
        ({"ChargeType": "convert"}, ChargeKind.CHARGE),
        ({"ChargeType": "addQuantity"}, ChargeKind.CHARGE),
        ({"ChargeType": "addQuantity", "BillableQuantity": "-25", "Subtotal": "-308"}, ChargeKind.REFUND),
        ({"ChargeType": "removeQuantity", "Subtotal": "-308"}, ChargeKind.REFUND),
        ({"ChargeType": "new", "Subtotal": "-440"}, ChargeKind.REFUND),
        ({"ChargeType": "cancelImmediate", "Subtotal": "-440"}, ChargeKind.CANCELLATION),
        ({"ChargeType": "Refund", "Subtotal": "-440"}, ChargeKind.REFUND),
        ({"ChargeType": "customerCredit", "Subtotal": "-20"}, ChargeKind.CREDIT),
        ({"ProductName": "Azure plan"}, ChargeKind.USAGE),
        ({"SkuName": "Azure Plan", "ChargeType": "something new"}, ChargeKind.USAGE),
        ({"ProductCategory": "Azure"}, ChargeKind.USAGE),
        ({"UnitType": "1 Hour"}, ChargeKind.USAGE),
        ({"ProductCategory": "Azure", "ChargeType": "customerCredit"}, ChargeKind.CREDIT),
    ],
)
def test_microsoft_charge_types_become_our_kinds(tmp_path: Path, cells: dict[str, str], kind: ChargeKind) -> None:
    assert _microsoft(tmp_path, **cells).kind is kind


def test_an_unknown_microsoft_charge_type_is_refused(tmp_path: Path) -> None:
    said = refusal_of(tmp_path, _csv(MICROSOFT | {"ChargeType": "transfer"}))
    assert "row 2, column ChargeType: 'transfer' is not a known kind of charge; known are new, renew" in said


@pytest.mark.parametrize(
    ("cells", "cost", "months"),
    [
        ({}, "17.10", 1),
        ({"ChargeType": "renew", "ChargeEndDate": "10/31/2027"}, "17.10", 12),
        ({"ChargeStartDate": "11/10/2026"}, "17.60", 1),
        ({"ChargeType": "addQuantity"}, "17.60", 1),
        ({"EffectiveUnitPrice": ""}, "17.60", 1),
        ({"ChargeType": "addQuantity", "TermAndBillingCycle": "1-Year commitment for yearly billing"}, "17.60", 12),
        ({"ChargeType": "addQuantity", "TermAndBillingCycle": "something new", "BillingFrequency": ""}, "17.60", None),
        ({"UnitPrice": ""}, "17.10", 1),
    ],
)
def test_the_microsoft_unit_cost_is_that_of_a_full_period(
    tmp_path: Path, cells: dict[str, str], cost: str, months: int | None
) -> None:
    charge = _microsoft(tmp_path, **cells)
    assert (charge.unit_cost, charge.cost_months) == (Decimal(cost), months)


@pytest.mark.parametrize(
    ("cells", "day"),
    [
        ({}, dt.date(2027, 3, 1)),
        ({"TermAndBillingCycle": "One-Month commitment for monthly billing"}, None),
        ({"SubscriptionStartDate": "11/1/2026", "SubscriptionEndDate": "11/30/2026"}, None),
        ({"SubscriptionEndDate": "12/31/9999"}, None),
        ({"SubscriptionEndDate": ""}, None),
    ],
)
def test_a_commitment_can_be_reduced_on_the_day_after_its_end(tmp_path: Path, cells: dict[str, str], day: dt.date | None) -> None:
    assert _microsoft(tmp_path, **cells).can_reduce_from == day


def test_two_terms_of_one_sku_stay_two_vendor_services(tmp_path: Path) -> None:
    year, month = _microsoft(tmp_path), _microsoft(tmp_path, TermAndBillingCycle="One-Month commitment")
    assert year.vendor_service_id == "P:0002 | One-Year commitment for monthly billing"
    assert month.vendor_service_id == "P:0002 | One-Month commitment | Monthly"
    assert year.sku == month.sku == "P:0002"


def test_a_billing_frequency_that_says_something_new_is_part_of_the_term(tmp_path: Path) -> None:
    assert _microsoft(tmp_path, BillingFrequency="Triennial").term == "One-Year commitment for monthly billing | Triennial"


def test_blank_microsoft_cells_fall_back(tmp_path: Path) -> None:
    charge = _microsoft(tmp_path, CustomerId="", SkuName="", BillableQuantity="")
    assert (charge.account_id, charge.vendor_service, charge.quantity) == ("harbor.example", "M365", Decimal(25))


def test_a_column_that_only_tells_the_layout_may_hold_anything(tmp_path: Path) -> None:
    assert _microsoft(tmp_path, InvoiceNumber="5.69E+17").quantity == 25


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"type": "subscription"}, ChargeKind.CHARGE),
        ({"type": "subscription", "cost_total": "-96.10"}, ChargeKind.REFUND),
        ({"type": "prorate"}, ChargeKind.PRORATION),
        ({"type": "one-time"}, ChargeKind.ONE_OFF),
        ({"type": "service-charge"}, ChargeKind.ONE_OFF),
        ({"type": "rebate"}, ChargeKind.CREDIT),
        ({"type": "payment-credit", "quantity": ""}, ChargeKind.CREDIT),
        ({"type": "invoice-credit"}, ChargeKind.CREDIT),
        ({"sku": "MST-AZR-001"}, ChargeKind.USAGE),
        ({"sku": "AZR-ARR-9", "type": "arrears"}, ChargeKind.USAGE),
        ({"sku": "MST-ARI-1", "type": "one-time"}, ChargeKind.ONE_OFF),
    ],
)
def test_pax8_types_become_our_kinds(tmp_path: Path, cells: dict[str, str], kind: ChargeKind) -> None:
    assert _pax8(tmp_path, **cells).kind is kind


def test_a_pax8_amount_falls_back_and_the_maker_is_not_the_vendor(tmp_path: Path) -> None:
    charge = _pax8(tmp_path, cost_total="", partner_subtotal="95.00", vendor_name="Huntress")
    assert (charge.amount, charge.vendor, charge.vendor_service_id) == (Decimal("95.00"), "Pax8", "HTR-EDR | Monthly")


@pytest.mark.parametrize(
    ("ends", "untils"),
    [
        (["2026-12-01", "2026-11-15"], ["2026-12-01", "2026-11-15"]),
        (["2026-11-30", "2026-11-15"], ["2026-12-01", "2026-11-16"]),
        (["2026-11-15"], ["2026-11-16"]),
        (["2026-12-01", "2026-11-30", "2026-11-15"], ["2026-12-01", "2026-12-01", "2026-11-16"]),
        (["2026-11-01"], ["2026-11-02"]),
        ([""], [None]),
    ],
)
def test_the_meaning_of_a_periods_end_shows_in_the_whole_months(tmp_path: Path, ends: list[str], untils: list[str | None]) -> None:
    charges = charges_of(tmp_path, _csv(*(PAX8 | {"end_period": end} for end in ends)))
    assert [charge.until and charge.until.isoformat() for charge in charges] == untils


def test_a_plain_list_counts_under_the_vendor_of_the_caller_or_of_its_name(tmp_path: Path) -> None:
    named = usage_of(tmp_path, f"{HEADERS}\nA,EDR,1\n", "huntress_usage_2026-11.csv")
    assert (named.source.role, named.source.as_of) == ("Huntress", dt.date(2026, 11, 30))
    assert usage_of(tmp_path, f"{HEADERS}\nA,EDR,1\n", vendor="Huntress Labs").source.role == "Huntress Labs"
    rows = charges_of(tmp_path, f"{HEADERS},Vendor\nA,EDR,1,Huntress\nA,AV,1,\n", "export.csv")
    assert [row.vendor for row in rows] == ["Huntress", "export"]


def test_without_a_service_column_the_vendor_is_the_service(tmp_path: Path) -> None:
    [charge] = charges_of(tmp_path, "Client,Devices\nA,5\n", "datto.csv")
    assert (charge.vendor_service, charge.vendor_service_id, charge.kind) == ("Datto", "Datto", ChargeKind.COUNT)


def test_a_count_with_subscription_and_period_is_a_charge(tmp_path: Path) -> None:
    rows = f"{HEADERS},Subscription ID,Start,End\nA,EDR,1,s-1,2026-11-01,2026-11-30\nA,EDR,1,,2026-11-01,2026-11-30\n"
    assert [charge.kind for charge in charges_of(tmp_path, rows)] == [ChargeKind.CHARGE, ChargeKind.COUNT]


def test_an_ended_subscription_counts_zero_and_zero_stays_a_count(tmp_path: Path) -> None:
    rows = f"{HEADERS},Subscription ID,Start,End,Status\nA,EDR,9,s-1,2026-10-01,2026-10-31,Cancelled\nB,EDR,0,s-2,,,Active\n"
    ended, none = charges_of(tmp_path, rows)
    assert (ended.kind, ended.quantity, ended.start, ended.until) == (ChargeKind.COUNT, Decimal(0), None, None)
    assert none.quantity == 0


def test_the_day_of_a_file_is_its_rows_day_before_its_periods_and_its_name(tmp_path: Path) -> None:
    said = usage_of(tmp_path, f"{HEADERS},As Of\nA,EDR,1,2026-11-20\nB,EDR,1,2026-11-21\n", "v-2026-10.csv").source
    assert said.as_of == dt.date(2026, 11, 21)
    assert "its rows speak of days from 2026-11-20 to 2026-11-21" in said.notes
    assert usage_of(tmp_path, _csv(PAX8)).source.as_of == dt.date(2026, 11, 30)
    assert usage_of(tmp_path, f"{HEADERS}\nA,EDR,1\n").source.as_of is None


def test_doubtful_thousands_follow_the_proof_of_the_file_or_are_noted(tmp_path: Path) -> None:
    doubtful = usage_of(tmp_path, f'{HEADERS}\nA,EDR,"1,234"\n')
    assert doubtful.frame["quantity"][0] == 1234
    assert any("which sign marks decimals; '1,234' was read with a decimal point" in note for note in doubtful.source.notes)
    proven = usage_of(tmp_path, f'{HEADERS},Price\nA,EDR,"1,234","2,5"\n')
    assert proven.frame["quantity"][0] == Decimal("1.234")
    separated = usage_of(tmp_path, f"{HEADERS.replace(',', ';')}\nA;EDR;1.234\n")
    assert separated.frame["quantity"][0] == 1234


def test_the_order_of_day_and_month_is_one_for_the_file(tmp_path: Path) -> None:
    rows = f"{HEADERS},Start,End\nA,EDR,1,1/11/2026,30/11/2026\n"
    [charge] = charges_of(tmp_path, rows)
    assert (charge.start, charge.until) == (dt.date(2026, 11, 1), dt.date(2026, 12, 1))


def test_money_is_rounded_to_the_cent_and_counted_in_a_note(tmp_path: Path) -> None:
    taken = usage_of(tmp_path, f"{HEADERS},Total\nA,EDR,1,5.285\nA,EDR,1,5.28000\n")
    assert list(taken.frame["amount"]) == [Decimal("5.29"), Decimal("5.28")]
    assert "Total: 1 with more than 2 decimals, rounded half up" in taken.source.notes


def test_the_source_knows_the_file(tmp_path: Path) -> None:
    source = usage_of(tmp_path, f"{HEADERS}\nA,EDR,1\n\nB,EDR,2\n").source
    assert (source.name, source.layout, source.rows, source.complete) == ("vendor.csv", "counts", 2, True)
    assert len(source.sha256) == 64


def test_the_month_of_most_charges_is_found_and_the_later_of_two_equals(tmp_path: Path) -> None:
    starts = ["2026-10-01", "2026-11-01", "2026-11-10"]
    charges = usage_of(tmp_path, _csv(*(PAX8 | {"start_period": s, "end_period": ""} for s in starts))).frame
    assert most_charge_month(charges) == Period(2026, 11)
    assert most_charge_month(charges.iloc[:2]) == Period(2026, 11)
    assert most_charge_month(frame(Charge, [])) is None


def test_case_one_of_the_worked_months_is_in_the_sample(tmp_path: Path) -> None:
    charges = charges_of(tmp_path, (SAMPLES / "microsoft-2026-11.csv").read_bytes())[:3]
    assert [(c.kind, c.quantity, c.amount) for c in charges] == [
        (ChargeKind.CHARGE, Decimal(25), Decimal("440.00")),
        (ChargeKind.REFUND, Decimal(-25), Decimal("-308.00")),
        (ChargeKind.CHARGE, Decimal(28), Decimal("344.96")),
    ]


@pytest.mark.parametrize("word", ["N/A", "-", "null", ""])
def test_a_placeholder_is_no_subscription(tmp_path: Path, word: str) -> None:
    assert _pax8(tmp_path, subscription_id=word).subscription_id is None
