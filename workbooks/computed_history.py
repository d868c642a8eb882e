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


def _difference(row: Row, name: str) -> Decimal | str:
    now, was = row[name], row[f"{name}_was"]
    known = now is not None and was is not None
    return to_cent(_zero(now) - _zero(was)) if known or row["what"] != "Changed" else ""


def percent(row: Row) -> Decimal | str:
    before = _zero(row["revenue_was"])
    known = before and row["change"] != ""
    return (_zero(row["change"]) / abs(before)).quantize(RATIO, ROUND_HALF_UP) if known else ""


def check(row: Row) -> str:
    said = row.get("explanation")
    explained = isinstance(said, str) and bool(said.strip())
    return EXPLANATION_WANTED if row["wanted"] == "Yes" and not explained else "ok"


FORMULAS: dict[str, dict[str, Callable[[Row], Decimal | str]]] = {
    CHANGES.name: {
        "ref": ref,
        "change": lambda row: _difference(row, "revenue"),
        "percent": percent,
        "cost_change": lambda row: _difference(row, "cost"),
        "check": check,
    },
    CARRIED.name: {"ref": ref},
    LOG.name: {"ref": ref},
}
"""By sheet and column, in the order in which they build on one another."""
