"""The values of the formulas on the sheets that need the past, as Excel computes them."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from core.exact import to_cent
from workbooks.layout_history import CARRIED, CHANGES, EXPLANATION_WANTED, LOG
from workbooks.rows import Row, Value

RATIO = Decimal("0.0001")


def _zero(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, (Decimal, int)) else Decimal(0)


def ref(row: Row) -> Decimal | str:
    """The number that the link shows."""
    return _zero(row["number"]) if row.get("target") else ""


def change(row: Row) -> Decimal:
    return to_cent(_zero(row["revenue"]) - _zero(row["revenue_was"]))


def percent(row: Row) -> Decimal | str:
    before = _zero(row["revenue_was"])
    return (_zero(row["change"]) / abs(before)).quantize(RATIO, ROUND_HALF_UP) if before else ""


def cost_change(row: Row) -> Decimal | str:
    known = row["cost"] is not None and row["cost_was"] is not None
    return to_cent(_zero(row["cost"]) - _zero(row["cost_was"])) if known or row["what"] != "Changed" else ""


def check(row: Row) -> str:
    said = row.get("explanation")
    explained = isinstance(said, str) and bool(said.strip())
    return EXPLANATION_WANTED if row["wanted"] == "Yes" and not explained else "ok"


FORMULAS: dict[str, dict[str, Callable[[Row], Decimal | str]]] = {
    CHANGES.name: {"ref": ref, "change": change, "percent": percent, "cost_change": cost_change, "check": check},
    CARRIED.name: {"ref": ref},
    LOG.name: {"ref": ref},
}
"""By sheet and column, in the order in which they build on one another."""
