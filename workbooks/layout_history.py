"""The sheets that need the past: what moved since the last period, what is carried forward, and the log."""

from core.reach import MONTHS_OF_LOG, MOST_A_LINE
from workbooks.layout import KEY, Column, Group, Kind, Role, Sheet, key_column


def _shown(name: str, header: str, width: float, kind: Kind, legend: str, **more: object) -> Column:
    return Column(name, header, width, kind, legend, **({"field": name, "prints": True} | more))  # type: ignore[arg-type]


def _detail(name: str, header: str, width: float, kind: Kind, legend: str) -> Column:
    return Column(name, header, width, kind, legend, field=name, group=Group.OUTLINE)


def _formula(name: str, header: str, width: float, kind: Kind, legend: str, formula: str) -> Column:
    return Column(name, header, width, kind, legend, role=Role.FORMULA, formula=formula, prints=True)


def _machine(name: str, header: str, kind: Kind = Kind.TEXT, field: str | None = None) -> Column:
    return Column(name, header, 10, kind, "For the way to the line.", field=field, role=Role.HIDDEN, group=Group.HIDDEN)


def _difference(name: str) -> str:
    """Now minus before; nothing where the line stayed and one of them is not known."""
    now, was = f"{{{name}}}", f"{{{name}_was}}"
    return f'IF(OR({{what}}<>"Changed",AND({now}<>"",{was}<>"")),ROUND({now}-{was},2),"")'


REF = Column(
    "ref", "Ref", 6, Kind.COUNT, "The line's number in this workbook, a link to its row; empty: it is on no vendor's sheet.",
    role=Role.FORMULA, group=Group.FROZEN, formula='IF({target}="","",HYPERLINK({target},{number}))', prints=True, centred=True,
)  # fmt: skip
TARGET, NUMBER = _machine("target", "Target"), _machine("number", "Number", Kind.COUNT)
LINKED = (TARGET.name, NUMBER.name)
"""Columns that are filled in when every sheet has its place."""

_CLIENT = _shown("customer", "Client", 20, Kind.TEXT, "The customer, as the PSA names it.", group=Group.FROZEN)
_SERVICE = _shown("service", "PSA service", 22, Kind.TEXT, "What is billed, as the PSA names it.", group=Group.FROZEN)
_VENDOR = _shown("vendor", "Vendor", 11, Kind.TEXT, "The vendor that counts it; empty: none.")
_CURRENCY = _detail("currency", "Currency", 9, Kind.TEXT, "Currency of the row.")
_LINE = _machine("line_key", "Line", field="line_key")
_ROW = Column(
    KEY, "Row", 12, Kind.TEXT, "Tells the rows of this sheet apart.", field=KEY, role=Role.HIDDEN, group=Group.HIDDEN
)  # not the header that the reader looks for: nothing is typed on these sheets

EXPLANATION_WANTED = "explanation wanted"

CHANGES = Sheet(
    "Changes",
    "Changes",
    "This run against the newest run of the period before, line by line. Explain each change whose Check asks for it.",
    (
        REF,
        _CLIENT,
        _SERVICE,
        _VENDOR,
        _shown("what", "What", 9, Kind.TEXT, "New, Ended or Changed since the last period.", centred=True),
        _shown("quantity_was", "Quantity, last", 8, Kind.QUANTITY, "What the PSA billed in the last period."),
        _shown("quantity", "Quantity", 8, Kind.QUANTITY, "What the PSA bills now."),
        _shown("revenue_was", "Revenue, last", 11, Kind.MONEY, "Monthly revenue in the last period."),
        _shown("revenue", "Revenue", 11, Kind.MONEY, "Monthly revenue as it is billed now."),
        _formula(
            "change", "Change", 11, Kind.MONEY, "Revenue minus that of the last period; empty: one is not known.",
            _difference("revenue"),
        ),
        _formula(
            "percent", "Change, %", 8, Kind.PERCENT, "Change in per cent of the last period's revenue; empty: there was none.",
            'IF({change}="","",IF({revenue_was}=0,"",ROUND({change}/ABS({revenue_was}),4)))',
        ),
        _formula(
            "cost_change", "Cost change", 11, Kind.MONEY, "Vendor cost minus that of the last period; empty: one is not known.",
            _difference("cost"),
        ),
        Column(
            "explanation", "Explanation", 32, Kind.TEXT,
            "Why it moved. Wanted for large changes (settings explain_amount and explain_percent), welcome for any.",
            role=Role.INPUT, hint="Why it moved since the last period. Kept with the run, and in the log.", prints=True,
        ),
        _formula(
            "check", "Check", 17, Kind.TEXT, "Whether an explanation is missing.",
            f'IF(AND({{wanted}}="Yes",TRIM({{explanation}})=""),"{EXPLANATION_WANTED}","ok")',
        ),
        _detail("note", "Stands", 26, Kind.TEXT, "Where the line stands or stood, if not on a vendor's sheet in both periods."),
        _detail("counted_was", "Vendor quantity, last", 9, Kind.QUANTITY, "What the vendor counted in the last period."),
        _detail("counted", "Vendor quantity", 9, Kind.QUANTITY, "What the vendor counts now."),
        _detail("price_was", "Unit price, last", 10, Kind.PRICE, "Price of one unit in the last period."),
        _detail("price", "Unit price", 10, Kind.PRICE, "Price of one unit now."),
        _detail("cost_was", "Vendor cost, last", 11, Kind.MONEY, "What the vendor charged per month in the last period."),
        _detail("cost", "Vendor cost", 11, Kind.MONEY, "What the vendor charges per month now."),
        Column(
            "wanted", "Wanted", 8, Kind.TEXT, "Yes: revenue or vendor cost moved by more than the settings let pass.",
            field="wanted", group=Group.OUTLINE, words=("Yes", "No"),
        ),
        _detail("agreement", "Agreement", 24, Kind.TEXT, "The agreement that the line stands on."),
        _detail("line_id", "PSA line", 12, Kind.TEXT, "The line's id in the PSA."),
        _CURRENCY,
        _detail("against", "Compared with", 20, Kind.TEXT, "The run that it is compared with."),
        TARGET,
        NUMBER,
        _LINE,
        key_column(),
    ),
)  # fmt: skip

