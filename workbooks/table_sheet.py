"""A sheet with one Excel table: title and totals above the header, rows, drop-downs, colours and print set-up."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
from xlsxwriter.utility import xl_range
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from workbooks.computed import compute
from workbooks.conditional import colour
from workbooks.formats import BAND, GREY, NAVY, Formats
from workbooks.heights import row_heights
from workbooks.identity import Identity
from workbooks.layout import Column, Group, Role, reference
from workbooks.page import print_setup
from workbooks.pen import Pen
from workbooks.rows import Block
from workbooks.splice import PROTOTYPES
from workbooks.tallies import Formula
from workbooks.validations import validate

FLAG = "Tieout_flag"
"""Defined name of the cover's check flag, shown on every sheet."""


@dataclass(frozen=True, slots=True)
class Total:
    """One figure above the header."""

    label: str
    formula: Formula
    money: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the header: counts on the left, money at its column."""

    subtitle: str
    counts: tuple[Total, ...]
    amounts: tuple[Total, ...] = ()
    amount_column: int = 0

    @property
    def header_row(self) -> int:
        return 3 + max(len(self.counts), len(self.amounts), 1)


@dataclass(frozen=True, slots=True)
class Printer:
    """What every sheet needs to be written."""

    workbook: Workbook
    formats: Formats
    identity: Identity
    flag: Formula
    protected: bool = False


def add_sheet(printer: Printer, tab: str) -> Worksheet:
    """A new worksheet without grid lines.

    XlsxWriter looks through every formula for the names of thirty newer functions. Ours have none: a test lets the checker look.
    """
    worksheet = printer.workbook.add_worksheet(tab)
    worksheet._prepare_formula = _as_it_is
    worksheet.hide_gridlines(2)
    if printer.protected:
        worksheet.protect("", _STILL_ALLOWED)
    return worksheet


def _as_it_is(formula: str, expand_future_functions: bool = False) -> str:
    return formula.removeprefix("=")


_STILL_ALLOWED = {"format_columns": True, "format_rows": True, "autofilter": True}
"""On a protected sheet. Sorting cannot work while a row has a locked cell, whatever is allowed."""


def write_table_sheet(printer: Printer, worksheet: Worksheet, block: Block, heading: Heading, *, whole: bool = True) -> None:
    """The sheet of a block, whose columns are computed, with their inputs; not `whole`: with prototypes in place of its rows."""
    pen, first = Pen(worksheet), heading.header_row + 1
    last = first + block.size - 1
    _columns(worksheet, block)
    _heading(printer, pen, block, heading)
    add_table(printer, pen, block, heading.header_row, 0, block.size if whole else PROTOTYPES)
    if whole:
        write_rows(printer, pen, block, first, 0)
    else:
        _write_prototypes(printer, pen, block, first)
    validate(pen, block, first, last)
    colour(printer.formats, pen, block, first, last)
    frozen = sum(1 for c in block.sheet.columns if c.group is Group.FROZEN)
    worksheet.freeze_panes(first, frozen)
    worksheet.repeat_rows(heading.header_row)
    worksheet.ignore_errors({"number_stored_as_text": xl_range(first, 0, last, len(block.sheet.columns) - 1)})  # ids are text
    printed = [place for place, c in enumerate(block.sheet.columns) if c.prints]
    worksheet.print_area(0, 0, last, max(printed))
    print_setup(worksheet, printer.identity)


def computed_block(block: Block, inputs: Mapping[str, pa.Array]) -> Block:
    """The block with typed inputs and the value of every formula."""
    return block.with_columns(compute(block.sheet, block.columns.with_(inputs)))


def add_table(printer: Printer, pen: Pen, block: Block, header_row: int, left: int, rows: int) -> None:
    """The Excel table and its header; the rows are written over it."""
    columns = [_table_column(printer, block, c) for c in block.sheet.columns]
    options = {"name": block.table, "columns": columns, "style": None}
    code = pen.worksheet.add_table(header_row, left, header_row + rows, left + len(columns) - 1, options)
    pen.done(code, header_row, left)
    pen.worksheet.set_row(header_row, 40)


def _table_column(printer: Printer, block: Block, column: Column) -> dict[str, object]:
    options: dict[str, object] = {"header": column.header, "header_format": printer.formats.header(column)}
    if column.formula:
        options["formula"] = reference(block.sheet, column.formula, block.table)
    return options


def write_rows(printer: Printer, pen: Pen, block: Block, first: int, left: int) -> None:
    """Every data cell."""
    looks = [(c, printer.formats.cell(c), printer.formats.cell(c, quoted=True)) for c in block.sheet.columns]
    formulas = [reference(block.sheet, c.formula, block.table) if c.formula else "" for c in block.sheet.columns]
    heights = row_heights(block).tolist()
    for number, (row, height) in enumerate(zip(block.rows, heights, strict=True), first):
        pen.worksheet.set_row(number, height or None)
        for place, (column, look, quoted) in enumerate(looks, left):
            if column.role is Role.FORMULA and column.formula:
                pen.formula(number, place, formulas[place - left], look, row[column.name])
            else:
                pen.value(number, place, row.get(column.name), look, quoted)


def _write_prototypes(printer: Printer, pen: Pen, block: Block, first: int) -> None:
    """Two rows that hold nothing but formats: the columns' own, and those of quoted text."""
    for row, quoted in enumerate((False, True), first):
        for place, column in enumerate(block.sheet.columns):
            pen.value(row, place, None, printer.formats.cell(column, quoted=quoted))


