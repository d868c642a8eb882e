"""Writes a reconciliation as a workbook: a shell by XlsxWriter, its rows spliced in, put in place in one move."""

import io
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import quote_sheetname, xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from core.history import History
from core.records import Decision
from core.run import Reconciliation
from workbooks.checks import Check, check_row, checks, flag
from workbooks.columns import Columns
from workbooks.cover import Cover, invoice_rows, plan_cover
from workbooks.cover_page import write_cover
from workbooks.formats import FONT, Formats
from workbooks.headings import heading
from workbooks.heights import row_heights
from workbooks.hidden_sheets import write_identity, write_lists
from workbooks.identity import Identity
from workbooks.layout import CHECKS, COVER, IDENTITY, LEGEND, LISTS, SUMMARY, Kind, Sheet, reference
from workbooks.layout_costs import COSTS
from workbooks.layout_formulas import STEP_ENDS, STEP_REFS
from workbooks.layout_history import LOG
from workbooks.layout_steps import LOOKED_AT, STEPS
from workbooks.layout_tables import CHECK_LIST, INVOICE_TOTALS
from workbooks.layout_vendor import holds_lines
from workbooks.legend import write_legend
from workbooks.line_links import with_links
from workbooks.lists import list_columns
from workbooks.pen import Pen, WorkbookNotWritten
from workbooks.render import Heights
from workbooks.rows import Block, Row, blocks, left_out
from workbooks.slice import Slice
from workbooks.splice import Filling, TooManyRows, splice
from workbooks.steps import step_lists, with_steps
from workbooks.summary import Summary, plan_summary
from workbooks.summary_page import write_summary
from workbooks.table_sheet import FLAG, Heading, Printer, add_sheet, computed_block, write_table_sheet
from workbooks.tallies import Formula
from workbooks.vendor_rows import typed_inputs
from workbooks.zip_parts import BEST, Deflater, PartTooLarge

Progress = Callable[[str, int], None]
"""Told the name of each sheet and its rows once it is written."""

__all__ = ["How", "WorkbookNotWritten", "write_workbook"]

_CHECKS_HEADER = 4