CARRIED = Sheet(
    "Carried forward",
    "CarriedForward",
    "Lines that still differ and were dismissed, asked about or left open before, and the money waved through. To look up.",
    (
        REF,
        _CLIENT,
        _SERVICE,
        _VENDOR,
        _shown(
            "how", "Carried because", 21, Kind.TEXT,
            "Dismissed; Asked, and not decided since; Approved, and the PSA bills what it billed then; Open, never decided.",
        ),
        _shown("state", "State", 12, Kind.TEXT, "What the comparison says now.", centred=True),
        _shown("since", "Since", 9, Kind.TEXT, "The period in which it was first passed over.", centred=True),
        _shown("age", "Age", 6, Kind.COUNT, "Months since then, this one counted."),
        _shown("effect", "Effect per month", 11, Kind.MONEY, "What the line would change per month now; empty: not known."),
        _shown(
            "waved", "Waved through", 12, Kind.MONEY,
            "Sum of its effects in the reconciled periods since then, without this one. Looks back two years.",
        ),
        _shown("reason", "Reason", 18, Kind.TEXT, "Why it was dismissed."),
        _shown("note", "Note", 28, Kind.TEXT, "What was noted or asked."),
        _shown("by", "By", 14, Kind.TEXT, "Who decided it."),
        _shown("until", "Until", 11, Kind.DATE, "Last day that the dismissal holds."),
        _detail("run", "Run", 12, Kind.TEXT, "The run whose workbook the decision came from."),
        _CURRENCY,
        TARGET,
        NUMBER,
        _LINE,
        _ROW,
    ),
)  # fmt: skip

LOG = Sheet(
    "Log",
    "Log",
    "What was decided, explained and written for the lines of this workbook: "
    f"of each line the newest {MOST_A_LINE} entries of the last {MONTHS_OF_LOG} months. The store keeps all. To look up.",
    (
        REF,
        _shown("at", "When (UTC)", 16, Kind.TEXT, "When it arrived, or was written.", group=Group.FROZEN),
        _CLIENT,
        _SERVICE,
        _shown("who", "Who", 14, Kind.TEXT, "Whose decision it was: the workbook's recipient, or the copy that named nobody."),
        _shown("action", "Action", 12, Kind.TEXT, "What was done."),
        _shown("old", "Old", 16, Kind.TEXT, "What was billed before, or what was said before."),
        _shown("new", "New", 22, Kind.TEXT, "What was decided, said or written instead."),
        _shown("reason", "Reason", 18, Kind.TEXT, "The reason that was given."),
        _shown("note", "Note", 26, Kind.TEXT, "The note that was given."),
        _shown(
            "answer", "What became of it", 30, Kind.TEXT, "Of a decision whether it was accepted, of a write what the PSA shows."
        ),
        _detail("period", "Period", 9, Kind.TEXT, "The period of its run."),
        _detail("run", "Run", 12, Kind.TEXT, "The run it was about."),
        _detail("vendor", "Vendor", 12, Kind.TEXT, "The vendor that counts the line."),
        _detail("source", "From copy", 40, Kind.TEXT, "The copy, sheet and cell that it came from."),
        TARGET,
        NUMBER,
        _LINE,
        _ROW,
    ),
)  # fmt: skip

HISTORY = (CHANGES, CARRIED, LOG)
"""The sheets that need the past. Their rows stand in the order in which they are given."""
LOOKED_UP = (CARRIED, LOG)
"""Those without inputs: they are not read back."""
