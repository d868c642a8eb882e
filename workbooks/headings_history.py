"""What stands above the header of the sheets that need the past."""

from workbooks.layout_history import CARRIED, CHANGES
from workbooks.rows import Block
from workbooks.summary import currencies
from workbooks.table_sheet import Heading, Total
from workbooks.tallies import Formula, count, minus, total

_SUMS = {
    CHANGES.name: ("revenue", (("Revenue of these lines, last period", "revenue_was"), ("Revenue of these lines", "revenue"))),
    CARRIED.name: ("waved", (("Effect per month", "effect"), ("Waved through", "waved"))),
}
"""By sheet: the column below which the sums stand, and what is summed."""


def history_heading(block: Block, subtitle: str) -> Heading:
    """The number of rows, what is to be explained, and the money by currency."""
    counts = [Total("Rows", count(block, {}))]
    if block.sheet is CHANGES:
        counts.append(Total("Still to explain", to_explain(block)))
    if block.sheet.name not in _SUMS:
        return Heading(subtitle, tuple(counts))
    under, summed = _SUMS[block.sheet.name]
    amounts = [
        Total(f"{label}, {currency}", total(block, column, {"currency": currency}))
        for currency in currencies(block)
        for label, column in summed
    ]
    return Heading(subtitle, tuple(counts), tuple(amounts), block.sheet.positions[under])


def to_explain(block: Block) -> Formula:
    """How many explanations are missing."""
    wanted = {"wanted": "Yes"}
    return minus(count(block, wanted), count(block, wanted | {"explanation": "?*"}), 0)
