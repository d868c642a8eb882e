"""The values of the formulas on the sheets that need the past, as Excel computes them."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa

from core.exact import to_cent
from workbooks.columns import Columns, Row, Value, by_row
from workbooks.layout import Kind
from workbooks.layout_history import CARRIED, CHANGES, EXPLANATION_WANTED, LOG

RATIO = Decimal("0.0001")


def ref(columns: Columns) -> pa.Array:
    """The number that the link shows."""
    numbers, _ = columns.scaled("number")
    return pa.array(numbers, pa.int64(), mask=~columns.given("target"))


def _zero(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, (Decimal, int)) else Decimal(0)


def _difference(row: Row, name: str) -> Value:
    now, was = row.get(name), row.get(f"{name}_was")
    known = now is not None and was is not None
    return to_cent(_zero(now) - _zero(was)) if known or row["what"] != "Changed" else None


def percent(row: Row) -> Value:
    before = _zero(row.get("revenue_was"))
    known = before and row.get("change") is not None
    return (_zero(row["change"]) / abs(before)).quantize(RATIO, ROUND_HALF_UP) if known else None


def check(row: Row) -> str:
    said = row.get("explanation")
    explained = isinstance(said, str) and bool(said.strip())
    return EXPLANATION_WANTED if row["wanted"] == "Yes" and not explained else "ok"


FORMULAS: Mapping[str, Mapping[str, Callable[[Columns], pa.Array]]] = {
    CHANGES.table: {
        "ref": ref,
        "change": by_row(lambda row: _difference(row, "revenue"), Kind.MONEY),
        "percent": by_row(percent, Kind.PERCENT),
        "cost_change": by_row(lambda row: _difference(row, "cost"), Kind.MONEY),
        "check": by_row(check),
    },
    CARRIED.table: {"ref": ref},
    LOG.table: {"ref": ref},
}
"""By table and column, in the order in which they build on one another."""
