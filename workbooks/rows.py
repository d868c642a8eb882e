"""What each sheet shows, as columns: the writer prints them, and a returned copy is compared with them."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core import frames
from core.behind import behind
from core.clients import Client, clients
from core.costs import Cost, costs
from core.exact import QUANTITY, Ints, decimals, scaled
from core.history import Carried, Changed, History, Logged
from core.records import NotCompared, NoVendor, UnmappedAccount, UnmappedService
from core.run import Reconciliation
from core.seats import Seat, seats
from workbooks.columns import ARROW, KEPT, Columns, Lazy, Row, Value, concat, shown
from workbooks.layout import CHECKS, COVER, IDENTITY, LEGEND, LISTS, SUMMARY, Column, Kind, Role, Sheet
from workbooks.layout_costs import COSTS
from workbooks.layout_history import CARRIED, CHANGES, HISTORY, LOG
from workbooks.layout_lookups import CLIENTS, EVIDENCE
from workbooks.layout_steps import STEPS
from workbooks.layout_tables import NO_VENDOR, NOT_COMPARED, TABLES, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES
from workbooks.layout_vendor import CLIENT, VENDOR, holds_lines
from workbooks.lists import agreement_lists
from workbooks.safe_text import tab_names, table_names
from workbooks.vendor_rows import ON_DEMAND, derived, in_order, rows_in_order

__all__ = ["Block", "Row", "Value", "blocks", "label", "left_out"]


@dataclass(frozen=True, slots=True)
class Block:
    """One sheet with a table, and its rows by column name."""

    sheet: Sheet
    title: str
    tab: str
    table: str
    columns: Columns

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.columns.size

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows as plain values: made anew at each call, so for small sheets."""
        return tuple(shown(self.sheet, row) for row in self.columns.rows())

    def with_columns(self, columns: Columns) -> "Block":
        return replace(self, columns=columns)


def blocks(
    reconciliation: Reconciliation,
    history: History | None = None,
    tables: Container[Sheet] = TABLES,
    *,
    by_client: bool = False,
) -> tuple[Block, ...]:
    """Every sheet that has rows: the vendors by money at stake, then the sheets of fixed name, or those of them in `tables`.

    by_client: one sheet of lines for all vendors. A line has the same Ref in both layouts.
    """
    lines = _vendor_blocks(reconciliation)
    listed = _table_blocks(reconciliation, history or History(), tables, lines)
    return (*([_lines(lines)] if by_client and lines else lines), *listed)


def left_out(made: Sequence[Block]) -> tuple[str, ...]:
    """Names of the sheets that have no rows."""
    there = {block.sheet.name for block in made}
    lines = () if CLIENT.name in there else (VENDOR,)
    return tuple(sheet.name for sheet in (*lines, STEPS, *TABLES) if sheet.name not in there)


def _vendor_blocks(reconciliation: Reconciliation) -> list[Block]:
    data = reconciliation.comparisons
    codes, names = frames.codes(data["vendor"])
    effects = np.abs(scaled(data["effect"])[0])
    stake = {str(name): int(effects[codes == code].sum()) for code, name in enumerate(names)}
    vendors = sorted(stake, key=lambda vendor: (-stake[vendor], vendor.casefold(), vendor))
    taken = (COVER, SUMMARY, CHECKS, LEGEND, IDENTITY, LISTS, CLIENT.name, STEPS.name, *(sheet.name for sheet in TABLES))
    numbers = {customer: entry.number for customer, entry in agreement_lists(reconciliation).items()}
    fields, order, code_of = _Fields(VENDOR, data), in_order(data), {str(name): code for code, name in enumerate(names)}
    made, ref = [], 0
    for vendor, tab, table in zip(vendors, tab_names(vendors, taken), table_names(VENDOR.table, vendors), strict=True):
        part = fields.columns(order[codes[order] == code_of[vendor]])
        refs = pa.array(np.arange(ref + 1, ref + 1 + part.size), pa.int64())
        columns = part.with_({"ref": refs, **derived(part, numbers, reconciliation.inputs.settings)})
        made.append(Block(VENDOR, vendor, tab, table, columns))
        ref += part.size
    return made


def _lines(vendors: Sequence[Block]) -> Block:
    """The vendors' rows on one sheet, in the order of each of them."""
    columns = concat([block.columns for block in vendors])
    return Block(CLIENT, CLIENT.name, CLIENT.name, f"{CLIENT.table}all", columns.take(rows_in_order(columns)))


def columns_of(sheet: Sheet, data: pd.DataFrame) -> Columns:
    """The columns of a sheet that show a field of its record: as it is, or as the sheet's formulas find it untouched."""
    return _Fields(sheet, data).columns(np.arange(len(data)))


