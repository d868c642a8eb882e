"""A vendor's rows beyond the fields of their comparisons: their order, and the columns that are derived from several fields."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core import frames, stepping
from core.causes import number
from core.exact import PRICE, QUANTITY, Ints, decimals
from core.periods import DAY
from core.records import Decision
from core.scope import short_date
from core.settings import Settings
from core.words import ACTIONS, CYCLES, YES
from workbooks.columns import Columns, Row, Value, array_of
from workbooks.layout import DOWN, END, NEW, SAME, TO_DECIDE, UNKNOWN, UP, Sheet
from workbooks.lists import AGREEMENT_NOT_NEEDED

ALSO_LEGAL = {"Reconcile": ("End line",)}
"""Accepted where it is typed, and not offered: to end a line that is still used is said on purpose."""


def in_order(data: pd.DataFrame) -> Ints:
    """Places of a Comparison frame's rows: to decide first, then Not known, then No change, each by absolute effect."""
    names = ("state", "effect", "customer", "service", "key")
    return rows_in_order(Columns({name: frames.array(data[name]) for name in names}, len(data)))


def rows_in_order(rows: Columns) -> Ints:
    """The same for a sheet's columns."""
    group = np.where(rows.holds("state", *TO_DECIDE), 0, np.where(rows.holds("state", "Not known"), 1, 2))
    effect, known = rows.scaled("effect")
    texts = (_rank(rows.array(name)) for name in ("key", "service", "customer"))
    places: Ints = np.lexsort((*texts, -np.abs(effect), ~known, group)).astype(np.int64)
    return places


def _rank(array: pa.Array) -> Ints:
    """The place of each text among all of them, whatever their case."""
    codes, found = frames.codes(array)
    names = [str(name) for name in found]
    ordered = sorted(range(len(names)), key=lambda place: (names[place].casefold(), names[place]))
    rank = np.empty(len(names), dtype=np.int64)
    rank[ordered] = np.arange(len(names))
    return rank[codes]


def derived(rows: Columns, agreement_numbers: Mapping[str, int], settings: Settings) -> dict[str, pa.Array]:
    """rows: the fields of one vendor's comparisons. Each column that no single field holds, beside those of ON_DEMAND."""
    return {
        "change": _symbols(rows),
        "agreement_list": _agreement_lists(rows, agreement_numbers),
        "price_floor": _price_floor(rows),
        "earliest": _earliest(rows, settings),
        **_commitment(rows),
    }


