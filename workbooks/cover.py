"""The cover: what this is, whether everything that came in stands somewhere, and who signs for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from core import buckets
from core.frames import records
from core.records import Source, Tally
from core.run import Reconciliation
from workbooks.conditional import colour
from workbooks.formats import GREY, INPUT_BLUE, NAVY, RULE, WAITING
from workbooks.grid import Cell, Grid, Head, Link, amount, section, write_grid
from workbooks.identity import Identity
from workbooks.layout import SUMMARY, Kind
from workbooks.layout_tables import INVOICE_TOTALS, NO_VENDOR, NOT_COMPARED
from workbooks.layout_vendor import VENDOR
from workbooks.page import print_setup
from workbooks.pen import Pen
from workbooks.rows import Block, Row
from workbooks.summary import Summary, at_stake
from workbooks.table_sheet import Printer, add_table, write_rows
from workbooks.tallies import Formula, count, minus, total
from workbooks.validations import validate

FACTS_TOP = 3
_LEDGERS = {"vendor": "Vendor rows", "psa": "PSA lines", "decisions": "Rows to decide"}
_MEASURES = (("Rows", "rows"), ("Units", "units"), ("Money", "money"))


@dataclass(frozen=True, slots=True)
class Cover:
    """The cover's grids, placed; the checks point at their figures."""

    index: Grid
    proofs: tuple[tuple[str, Grid], ...]  # by ledger
    invoices: Block
    invoices_top: int  # of the header
    sources: Grid
    controls: Grid
    left_out: tuple[str, ...]


def invoice_rows(ledger: pd.DataFrame) -> list[Row]:
    """One row for each vendor file and currency: what its rows add up to."""
    return [
        {"key": f"{one.source}|{one.currency}", "source": one.source, "currency": one.currency, "rows_in": one.money}
        for one in records(Tally, ledger)
        if one.ledger == "vendor" and one.bucket == buckets.IN
    ]


def plan_cover(
    reconciliation: Reconciliation, blocks: Sequence[Block], invoices: Block, summary: Summary, left_out: tuple[str, ...]
) -> Cover:
    """Every grid with its place, from top to bottom."""
    index = _index(FACTS_TOP + 11, blocks, summary)
    row, proofs = index.after + 2 + bool(left_out), []
    tallies = records(Tally, reconciliation.ledger)
    for ledger, title in _LEDGERS.items():
        grid = _proof(row + 2, [one for one in tallies if one.ledger == ledger])
        if grid.rows:
            proofs.append((title, grid))
            row = grid.after + 1
    invoices_top = row + 2
    below = invoices_top + len(invoices.rows) + 2 if invoices.rows else row
    sources = _sources(below + 2, reconciliation.inputs.sources)
    return Cover(index, tuple(proofs), invoices, invoices_top, sources, _controls(sources.after + 3, blocks), left_out)


def _index(top: int, blocks: Sequence[Block], summary: Summary) -> Grid:
    names = sorted({currency for _, currency in summary.parts} | {str(row["currency"]) for block in blocks for row in block.rows})
    heads: tuple[Head, ...] = (Head("Sheet", Kind.TEXT), Head("Rows", Kind.COUNT), Head("Open", Kind.COUNT, strong=True))
    heads += (*(Head(f"Money at stake, {name}") for name in names), Head("What for", Kind.TEXT))
    rows = [(Link(SUMMARY, "A1", SUMMARY), None, None, *(None for _ in names), "See where the money is.")]
    rows += [_index_row(block, names, summary) for block in blocks]  # type: ignore[misc]
    return Grid(top, 1, heads, tuple(rows))


def _index_row(block: Block, names: list[str], summary: Summary) -> tuple[Cell, ...]:
    stake = [_stake(block, name) for name in names]
    return (Link(block.tab, "A1", block.tab), count(block, {}), _open(block, summary), *stake, block.sheet.purpose)


def _open(block: Block, summary: Summary) -> Cell:
    if block.sheet is VENDOR:
        rows = [number for number, (there, _) in enumerate(summary.parts) if there.tab == block.tab]
        cells = "+".join(f"{SUMMARY}!{summary.vendors.at(number, 'Open')}" for number in rows)
        return Formula(f"={cells}", sum((summary.vendors.figure(number, "Open") for number in rows), Decimal(0)))
    if block.sheet is NOT_COMPARED:
        return None
    if block.sheet is NO_VENDOR:
        waiting = {"expected_none": "No"}
        return minus(count(block, waiting), count(block, waiting | {"decision": "?*"}), 0)
    return minus(count(block, {}), count(block, {"decision": "?*"}), 0)


def _stake(block: Block, currency: str) -> Cell:
    if block.sheet is VENDOR:
        return at_stake(block, currency) if any(row["currency"] == currency for row in block.rows) else None
    name = "revenue" if block.sheet is NO_VENDOR else "money"
    return total(block, name, {"currency": currency}) if block.sheet is not NOT_COMPARED else None


