"""The cover: what this is, whether everything that came in stands somewhere, and who signs for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from core import buckets
from core.frames import records
from core.records import Source, Tally
from core.run import Reconciliation
from workbooks.grid import Cell, Grid, Head, Link
from workbooks.headings_history import to_explain
from workbooks.layout import SUMMARY, Kind
from workbooks.layout_history import CHANGES
from workbooks.layout_steps import STEPS
from workbooks.layout_tables import NO_VENDOR, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES
from workbooks.layout_vendor import VENDOR, holds_lines
from workbooks.rows import Block, Row
from workbooks.slice import Slice
from workbooks.summary import Summary, at_stake, currencies
from workbooks.tallies import Formula, count, minus, sum_of, total, waiting_for

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
    part: Slice | None  # None: the whole run
    part_top: int  # where a slice says why it has no proof


def invoice_rows(ledger: pd.DataFrame) -> list[Row]:
    """One row for each vendor file and currency: what its rows add up to."""
    return [
        {"key": f"{one.source}|{one.currency}", "source": one.source, "currency": one.currency, "rows_in": one.money}
        for one in records(Tally, ledger)
        if one.ledger == "vendor" and one.bucket == buckets.IN
    ]


def plan_cover(
    reconciliation: Reconciliation,
    blocks: Sequence[Block],
    invoices: Block,
    summary: Summary,
    left_out: tuple[str, ...],
    part: Slice | None = None,
) -> Cover:
    """Every grid with its place, from top to bottom."""
    index = _index(FACTS_TOP + 11, blocks, summary)
    part_top = index.after + 2 + bool(left_out)
    row, proofs = part_top + (2 + len(part.completeness) if part else 0), []
    tallies = records(Tally, reconciliation.ledger)
    for ledger, title in _LEDGERS.items():
        grid = _proof(row + 2, [one for one in tallies if one.ledger == ledger])
        if grid.rows:
            proofs.append((title, grid))
            row = grid.after + 1
    invoices_top = row + 2
    below = invoices_top + invoices.size + 2 if invoices.size else row
    sources = _sources(below + 2, reconciliation.inputs.sources)
    controls = _controls(sources.after + 3, blocks)
    return Cover(index, tuple(proofs), invoices, invoices_top, sources, controls, left_out, part, part_top)


def _index(top: int, blocks: Sequence[Block], summary: Summary) -> Grid:
    priced = [block for block in blocks if holds_lines(block.sheet) or block.sheet in _AT_STAKE]
    names = sorted({part.currency for part in summary.parts} | {name for block in priced for name in currencies(block)})
    heads: tuple[Head, ...] = (Head("Sheet", Kind.TEXT), Head("Rows", Kind.COUNT), Head("Open", Kind.COUNT, strong=True))
    heads += (*(Head(f"Money at stake, {name}") for name in names), Head("What for", Kind.TEXT))
    rows = [(Link(SUMMARY, "A1", SUMMARY), None, None, *(None for _ in names), "See where the money is.")]
    rows += [_index_row(block, names, summary) for block in blocks]  # type: ignore[misc]
    return Grid(top, 1, heads, tuple(rows))


def _index_row(block: Block, names: list[str], summary: Summary) -> tuple[Cell, ...]:
    stake = [_stake(block, name) for name in names]
    rows = count(block, {"check": "?*"} if block.sheet is STEPS else {})
    return (Link(block.tab, "A1", block.tab), rows, _open(block, summary), *stake, block.sheet.purpose)


def _open(block: Block, summary: Summary) -> Cell:
    if holds_lines(block.sheet):
        rows = [number for number, part in enumerate(summary.parts) if part.block.tab == block.tab]
        cells = "+".join(f"{SUMMARY}!{summary.vendors.at(number, 'Open')}" for number in rows)
        return Formula(f"={cells}", sum((summary.vendors.figure(number, "Open") for number in rows), Decimal(0)))
    if block.sheet is CHANGES:
        return to_explain(block)
    if "decision" not in block.sheet.positions:
        return None
    waiting = dict(waiting_for(block))
    return minus(count(block, waiting), count(block, waiting | {"decision": "?*"}), 0)


def _stake(block: Block, currency: str) -> Cell:
    if holds_lines(block.sheet):
        return at_stake(block, {"currency": currency}) if currency in currencies(block) else None
    if block.sheet not in _AT_STAKE:
        return None
    return total(block, "revenue" if block.sheet is NO_VENDOR else "money", {"currency": currency})


_AT_STAKE = (NO_VENDOR, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES)
"""Sheets beside the vendors' that hold up money while they wait."""


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
    vendors = [block for block in blocks if holds_lines(block.sheet)]
    rows: list[tuple[Cell, ...]] = [("Lines", Decimal(sum(block.size for block in vendors)))]
    for name in ("psa_quantity", "vendor_quantity", "revenue_before"):
        found = sum((sum_of(block.columns, name) for block in vendors), Decimal(0))
        rows.append((VENDOR.column(name).header, found))
    heads = (Head("Control total", Kind.TEXT), Head("As issued", Kind.QUANTITY))
    return Grid(top, 1, heads, tuple(rows), money_rows=frozenset({len(rows) - 1}))
