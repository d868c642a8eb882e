"""Writes the planned cover: facts, flag, sign-off, and its grids."""

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from workbooks.conditional import colour
from workbooks.cover import FACTS_TOP, Cover
from workbooks.formats import GREY, INPUT_BLUE, INPUT_HEADER, NAVY, RULE, WAITING
from workbooks.grid import Grid, section, write_grid
from workbooks.identity import Identity
from workbooks.layout_tables import INVOICE_TOTALS
from workbooks.page import print_setup
from workbooks.pen import Pen
from workbooks.slice import Slice, held
from workbooks.table_sheet import Printer, add_table, write_rows
from workbooks.validations import validate


def write_cover(printer: Printer, worksheet: Worksheet, cover: Cover) -> None:
    """The whole sheet."""
    formats, pen = printer.formats, Pen(worksheet)
    worksheet.set_column(0, 0, 2, None, {"hidden": True})
    worksheet.set_column(1, 1, 34)
    worksheet.set_column(2, 2, 13)
    worksheet.set_column(3, 15, 13)
    _facts(printer, pen)
    if cover.part:
        _slice(printer, pen, cover.part, cover.part_top)
    _sign_off(printer, pen)
    section(formats, pen, cover.index.top - 1, "Sheets")
    write_grid(formats, pen, cover.index)
    if cover.left_out:
        pen.value(
            cover.index.after,
            1,
            "Left out because they have no rows: " + ", ".join(cover.left_out) + ".",
            formats.of(italic=True, font_color=GREY),
        )
    for title, grid in cover.proofs:
        section(
            formats,
            pen,
            grid.top - 2,
            f"Completeness: {title}",
            "Everything that came in stands in exactly one bucket; unexplained must be nothing.",
        )
        write_grid(formats, pen, grid)
        _mark_unexplained(printer, pen, grid)
    if cover.invoices.size:
        _invoices(printer, pen, cover)
    of_files = " The rows are those of the whole file." if cover.part else ""
    section(formats, pen, cover.sources.top - 2, "Sources", f"Data as of is the day that the file itself speaks of.{of_files}")
    write_grid(formats, pen, cover.sources)
    section(
        formats,
        pen,
        cover.controls.top - 2,
        "Control totals",
        "Sums over all vendor sheets; sheet Checks compares the sheets with them.",
    )
    write_grid(formats, pen, cover.controls)
    print_setup(worksheet, printer.identity)
    worksheet.set_h_pagebreaks(page_breaks(_sections(cover)))


SLICE_ROW = 2
"""Between the flag and the facts."""

PRINTED_ROWS = 38
"""Rows of the cover that fit on a printed page."""


def _sections(cover: Cover) -> list[tuple[int, int]]:
    """First row and first row after of each titled section below the index."""
    grids = [*(grid for _, grid in cover.proofs), cover.sources, cover.controls]
    found = [(grid.top - 2, grid.after) for grid in grids]
    if cover.invoices.size:
        found.append((cover.invoices_top - 2, cover.invoices_top + 1 + cover.invoices.size))
    return sorted(found)


def page_breaks(sections: list[tuple[int, int]]) -> list[int]:
    """Where a page must end so that no section that fits on a page is cut."""
    breaks: list[int] = []
    page = 0
    for top, after in sections:
        if after - page > PRINTED_ROWS and top > page:
            breaks.append(top)
            page = top
    return breaks


def _slice(printer: Printer, pen: Pen, part: Slice, top: int) -> None:
    """Right under the title what it holds, and in place of the proof why there is none."""
    formats, look = printer.formats, {"bold": True, "font_size": 12, "bg_color": INPUT_HEADER}
    for column in range(1, 12):
        pen.value(
            SLICE_ROW, column, part.headline if column == 1 else None, formats.of(**look), formats.of(quote_prefix=True, **look)
        )
    section(formats, pen, top, "Completeness: not proven here")
    for number, text in enumerate(part.completeness, top + 1):
        pen.value(number, 1, text, formats.of(italic=True, font_color=GREY))