def _proof(top: int, tallies: Sequence[Tally]) -> Grid:
    """Rows, units and money of each source: what came in, where it went, and what is left unexplained."""
    order = (*buckets.VENDOR, *buckets.PSA, *buckets.DECISIONS)
    names = [
        n
        for n in dict.fromkeys((*order, *(one.bucket for one in tallies)))
        if any(one.bucket == n for one in tallies) and n != buckets.IN
    ]
    heads: tuple[Head, ...] = (
        Head("Source", Kind.TEXT),
        Head("Currency", Kind.TEXT),
        Head("Counted in", Kind.TEXT),
        Head("In", Kind.QUANTITY),
    )
    heads += (
        *(Head(name[0].upper() + name[1:], Kind.QUANTITY) for name in names),
        Head("Unexplained", Kind.QUANTITY, strong=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for source, currency in dict.fromkeys((one.source, one.currency) for one in tallies):
        found = {one.bucket: one for one in tallies if (one.source, one.currency) == (source, currency)}
        for title, field in _MEASURES:
            values = [Decimal(getattr(found[name], field)) if name in found else Decimal(0) for name in (buckets.IN, *names)]
            rows.append((source, currency, title, *values, _unexplained(top + 1 + len(rows), values)))
    return Grid(top, 1, heads, tuple(rows), money_rows=frozenset(range(2, len(rows), 3)))


def _unexplained(row: int, values: list[Decimal]) -> Formula:
    first, start, last = (xl_rowcol_to_cell(row, column) for column in (4, 5, 3 + len(values)))
    parts = f"-SUM({start}:{last})" if len(values) > 1 else ""
    return Formula(f"=ROUND({first}{parts},4)", values[0] - sum(values[1:], Decimal(0)))


def _sources(top: int, sources: Sequence[Source]) -> Grid:
    heads: tuple[Head, ...] = (
        Head("Source", Kind.TEXT),
        Head("Role", Kind.TEXT),
        Head("Rows", Kind.COUNT),
        Head("Complete", Kind.TEXT),
    )
    heads += (Head("Data as of", Kind.TEXT), Head("", Kind.TEXT), Head("Layout and notes", Kind.TEXT))
    return Grid(top, 1, heads, tuple(_source(one) for one in sources))


def _source(source: Source) -> tuple[Cell, ...]:
    as_of = f"{source.as_of.day} {source.as_of:%b %Y}" if source.as_of else "not stated in the file"
    notes = " · ".join((source.layout, *source.notes))
    return (source.name, source.role, source.rows, "Yes" if source.complete else "NO: partial", as_of, None, notes)


def _controls(top: int, blocks: Sequence[Block]) -> Grid:
    """Sums over all vendor sheets as issued; the checks compare the sheets with them."""
    vendors = [block for block in blocks if block.sheet is VENDOR]
    rows: list[tuple[Cell, ...]] = [("Lines", Decimal(sum(len(block.rows) for block in vendors)))]
    for name in ("psa_quantity", "vendor_quantity", "revenue_before"):
        found = sum((amount(row[name]) for block in vendors for row in block.rows), Decimal(0))
        rows.append((VENDOR.column(name).header, found))
    heads = (Head("Control total", Kind.TEXT), Head("As issued", Kind.QUANTITY))
    return Grid(top, 1, heads, tuple(rows), money_rows=frozenset({len(rows) - 1}))


def write_cover(printer: Printer, worksheet: Worksheet, cover: Cover) -> None:
    """The whole sheet."""
    formats, pen = printer.formats, Pen(worksheet)
    worksheet.set_column(0, 0, 2, None, {"hidden": True})
    worksheet.set_column(1, 1, 34)
    worksheet.set_column(2, 2, 13)
    worksheet.set_column(3, 15, 13)
    _facts(printer, pen)
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
    if cover.invoices.rows:
        _invoices(printer, pen, cover)
    section(formats, pen, cover.sources.top - 2, "Sources", "Data as of is the day that the file itself speaks of.")
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


def facts(identity: Identity) -> tuple[tuple[str, str], ...]:
    """What the file is, as the cover says it."""
    issued = f"{identity.issued_at:%Y-%m-%d %H:%M} UTC by {identity.issued_by}"
    return (
        ("Entity", identity.entity),
        ("Period", f"{identity.period.start:%B %Y}"),
        ("Run", f"{identity.run_id}, revision {identity.revision}"),
        ("Scope", identity.scope),
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
    typed = {"font_color": INPUT_BLUE, "bg_color": WAITING, "border": 1, "border_color": RULE}
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
    add_table(printer, pen, block, top, 0)
    pen.worksheet.set_row(top, 30)
    write_rows(printer, pen, block, top + 1, 0)
    last = top + len(block.rows)
    validate(pen, block, top + 1, last)
    colour(formats, pen, block, top + 1, last)
    place = INVOICE_TOTALS.positions["typed"]
    cell = xl_rowcol_to_cell(top + 1, place, False, True)
    waiting = {"type": "formula", "criteria": f'={cell}=""', "format": formats.rule(bg_color=WAITING)}
    pen.done(pen.worksheet.conditional_format(top + 1, place, last, place, waiting), top + 1, place)