def _by_value(array: pa.Array, of: Callable[[Any], str]) -> pa.Array:
    """A text for each different value."""
    encoded = array.dictionary_encode()
    texts = pa.array([of(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return texts.take(encoded.indices)


def _to_decide(rows: Columns) -> pa.Array:
    return pc.if_else(pa.array(rows.holds("state", *TO_DECIDE)), "Yes", "No")


def _legal(rows: Columns) -> pa.Array:
    return _by_value(rows.array("state"), lambda state: "|" + "|".join((*ACTIONS[state], *ALSO_LEGAL.get(state, ()))) + "|")


def _billing_cycle(rows: Columns) -> pa.Array:
    return _by_value(rows.array("months"), lambda months: CYCLES.get(months, f"{months} months"))


def _symbols(rows: Columns) -> pa.Array:
    """The difference says the direction, or the effect where there is none."""
    difference, effect = rows.scaled("difference")[0], rows.scaled("effect")[0]
    change = np.where(difference != 0, difference, effect)
    found = np.where(change > 0, UP, np.where(change < 0, DOWN, UNKNOWN)).astype(object)
    for state, symbol in (("Not known", UNKNOWN), ("No change", SAME), ("New revenue", NEW), ("No usage", END)):
        found[rows.holds("state", state)] = symbol
    return pa.array(found, pa.string())


def _psa_ids(rows: Columns) -> pa.Array:
    parts = [
        pc.binary_join_element_wise(word, rows.array(name), " ")
        for word, name in (("line", "line_id"), ("agreement", "agreement_id"), ("service", "service_id"))
    ]
    return pc.binary_join_element_wise(*parts, " · ", null_handling="skip")


ON_DEMAND = {"billing_cycle": _billing_cycle, "psa_ids": _psa_ids, "to_decide": _to_decide, "legal": _legal}
"""Columns that are made of a row's other cells each time they are asked for: texts of every row take much memory."""


def _agreement_lists(rows: Columns, numbers: Mapping[str, int]) -> pa.Array:
    encoded = rows.array("customer_id").dictionary_encode()
    lists = np.array([*(numbers.get(customer, AGREEMENT_NOT_NEEDED) for customer in encoded.dictionary.to_pylist()), 0])
    found = lists[np.asarray(encoded.indices.fill_null(len(lists) - 1))]
    return pa.array(np.where(rows.holds("state", "New revenue"), found, AGREEMENT_NOT_NEEDED), pa.int64())


def _price_floor(rows: Columns) -> pa.Array:
    """R14: below the higher of catalogue price and cost a reason is wanted; for lines that are measured in units."""
    catalogue, listed = rows.scaled("catalogue_price")
    vendor, charged = rows.scaled("vendor_unit_cost")
    own, recorded = rows.scaled("unit_cost")
    cost, costed = np.where(charged, vendor, own), charged | recorded
    floor = np.maximum(np.where(listed, catalogue, cost), np.where(costed, cost, catalogue))
    known = (listed | costed) & rows.holds("measure", "units")
    return decimals(np.where(known, floor, 0), known, PRICE)


def _earliest(rows: Columns, settings: Settings) -> pa.Array:
    first = settings.locked_through + DAY if settings.locked_through else None
    return pa.array([first] * rows.size, pa.date32())


def _commitment(rows: Columns) -> dict[str, pa.Array]:
    """What we are bound to buy, and until when in words; empty where nothing binds us beyond the day of the change.

    The smaller of bought and To bill, as `core.commitment` says why.
    """
    bought, counted = rows.scaled("bought")
    to_bill, known_bill = rows.scaled("to_bill")
    until, known = rows.scaled("can_reduce_from")
    starts, dated = rows.scaled("effective_date")
    committed = np.minimum(bought, to_bill)
    bound = counted & known_bill & known & dated & (committed > 0) & (until > starts)
    found = decimals(np.where(bound, committed, 0), bound, QUANTITY)
    alike, first = frames.alike((np.where(bound, committed, 0), np.where(bound, until, 0)))
    firsts = rows.with_({"committed": found}).take(first).rows(("committed", "can_reduce_from"))
    texts = pa.array([_committed(row) if bound[place] else None for place, row in zip(first, firsts, strict=True)], pa.string())
    return {"committed": found, "commitment": texts.take(pa.array(alike))}


def _committed(row: Row) -> str:
    committed, day = row["committed"], row["can_reduce_from"]
    if not isinstance(committed, Decimal) or not isinstance(day, dt.date):
        raise TypeError(f"no commitment: {committed}, {day}")
    return f"the {number(committed)} committed until {short_date(day)}"


def typed_inputs(sheet: Sheet, rows: Columns, decided: Mapping[str, Decision]) -> dict[str, pa.Array]:
    """What decisions, by key, have typed into the inputs of their rows on a sheet of lines, or of costs; for lines, what
    remains of their dated steps."""
    if not decided:
        return {}
    keys = rows.array("key")
    places = np.flatnonzero(np.asarray(pc.is_in(keys, value_set=pa.array(list(decided), pa.string()))))
    typed = [_inputs_of(decided[key]) for key in keys.take(pa.array(places)).to_pylist()]
    made = {}
    for name in (*(column.name for column in sheet.inputs), *(("stepped",) if "stepped" in sheet.positions else ())):
        cells: list[Value] = [None] * rows.size
        for place, row in zip(places.tolist(), typed, strict=True):
            cells[place] = row[name]
        made[name] = array_of(sheet.column(name).kind, cells)
    return made


def _inputs_of(decision: Decision) -> Row:
    return {
        "decision": decision.action.value,
        "quantity": decision.quantity,
        "stepped": stepping.in_order(decision.steps)[-1].quantity if decision.steps else None,
        "from": decision.effective_date,
        "add_to": decision.agreement,
        "new_price": decision.new_price,
        "new_cost": decision.new_price,
        "own_too": YES if decision.own_too else None,
        "reason": decision.reason,
        "note": decision.note,
    }
