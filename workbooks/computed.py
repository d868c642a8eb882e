"""The value of every formula of a sheet, in Python: what Excel will compute, kept in the file for readers that compute nothing.

One function a formula column, over whole columns; LibreOffice recomputes them in a test, and they must agree. Null is the empty
text that a formula shows where there is nothing to say.
"""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core import exact
from core.exact import Flags, Ints
from workbooks import check_column, computed_costs
from workbooks import steps_issued as steps
from workbooks.columns import Columns, Row, by_row
from workbooks.computed_history import FORMULAS as OF_HISTORY
from workbooks.layout import ACCOUNT_CHOICES, EXCLUDE, INCLUDE, MAP, SERVICE_CHOICES, Kind, Role, Sheet
from workbooks.layout_costs import COSTS
from workbooks.layout_formulas import CHOICES, END_LINE, NOT_A_CHOICE
from workbooks.layout_steps import STEPS
from workbooks.layout_tables import INVOICE_TOTALS, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES
from workbooks.layout_vendor import VENDOR

ONE = 10**exact.QUANTITY


def compute(sheet: Sheet, columns: Columns) -> Columns:
    """The columns with each formula column of the sheet added."""
    full = columns
    for name, formula in _FORMULAS.get(sheet.table, {}).items():
        full = full.with_({name: formula(full)})
    assert all(full.has(c.name) for c in sheet.columns if c.role is Role.FORMULA), sheet.name  # noqa: S101
    return full


