"""docs/workbook.md: every sheet and every column, from the layout. A test says when the page is stale."""

from collections.abc import Iterator

from workbooks.layout import CHECKS, COVER, LEGEND, PAGES, SUMMARY, SYMBOLS, Choices, Column, Group, Kind, Role, Sheet
from workbooks.layout_steps import STEPS
from workbooks.layout_tables import CHECK_LIST, INVOICE_TOTALS, TABLES
from workbooks.layout_vendor import CLIENT, VENDOR
from workbooks.legend import WHERE, WHOSE, state_rows

_KINDS = {
    Kind.TEXT: "text",
    Kind.QUANTITY: "quantity, 4 decimals",
    Kind.MONEY: "money, 2 decimals",
    Kind.PRICE: "price, 6 decimals",
    Kind.DATE: "date",
    Kind.PERCENT: "per cent",
    Kind.COUNT: "whole number",
}
_CHOICES = {
    Choices.ACTION: "what is legal in the row's state",
    Choices.AGREEMENT: "the client's open agreements, with their ids",
    Choices.REASON: "reasons; other words may be typed",
    Choices.STEP_REF: "the Refs of rows that may be stepped",
}


def workbook_page() -> str:
    """The whole page, as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The workbook, sheet by sheet"
    yield ""
    yield "Made from `workbooks/layout*.py`; `pytest tests/workbooks/test_documentation.py --update-golden` writes it anew."
    yield "A sheet without rows is left out, and the cover says so."
    for title, purpose in ((COVER, PAGES[COVER]), (SUMMARY, PAGES[SUMMARY])):
        yield from _section(title, purpose)
    yield from _sheet(INVOICE_TOTALS, "On the cover: invoice totals")
    yield from _sheet(VENDOR, "One sheet per vendor")
    yield from _states()
    yield from _section(
        f"{CLIENT.name}: the layout by client", f"{CLIENT.purpose} The columns are the same, with the vendor in sight."
    )
    for sheet in (STEPS, *TABLES):
        yield from _sheet(sheet, sheet.name)
    yield from _sheet(CHECK_LIST, CHECKS)
    yield from _section(LEGEND, PAGES[LEGEND])


def _section(title: str, purpose: str) -> Iterator[str]:
    yield from ("", f"## {title}", "", purpose)


def _sheet(sheet: Sheet, title: str) -> Iterator[str]:
    yield from _section(title, sheet.purpose)
    yield from ("", "| column | holds | whose | where | meaning |", "|---|---|---|---|---|")
    for column in sheet.columns:
        yield f"| {_bold(column)} | {_holds(column)} | {WHOSE[column.role]} | {WHERE[column.group]} | {_cell(column.legend)} |"


def _bold(column: Column) -> str:
    return f"**{column.header}**" if column.role is Role.INPUT else column.header


def _holds(column: Column) -> str:
    if column.choices is not Choices.NONE:
        return f"drop-down: {_CHOICES.get(column.choices, column.choices.value)}"
    return "machine's" if column.group is Group.HIDDEN else _KINDS[column.kind]


def _states() -> Iterator[str]:
    yield from ("", "| state | means | may be decided |", "|---|---|---|")
    for state, meaning, actions in state_rows():
        yield f"| {state} | {_cell(meaning)} | {actions} |"
    yield from ("", "| symbol | means |", "|---|---|")
    for symbol, meaning in SYMBOLS.items():
        yield f"| {symbol} | {_cell(meaning)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
