"""Every tie-out as a formula, and the one flag that all sheets show."""

from collections.abc import Sequence
from decimal import Decimal

from workbooks.computed import rounded
from workbooks.cover import Cover
from workbooks.grid import Cell, Link, amount
from workbooks.identity import WHOLE
from workbooks.layout import CHECKS, COVER, KEY, SUMMARY
from workbooks.layout_steps import STEPS
from workbooks.layout_tables import CHECK_LIST, NO_VENDOR, NOT_COMPARED
from workbooks.layout_vendor import CLIENT, VENDOR, holds_lines
from workbooks.rows import Block, Row
from workbooks.summary import Summary
from workbooks.tallies import Formula, count, minus, sum_of

_SUMMED = {"psa_quantity", "vendor_quantity", "revenue_before", "quantity", "money", "revenue", "units"}
_ON_SHEETS = {
    "PSA lines on vendor sheets": ("Compared", "No usage", "Not known"),
    "PSA lines on No vendor": ("No vendor",),
    "PSA lines on Not compared": ("Out of scope",),
}
_TYPED, _OK = {"check": "?*"}, {"check": "ok"}
Check = tuple[str, str, Cell, Formula]


def checks(blocks: Sequence[Block], cover: Cover, summary: Summary, scope: str, first_row: int) -> list[Check]:
    """All checks in their order; `first_row` is the row (from 0) of the first."""
    made = _sheets(blocks)
    made += _controls(cover, made, first_row)
    made += _ledgers(cover)
    if scope == WHOLE:  # a slice cannot tie to the run's ledger
        made += _placed(blocks, cover)
    made += _decisions(summary)
    return made + _invoices(cover)


def check_row(check: Check) -> Row:
    """The row's values; formulas are written by the caller."""
    area, what, expected, found = check
    gap = rounded(amount(found) - amount(expected), 4)
    return {
        "area": area,
        "what": what,
        "expected": amount(expected),
        "found": amount(found),
        "difference": gap,
        "ok": "✗ differs" if gap else "✓ ok",
    }


def flag(rows: Sequence[Row]) -> Formula:
    """The cover's flag."""
    wrong = sum(1 for row in rows if row["ok"] != "✓ ok")
    counted = f'COUNTIF({CHECK_LIST.table}[{CHECK_LIST.column("ok").header}],"✗*")'
    text = f"✗ {wrong} checks differ: see sheet {CHECKS}" if wrong else "✓ all checks agree"
    return Formula(f'=IF({counted}=0,"✓ all checks agree","✗ "&{counted}&" checks differ: see sheet {CHECKS}")', text)


def _sheets(blocks: Sequence[Block]) -> list[Check]:
    """Each sheet against what was issued: a deleted row or a changed figure shows here."""
    made: list[Check] = []
    for block in blocks:
        if block.sheet is STEPS:
            made.append((block.tab, "Steps that are not ok", Decimal(0), minus(count(block, _TYPED), count(block, _OK), 0)))
            continue
        made.append((block.tab, "Rows", Decimal(block.size), count(block, {KEY: "?*"})))
        for column in block.sheet.columns:
            if column.name in _SUMMED and column in block.sheet.issued:
                found = sum_of(block.columns, column.name)
                formula = Formula(f"=ROUND(SUM({block.table}[{column.header}]),4)", found)
                made.append((block.tab, column.header, found, formula))
    return made


def _controls(cover: Cover, sheets: Sequence[Check], first_row: int) -> list[Check]:
    """The control totals against the sum of what the vendors' sheets hold."""
    made: list[Check] = []
    for number, row in enumerate(cover.controls.rows):
        header = "Rows" if number == 0 else str(row[0])
        places = [n for n, (_, what, _, _) in enumerate(sheets) if what == header and sheets[n][0] in _vendor_tabs(cover)]
        cells = [f"D{first_row + 1 + place}" for place in places]
        found = sum((amount(sheets[place][3]) for place in places), Decimal(0))
        expected = Formula(f"={COVER}!{cover.controls.at(number, 'As issued')}", amount(row[1]))
        made.append(("Control totals", str(row[0]), expected, Formula(f"=ROUND({'+'.join(cells) or '0'},4)", found)))
    return made


def _vendor_tabs(cover: Cover) -> set[str]:
    return {row[0].tab for row in cover.index.rows if isinstance(row[0], Link) and row[-1] in (VENDOR.purpose, CLIENT.purpose)}


def _ledgers(cover: Cover) -> list[Check]:
    made: list[Check] = []
    for title, grid in cover.proofs:
        for number, row in enumerate(grid.rows):
            came = grid.figure(number, "In")
            expected = Formula(f"={COVER}!{grid.at(number, 'In')}", came)
            gap = f"{COVER}!{grid.at(number, 'Unexplained')}"
            found = Formula(f"=ROUND({COVER}!{grid.at(number, 'In')}-{gap},4)", came - grid.figure(number, "Unexplained"))
            made.append((f"{title}: {row[0]}", f"{row[2]} in {row[1]}: in = sum of the buckets", expected, found))
    return made