def rounded(value: Decimal, places: int) -> Decimal:
    """Half-up, as ROUND does."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def choice(columns: Columns) -> pa.Array:
    """The decision as a number: 0 none, -1 not a choice for the state."""
    encoded = columns.array("decision").dictionary_encode()
    words = [" ".join(word.split()).casefold() for word in encoded.dictionary.to_pylist()]
    known = [word.casefold() for word in CHOICES]
    numbers = np.array([*(known.index(word) + 1 if word in known else NOT_A_CHOICE for word in words), 0])
    found = numbers[np.asarray(encoded.indices.fill_null(len(words)))]
    for number in set(found.tolist()) - {0, NOT_A_CHOICE}:
        legal = pc.match_substring(columns.array("legal"), f"|{CHOICES[number - 1]}|")
        found = np.where((found == number) & ~np.asarray(legal.fill_null(False)), NOT_A_CHOICE, found)
    return pa.array(found, pa.int64())


def difference(columns: Columns) -> pa.Array:
    to_bill, there = columns.scaled("to_bill")
    return _decimals(to_bill - columns.scaled("psa_quantity")[0], there & ~columns.holds("state", "Not known"), exact.QUANTITY)


def stepped(columns: Columns) -> pa.Array:
    """What the formula finds on Dated steps: the quantity that remains of the steps that a row is issued with."""
    return _decimals(*columns.scaled("stepped"), exact.QUANTITY)


def new_quantity(columns: Columns) -> pa.Array:
    to_bill, counted = columns.scaled("to_bill")
    money = columns.holds("measure", "money")
    proposed = np.where(money, ONE, to_bill), (money | counted) & ~columns.holds("proposed", "No")
    return _decimals(*_first(columns.scaled("quantity"), columns.scaled("stepped"), proposed), exact.QUANTITY)


def price_used(columns: Columns) -> pa.Array:
    price, there = columns.scaled("unit_price")
    own = price, there & ~columns.holds("measure", "money")
    return _decimals(*_first(columns.scaled("new_price"), columns.scaled("proposed_price"), own), exact.PRICE)


def revenue_after(columns: Columns) -> pa.Array:
    """State by state, as the formula goes through them."""
    quantity, typed = columns.scaled("new_quantity")
    price, priced = columns.scaled("price_used")
    ended = columns.holds("state", "Reconcile") & (columns.scaled("choice")[0] == END_LINE)
    nothing = columns.holds("state", "No usage") | ended | ~columns.holds("bill_customer", "Billable")
    stays = columns.holds("state", "No change")
    billed = np.where(nothing, 0, _per_month(columns, quantity, price))
    found = np.where(stays, columns.scaled("revenue_before")[0], billed)
    return _decimals(found, (stays | nothing | (typed & priced)) & ~columns.holds("state", "Not known"), exact.MONEY)


def effect(columns: Columns) -> pa.Array:
    after, there = columns.scaled("revenue_after")
    return _decimals(after - columns.scaled("revenue_before")[0], there, exact.MONEY)


def price_part(columns: Columns) -> pa.Array:
    quantity, typed = columns.scaled("new_quantity")
    price, priced = columns.scaled("unit_price")
    after, known = columns.scaled("revenue_after")
    billable = columns.holds("state", "Reconcile") & columns.holds("bill_customer", "Billable")
    found = np.where(billable & typed & priced & known, after - _per_month(columns, quantity, price), 0)
    return exact.decimals(found, None, exact.MONEY)


def quantity_part(columns: Columns) -> pa.Array:
    whole, known = columns.scaled("effect")
    return exact.decimals(np.where(known, whole - columns.scaled("price_part")[0], 0), None, exact.MONEY)


def margin_after(columns: Columns) -> pa.Array:
    after, known = columns.scaled("revenue_after")
    cost, costed = columns.scaled("vendor_cost")
    return _decimals(after - cost, known & costed, exact.MONEY)


def check(columns: Columns) -> pa.Array:
    """Rows in which nothing is typed say whether they are open; each of the others is looked at."""
    large, still = columns.holds("large", "Yes"), columns.holds("state", "No change")
    said = np.where(still, "no action", np.where(large, "open, large", "open")).astype(object)
    touched = np.flatnonzero(np.logical_or.reduce([columns.given(name) for name in check_column.INPUTS]))
    if len(touched):
        said[touched] = [check_column.check(row) for row in columns.take(touched).rows(check_column.RESTS_ON)]
    return pa.array(said, pa.string())


def _per_month(columns: Columns, quantity: Ints, price: Ints) -> Ints:
    billed = exact.cents(np.maximum(0, quantity - columns.scaled("included")[0]), price)
    return exact.divide(billed, columns.scaled("months")[0])


def _first(*given: tuple[Ints, Flags]) -> tuple[Ints, Flags]:
    """In each row the first value that there is."""
    values, there = given[-1]
    for earlier, known in reversed(given[:-1]):
        values, there = np.where(known, earlier, values), known | there
    return values, there


def _decimals(values: Ints, valid: Flags, places: int) -> pa.Array:
    return exact.decimals(np.where(valid, values, 0), valid, places)


def _mapping_check(row: Row, legal: tuple[str, ...]) -> str:
    choice = " ".join(str(row.get("decision") or "").split()).casefold()
    if not choice:
        typed = any(row.get(name) is not None for name in ("target", "reason", "owner", "review"))
        return "choose a decision" if typed else "open"
    if choice not in [word.casefold() for word in legal]:
        return "not a choice"
    needs_target = choice == INCLUDE.casefold() or (choice == MAP.casefold() and row.get("suggestion") is None)
    if row.get("target") is None and needs_target:
        return "choose a target"
    if choice == EXCLUDE.casefold() and any(row.get(name) is None for name in ("reason", "owner", "review")):
        return "reason, owner and review date needed"
    return "ok"


def _invoice_difference(columns: Columns) -> pa.Array:
    typed, there = columns.scaled("typed")
    return _decimals(typed - columns.scaled("rows_in")[0], there, exact.MONEY)


def _invoice_check(row: Row) -> str:
    found = row.get("difference")
    return "not typed yet" if found is None else "✓ agrees" if found == 0 else "✗ differs"


_FORMULAS: Mapping[str, Mapping[str, Callable[[Columns], pa.Array]]] = {
    VENDOR.table: {
        "stepped": stepped,
        "choice": choice,
        "difference": difference,
        "new_quantity": new_quantity,
        "price_used": price_used,
        "revenue_after": revenue_after,
        "effect": effect,
        "price_part": price_part,
        "quantity_part": quantity_part,
        "margin_after": margin_after,
        "check": check,
    },
    UNMAPPED_ACCOUNTS.table: {"check": by_row(lambda row: _mapping_check(row, ACCOUNT_CHOICES))},
    UNMAPPED_SERVICES.table: {"check": by_row(lambda row: _mapping_check(row, SERVICE_CHOICES))},
    INVOICE_TOTALS.table: {"difference": _invoice_difference, "check": by_row(_invoice_check)},
    COSTS.table: {"change": by_row(computed_costs.change, Kind.PRICE), "check": by_row(computed_costs.check)},
    STEPS.table: {"client": steps.client, "service": steps.service, "check": steps.check, "last": steps.last},
    **OF_HISTORY,
}