class _Fields:
    """The fields of a frame as the cells of a sheet show them, each made when it is asked for: those of a small frame once, for
    whichever rows."""

    def __init__(self, sheet: Sheet, data: pd.DataFrame) -> None:
        self._columns = {c.name: c for c in sheet.columns if c.field and c.role is not Role.INPUT}
        self._arrays, self._small = frames.arrays(data), len(data) <= KEPT
        self._on_demand = ON_DEMAND if holds_lines(sheet) else {}
        self._made: dict[str, pa.Array] = {}

    def columns(self, places: Ints) -> Columns:
        """Of the rows at these places, in their order."""
        taken = pa.array(places, pa.int64())
        return Columns(Lazy((*self._columns, *self._on_demand), self._make, taken), len(taken))

    def _make(self, name: str, wanted: pa.Array) -> pa.Array:
        if name in self._on_demand:
            return self._on_demand[name](Columns(Lazy(self._columns, self._field, wanted), len(wanted)))
        return self._field(name, wanted)

    def _field(self, name: str, wanted: pa.Array) -> pa.Array:
        column = self._columns[name]
        array = self._arrays[str(column.field)]
        if not self._small:
            return _shown(column, array.take(wanted))
        if name not in self._made:
            self._made[name] = _shown(column, array)
        return self._made[name].take(wanted)


def _shown(column: Column, array: pa.Array) -> pa.Array:
    """A record's field as its cells show it."""
    if column.words:
        return pc.if_else(array, *column.words)
    if column.kind is Kind.PERCENT:
        return decimals(np.asarray(array.fill_null(0)) * 10 ** (QUANTITY - 2), np.asarray(array.is_valid()), QUANTITY)
    if column.kind is Kind.TEXT:
        return pc.if_else(pc.equal(array, ""), None, array)
    return frames.typed(array, ARROW[column.kind])


def _table_blocks(
    reconciliation: Reconciliation, history: History, tables: Container[Sheet], lines: Sequence[Block]
) -> list[Block]:
    found = cache(lambda: behind(reconciliation))
    sources: tuple[tuple[Sheet, type, Callable[[], pd.DataFrame]], ...] = (
        (NO_VENDOR, NoVendor, lambda: reconciliation.no_vendor),
        (NOT_COMPARED, NotCompared, lambda: reconciliation.not_compared),
        (COSTS, Cost, lambda: costs(reconciliation, found())),
        (UNMAPPED_ACCOUNTS, UnmappedAccount, lambda: reconciliation.unmapped_accounts),
        (UNMAPPED_SERVICES, UnmappedService, lambda: reconciliation.unmapped_services),
        (CLIENTS, Client, lambda: clients(reconciliation, found())),
        (CHANGES, Changed, lambda: history.changes),
        (CARRIED, Carried, lambda: history.carried),
        (EVIDENCE, Seat, lambda: seats(reconciliation, found())),
        (LOG, Logged, lambda: history.log),
    )
    wanted = ((sheet, frames.check(record, data())) for sheet, record, data in sources if sheet in tables)
    return [_table_block(sheet, data, lines) for sheet, data in wanted if len(data)]


IN_ORDER = (COSTS, CLIENTS, *HISTORY)
"""Sheets whose rows come in their order."""


def _table_block(sheet: Sheet, data: pd.DataFrame, lines: Sequence[Block]) -> Block:
    columns = columns_of(sheet, data)
    if "suggestion" in sheet.positions:
        columns = columns.with_({"suggestion": _suggestions(data)})
    if "explanation" in sheet.positions:
        columns = columns.with_({"explanation": frames.array(data["explanation"])})
    if sheet is EVIDENCE:
        columns = columns.with_({"ref": _refs(columns.array("line_key"), lines)})
        columns = columns.take(np.argsort(columns.scaled("ref")[0], kind="stable"))
    elif sheet not in IN_ORDER:
        columns = columns.take(_table_order(columns))
    return Block(sheet, sheet.name, sheet.name, sheet.table, columns)


def _refs(line_keys: pa.Array, lines: Sequence[Block]) -> pa.Array:
    """The number of each line on its vendor's sheet."""
    keys = pa.concat_arrays([block.columns.array("key") for block in lines])
    refs = pa.concat_arrays([block.columns.array("ref") for block in lines])
    return refs.take(pc.index_in(line_keys, value_set=keys))


def _suggestions(data: pd.DataFrame) -> pa.Array:
    pairs = zip(frames.values(data["suggestion"]), frames.values(data["suggestion_id"]), strict=True)
    return pa.array([label(*pair) for pair in pairs], pa.string())


def label(name: str | None, number: str | None) -> str | None:
    """A customer or service as the drop-downs show it."""
    return None if name is None else f"{name} [{number}]" if number else name


def _table_order(columns: Columns) -> Ints:
    """What is still to be decided first, the largest amount first."""
    known = columns.holds("expected_none", "Yes")
    money, _ = columns.scaled("money" if columns.has("money") else "revenue")
    keys = columns.array("key").dictionary_encode()
    rank = np.argsort(np.argsort(keys.dictionary.to_numpy(zero_copy_only=False)))
    places: Ints = np.lexsort((rank[np.asarray(keys.indices)], -np.abs(money), known)).astype(np.int64)
    return places
