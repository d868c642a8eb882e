"""The sheets that are not a vendor's: lines without a vendor, rows not compared, and what is not mapped yet."""

from workbooks.layout import Choices, Column, Group, Kind, Role, Sheet, key_column
from workbooks.layout_columns import machine as _machine
from workbooks.layout_columns import shown as _shown
from workbooks.layout_columns import typed as _input
from workbooks.layout_costs import COSTS
from workbooks.layout_history import CARRIED, CHANGES, LOG, LOOKED_UP
from workbooks.layout_lookups import CLIENTS, EVIDENCE
from workbooks.layout_steps import STEPS
from workbooks.layout_vendor import VENDOR


def _result() -> Column:
    return Column("result", "Result", 48, Kind.TEXT, "What became of the decision; filled in after submission.")


NO_VENDOR = Sheet(
    "No vendor",
    "NoVendor",
    "PSA lines that no vendor service is mapped to. Choose None expected where no vendor counts the service; that is remembered.",
    (
        _shown("customer", "Client", 28, Kind.TEXT, "The customer, as the PSA names it.", group=Group.FROZEN),
        _shown("service", "PSA service", 30, Kind.TEXT, "What is billed, as the PSA names it.", group=Group.FROZEN),
        _shown("agreement", "Agreement", 28, Kind.TEXT, "The agreement that the line stands on."),
        _shown("line_id", "PSA line", 12, Kind.TEXT, "The line's id in the PSA."),
        _shown("quantity", "PSA quantity", 10, Kind.QUANTITY, "What the PSA bills."),
        _shown("revenue", "Revenue per month", 13, Kind.MONEY, "What the PSA bills for it per month."),
        _shown("currency", "Currency", 9, Kind.TEXT, "Currency of the row."),
        _shown("expected_none", "Remembered", 12, Kind.TEXT, "Yes: it was said before that none is expected.", words=("Yes", "No")),
        _input(
            "decision", "Vendor expected", 16, Kind.TEXT,
            "None expected: no vendor counts this service; asked once, for all lines of the service.",
            "None expected: no vendor counts this service.", Choices.VENDOR_EXPECTED,
        ),
        _result(),
        _machine("service_id", "Service id"),
        key_column(),
    ),
)  # fmt: skip

NOT_COMPARED = Sheet(
    "Not compared",
    "NotCompared",
    "Rows of either side that are listed with their reason, not compared and not written. To look up.",
    (
        _shown("side", "Side", 12, Kind.TEXT, "PSA, or the vendor whose row it is.", group=Group.FROZEN),
        _shown("bucket", "Bucket", 18, Kind.TEXT, "The bucket of the cover's completeness proof.", group=Group.FROZEN),
        _shown("customer", "Client", 26, Kind.TEXT, "The customer or vendor account."),
        _shown("service", "Service", 30, Kind.TEXT, "The service, as its side names it."),
        _shown("reason", "Why", 30, Kind.TEXT, "Why it is not compared."),
        _shown("reference", "Reference", 22, Kind.TEXT, "PSA line, or file and row."),
        _shown("quantity", "Quantity", 10, Kind.QUANTITY, "As its side states it."),
        _shown("money", "Money", 12, Kind.MONEY, "PSA: per month. Vendor: as charged."),
        _shown("currency", "Currency", 9, Kind.TEXT, "Currency of the row."),
        _shown("check", "Included check", 16, Kind.TEXT, "Included services: how many the bundle covers."),
        _shown("owner", "Owner", 16, Kind.TEXT, "Who answers for an exclusion."),
        _shown("review", "Review date", 11, Kind.DATE, "When an exclusion is looked at again."),
        key_column(),
    ),
)  # fmt: skip

