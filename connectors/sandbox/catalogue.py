"""What the made MSP sells: real Microsoft products by their part numbers, and the services of its other vendors."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

MICROSOFT, PAX8, HUNTRESS, DROPSUITE = "Microsoft", "Pax8", "Huntress", "Dropsuite"

MONTHLY = "One-Month commitment for monthly billing"
ANNUAL = "1-Year commitment for monthly billing"
UPFRONT = "1-Year commitment for yearly billing"


@dataclass(frozen=True, slots=True)
class Item:
    """A catalogue item of the PSA. Its description drifts from the vendor's name, as descriptions do."""

    product_id: str
    description: str
    part: str  # Microsoft's part number, or the other vendor's SKU
    price: Decimal
    cost: Decimal
    vendor: str = MICROSOFT  # Microsoft's are sold by Pax8 as well


def _item(product_id: str, description: str, part: str, price: str, cost: str, vendor: str = MICROSOFT) -> Item:
    return Item(product_id, description, part, Decimal(price), Decimal(cost), vendor)


ITEMS = {
    i.product_id: i
    for i in (
        _item("M365-BP", "MS 365 Business Premium - per user", "SPB", "22.00", "17.60"),
        _item("M365-BS", "M365 Bus. Standard", "O365_BUSINESS_PREMIUM", "15.00", "10.00"),
        _item("M365-BB", "Microsoft 365 Business Basic", "O365_BUSINESS_ESSENTIALS", "7.20", "4.80"),
        _item("EXO-P1", "Exchange Online P1 mailbox", "EXCHANGESTANDARD", "4.80", "3.20"),
        _item("M365-E3", "Microsoft 365 E3", "SPE_E3", "39.00", "28.80"),
        _item("O365-E3", "Office 365 E3", "ENTERPRISEPACK", "27.00", "18.40"),
        _item("ENTRA-P1", "Entra ID P1 (was Azure AD)", "AAD_PREMIUM", "8.00", "4.80"),
        _item("PHONE", "Teams Phone Standard", "MCOEV", "12.00", "6.40"),
        _item("PBI-PRO", "Power BI Pro", "POWER_BI_PRO", "14.00", "8.00"),
        _item("VISIO-2", "Visio Plan 2", "VISIOCLIENT", "18.00", "12.00"),
        _item("COPILOT", "Copilot for M365", "Microsoft_365_Copilot", "36.00", "24.00"),
        _item("MDO-P1", "Defender for Office P1", "ATP_ENTERPRISE", "3.00", "1.60"),
        _item("INTUNE", "Intune device mgmt", "INTUNE_A", "9.00", "6.40"),
        _item("DEF-BUS", "Defender for Business", "MDE_SMB", "14.50", "10.00"),
        _item("EDR", "Managed EDR per endpoint", "HUN-EDR", "6.50", "3.10", HUNTRESS),
        _item("ITDR", "Managed ITDR per identity", "HUN-ITDR", "3.20", "1.45", HUNTRESS),
        _item("BACKUP", "M365 backup per mailbox", "DRS-BK", "3.50", "1.60", DROPSUITE),
        _item("ARCHIVE", "E-mail archive per mailbox", "DRS-AR", "2.90", "1.20", DROPSUITE),
    )
}
"""What is compared."""

OWN = {
    "HELPDESK": _item("HELPDESK", "Managed helpdesk per user", "", "48.00", "0.00", ""),
    "ONSITE": _item("ONSITE", "On-site visit, monthly", "", "240.00", "0.00", ""),
}
"""What no vendor counts."""

VENDOR_NAMES = {
    "HUN-EDR": "Managed EDR",
    "HUN-ITDR": "Managed ITDR",
    "HUN-GOLD": "Managed EDR, bundle",
    "HUN-FREE": "Awareness trial",
    "DRS-BK": "Backup",
    "DRS-AR": "Archiver",
    "DRS-FREE": "Restore trial",
    "AZURE-PLAN": "Azure plan",
}


@cache
def microsoft_names() -> dict[str, str]:
    """Microsoft's product names by part number, as Microsoft publishes them."""
    text = files("connectors.sandbox").joinpath("microsoft_skus.csv").read_text(encoding="utf-8")
    names: dict[str, str] = {}
    for row in csv.DictReader(text.splitlines()):
        names.setdefault(row["string_id"], row["display_name"])
    return names


def vendor_name(part: str) -> str:
    """What the vendor calls an item."""
    return VENDOR_NAMES.get(part) or microsoft_names()[part]


def pax8_sku(part: str) -> str:
    return f"PAX-{part.replace('_', '-').upper()}"
