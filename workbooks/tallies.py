"""COUNTIFS and SUMIFS over a sheet's table, each as its formula and as the value it will have."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from workbooks.computed import rounded
from workbooks.layout import KEY
from workbooks.rows import Block, Row, Value


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula and the value Excel computes for it."""

    text: str
    value: Decimal | str


Conditions = Mapping[str, str]
"""By column: a word, `Word*` (begins with), `?*` (anything), `>0` or `<0`."""


def count(block: Block, conditions: Conditions) -> Formula:
    """How many rows meet all conditions."""
    found = sum(1 for row in block.rows if _meets(row, conditions))
    return Formula(f"=COUNTIFS({_criteria(block, conditions or {KEY: '?*'})})", Decimal(found))


def total(block: Block, column: str, conditions: Conditions, places: int = 2) -> Formula:
    """Sum of a column over the rows that meet all conditions."""
    found = sum((_amount(row.get(column)) for row in block.rows if _meets(row, conditions)), Decimal(0))
    summed = f"{block.table}[{block.sheet.column(column).header}]"
    formula = f"=ROUND(SUMIFS({summed},{_criteria(block, conditions or {KEY: '?*'})}),{places})"
    return Formula(formula, rounded(found, places))


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


def _meets(row: Row, conditions: Conditions) -> bool:
    return all(_meets_one(row.get(name), word) for name, word in conditions.items())


def _meets_one(value: Value, word: str) -> bool:
    if word in (">0", "<0"):
        return isinstance(value, Decimal) and (value > 0 if word == ">0" else value < 0)
    text = value.casefold() if isinstance(value, str) else ""
    if word == "?*":
        return bool(text)
    if word.endswith("*"):
        return text.startswith(word[:-1].casefold())
    return text == word.casefold()
