"""The fields of ConnectWise's records that the simulator knows, and what it refuses in them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
REFERENCE = ("id", "name", "identifier")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind, its limits, and whether only the API writes it."""

    kind: str  # text, number, whole, flag, time, choice, reference, other
    longest: int | None = None
    choices: tuple[str, ...] = ()
    required: bool = False
    read_only: bool = False
    default: Any = None


def _text(longest: int | None = None, **options: Any) -> Field:
    return Field("text", longest, **options)


def _choice(*choices: str, **options: Any) -> Field:
    return Field("choice", None, choices, **options)


NUMBER, FLAG, TIMES, REF = Field("number"), Field("flag", default=False), Field("time"), Field("reference")
RESULT, ID, INFO = Field("number", read_only=True), Field("whole", read_only=True), Field("other", read_only=True)
STATUS = _choice("Active", "Cancelled", "Expired", "Inactive", read_only=True)
BILLING_OPTIONS = ("BiMonthly", "BiWeekly", "Monthly", "NotRecurring", "Quarterly", "SemiAnnual", "Weekly", "Yearly")

COMPANY = {
    "id": ID, "identifier": _text(25, required=True), "name": _text(50, required=True), "status": REF, "types": Field("other"),
    "deletedFlag": FLAG, "currency": REF, "accountNumber": _text(), "_info": INFO,
}  # fmt: skip
AGREEMENT = {
    "id": ID, "name": _text(100, required=True), "type": Field("reference", required=True),
    "company": Field("reference", required=True), "contact": Field("reference", required=True), "parentAgreement": REF,
    "agreementStatus": STATUS, "cancelledFlag": FLAG, "startDate": TIMES, "endDate": TIMES, "noEndingDateFlag": FLAG,
    "billingCycle": REF, "periodType": _choice("Current", "Future", "Both", "Undefined"), "prorateFlag": FLAG,
    "nextInvoiceDate": _text(), "currency": REF, "_info": INFO,
}  # fmt: skip
ADDITION = {
    "id": ID, "agreementId": ID, "product": Field("reference", required=True),
    "billCustomer": _choice("Billable", "DoNotBill", "NoCharge", required=True), "quantity": NUMBER, "lessIncluded": NUMBER,
    "unitPrice": NUMBER, "unitCost": NUMBER, "effectiveDate": TIMES, "cancelledDate": TIMES, "taxableFlag": FLAG,
    "serialNumber": _text(50), "invoiceDescription": _text(6000), "description": _text(), "uom": _text(),
    "sequenceNumber": NUMBER, "purchaseItemFlag": FLAG, "specialOrderFlag": FLAG, "prorateCurrentPeriodFlag": FLAG,
    "billedQuantity": RESULT, "extPrice": RESULT, "extCost": RESULT, "margin": RESULT, "agreementStatus": STATUS,
    "customFields": Field("other"), "_info": INFO,
}  # fmt: skip
PRODUCT = {
    "id": ID, "identifier": _text(75, required=True), "description": _text(60, required=True),
    "subcategory": Field("reference", required=True), "type": Field("reference", required=True),
    "customerDescription": _text(6000, required=True), "price": NUMBER, "cost": NUMBER,
    "productClass": _choice("Agreement", "Bundle", "Inventory", "NonInventory", "Service"), "inactiveFlag": FLAG,
    "vendorSku": _text(50), "manufacturerPartNumber": _text(50), "integrationXRef": _text(50), "taxableFlag": FLAG,
    "autoUpdateUnitCostFlag": FLAG, "autoUpdateUnitPriceFlag": FLAG, "_info": INFO,
}  # fmt: skip
BILLING_CYCLE = {
    "id": ID, "identifier": _text(5, required=True), "name": _text(50, required=True), "defaultFlag": FLAG,
    "billingOptions": _choice(*BILLING_OPTIONS, required=True), "_info": INFO,
}  # fmt: skip
INVOICE = {
    "id": ID, "invoiceNumber": _text(15), "type": _choice("Agreement", "Standard"), "agreement": REF, "company": REF,
    "date": TIMES, "total": RESULT, "_info": INFO,
}  # fmt: skip
LEVEL = _choice("None", "My", "All")
SECURITY = {
    "id": ID, "moduleName": _text(), "moduleFunctionName": _text(), "addLevel": LEVEL, "editLevel": LEVEL, "deleteLevel": LEVEL,
    "inquireLevel": LEVEL, "_info": INFO,
}  # fmt: skip
AUDIT = {name: _text() for name in ("text", "enteredDate", "enteredBy", "auditType", "auditSubType", "auditSource")}


def is_known(fields: Mapping[str, Field], path: str) -> bool:
    """Whether conditions and orders may name it."""
    name, _, rest = path.partition("/")
    if path == "lastUpdated":
        return "_info" in fields
    return name in fields and (not rest or (fields[name].kind in ("reference", "other") and rest in (*REFERENCE, "lastUpdated")))


def fault_of(field: Field, value: Any) -> str | None:
    """Why a value cannot stand in a field; None where it can."""
    if value is None:
        return "is required" if field.required else None
    if isinstance(value, bool) != (field.kind == "flag") and field.kind != "other":
        return f"must be of kind {field.kind}"
    good = {
        "text": isinstance(value, str),
        "number": isinstance(value, (int, Decimal)),
        "whole": isinstance(value, int),
        "flag": True,
        "time": isinstance(value, str) and bool(TIME.fullmatch(value)),
        "choice": value in field.choices if isinstance(value, str) else False,
        "reference": isinstance(value, Mapping) and isinstance(value.get("id"), int),
        "other": True,
    }[field.kind]
    if not good:
        return f"must be one of {', '.join(field.choices)}" if field.choices else f"must be of kind {field.kind}"
    if field.longest and len(value) > field.longest:
        return f"must be at most {field.longest} characters long"
    return None
