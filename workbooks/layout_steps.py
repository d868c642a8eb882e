"""The sheet of dated steps: more than one quantity for a line, each from its own day. What is typed says which line it is of."""

from workbooks.layout import Choices, Column, Group, Kind, Role, Sheet, key_column

TABLE = "DatedSteps"
KEY_OF_ROW = "step:{}"
EMPTY_ROWS = 30
"""Rows to type into; the table grows where more are typed below it."""

LOOKED_AT = 2_000
"""Rows in which the rows of lines look for their steps."""

REFS, CLIENTS, SERVICES = "Tieout_step_keys", "Tieout_step", "Tieout_step_service"
"""Defined names of the hidden lists: the Refs that may be stepped, and what each of them is."""

_EMPTY = 'AND({ref}="",{quantity}="",{from}="")'
_LINE = f"MATCH({{ref}},{REFS},0)"
CLIENT = f'IF({{ref}}="","",IFERROR(INDEX({CLIENTS},{_LINE}),""))'
SERVICE = f'IF({{ref}}="","",IFERROR(INDEX({SERVICES},{_LINE}),""))'
CHECK = (
    f'IF({_EMPTY},"",IF({{ref}}="","choose a Ref",IF(ISNA({_LINE}),"no such Ref",'
    'IF(NOT(ISNUMBER({quantity})),"type a quantity",IF({quantity}<=0,"0 is not a quantity to bill",'
    'IF(NOT(ISNUMBER({from})),"type a date",'
    f'IF(COUNTIFS({TABLE}[Ref],{{ref}},{TABLE}[From],{{from}})>1,"same day twice","ok")))))))'
)
"""What is missing in a row. `steps.check` says the same in Python of the rows that are issued with steps."""

LAST = (
    "IF(AND(ISNUMBER({ref}),ISNUMBER({quantity}),ISNUMBER({from})),"
    f'IF(COUNTIFS({TABLE}[Ref],{{ref}},{TABLE}[From],">"&{{from}})=0,{{quantity}},""),"")'
)
"""What remains: the quantity of the last of a line's steps; nothing beside the others."""


def _input(name: str, header: str, width: float, kind: Kind, legend: str, hint: str, **more: object) -> Column:
    return Column(name, header, width, kind, legend, role=Role.INPUT, hint=hint, prints=True, **more)  # type: ignore[arg-type]


STEPS = Sheet(
    "Dated steps",
    TABLE,
    "A line that changes on several days: decide on its row, leave Quantity and From empty there, and type each quantity here.",
    (
        _input(
            "ref", "Ref", 7, Kind.COUNT, "Ref of the line's row in this workbook: a row with Approve or Add line.",
            "Ref of the row on a vendor's sheet. Decide Approve or Add line there, with Quantity and From empty.",
            choices=Choices.STEP_REF, group=Group.FROZEN, centred=True,
        ),
        Column("client", "Client", 24, Kind.TEXT, "The line's customer.", role=Role.FORMULA, formula=CLIENT, prints=True),
        Column("service", "PSA service", 32, Kind.TEXT, "What is billed.", role=Role.FORMULA, formula=SERVICE, prints=True),
        _input(
            "quantity", "Quantity", 10, Kind.QUANTITY, "What is to be billed from the day beside it; the last one is what remains.",
            "What is billed from this day on, until the line's next step.",
        ),
        _input("from", "From", 12, Kind.DATE, "First day of this quantity.", "First day of this quantity, as a date."),
        _input("note", "Note", 34, Kind.TEXT, "Anything the next reader should know.", "Anything the next reader should know."),
        Column("check", "Check", 26, Kind.TEXT, "What is missing in this row.", role=Role.FORMULA, formula=CHECK, prints=True),
        Column("result", "Result", 16, Kind.TEXT, "What became of the line's decision; filled in after submission."),
        Column(
            "last", "Last", 10, Kind.QUANTITY, "The quantity, where it is what remains.", role=Role.FORMULA, formula=LAST,
            group=Group.HIDDEN,
        ),
        key_column("Number of the row as it was issued; which line it is of says its Ref."),
    ),
)  # fmt: skip