def _placed(blocks: Sequence[Block], cover: Cover) -> list[Check]:
    """The PSA's ledger against the rows that the sheets hold."""
    grid = next((grid for title, grid in cover.proofs if title == "PSA lines"), None)
    if grid is None:
        return []
    rows = [number for number, row in enumerate(grid.rows) if row[2] == "Rows"]
    there = {head.header for head in grid.heads}
    made: list[Check] = []
    for what, names in _ON_SHEETS.items():
        places = [(number, name) for number in rows for name in names if name in there]
        text = "+".join(f"{COVER}!{grid.at(*place)}" for place in places) or "0"
        expected = Formula(f"={text}", sum((grid.figure(*place) for place in places), Decimal(0)))
        made.append(("PSA lines", what, expected, _found(what, blocks)))
    return made


def _found(what: str, blocks: Sequence[Block]) -> Formula:
    if what.endswith("vendor sheets"):
        parts = [count(block, {"line_id": "?*"}) for block in blocks if holds_lines(block.sheet)]
    elif what.endswith(NO_VENDOR.name):
        parts = [count(block, {KEY: "?*"}) for block in blocks if block.sheet is NO_VENDOR]
    else:
        parts = [count(block, {"side": "PSA"}) for block in blocks if block.sheet is NOT_COMPARED]
    return Formula("=" + ("+".join(part.text[1:] for part in parts) or "0"), sum((amount(part) for part in parts), Decimal(0)))


def _decisions(summary: Summary) -> list[Check]:
    made: list[Check] = []
    grid, moved = summary.vendors, summary.movement
    for number, (block, vendor, currency) in enumerate(summary.parts):
        start, end = (f"{SUMMARY}!{grid.at(number, header)}" for header in ("Approved", "Open"))
        decided = sum((grid.figure(number, h) for h in ("Approved", "Added", "Ended", "Dismissed", "Asked", "Open")), Decimal(0))
        found = Formula(f"=SUM({start}:{end.removeprefix(SUMMARY + '!')})", decided)
        expected = Formula(f"={SUMMARY}!{grid.at(number, 'To decide')}", grid.figure(number, "To decide"))
        of = block.tab if vendor is None else f"{block.tab}: {vendor}"
        made.append((of, f"Rows to decide = decided + open, {currency}", expected, found))
        made.append((of, f"Effect = decided + dismissed + asked + open, {currency}", *_effects(summary, number)))
    for number in range(len(moved.totals)):
        row = len(moved.rows) + number
        parts = [f"{SUMMARY}!{moved.at(row, h)}" for h in ("Opening", "+ Adds", "- Drops", "+ New", "- Ended", "± Price")]
        values = [moved.figure(row, h) for h in ("Opening", "+ Adds", "- Drops", "+ New", "- Ended", "± Price")]
        expected = Formula(f"={SUMMARY}!{moved.at(row, 'Closing')}", moved.figure(row, "Closing"))
        made.append(
            (
                SUMMARY,
                f"Movement closes, {moved.totals[number][1]}",
                expected,
                Formula(f"=ROUND({'+'.join(parts)},2)", sum(values, Decimal(0))),
            )
        )
    return made


def _effects(summary: Summary, number: int) -> tuple[Formula, Formula]:
    names = ("+ Adds", "- Drops", "+ New", "- Ended", "± Price", "Dismissed", "Asked", "Open")
    text = "+".join(f"{SUMMARY}!{summary.movement.at(number, name)}" for name in names)
    found = Formula(f"=ROUND({text},2)", sum((summary.movement.figure(number, name) for name in names), Decimal(0)))
    return Formula(
        f"={SUMMARY}!{summary.vendors.at(number, 'Effect per month')}", summary.vendors.figure(number, "Effect per month")
    ), found


def _invoices(cover: Cover) -> list[Check]:
    """A typed total must agree; one not typed yet is not held against the workbook."""
    made: list[Check] = []
    for number, row in enumerate(cover.invoices.rows, cover.invoices_top + 2):
        typed = row.get("typed")
        found = amount(typed) if isinstance(typed, Decimal) else amount(row["rows_in"])
        formula = Formula(f"=IF(ISNUMBER({COVER}!$E${number}),{COVER}!$E${number},{COVER}!$D${number})", found)
        made.append(
            (
                str(row["source"]),
                "Invoice total, where it is typed = the file's rows",
                Formula(f"={COVER}!$D${number}", amount(row["rows_in"])),
                formula,
            )
        )
    return made
