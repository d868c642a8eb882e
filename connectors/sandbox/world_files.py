"""Writes a made world as the files that an accountant would have: a PSA export, its catalogue, and the vendors' own files."""

import csv
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.sandbox.catalogue import ITEMS, OWN
from connectors.sandbox.world import PERIOD, World

AGREEMENTS, CATALOGUE = "agreements.csv", "catalogue.csv"
MICROSOFT, MICROSOFT_JANUARY = "microsoft-2026-11.csv", "microsoft-2026-01.csv"
PAX8, HUNTRESS, DROPSUITE = "pax8-invoice-2026-11.csv", "huntress-2026-11-26.csv", "dropsuite-2026-11.csv"
USAGE = (MICROSOFT, MICROSOFT_JANUARY, PAX8, HUNTRESS, DROPSUITE)

AGREEMENT_COLUMNS = (
    "Company", "Agreement", "Agreement ID", "Parent Agreement", "Line ID", "Product ID", "Description", "Quantity", "Less Included",
    "Unit Price", "Unit Cost", "Effective Date", "Cancelled Date", "Billing Cycle", "Agreement Status", "Period Type",
    "Invoiced Through", "Prorate", "Currency",
)  # fmt: skip

MICROSOFT_COLUMNS = (
    "PartnerId", "CustomerId", "CustomerName", "CustomerDomainName", "CustomerCountry", "InvoiceNumber", "MpnId", "Tier2MpnId",
    "OrderId", "OrderDate", "ProductId", "SkuId", "AvailabilityId", "SkuName", "ProductName", "ChargeType", "UnitPrice", "Quantity",
    "Subtotal", "TaxTotal", "Total", "Currency", "PriceAdjustmentDescription", "PublisherName", "PublisherId",
    "SubscriptionDescription", "SubscriptionId", "ChargeStartDate", "ChargeEndDate", "TermAndBillingCycle", "EffectiveUnitPrice",
    "UnitType", "AlternateId", "BillableQuantity", "BillingFrequency", "PricingCurrency", "PCToBCExchangeRate",
    "PCToBCExchangeRateDate", "MeterDescription", "ReservationOrderId", "CreditReasonCode", "SubscriptionStartDate",
    "SubscriptionEndDate", "ReferenceId", "ProductQualifiers", "PromotionId", "ProductCategory",
)  # fmt: skip
"""The 47 documented columns of the new-commerce reconciliation file, in order."""


def write_world(world: World, folder: Path) -> tuple[Path, list[Path]]:
    """Writes every file into the folder; returns the PSA export and the vendors' files."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / AGREEMENTS, AGREEMENT_COLUMNS, world.agreements)
    _write(folder / CATALOGUE, ("Product ID", "Description", "Unit Price", "Unit Cost", "Vendor SKU"), _catalogue())
    _write(folder / MICROSOFT, MICROSOFT_COLUMNS, map(_microsoft, world.microsoft), encoding="utf-8-sig")
    _write(folder / MICROSOFT_JANUARY, MICROSOFT_COLUMNS, map(_microsoft, world.microsoft_january), encoding="utf-8-sig")
    _write(folder / PAX8, PAX8_COLUMNS, map(_pax8, world.pax8))
    _write(folder / HUNTRESS, ("Organization", "Product", "SKU", "Quantity", "Unit Cost", "Total"), map(_huntress, world.huntress))
    _write_dropsuite(folder / DROPSUITE, world.dropsuite)
    return folder / AGREEMENTS, [folder / name for name in USAGE]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], encoding: str = "utf-8") -> None:
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)


def _catalogue() -> list[dict[str, Any]]:
    return [
        {"Product ID": i.product_id, "Description": i.description, "Unit Price": i.price, "Unit Cost": i.cost}
        for i in (*ITEMS.values(), *OWN.values())
    ]


def _us(day: dt.date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _microsoft(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the columns that say nothing here filled as Microsoft fills them."""
    return {
        "PartnerId": "1f4c7a52-5b0e-4f5e-9a6e-2f0d1c7b9e11",
        "CustomerCountry": "US",
        "CustomerDomainName": "".join(c for c in row["CustomerName"].casefold() if c.isalnum()) + ".onmicrosoft.com",
        "InvoiceNumber": "G082611305",
        "MpnId": "4861337",
        "Tier2MpnId": "0",
        "OrderId": "569142413664018751",
        "OrderDate": _us(row["ChargeStartDate"]),
        "AvailabilityId": "CFQ7TTC0K5DM",
        "TaxTotal": "0",
        "Total": row["Subtotal"],
        "Currency": "USD",
        "PublisherName": "Microsoft Corporation",
        "UnitType": "Licenses",
        "PricingCurrency": "USD",
        "PCToBCExchangeRate": "1",
        "PCToBCExchangeRateDate": _us(PERIOD.start),
        **row,
        "ChargeStartDate": _us(row["ChargeStartDate"]),
        "ChargeEndDate": _us(row["ChargeEndDate"]) + " 0:00",
    }


PAX8_COLUMNS = (
    "company_name", "company_id", "type", "invoice_date", "start_period", "end_period", "quantity", "sku", "description", "details",
    "price", "subtotal", "cost", "cost_total", "partner_subtotal", "currency_code",
)  # fmt: skip


def _pax8(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "invoice_date": "2026-11-05",
        "start_period": PERIOD.start.isoformat(),
        "end_period": PERIOD.until.isoformat(),
        "details": "",
        "subtotal": row["price"] * row["quantity"],
        "partner_subtotal": row["cost_total"],
        "currency_code": "USD",
    }


def _huntress(row: Mapping[str, Any]) -> dict[str, Any]:
    total = row["cost"] * row["quantity"]
    return {
        "Organization": row["account"],
        "Product": row["product"],
        "SKU": row["sku"],
        "Quantity": row["quantity"],
        "Unit Cost": f"${row['cost']:,.2f}",
        "Total": f"${total:,.2f}",
    }


def _write_dropsuite(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """As a European portal exports it: a title, semicolons, decimal commas, a totals row."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(["Usage report"])
        writer.writerow([f"Period {PERIOD}"])
        writer.writerow([])
        writer.writerow(["Tenant", "Plan", "Seats", "Unit Cost", "Amount"])
        for row in rows:
            amount = row["cost"] * row["quantity"]
            writer.writerow([row["account"], row["product"], row["quantity"], _comma(row["cost"]), _comma(amount)])
        total = sum((row["cost"] * row["quantity"] for row in rows), Decimal(0))
        writer.writerow(["Total", "", sum(row["quantity"] for row in rows), "", _comma(total)])


def _comma(value: Decimal) -> str:
    return f"{value:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
