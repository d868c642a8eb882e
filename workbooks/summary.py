"""Where the money is: by vendor, largest effects, movement of monthly revenue, and vendor by state. All figures are live."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from xlsxwriter.utility import xl_rowcol_to_cell

from core.exact import Ints
from workbooks.grid import Cell, Grid, Head, Link, amount, with_totals
from workbooks.layout import TO_DECIDE, Kind
from workbooks.rows import Block
from workbooks.tallies import Conditions, Formula, count, minus, total

LARGEST = 20
CHART_ROWS = 17
STATES = ("Reconcile", "New revenue", "No usage", "Not known", "No change")

_VENDOR_HEADS = (
    Head("Vendor", Kind.TEXT),
    Head("Currency", Kind.TEXT),
    Head("Lines", Kind.COUNT, summed=True),
    Head("To decide", Kind.COUNT, summed=True),
    Head("Approved", Kind.COUNT, summed=True),
    Head("Added", Kind.COUNT, summed=True),
    Head("Ended", Kind.COUNT, summed=True),
    Head("Dismissed", Kind.COUNT, summed=True),
    Head("Asked", Kind.COUNT, summed=True),
    Head("Open", Kind.COUNT, summed=True, strong=True),
    *(Head(f"{state}, effect", summed=True) for state in TO_DECIDE),
    Head("Effect per month", summed=True, strong=True),
    Head("At stake", summed=True),
)
_DECIDED = (
    ("Approved", "Approve*"),
    ("Added", "Add line*"),
    ("Ended", "End line*"),
    ("Dismissed", "Dismiss*"),
    ("Asked", "Ask*"),
)

_MOVEMENT_HEADS = (
    Head("Vendor", Kind.TEXT),
    Head("Currency", Kind.TEXT),
    Head("Opening", summed=True),
    Head("+ Adds", summed=True),
    Head("- Drops", summed=True),
    Head("+ New", summed=True),
    Head("- Ended", summed=True),
    Head("± Price", summed=True),
    Head("Closing", summed=True, strong=True),
    Head("Dismissed", summed=True),
    Head("Asked", summed=True),
    Head("Open", summed=True),
)
_STATE_HEADS = (
    Head("Vendor", Kind.TEXT),
    Head("Currency", Kind.TEXT),
    Head("State", Kind.TEXT),
    Head("Lines", Kind.COUNT, summed=True),
    Head("PSA quantity", Kind.QUANTITY, summed=True),
    Head("To bill", Kind.QUANTITY, summed=True),
    Head("Revenue before", summed=True),
    Head("Revenue after", summed=True),
    Head("Effect per month", summed=True, strong=True),
)
_LARGEST_HEADS = (
    Head("Client", Kind.TEXT),
    Head("Ref", Kind.COUNT),
    Head("Effect per month", strong=True),
    Head("Currency", Kind.TEXT),
    Head("State", Kind.TEXT),
    Head("Vendor", Kind.TEXT),
    Head("PSA service", Kind.TEXT),
)


@dataclass(frozen=True, slots=True)
class Summary:
    """The four grids, placed; other sheets point at their figures."""

    vendors: Grid
    largest: Grid
    movement: Grid
    states: Grid
    parts: tuple[tuple[Block, str], ...]  # vendor block and currency of each row of `vendors` and `movement`


def plan_summary(blocks: Sequence[Block], first_rows: dict[str, int]) -> Summary:
    """The summary of the vendors' blocks; `first_rows` is the first data row of each tab."""
    parts = _parts(blocks)
    vendors = with_totals(Grid(6, 0, _VENDOR_HEADS, tuple(_vendor_row(*part) for part in parts)), "Currency")
    largest = Grid(vendors.after + CHART_ROWS + 3, 0, _LARGEST_HEADS, _largest(blocks, first_rows))
    rows = tuple(_movement_row(*part, row=largest.after + 4 + number) for number, part in enumerate(parts))
    movement = with_totals(Grid(largest.after + 3, 0, _MOVEMENT_HEADS, rows), "Currency")
    return Summary(vendors, largest, movement, with_totals(_states(movement.after + 3, parts), "Currency"), parts)


def _parts(blocks: Sequence[Block]) -> tuple[tuple[Block, str], ...]:
    """Vendors by currency, the currency of most vendors first, so that the chart has its rows together."""
    parts = [(block, currency) for block in blocks for currency in currencies(block)]
    often = Counter(currency for _, currency in parts)
    return tuple(sorted(parts, key=lambda part: (-often[part[1]], part[1])))