def write_workbook(
    reconciliation: Reconciliation,
    path: Path,
    identity: Identity,
    decided: Mapping[str, Decision] | None = None,
    progress: Progress | None = None,
    run: Reconciliation | None = None,
    history: History | None = None,
    options: "Options | None" = None,
    how: "How | None" = None,
) -> None:
    """Writes the workbook to `path`; a file that stood there is replaced whole, or left as it was.

    `decided` holds decisions by key that are typed in already; `run` is the whole run where the reconciliation is a slice of
    it; `history` what the sheets of the past show; `options` are a person's, `how` is for measuring and for tests.
    WorkbookNotWritten where the file cannot be written.
    """
    path, how, shell = Path(path), how or How(), io.BytesIO()
    temporary = _temporary_beside(path)
    try:
        part = Slice.of(reconciliation, run or reconciliation, identity)
        fillings = _write_shell(
            _plan(reconciliation, history or History(), identity, decided or {}, part, options or Options()),
            reconciliation,
            shell if how.spliced else temporary,
            progress or (lambda sheet, rows: None),
            how,
        )
        if how.spliced:
            with temporary.open("wb") as file:
                splice(shell, fillings, file, how.deflater)
        temporary.replace(path)
    except (OSError, FileCreateError) as error:
        raise WorkbookNotWritten(
            f"{path.name} could not be written: close it where it is open, then try again ({error})"
        ) from error
    except (TooManyRows, PartTooLarge) as error:
        raise WorkbookNotWritten(
            f"{path.name} would be larger than Excel can open (at {error}): issue it in parts, by vendor or by customer"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may choose of a workbook."""

    by_client: bool | None = None  # one sheet of lines for all vendors; None: in a workbook of one client
    protected: bool = False  # sheets are protected: only inputs can be typed into, and rows cannot be sorted


@dataclass(frozen=True, slots=True)
class How:
    """By which way rows get into the file: spliced into a shell, or by XlsxWriter cell by cell, which is the oracle."""

    spliced: bool = True
    deflater: Deflater = BEST


def _temporary_beside(path: Path) -> Path:
    try:
        handle, name = tempfile.mkstemp(prefix=".tieout-", suffix=".xlsx", dir=path.parent)
    except OSError as error:
        raise WorkbookNotWritten(f"{path.parent} cannot be written to: choose another folder ({error})") from error
    os.close(handle)
    Path(name).unlink()  # only the name is wanted: the file itself gets the rights that this user's files have
    return Path(name)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Every sheet of a workbook, computed and placed before anything is written."""

    identity: Identity
    blocks: tuple[Block, ...]
    headings: Mapping[str, Heading]  # by tab
    summary: Summary
    cover: Cover
    checks: Sequence[Check]
    options: Options


def _plan(
    reconciliation: Reconciliation,
    history: History,
    identity: Identity,
    decided: Mapping[str, Decision],
    part: Slice | None,
    options: Options,
) -> _Plan:
    by_client = len(identity.customers) == 1 if options.by_client is None else options.by_client
    made = tuple(
        computed_block(
            block, typed_inputs(block.sheet, block.columns, decided) if holds_lines(block.sheet) or block.sheet is COSTS else {}
        )
        for block in with_steps(blocks(reconciliation, history, by_client=by_client), decided)
    )
    vendors = [block for block in made if holds_lines(block.sheet)]
    headings = {block.tab: heading(block, identity, _as_of(block)) for block in made}
    made = with_links(made, headings)
    summary = plan_summary(vendors, {tab: heading.header_row + 1 for tab, heading in headings.items()})
    invoices = computed_block(_block(INVOICE_TOTALS, COVER, invoice_rows(reconciliation.ledger)), {})
    missing = tuple(name for name in left_out(made) if not (part and name in part.never_held))
    cover = plan_cover(reconciliation, made, invoices, summary, missing, part)
    listed = checks(made, cover, summary, identity.scope, _CHECKS_HEADER + 1)
    return _Plan(identity, made, headings, summary, cover, listed, options)


def _block(sheet: Sheet, tab: str, rows: Sequence[Row]) -> Block:
    return Block(sheet, tab, tab, sheet.table, Columns.of_rows(sheet, rows))


def _write_shell(
    plan: _Plan, reconciliation: Reconciliation, target: io.BytesIO | Path, progress: Progress, how: How
) -> list[Filling]:
    """Everything XlsxWriter writes; answers the rows that are still to be filled in."""
    workbook = Workbook(target if isinstance(target, io.BytesIO) else str(target), _OPTIONS)
    rows = [check_row(check) for check in plan.checks]
    printer = Printer(workbook, Formats(workbook), plan.identity, flag(rows), plan.options.protected)
    before = [block.tab for block in plan.blocks if block.sheet is not LOG]
    after = [block.tab for block in plan.blocks if block.sheet is LOG]
    tabs = (COVER, SUMMARY, *before, CHECKS, *after, LEGEND, LISTS, IDENTITY)
    sheets = {tab: add_sheet(printer, tab) for tab in tabs}
    write_cover(printer, sheets[COVER], plan.cover)
    write_summary(printer, sheets[SUMMARY], plan.summary)
    fillings = []
    for block in plan.blocks:
        write_table_sheet(printer, sheets[block.tab], block, plan.headings[block.tab], whole=not how.spliced)
        sheets[block.tab].set_tab_color(_tab_colour(block))
        fillings.append(_filling(sheets[block.tab], block, plan.headings[block.tab]))
        progress(block.tab, block.size)
    write_table_sheet(printer, sheets[CHECKS], _block(CHECK_LIST, CHECKS, rows), Heading(CHECK_LIST.purpose, ()))
    _check_formulas(printer, Pen(sheets[CHECKS]), plan.checks)
    write_legend(printer, sheets[LEGEND])
    lists = {**list_columns(reconciliation), **step_lists(plan.blocks)}
    kinds, columns = write_lists(workbook, printer.formats, sheets[LISTS], lists, whole=not how.spliced)
    fillings.append(_filled(sheets[LISTS], "", 2, columns, [(name, kind, "") for name, kind in kinds.items()]))
    write_identity(workbook, printer.formats, sheets[IDENTITY], plan.identity)
    _names(workbook, plan.cover)
    _name_steps(workbook, plan)
    sheets[COVER].activate()
    workbook.close()
    return fillings


_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": FONT,
}