def facts(identity: Identity) -> tuple[tuple[str, str], ...]:
    """What the file is, as the cover says it."""
    issued = f"{identity.issued_at:%Y-%m-%d %H:%M} UTC by {identity.issued_by}"
    return (
        ("Entity", identity.entity),
        ("Period", f"{identity.period.start:%B %Y}"),
        ("Run", f"{identity.run_id}, revision {identity.revision}"),
        ("Scope", identity.scope if identity.whole else f"only {held(identity)}"),
        ("Recipient", identity.recipient),
        ("Issued", issued),
        ("Workbook", identity.workbook_id),
    )


def _facts(printer: Printer, pen: Pen) -> None:
    formats = printer.formats
    pen.worksheet.set_row(0, 30)
    title = formats.of(bold=True, font_size=20, font_color=NAVY)
    pen.value(
        0,
        1,
        f"{printer.identity.entity}: billing reconciliation",
        title,
        formats.of(bold=True, font_size=20, font_color=NAVY, quote_prefix=True),
    )
    pen.formula(1, 1, printer.flag.text, formats.of(bold=True, font_size=12, font_color="#0B6B2E"), printer.flag.value)
    red = {"type": "formula", "criteria": '=LEFT($B$2,1)<>"✓"', "format": formats.rule(font_color="#B3140A", bold=True)}
    pen.done(pen.worksheet.conditional_format(1, 1, 1, 1, red), 1, 1)
    for number, (label, text) in enumerate(facts(printer.identity), FACTS_TOP):
        pen.value(number, 1, label, formats.of(font_color=GREY))
        pen.value(number, 2, text, formats.of(bold=True), formats.of(bold=True, quote_prefix=True))


def _sign_off(printer: Printer, pen: Pen) -> None:
    formats, left = printer.formats, 7
    for number, head in enumerate(("Sign-off", "Name", "", "Date")):
        pen.value(FACTS_TOP, left + number, head or None, formats.of(bold=True, bg_color=NAVY, font_color="#FFFFFF"))
    typed = {"locked": False, "font_color": INPUT_BLUE, "bg_color": WAITING, "border": 1, "border_color": RULE}
    for row, role in enumerate(("Prepared by", "Reviewed by"), FACTS_TOP + 1):
        pen.value(row, left, role, formats.of(border=1, border_color=RULE, valign="vcenter"))
        pen.worksheet.merge_range(row, left + 1, row, left + 2, "", formats.of(num_format="@", **typed))
        pen.value(row, left + 3, None, formats.of(num_format="d mmm yyyy", **typed))
    note = "The reviewer is somebody other than the preparer. A change after signing wants a new signature."
    pen.value(FACTS_TOP + 3, left, note, formats.of(italic=True, font_color=GREY, font_size=9))


def _mark_unexplained(printer: Printer, pen: Pen, grid: Grid) -> None:
    place, first, last = grid.left + grid.place("Unexplained"), grid.top + 1, grid.after - 1
    for criteria, look in (("!=", {"font_color": "#B3140A", "bg_color": "#F6C9C4"}), ("==", {"font_color": "#0B6B2E"})):
        options = {"type": "cell", "criteria": criteria, "value": 0, "format": printer.formats.rule(**look)}
        pen.done(pen.worksheet.conditional_format(first, place, last, place, options), first, place)


def _invoices(printer: Printer, pen: Pen, cover: Cover) -> None:
    formats, top, block = printer.formats, cover.invoices_top, cover.invoices
    section(formats, pen, top - 2, "Vendor invoices", "Invoice total, typed from the vendor's invoice, into the yellow cells.")
    add_table(printer, pen, block, top, 0, block.size)
    pen.worksheet.set_row(top, 30)
    write_rows(printer, pen, block, top + 1, 0)
    last = top + block.size
    validate(pen, block, top + 1, last)
    colour(formats, pen, block, top + 1, last)
    place = INVOICE_TOTALS.positions["typed"]
    cell = xl_rowcol_to_cell(top + 1, place, False, True)
    waiting = {"type": "formula", "criteria": f'={cell}=""', "format": formats.rule(bg_color=WAITING)}
    pen.done(pen.worksheet.conditional_format(top + 1, place, last, place, waiting), top + 1, place)
