"""Writes a reconciliation as a workbook: declared sheets over plain rows, printed by XlsxWriter, put in place in one move."""

import datetime as dt
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.workbook import Workbook

from core.records import Decision
from core.run import Reconciliation
from core.words import YES
from workbooks.checks import Check, check_row, checks, flag
from workbooks.cover import Cover, invoice_rows, plan_cover
from workbooks.cover_page import write_cover
from workbooks.formats import FONT, Formats
from workbooks.headings import heading
from workbooks.hidden_sheets import write_identity, write_lists
from workbooks.identity import Identity
from workbooks.layout import CHECKS, COVER, IDENTITY, LEGEND, LISTS, SUMMARY
from workbooks.layout_tables import CHECK_LIST, INVOICE_TOTALS
from workbooks.layout_vendor import VENDOR
from workbooks.legend import write_legend
from workbooks.lists import list_columns
from workbooks.pen import Pen, WorkbookNotWritten
from workbooks.rows import Block, Row, blocks, left_out
from workbooks.slice import NEVER_HELD, Slice
from workbooks.summary import plan_summary
from workbooks.summary_page import write_summary
from workbooks.table_sheet import FLAG, Heading, Printer, add_sheet, computed_block, write_table_sheet
from workbooks.tallies import Formula

Progress = Callable[[str, int], None]
"""Told the name of each sheet and its rows once it is written."""

__all__ = ["WorkbookNotWritten", "write_workbook"]

_CHECKS_HEADER = 4


def write_workbook(
    reconciliation: Reconciliation,
    path: Path,
    identity: Identity,
    decided: Mapping[str, Decision] | None = None,
    progress: Progress | None = None,
    run: Reconciliation | None = None,
) -> None:
    """Writes the workbook to `path`; a file that stood there is replaced whole, or left as it was.

    `decided` holds decisions by key that are typed in already; `run` is the whole run where the reconciliation is a slice of
    it. WorkbookNotWritten where the file cannot be written.
    """
    path = Path(path)
    temporary = _temporary_beside(path)
    try:
        part = Slice.of(reconciliation, run or reconciliation, identity)
        _write(reconciliation, temporary, identity, decided or {}, progress or (lambda sheet, rows: None), part)
        temporary.replace(path)
    except (OSError, FileCreateError) as error:
        raise WorkbookNotWritten(
            f"{path.name} could not be written: close it where it is open, then try again ({error})"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _temporary_beside(path: Path) -> Path:
    try:
        handle, name = tempfile.mkstemp(prefix=".tieout-", suffix=".xlsx", dir=path.parent)
    except OSError as error:
        raise WorkbookNotWritten(f"{path.parent} cannot be written to: choose another folder ({error})") from error
    os.close(handle)
    Path(name).unlink()  # only the name is wanted: the file itself gets the rights that this user's files have
    return Path(name)


def _write(
    reconciliation: Reconciliation,
    path: Path,
    identity: Identity,
    decided: Mapping[str, Decision],
    progress: Progress,
    part: Slice | None,
) -> None:
    plain = blocks(reconciliation)
    made = tuple(computed_block(block, lambda row: _typed(decided, row)) for block in plain)
    vendors = [block for block in made if block.sheet is VENDOR]
    headings = {block.tab: heading(block, identity, _as_of(block)) for block in made}
    summary = plan_summary(vendors, {tab: heading.header_row + 1 for tab, heading in headings.items()})
    invoices = computed_block(
        Block(INVOICE_TOTALS, COVER, COVER, INVOICE_TOTALS.table, tuple(invoice_rows(reconciliation.ledger))), lambda row: {}
    )
    missing = tuple(name for name in left_out(made) if not (part and name in NEVER_HELD))
    cover = plan_cover(reconciliation, made, invoices, summary, missing, part)
    listed = checks(made, cover, summary, identity.scope, _CHECKS_HEADER + 1)
    rows = [check_row(check) for check in listed]
    workbook = Workbook(
        str(path),
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "default_format_properties": FONT},
    )
    printer = Printer(workbook, Formats(workbook), identity, flag(rows))
    sheets = {tab: add_sheet(printer, tab) for tab in (COVER, SUMMARY, *(b.tab for b in made), CHECKS, LEGEND, LISTS, IDENTITY)}
    write_cover(printer, sheets[COVER], cover)
    write_summary(printer, sheets[SUMMARY], summary)
    for block in made:
        write_table_sheet(printer, sheets[block.tab], block, headings[block.tab])
        sheets[block.tab].set_tab_color(_tab_colour(block))
        progress(block.tab, len(block.rows))
    check_block = Block(CHECK_LIST, CHECKS, CHECKS, CHECK_LIST.table, tuple(rows))
    write_table_sheet(printer, sheets[CHECKS], check_block, Heading(CHECK_LIST.purpose, ()))
    _check_formulas(printer, Pen(sheets[CHECKS]), listed)
    write_legend(printer, sheets[LEGEND])
    write_lists(workbook, printer.formats, sheets[LISTS], dict(list_columns(reconciliation)))
    write_identity(workbook, printer.formats, sheets[IDENTITY], identity)
    _names(workbook, cover)
    sheets[COVER].activate()
    workbook.close()


def _typed(decided: Mapping[str, Decision], row: Row) -> Row:
    """What a decision has typed into the inputs of its row."""
    one = decided.get(str(row["key"]))
    if one is None:
        return {}
    return {
        "decision": one.action.value,
        "quantity": one.quantity,
        "from": one.effective_date,
        "add_to": one.agreement,
        "new_price": one.new_price,
        "new_cost": one.new_price,
        "own_too": YES if one.own_too else None,
        "reason": one.reason,
        "note": one.note,
    }


def _as_of(block: Block) -> str:
    if block.sheet is not VENDOR:
        return ""
    days = sorted({day for row in block.rows if isinstance(day := row["as_of"], dt.date)})
    return "data as of " + (
        " to ".join(dict.fromkeys(f"{d.day} {d:%b %Y}" for d in (days[0], days[-1]))) if days else "a day not stated in the file"
    )


def _tab_colour(block: Block) -> str:
    """Amber where something is open, grey where there is nothing to decide."""
    waiting = any(row.get("check") not in ("ok", "no action", None) and row.get("to_decide") != "No" for row in block.rows)
    return "#F2B53C" if waiting else "#A9B4BF"


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