def _filling(worksheet: Worksheet, block: Block, heading: Heading) -> Filling:
    kinds = [(c.name, c.kind, reference(block.sheet, c.formula, block.table) if c.formula else "") for c in block.sheet.columns]
    return _filled(worksheet, block.table, heading.header_row + 2, block.columns, kinds, row_heights(block))


def _filled(
    worksheet: Worksheet,
    table: str,
    first: int,
    columns: Columns,
    kinds: Sequence[tuple[str, Kind, str]],
    heights: Heights | None = None,
) -> Filling:
    part = f"xl/worksheets/sheet{worksheet.index + 1}.xml"
    return Filling(part, table, first, columns, kinds, np.zeros(columns.size) if heights is None else heights)


def _as_of(block: Block) -> str:
    if not holds_lines(block.sheet):
        return ""
    days = sorted(day for day in block.columns.array("as_of").unique().to_pylist() if day)
    return "data as of " + (
        " to ".join(dict.fromkeys(f"{d.day} {d:%b %Y}" for d in (days[0], days[-1]))) if days else "a day not stated in the file"
    )


def _tab_colour(block: Block) -> str:
    """Amber where something is open, grey where there is nothing to decide."""
    checked = block.columns.array("check")
    done = pc.or_(pc.starts_with(checked, "ok"), pc.equal(checked, "no action")).fill_null(True)
    waiting = ~np.asarray(done) & ~block.columns.holds("to_decide", "No")
    return "#F2B53C" if waiting.any() else "#A9B4BF"


def _check_formulas(printer: Printer, pen: Pen, listed: Sequence[Check]) -> None:
    """Expected and found differ from row to row, so they are written over the table's cells."""
    for row, (_, _, expected, found) in enumerate(listed, _CHECKS_HEADER + 1):
        for name, cell in (("expected", expected), ("found", found)):
            if isinstance(cell, Formula):
                column = CHECK_LIST.column(name)
                look = printer.formats.cell(column, elsewhere="!" in cell.text or "[" in cell.text)
                pen.formula(row, CHECK_LIST.positions[name], cell.text, look, cell.value)


def _names(workbook: Workbook, cover: Cover) -> None:
    """Defined names of the flag and of the control totals."""
    workbook.define_name(FLAG, f"={COVER}!$B$2")
    for number, row in enumerate(cover.controls.rows):
        name = "Tieout_total_" + str(row[0]).lower().replace(" ", "_")
        workbook.define_name(name, f"={COVER}!{cover.controls.at(number, 'As issued')}")


def _name_steps(workbook: Workbook, plan: _Plan) -> None:
    """Where the rows of lines look for their dated steps, also below the table; an empty cell where there are none to have."""
    tab = next((block.tab for block in plan.blocks if block.sheet is STEPS), None)
    for name, column in ((STEP_REFS, "ref"), (STEP_ENDS, "last")):
        letter, first = xl_col_to_name(STEPS.positions[column]), plan.headings[tab].header_row + 2 if tab else 0
        there = f"={quote_sheetname(tab)}!${letter}${first}:${letter}${first + LOOKED_AT}" if tab else f"={LISTS}!$XFD$1"
        workbook.define_name(name, there)