_UNMAPPED_MONEY = (
    _shown("rows", "Rows", 7, Kind.COUNT, "Rows of the vendor's file."),
    _shown("units", "Units", 9, Kind.QUANTITY, "Units of those rows."),
    _shown("money", "Money", 12, Kind.MONEY, "What the vendor charges for them."),
    _shown("currency", "Currency", 9, Kind.TEXT, "Currency of the row."),
    Column("suggestion", "Suggestion", 26, Kind.TEXT, "The likeliest target, by name.", prints=True),
    _shown("confidence", "Confidence", 10, Kind.PERCENT, "How alike the names are."),
)


def _unmapped_inputs(choice: Choices, target: Choices, what: str, legend: str) -> tuple[Column, ...]:
    return (
        _input(
            "decision",
            "Decision",
            11,
            Kind.TEXT,
            legend,
            "Choose from the list. Map with an empty Target accepts the suggestion.",
            choice,
        ),
        _input(
            "target",
            "Target",
            26,
            Kind.TEXT,
            f"The {what} it belongs to; empty with Map: the suggestion.",
            f"A {what} from the list.",
            target,
        ),
        _input("reason", "Reason", 20, Kind.TEXT, "Needed for Exclude.", "Needed for Exclude.", prints=False),
        _input(
            "owner",
            "Owner",
            14,
            Kind.TEXT,
            "Needed for Exclude: who answers for it.",
            "Needed for Exclude: who answers for it.",
            prints=False,
        ),
        _input(
            "review",
            "Review date",
            11,
            Kind.DATE,
            "Needed for Exclude: when it is looked at again.",
            "Needed for Exclude, as a date.",
            prints=False,
        ),
    )


def _mapping_check(choices: str, *needs_target: str) -> Column:
    target = ",".join(f'TRIM({{decision}})="{word}"' for word in needs_target)
    formula = (
        'IF(TRIM({decision})="",IF(OR({target}<>"",{reason}<>"",{owner}<>"",{review}<>""),"choose a decision","open"),'
        f'IF(NOT(OR({choices})),"not a choice",'
        f'IF(AND({{target}}="",OR({target},AND(TRIM({{decision}})="Map",{{suggestion}}=""))),"choose a target",'
        'IF(AND(TRIM({decision})="Exclude",OR({reason}="",{owner}="",{review}="")),"reason, owner and review date needed","ok"))))'
    )
    return Column("check", "Check", 20, Kind.TEXT, "What is missing in this row.", role=Role.FORMULA, formula=formula)


_ACCOUNT_WORDS = ",".join(f'TRIM({{decision}})="{word}"' for word in ("Map", "Internal", "Exclude"))
_SERVICE_WORDS = _ACCOUNT_WORDS + ',TRIM({decision})="Include",TRIM({decision})="Free"'

UNMAPPED_ACCOUNTS = Sheet(
    "Unmapped accounts",
    "UnmappedAccounts",
    "Vendor accounts not tied to a customer. Nothing unmapped is compared, and nothing unmapped vanishes from the totals.",
    (
        _shown("vendor", "Vendor", 16, Kind.TEXT, "Whose account it is.", group=Group.FROZEN),
        _shown("account", "Vendor account", 26, Kind.TEXT, "The vendor's name for the customer.", group=Group.FROZEN),
        _shown("account_id", "Account id", 22, Kind.TEXT, "The vendor's id of the account."),
        *_UNMAPPED_MONEY,
        *_unmapped_inputs(
            Choices.ACCOUNT_CHOICE, Choices.CUSTOMER, "customer",
            "Map ties the account to a customer. Internal: our own tenant, or not for resale. "
            "Exclude leaves it out, with reason, owner and review date.",
        ),
        _mapping_check(_ACCOUNT_WORDS),
        _result(),
        _machine("suggestion_id", "Suggestion id"),
        key_column(),
    ),
)  # fmt: skip