def currencies(block: Block) -> list[str]:
    return sorted(str(name) for name in block.columns.array("currency").unique().to_pylist())


def _vendor_row(block: Block, currency: str) -> tuple[Cell, ...]:
    here = {"currency": currency}
    deciding = here | {"to_decide": "Yes"}
    to_decide = count(block, deciding)
    decided = [count(block, deciding | {"decision": word}) for _, word in _DECIDED]
    effects = [total(block, "effect", here | {"state": state}) for state in TO_DECIDE]
    return (
        Link(block.tab, "A1", block.title),
        currency,
        count(block, here),
        to_decide,
        *decided,
        minus(to_decide, count(block, deciding | {"decision": "?*"}), 0),
        *effects,
        total(block, "effect", here),
        at_stake(block, currency),
    )


def at_stake(block: Block, currency: str) -> Formula:
    """Sum of the absolute effects."""
    here = {"currency": currency}
    return minus(total(block, "effect", here | {"effect": ">0"}), total(block, "effect", here | {"effect": "<0"}))


def _movement_row(block: Block, currency: str, row: int) -> tuple[Cell, ...]:
    def decided(word: str, column: str = "effect", **more: str) -> Formula:
        conditions: Conditions = {"currency": currency, "to_decide": "Yes", "decision": word, **more}
        return total(block, column, conditions)

    deciding = {"currency": currency, "to_decide": "Yes"}
    parts = (
        total(block, "revenue_before", {"currency": currency}),
        decided("Approve*", "quantity_part", quantity_part=">0"),
        decided("Approve*", "quantity_part", quantity_part="<0"),
        decided("Add line*"),
        decided("End line*"),
        decided("Approve*", "price_part"),
    )
    closing = sum((part.value for part in parts if isinstance(part.value, Decimal)), Decimal(0))
    return (
        Link(block.tab, "A1", block.title),
        currency,
        *parts,
        Formula(f"=ROUND(SUM({xl_rowcol_to_cell(row, 2)}:{xl_rowcol_to_cell(row, 7)}),2)", closing),
        total(block, "effect", deciding | {"decision": "Dismiss*"}),
        total(block, "effect", deciding | {"decision": "Ask*"}),
        minus(total(block, "effect", deciding), total(block, "effect", deciding | {"decision": "?*"})),
    )


def _states(top: int, parts: Sequence[tuple[Block, str]]) -> Grid:
    rows: list[tuple[Cell, ...]] = []
    for block, currency in parts:
        for state in STATES:
            if (block.columns.holds("currency", currency) & block.columns.holds("state", state)).any():
                rows.append(_state_row(block, currency, state, top + 1 + len(rows)))
    return Grid(top, 0, _STATE_HEADS, tuple(rows))


def _state_row(block: Block, currency: str, state: str, row: int) -> tuple[Cell, ...]:
    here = {"currency": currency, "state": state}
    quantities = [total(block, name, here, 4) for name in ("psa_quantity", "to_bill")]
    before, effect = total(block, "revenue_before", here), total(block, "effect", here)
    before_cell, effect_cell = xl_rowcol_to_cell(row, 6), xl_rowcol_to_cell(row, 8)
    after = Formula(f"=ROUND({before_cell}+{effect_cell},2)", amount(before) + amount(effect))
    return (block.title, currency, state, count(block, here), *quantities, before, after, effect)


def _largest(blocks: Sequence[Block], first_rows: dict[str, int]) -> tuple[tuple[Cell, ...], ...]:
    found = []
    for block in blocks:
        places = _largest_of(block)
        for place, row in zip(places, block.columns.take(places).rows(_SHOWN_OF_LARGEST), strict=True):
            link = Link(block.tab, f"A{first_rows[block.tab] + 1 + place}", str(row["customer"]))
            cells = (link, row["ref"], row["effect"], row["currency"], row["state"], block.title, row["service"])
            found.append((-abs(amount(row["effect"])), row["ref"], cells))
    return tuple(cells for *_, cells in sorted(found, key=lambda one: one[:2])[:LARGEST])


_SHOWN_OF_LARGEST = ("customer", "ref", "effect", "currency", "state", "service")


def _largest_of(block: Block) -> Ints:
    """Places of the rows of a block that may be among the largest."""
    effects, _ = block.columns.scaled("effect")
    waiting = np.flatnonzero((effects != 0) & block.columns.holds("to_decide", "Yes"))
    return waiting[np.argsort(-np.abs(effects[waiting]), kind="stable")][:LARGEST]
