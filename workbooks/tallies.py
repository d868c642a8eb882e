"""COUNTIFS and SUMIFS over a sheet's table, each as its formula and as the value it will have."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.exact import Flags
from workbooks.columns import Columns, Value
from workbooks.computed import rounded
from workbooks.layout import KEY
from workbooks.rows import Block


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula and the value Excel computes for it."""

    text: str
    value: Decimal | str


Conditions = Mapping[str, str]
"""By column: a word, `Word*` (begins with), `?*` (anything), `>0` or `<0`."""


def count(block: Block, conditions: Conditions) -> Formula:
    """How many rows meet all conditions."""
    found = int(np.count_nonzero(_meets(block.columns, conditions)))
    return Formula(f"=COUNTIFS({_criteria(block, conditions or {KEY: '?*'})})", Decimal(found))


def total(block: Block, column: str, conditions: Conditions, places: int = 2) -> Formula:
    """Sum of a column over the rows that meet all conditions."""
    summed = f"{block.table}[{block.sheet.column(column).header}]"
    formula = f"=ROUND(SUMIFS({summed},{_criteria(block, conditions or {KEY: '?*'})}),{places})"
    return Formula(formula, rounded(sum_of(block.columns, column, _meets(block.columns, conditions)), places))


def sum_of(columns: Columns, name: str, where: Flags | None = None) -> Decimal:
    """Exact sum of a numeric column, of all rows or of some; a row without a value adds nothing."""
    values, _ = columns.scaled(name)
    chosen = values if where is None else values[where]
    return Decimal(sum(chosen.tolist()) if _near_limit(chosen) else int(chosen.sum())).scaleb(-_places(columns, name))


def _near_limit(values: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]") -> bool:
    return bool(len(values)) and float(np.abs(values.astype(np.float64)).sum()) > 2.0**62


def _places(columns: Columns, name: str) -> int:
    kind = columns.array(name).type
    return kind.scale if pa.types.is_decimal(kind) else 0


def waiting_for(block: Block) -> Conditions:
    """What the rows of a sheet meet that are to be decided."""
    if "to_decide" in block.sheet.positions:
        return {"to_decide": "Yes"}
    return {"expected_none": "No"} if "expected_none" in block.sheet.positions else {}


def minus(first: Formula, second: Formula, places: int = 2) -> Formula:
    """The difference of two tallies."""
    value = _amount(first.value) - _amount(second.value)
    return Formula(f"=ROUND({first.text[1:]}-{second.text[1:]},{places})", rounded(value, places))


def _criteria(block: Block, conditions: Conditions) -> str:
    return ",".join(f'{block.table}[{block.sheet.column(name).header}],"{_quoted(word)}"' for name, word in conditions.items())


def _quoted(word: str) -> str:
    return word.replace('"', '""')


def _amount(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, (Decimal, int)) else Decimal(0)


def _meets(columns: Columns, conditions: Conditions) -> Flags:
    found = np.ones(columns.size, dtype=bool)
    for name, word in conditions.items():
        found &= _meets_one(columns, name, word)
    return found


def _meets_one(columns: Columns, name: str, word: str) -> Flags:
    if word in (">0", "<0"):
        values, valid = columns.scaled(name)
        return valid & (values > 0 if word == ">0" else values < 0)
    if word == "?*":
        return np.asarray(pc.greater(pc.binary_length(columns.array(name)), 0).fill_null(False))
    lower = word.lower()
    if word.endswith("*"):
        return columns.where(name, lambda text: text.lower().startswith(lower[:-1]))
    return columns.where(name, lambda text: text.lower() == lower)
