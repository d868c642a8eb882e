"""Puts the made MSP into the simulators, and its mapping under the ids that the APIs give."""

import datetime as dt
from collections.abc import Mapping as Lookup
from dataclasses import replace
from decimal import Decimal
from typing import Any

from connectors.sandbox.catalogue import ITEMS, OWN, PAX8
from connectors.sandbox.connectwise_model import Model
from connectors.sandbox.pax8_server import Pax8
from connectors.sandbox.world import World
from core.mapping import Mapping

CYCLES = {"Monthly": "Monthly", "Quarterly": "Quarterly", "Annual": "Yearly", "One-Time": "NotRecurring"}
"""The world's words, and the billing option of each cycle."""

MONTHLY = "Monthly"
"""The billing term of every subscription of the made MSP."""


def load_connectwise(model: Model, world: World) -> None:
    """Companies, agreements with their children, additions under the world's ids, and the catalogue."""
    with model.lock:
        for number, (name, option) in enumerate(CYCLES.items(), 1):
            model.put(model.cycles, {"id": number, "identifier": name[:5], "name": name, "billingOptions": option})
        _load_catalogue(model, world)
        companies: dict[str, dict[str, Any]] = {}
        for row in sorted(world.agreements, key=lambda row: (int(row["Agreement ID"]), int(row.get("Line ID") or 0))):
            agreement_id = int(row["Agreement ID"])
            if agreement_id not in model.agreements:
                _load_agreement(model, row, agreement_id, companies)
            if row.get("Line ID"):
                _load_addition(model, row, agreement_id)
        _name_parents(model, world)


def _load_catalogue(model: Model, world: World) -> None:
    for item in (*ITEMS.values(), *OWN.values()):
        _put_product(model, item.product_id, item.description, item.price, item.cost)
    known = {row["identifier"] for row in model.products.values()}
    for row in world.agreements:
        if row.get("Product ID") and row["Product ID"] not in known:
            known.add(row["Product ID"])
            _put_product(model, row["Product ID"], row["Description"], Decimal(row["Unit Price"]), None)


def _put_product(model: Model, identifier: str, description: str, price: Decimal, cost: Decimal | None) -> None:
    row: dict[str, Any] = {"identifier": identifier, "description": description, "customerDescription": description}
    row |= {"id": 400 + len(model.products), "price": price, "cost": cost, "productClass": "Service", "inactiveFlag": False}
    row |= {"subcategory": {"id": 1, "name": "Cloud"}, "type": {"id": 1, "name": "Recurring"}, "autoUpdateUnitCostFlag": False}
    model.put(model.products, row)


def _company(model: Model, name: str, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if name not in known:
        number = 250 + len(model.companies)
        row = {"id": number, "identifier": "".join(c for c in name if c.isalnum())[:25], "name": name, "deletedFlag": False}
        row |= {"types": [{"id": 1, "name": "Client"}], "status": {"id": 1, "name": "Active"}}
        known[name] = model.put(model.companies, row)
    return known[name]


def _load_agreement(model: Model, row: Lookup[str, Any], agreement_id: int, companies: dict[str, dict[str, Any]]) -> None:
    company = _company(model, row["Company"], companies)
    arrears = row["Period Type"] == "Arrears"
    model.switches.current_period_in_arrears |= arrears
    cycle = next(c for c in model.cycles.values() if c["name"] == row["Billing Cycle"])
    made = {
        "id": agreement_id, "name": row["Agreement"], "type": {"id": 1, "name": "Managed services"},
        "company": {"id": company["id"], "identifier": company["identifier"], "name": company["name"]},
        "contact": {"id": 1, "name": "Accounts payable"}, "parentAgreement": None, "agreementStatus": row["Agreement Status"],
        "cancelledFlag": False, "billingCycle": {"id": cycle["id"], "name": cycle["name"]},
        "periodType": "Current" if arrears else "Future", "prorateFlag": row["Prorate"] == "Yes",
        "currency": {"id": 1, "currencyCode": row["Currency"], "name": row["Currency"]},
    }  # fmt: skip
    model.put(model.agreements, made)
    through = row["Invoiced Through"]
    model.invoiced_through[agreement_id] = dt.date.fromisoformat(through) if through else None


def _load_addition(model: Model, row: Lookup[str, Any], agreement_id: int) -> None:
    product = next(p for p in model.products.values() if p["identifier"] == row["Product ID"])
    line_id, start = int(row["Line ID"]), row["Effective Date"]
    made = {
        "id": line_id, "agreementId": agreement_id, "product": {"id": product["id"], "identifier": product["identifier"]},
        "description": row["Description"], "invoiceDescription": row["Description"], "quantity": Decimal(row["Quantity"]),
        "lessIncluded": Decimal(row.get("Less Included") or 0), "unitPrice": Decimal(row["Unit Price"]),
        "unitCost": Decimal(row["Unit Cost"]) if row["Unit Cost"] else None, "billCustomer": "Billable",
        "effectiveDate": f"{start}T00:00:00Z", "cancelledDate": _time(row.get("Cancelled Date")),
    }  # fmt: skip
    model.put(model.additions, made)
    through = model.invoiced_through[agreement_id]
    model.billed_through[line_id] = through if through and dt.date.fromisoformat(start) <= through else None


def _time(day: str | None) -> str | None:
    return f"{day}T00:00:00Z" if day else None


def _name_parents(model: Model, world: World) -> None:
    for row in world.agreements:
        if row.get("Parent Agreement"):
            child = model.agreements[int(row["Agreement ID"])]
            same = (a for a in model.agreements.values() if a["company"]["id"] == child["company"]["id"])
            parent = next(a for a in same if a["name"] == row["Parent Agreement"])
            child["parentAgreement"] = {"id": parent["id"], "name": parent["name"]}


def load_pax8(pax8: Pax8, world: World) -> None:
    """A company for each account, a product for each SKU, and a subscription for each row that counts units."""
    for row in world.pax8:
        company = {"id": row["company_id"], "name": row["company_name"], "status": "Active"}
        pax8.companies.setdefault(row["company_id"], company)
        if row["type"] == "subscription":
            product = {
                "id": f"product-{row['sku'].lower()}",
                "name": row["description"],
                "sku": row["sku"],
                "vendorName": "Microsoft",
            }
            pax8.products.setdefault(product["id"], product)
            cost = {"partnerCost": row["cost"], "price": row["price"]}
            pax8.subscribe(row["company_id"], product["id"], row["quantity"], **cost)


def api_mapping(model: Model, world: World) -> Mapping:
    """The world's mapping with the PSA's company ids for names, and the billing term in Pax8's services."""
    ids = company_ids(model)
    known = world.mapping
    accounts = (replace(a, customer_id=ids.get(a.customer_id or "", a.customer_id)) for a in known.accounts)
    rules = (replace(r, customer_id=ids.get(r.customer_id or "", r.customer_id)) for r in known.rules)
    services = (
        replace(s, vendor_service_id=f"{s.vendor_service_id} | {MONTHLY}") if s.vendor == PAX8 else s for s in known.services
    )
    return replace(known, accounts=tuple(accounts), rules=tuple(rules), services=tuple(services))


def company_ids(model: Model) -> dict[str, str]:
    """The PSA's ids by company name."""
    return {row["name"]: str(row["id"]) for row in model.companies.values()}
