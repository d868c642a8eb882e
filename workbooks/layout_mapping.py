"""The mapping workbook as plain data: what is tied to what, how services are billed, and the settings."""

from workbooks.layout import Column, Kind, Sheet


def _column(name: str, header: str, width: float, legend: str, kind: Kind = Kind.TEXT) -> Column:
    return Column(name, header, width, kind, legend, field=name)


_VENDOR = _column("vendor", "Vendor", 14, "The vendor as its sheet is called.")
_REASON = (
    _column("reason", "Reason", 28, "Why it is so; wanted for what is excluded."),
    _column("owner", "Owner", 18, "Who answers for an exclusion."),
    _column("review", "Review date", 13, "When an exclusion is looked at again.", Kind.DATE),
)

ACCOUNTS = Sheet(
    "Accounts",
    "Accounts",
    "Vendor accounts and the PSA customer that each belongs to.",
    (
        _VENDOR,
        _column("account_id", "Account ID", 34, "The vendor's id of the account."),
        _column("account", "Account", 32, "The vendor's name of the account."),
        _column("kind", "Kind", 12, "mapped, internal or excluded."),
        _column("customer_id", "Customer", 32, "The PSA's customer: its id, or its name where the export has no id."),
        _column("share", "Share", 8, "1, or the part of a shared account; the parts add up to 1.", Kind.PRICE),
        *_REASON,
    ),
)
SERVICES = Sheet(
    "Services",
    "Services",
    "Vendor services and the PSA service that bills each, or includes it.",
    (
        _VENDOR,
        _column("vendor_service_id", "Vendor service ID", 44, "SKU with its term and billing plan."),
        _column("vendor_service", "Vendor service", 36, "The vendor's name of it."),
        _column("kind", "Kind", 12, "mapped, included, internal, free or excluded."),
        _column("service_id", "PSA service", 18, "The PSA's product id that bills it, or the bundle's that includes it."),
        _column("multiplier", "Multiplier", 10, "Units billed for one unit used; 1 where nothing else is said.", Kind.PRICE),
        *_REASON,
    ),
)
RULES = Sheet(
    "Rules",
    "Rules",
    "How a PSA service is billed, for every customer or for one.",
    (
        _column("service_id", "PSA service", 18, "The PSA's product id."),
        _column("customer_id", "Customer", 32, "Empty: for every customer. A customer's own rule wins."),
        _column("minimum", "Minimum", 10, "Billed at least.", Kind.QUANTITY),
        _column("round_up_to", "Round up to", 12, "The unit sold; 1 where nothing else is said.", Kind.QUANTITY),
        _column("tolerance", "Tolerance", 10, "A difference up to this is none.", Kind.QUANTITY),
        _column("measure", "Measure", 10, "units or money."),
        _column("markup", "Markup", 9, "Measure money: 0.15 is 15 % on the cost.", Kind.PRICE),
        _column("keep_at_zero", "Keep at zero", 12, "yes: an end sets the line to zero instead of ending it."),
    ),
)
TIES = Sheet(
    "Ties",
    "Ties",
    "Subscriptions or accounts whose count belongs to one PSA line.",
    (
        _VENDOR,
        _column("reference", "Subscription or account ID", 40, "The vendor's id."),
        _column("line_id", "Line ID", 12, "The PSA's line."),
    ),
)
NO_VENDOR = Sheet(
    "No vendor expected",
    "NoneExpected",
    "PSA services that no vendor counts.",
    (_column("service_id", "PSA service", 18, "The PSA's product id."),),
)
SETTINGS = Sheet(
    "Settings",
    "Settings",
    "What may be set; frozen with every run.",
    (
        _column("name", "Setting", 40, "Its name."),
        _column("value", "Value", 18, "Its value."),
        _column("help", "Meaning", 90, "What it means."),
    ),
)
MAPPING_SHEETS = (ACCOUNTS, SERVICES, RULES, TIES, NO_VENDOR, SETTINGS)