def _columns(worksheet: Worksheet, block: Block) -> None:
    worksheet.outline_settings(True, True, False, False)
    columns = block.sheet.columns
    for place, column in enumerate(columns):
        options: dict[str, object] = {}
        if column.group is Group.OUTLINE:
            options = {"level": 1, "hidden": True}
        elif column.group is Group.HIDDEN:
            options = {"hidden": True}
        elif place + 1 < len(columns) and columns[place + 1].group is Group.OUTLINE:
            options = {"collapsed": True}
        worksheet.set_column(place, place, column.width, None, options)


def _heading(printer: Printer, pen: Pen, block: Block, heading: Heading) -> None:
    formats = printer.formats
    pen.worksheet.set_row(0, 24)
    pen.value(
        0,
        0,
        block.title,
        formats.of(bold=True, font_size=16, font_color=NAVY),
        formats.of(bold=True, font_size=16, font_color=NAVY, quote_prefix=True),
    )
    pen.value(1, 0, heading.subtitle, formats.of(font_color=GREY), formats.of(font_color=GREY, quote_prefix=True))
    label_column = max(0, sum(1 for c in block.sheet.columns if c.group is Group.FROZEN) - 2)
    for number, one in enumerate(heading.counts, 2):
        pen.value(number, label_column, one.label, formats.of(font_color=GREY))
        pen.formula(
            number, label_column + 1, one.formula.text, formats.of(bold=True, num_format="#,##0", align="left"), one.formula.value
        )
    _amounts(printer, pen, heading)
    flag_column = heading.amount_column + 1 if heading.amount_column else label_column + 2
    pen.formula(2, flag_column, f"={FLAG}", formats.of(bold=True, font_color="#00703C"), printer.flag.value)
    red = {"type": "formula", "criteria": f'=LEFT({FLAG},1)<>"✓"', "format": formats.rule(font_color="#B3140A", bold=True)}
    pen.done(pen.worksheet.conditional_format(2, flag_column, 2, flag_column, red), 2, flag_column)
    if not heading.counts:
        return
    hint = heading.header_row - 1
    pen.value(
        hint,
        label_column if hint > 1 + len(heading.counts) else flag_column,
        block.sheet.purpose,
        formats.of(italic=True, font_color=GREY),
    )


def _amounts(printer: Printer, pen: Pen, heading: Heading) -> None:
    formats = printer.formats
    for number, one in enumerate(heading.amounts, 2):
        last = number == len(heading.amounts) + 1 or (number - 1) % 3 == 0
        look = {"bold": True, "top": 1} if last else {}
        pen.value(
            number,
            heading.amount_column - 1,
            one.label,
            formats.of(align="right", **({"bold": True} if last else {"font_color": GREY})),
        )
        pen.formula(
            number,
            heading.amount_column,
            one.formula.text,
            formats.of(num_format='#,##0.00_);(#,##0.00);"-"_)', bg_color=BAND, **look),
            one.formula.value,
        )
