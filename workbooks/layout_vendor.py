"""The columns of a vendor's sheet. The decision stands inside the first screen of a laptop."""

from dataclasses import replace

from workbooks.layout import Choices, Column, Group, Kind, Role, Sheet
from workbooks.layout_details import HIDDEN, OUTLINE
from workbooks.layout_formulas import CHECK, DIFFERENCE, EFFECT

_FROZEN = (
    Column(
        "ref",
        "Ref",
        6,
        Kind.COUNT,
        "Number of the row in this workbook, to speak about it.",
        group=Group.FROZEN,
        prints=True,
        centred=True,
    ),
    Column("customer", "Client", 21, Kind.TEXT, "The customer, as the PSA names it.", "customer", group=Group.FROZEN, prints=True),
    Column(
        "service",
        "PSA service",
        22,
        Kind.TEXT,
        "What is billed, as the PSA names it.",
        "service",
        group=Group.FROZEN,
        prints=True,
    ),
)

_SHOWN = (
    Column(
        "state",
        "State",
        12,
        Kind.TEXT,
        "What the comparison says; the states are explained above.",
        "state",
        prints=True,
        centred=True,
    ),
    Column("change", "Change", 6, Kind.TEXT, "The direction of the change, as a symbol.", prints=True, centred=True),
    Column(
        "psa_quantity",
        "PSA quantity",
        7,
        Kind.QUANTITY,
        "What the PSA will bill from the effective date on.",
        "psa_quantity",
        prints=True,
    ),
    Column("vendor_quantity", "Vendor quantity", 7, Kind.QUANTITY, "What the vendor counts.", "vendor_quantity", prints=True),
    Column(
        "to_bill",
        "To bill",
        7,
        Kind.QUANTITY,
        "Vendor quantity after minimum, multiplier, share and rounding up; an amount where the line is measured in money.",
        "to_bill",
        prints=True,
    ),
    Column(
        "difference",
        "Difference",
        8.5,
        Kind.QUANTITY,
        "To bill minus PSA quantity: positive means too little is billed.",
        "difference",
        Role.FORMULA,
        formula=DIFFERENCE,
        prints=True,
    ),
    Column(
        "effect",
        "Effect per month",
        11,
        Kind.MONEY,
        "Monthly revenue after the change minus before, in the row's currency; follows what is typed. "
        "Empty: not known or not priced.",
        "effect",
        Role.FORMULA,
        formula=EFFECT,
        prints=True,
    ),
    Column("why", "Why", 23, Kind.TEXT, "What was found, in one sentence.", "why", prints=True),
    Column(
        "decision",
        "Decision",
        10,
        Kind.TEXT,
        "Approve bills what is counted (or the quantity typed beside it). Add line puts new revenue on an agreement. "
        "End line stops billing what "
        "nobody uses. Dismiss leaves the line as it is, with a reason. Ask passes it on, with a note. Empty: not reviewed.",
        role=Role.INPUT,
        choices=Choices.ACTION,
        hint="Choose from the list. Empty means not reviewed.",
        prints=True,
    ),
    Column(
        "quantity",
        "Quantity",
        8,
        Kind.QUANTITY,
        "Only where another quantity than To bill is to be billed; wants a reason.",
        role=Role.INPUT,
        hint="Only to bill another quantity than To bill. Wants a reason.",
        prints=True,
    ),
    Column(
        "from",
        "From",
        11,
        Kind.DATE,
        "First day of the change. Empty: the day in Starts. Several quantities, each from its day: on Dated steps.",
        role=Role.INPUT,
        hint="First day of the change, as a date. Empty: the day in column Starts.",
        prints=True,
    ),
    Column(
        "add_to",
        "Add to agreement",
        24,
        Kind.TEXT,
        "For Add line: the agreement of this client that the new line goes on.",
        role=Role.INPUT,
        choices=Choices.AGREEMENT,
        hint="Only for Add line: choose one of this client's open agreements.",
    ),
    Column(
        "reason",
        "Reason",
        18,
        Kind.TEXT,
        "Needed for Dismiss, for another quantity than To bill, a price below catalogue or cost, a backdated change "
        "and an unproven end.",
        role=Role.INPUT,
        choices=Choices.REASON,
        hint="From the list for Dismiss; otherwise in your words.",
    ),
    Column(
        "note",
        "Note",
        24,
        Kind.TEXT,
        "Anything the next reader should know; for Ask: who, and what.",
        role=Role.INPUT,
        hint="For Ask: who is asked, and what.",
    ),
    Column("check", "Check", 16, Kind.TEXT, "What is missing or inconsistent in this row.", role=Role.FORMULA, formula=CHECK),
    Column("result", "Result", 48, Kind.TEXT, "What became of the decision; filled in after submission."),
)


VENDOR = Sheet(
    "Vendor",
    "Lines_",
    "Every line of the vendor, largest effect first. Decide in the yellow cells.",
    _FROZEN + _SHOWN + OUTLINE + HIDDEN,
)

_SEEN = {"role": Role.READ, "group": Group.SHOWN, "width": 12, "legend": "Whose count it is.", "prints": True}
_VENDOR_SHOWN = replace(VENDOR.column("vendor"), **_SEEN)  # type: ignore[arg-type]

CLIENT = replace(
    VENDOR,
    name="Lines",
    purpose="Every line of every vendor, largest effect first. Decide in the yellow cells.",
    columns=(*_FROZEN, _VENDOR_SHOWN, *_SHOWN, *OUTLINE, *(column for column in HIDDEN if column.name != "vendor")),
)
"""The same columns with the vendor in sight: one sheet of lines for all vendors. A reader knows it by its table's name."""


def holds_lines(sheet: Sheet) -> bool:
    """Whether a sheet's rows are compared lines, in whichever of the two layouts."""
    return sheet.table == VENDOR.table
