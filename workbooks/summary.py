"""Where the money is: by vendor, largest effects, movement of monthly revenue, and vendor by state. All figures are live."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from xlsxwriter.utility import xl_rowcol_to_cell

from core.exact import Ints
from workbooks.grid import Cell, Grid, Head, Link, amount, with_totals
from workbooks.layout import TO_DECIDE, Kind
from workbooks.layout_vendor import CLIENT
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
    parts: tuple["Part", ...]  # one for each row of `vendors` and `movement`


def plan_summary(blocks: Sequence[Block], first_rows: dict[str, int]) -> Summary:
    """The summary of the vendors' blocks; `first_rows` is the first data row of each tab."""
    parts = _parts(blocks)
    vendors = with_totals(Grid(6, 0, _VENDOR_HEADS, tuple(_vendor_row(part) for part in parts)), "Currency")
    largest = Grid(vendors.after + CHART_ROWS + 3, 0, _LARGEST_HEADS, _largest(blocks, first_rows))
    rows = tuple(_movement_row(part, largest.after + 4 + number) for number, part in enumerate(parts))
    movement = with_totals(Grid(largest.after + 3, 0, _MOVEMENT_HEADS, rows), "Currency")
    return Summary(vendors, largest, movement, with_totals(_states(movement.after + 3, parts), "Currency"), parts)


class Part(NamedTuple):
    """The lines of one vendor in one currency; `vendor` is None where the block holds no other's."""

    block: Block
    vendor: str | None
    currency: str

    @property
    def title(self) -> str:
        return self.vendor or self.block.title

    @property
    def here(self) -> dict[str, str]:
        """What picks its rows."""
        return {"currency": self.currency} | ({"vendor": self.vendor} if self.vendor else {})


def _parts(blocks: Sequence[Block]) -> tuple[Part, ...]:
    """Vendors by currency, the currency of most vendors first, so that the chart has its rows together."""
    parts = [part for block in blocks for part in _parts_of(block)]
    often = Counter(part.currency for part in parts)
    return tuple(sorted(parts, key=lambda part: (-often[part.currency], part.currency)))


def _parts_of(block: Block) -> list[Part]:
    if block.sheet is not CLIENT:
        return [Part(block, None, currency) for currency in currencies(block)]
    columns = block.columns
    pairs = set(zip(columns.array("vendor").to_pylist(), columns.array("currency").to_pylist(), strict=True))
    parts = [Part(block, str(vendor), str(currency)) for vendor, currency in pairs]
    return sorted(parts, key=lambda part: (-amount(at_stake(block, part.here)), part.title.casefold()))


def currencies(block: Block) -> list[str]:
    return sorted(str(name) for name in block.columns.array("currency").unique().to_pylist())


def _vendor_row(part: Part) -> tuple[Cell, ...]:
    block, here = part.block, part.here
    deciding = here | {"to_decide": "Yes"}
    to_decide = count(block, deciding)
    decided = [count(block, deciding | {"decision": word}) for _, word in _DECIDED]
    effects = [total(block, "effect", here | {"state": state}) for state in TO_DECIDE]
    return (
        Link(block.tab, "A1", part.title),
        part.currency,
        count(block, here),
        to_decide,
        *decided,
        minus(to_decide, count(block, deciding | {"decision": "?*"}), 0),
        *effects,
        total(block, "effect", here),
        at_stake(block, here),
    )


def at_stake(block: Block, here: Conditions) -> Formula:
    """Sum of the absolute effects."""
    return minus(total(block, "effect", {**here, "effect": ">0"}), total(block, "effect", {**here, "effect": "<0"}))


def _movement_row(part: Part, row: int) -> tuple[Cell, ...]:
    block, deciding = part.block, part.here | {"to_decide": "Yes"}

    def decided(word: str, column: str = "effect", **more: str) -> Formula:
        return total(block, column, {**deciding, "decision": word, **more})

    parts = (
        total(block, "revenue_before", part.here),
        decided("Approve*", "quantity_part", quantity_part=">0"),
        decided("Approve*", "quantity_part", quantity_part="<0"),
        decided("Add line*"),
        decided("End line*"),
        decided("Approve*", "price_part"),
    )
    closing = sum((amount(one) for one in parts), Decimal(0))
    return (
        Link(block.tab, "A1", part.title),
        part.currency,
        *parts,
        Formula(f"=ROUND(SUM({xl_rowcol_to_cell(row, 2)}:{xl_rowcol_to_cell(row, 7)}),2)", closing),
        total(block, "effect", deciding | {"decision": "Dismiss*"}),
        total(block, "effect", deciding | {"decision": "Ask*"}),
        minus(total(block, "effect", deciding), total(block, "effect", deciding | {"decision": "?*"})),
    )


def _states(top: int, parts: Sequence[Part]) -> Grid:
    rows: list[tuple[Cell, ...]] = []
    for part in parts:
        for state in STATES:
            if amount(lines := count(part.block, part.here | {"state": state})):
                rows.append(_state_row(part, state, lines, top + 1 + len(rows)))
    return Grid(top, 0, _STATE_HEADS, tuple(rows))


def _state_row(part: Part, state: str, lines: Formula, row: int) -> tuple[Cell, ...]:
    block, here = part.block, part.here | {"state": state}
    quantities = [total(block, name, here, 4) for name in ("psa_quantity", "to_bill")]
    before, effect = total(block, "revenue_before", here), total(block, "effect", here)
    before_cell, effect_cell = xl_rowcol_to_cell(row, 6), xl_rowcol_to_cell(row, 8)
    after = Formula(f"=ROUND({before_cell}+{effect_cell},2)", amount(before) + amount(effect))
    return (part.title, part.currency, state, lines, *quantities, before, after, effect)


def _largest(blocks: Sequence[Block], first_rows: dict[str, int]) -> tuple[tuple[Cell, ...], ...]:
    found = []
    for block in blocks:
        places = _largest_of(block)
        for place, row in zip(places, block.columns.take(places).rows(_SHOWN_OF_LARGEST), strict=True):
            link = Link(block.tab, f"A{first_rows[block.tab] + 1 + place}", str(row["customer"]))
            cells = (link, row["ref"], row["effect"], row["currency"], row["state"], row["vendor"], row["service"])
            found.append((-abs(amount(row["effect"])), row["ref"], cells))
    return tuple(cells for *_, cells in sorted(found, key=lambda one: one[:2])[:LARGEST])


_SHOWN_OF_LARGEST = ("customer", "ref", "effect", "currency", "state", "vendor", "service")


def _largest_of(block: Block) -> Ints:
    """Places of the rows of a block that may be among the largest."""
    effects, _ = block.columns.scaled("effect")
    waiting = np.flatnonzero((effects != 0) & block.columns.holds("to_decide", "Yes"))
    return waiting[np.argsort(-np.abs(effects[waiting]), kind="stable")][:LARGEST]