UNMAPPED_SERVICES = Sheet(
    "Unmapped services",
    "UnmappedServices",
    "Vendor services not tied to a PSA service. Nothing unmapped is compared, and nothing unmapped vanishes from the totals.",
    (
        _shown("vendor", "Vendor", 16, Kind.TEXT, "Who sells or counts the service.", group=Group.FROZEN),
        _shown("vendor_service", "Vendor service", 26, Kind.TEXT, "The vendor's name for the service.", group=Group.FROZEN),
        _shown("term", "Term", 16, Kind.TEXT, "Term and billing plan."),
        _shown("vendor_service_id", "Vendor service id", 20, Kind.TEXT, "The vendor's id of the service."),
        *_UNMAPPED_MONEY,
        *_unmapped_inputs(
            Choices.SERVICE_CHOICE, Choices.SERVICE, "PSA service",
            "Map ties it to the PSA service that bills it. Include: a bundle line covers it (Target is the bundle). "
            "Free: never billed. "
            "Internal: own use. Exclude leaves it out, with reason, owner and review date.",
        ),
        _mapping_check(_SERVICE_WORDS, "Include"),
        _result(),
        _machine("suggestion_id", "Suggestion id"),
        key_column(),
    ),
)  # fmt: skip

INVOICE_TOTALS = Sheet(
    "Invoice totals",
    "InvoiceTotals",
    "On the cover: each vendor file against the total of the vendor's invoice.",
    (
        key_column("Source and currency."),
        _shown("source", "Source", 30, Kind.TEXT, "The vendor's file."),
        _shown("currency", "Currency", 9, Kind.TEXT, "Currency of the amounts."),
        Column("rows_in", "Rows add up to", 14, Kind.MONEY, "Sum of the file's rows.", prints=True),
        _input(
            "typed", "Invoice total", 14, Kind.MONEY, "Invoice total, typed from the vendor's invoice, before tax.",
            "Invoice total, typed from the vendor's invoice, before tax.",
        ),
        Column(
            "difference", "Difference", 14, Kind.MONEY, "Invoice total minus the file's rows.", role=Role.FORMULA, prints=True,
            formula='IF(ISNUMBER({typed}),ROUND({typed}-{rows_in},2),"")',
        ),
        Column(
            "check", "Check", 14, Kind.TEXT, "Whether the invoice agrees.", role=Role.FORMULA, prints=True,
            formula='IF(ISNUMBER({typed}),IF(ROUND({typed}-{rows_in},2)=0,"✓ agrees","✗ differs"),"not typed yet")',
        ),
    ),
)  # fmt: skip

CHECK_LIST = Sheet(
    "Checks",
    "Checks",
    "Every tie-out as a formula. All of them must be ok before the cover is signed.",
    (
        Column("area", "Area", 28, Kind.TEXT, "The sheet or source that is checked.", prints=True),
        Column("what", "Check", 58, Kind.TEXT, "What must agree.", prints=True),
        Column("expected", "Expected", 16, Kind.QUANTITY, "As issued, or as another sheet says.", prints=True),
        Column("found", "Found", 16, Kind.QUANTITY, "What stands on the sheet now.", role=Role.FORMULA, prints=True),
        Column(
            "difference", "Difference", 14, Kind.QUANTITY, "Found minus expected.", role=Role.FORMULA, prints=True,
            formula="ROUND({found}-{expected},4)",
        ),
        Column(
            "ok", "Ok", 12, Kind.TEXT, "Whether they agree.", role=Role.FORMULA, prints=True,
            formula='IF({difference}=0,"✓ ok","✗ differs")',
        ),
    ),
)  # fmt: skip

TABLES = (NO_VENDOR, NOT_COMPARED, COSTS, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES, CLIENTS, CHANGES, CARRIED, EVIDENCE, LOG)
"""Sheets of fixed name with one table each, in the order of their tabs."""

READABLE = (VENDOR, STEPS, *(sheet for sheet in TABLES if sheet not in LOOKED_UP), INVOICE_TOTALS)
"""Every layout that the reader looks for."""

NOT_READ = (CLIENTS, EVIDENCE)
"""Sheets that are found and left alone: nothing on them is used, and they can be as long as all vendors' files."""
