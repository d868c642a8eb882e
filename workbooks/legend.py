"""The legend: every sheet, column, state and symbol, generated from the declaration."""

from functools import cache
from typing import Any

import pyarrow as pa
from xlsxwriter.worksheet import Worksheet

from core.words import ACTIONS
from workbooks.formats import GREY, INPUT_BLUE, INPUT_HEADER, NAVY, RULE, SHEET_GREEN, STATE_LOOKS, WAITING
from workbooks.grid import Grid, Head, section, write_grid
from workbooks.heights import LINE, lines_needed
from workbooks.layout import SYMBOLS, Group, Kind, Role
from workbooks.layout_steps import STEPS
from workbooks.layout_tables import CHECK_LIST, INVOICE_TOTALS, TABLES
from workbooks.layout_vendor import VENDOR
from workbooks.page import print_setup
from workbooks.pen import Pen
from workbooks.table_sheet import Printer

STATES = {
    "Reconcile": "The quantities differ.",
    "New revenue": "The vendor counts usage and the PSA has no line for it.",
    "No usage": "The PSA bills a line and the vendor counts nothing, with proof.",
    "Not known": "There is no proof either way: the source is stale or incomplete, or something is not mapped.",
    "No change": "PSA and vendor agree.",
}
MEANING, LONGEST = 100, 20
"""Width of the column of meanings, and lines of the longest."""
WHERE = {Group.FROZEN: "always visible", Group.SHOWN: "shown", Group.OUTLINE: "in the collapsed group", Group.HIDDEN: "hidden"}
WHOSE = {Role.READ: "as issued", Role.INPUT: "typed by you", Role.FORMULA: "formula", Role.HIDDEN: "as issued"}


def legend_rows() -> tuple[tuple[str, str, str, str, str], ...]:
    """Sheet, column, whose it is, where it stands, and what it means."""
    sheets = (
        (VENDOR, "Vendor sheets"),
        (STEPS, STEPS.name),
        *((sheet, sheet.name) for sheet in TABLES),
        (INVOICE_TOTALS, "Cover: invoice totals"),
        (CHECK_LIST, CHECK_LIST.name),
    )
    return tuple((title, c.header, WHOSE[c.role], WHERE[c.group], c.legend) for sheet, title in sheets for c in sheet.columns)


def state_rows() -> tuple[tuple[str, str, str], ...]:
    """State, meaning, and what may be decided."""
    return tuple((state, meaning, ", ".join(ACTIONS[state])) for state, meaning in STATES.items())


@cache
def _lines() -> list[int]:
    """How many each of the columns' meanings takes."""
    found: list[int] = lines_needed(pa.array([one[-1] for one in legend_rows()]), MEANING, most=LONGEST).tolist()
    return found


def write_legend(printer: Printer, worksheet: Worksheet) -> None:
    """The whole sheet."""
    formats, pen = printer.formats, Pen(worksheet)
    for place, width in enumerate((24, 22, 15, 22, MEANING)):
        worksheet.set_column(place, place, width)
    worksheet.set_row(0, 24)
    pen.value(0, 0, "Legend", formats.of(bold=True, font_size=16, font_color=NAVY))
    row = section(formats, pen, 2, "States and what may be decided", left=0)
    for number, (state, meaning, actions) in enumerate(state_rows(), row):
        pen.value(number, 0, state, formats.of(**STATE_LOOKS[state]))
        pen.value(number, 1, actions, formats.of())
        pen.value(number, 4, meaning, formats.of())
    row = section(formats, pen, row + len(STATES) + 1, "Symbols", left=0)
    for number, (symbol, meaning) in enumerate(SYMBOLS.items(), row):
        pen.value(number, 0, symbol, formats.of(align="center"), formats.of(align="center", quote_prefix=True))
        pen.value(number, 1, meaning, formats.of())
    row = _colours(printer, pen, section(formats, pen, row + len(SYMBOLS) + 1, "Colours and figures", left=0))
    heads = tuple(Head(text, Kind.TEXT, wrap=text == "Meaning") for text in ("Sheet", "Column", "Whose", "Where", "Meaning"))
    section(formats, pen, row + 1, "Columns", left=0)
    rows = legend_rows()
    write_grid(formats, pen, Grid(row + 2, 0, heads, rows))
    for number, needed in enumerate(_lines(), row + 3):
        worksheet.set_row(number, needed * LINE + 1)
    print_setup(worksheet, printer.identity)


def _colours(printer: Printer, pen: Pen, row: int) -> int:
    formats = printer.formats
    samples: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("typed", {"font_color": INPUT_BLUE}, "Blue: typed by a person."),
        ("formula", {}, "Black: issued, or computed on the same sheet."),
        ("other sheet", {"font_color": SHEET_GREEN}, "Green: taken from another sheet."),
        ("waiting", {"bg_color": WAITING, "border": 1, "border_color": RULE}, "Pale yellow: waiting for you."),
        ("Header", {"bg_color": INPUT_HEADER, "bold": True}, "Amber header: a column to type in."),
        ("(1.00)  -", {"font_color": GREY}, "Parentheses: negative. Dash: zero. Empty: not known; never the same as zero."),
    )
    for number, (text, look, meaning) in enumerate(samples, row):
        pen.value(number, 0, text, formats.of(**look))
        pen.value(number, 1, meaning, formats.of())
    return row + len(samples)
