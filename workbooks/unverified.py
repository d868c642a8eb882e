"""Comparisons rebuilt from a workbook's own cells, where the run it was issued from is not known here. Nothing vouches for them."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import pandas as pd

from core.frames import frame, frame_of_columns, schema
from core.records import BillCustomer, Cause, Comparison, Measure, Problem, State
from core.settings import Settings
from workbooks.computed import compute
from workbooks.layout import Column, Kind, Role
from workbooks.layout_vendor import VENDOR
from workbooks.packed_sheets import Raw
from workbooks.reader import Cells, Returned, with_steps_joined
from workbooks.rows import Value, columns_of
from workbooks.typed_values import NotUnderstoodError, date, number, plain, text, word
from workbooks.vendor_rows import derived

_REQUIRED = {column.name for column in schema(Comparison) if not column.nullable}
_COMPUTED = ("difference", "revenue_after", "effect")
_ENUMS: dict[str, type[StrEnum]] = {"state": State, "cause": Cause, "measure": Measure, "bill_customer": BillCustomer}


def comparison_from_cells(returned: Returned) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """A Comparison frame of the vendors' rows, and what kept a row from being rebuilt."""
    made, problems = [], []
    for cells in returned.cells.values():
        if cells.sheet is VENDOR:
            try:
                made.append(_comparison(cells))
            except _UnreadableError as error:
                problems.append(Problem(cells.at(error.column), str(error)))
    return _computed(frame(Comparison, made)), tuple(problems)


def _computed(data: pd.DataFrame) -> pd.DataFrame:
    """With what the sheet's formulas say of untouched rows."""
    shown = columns_of(VENDOR, data)
    full = compute(VENDOR, shown.with_(derived(shown, {}, Settings())))
    return frame_of_columns(Comparison, {**data, **{name: full.array(name) for name in _COMPUTED}})


def with_steps_by_cells(returned: Returned) -> Returned:
    """The same with dated steps at the decisions of their lines, whose Refs are taken from the rows as they came back.

    A Ref that two rows carry is none.
    """
    keys: dict[int, str] = {}
    twice: set[int] = set()
    for key, cells in returned.cells.items():
        ref = plain(cells.values.get("ref", "")) if cells.sheet is VENDOR else ""
        if ref.isdecimal():
            twice |= {int(ref)} & set(keys)
            keys[int(ref)] = key
    return with_steps_joined(returned, {ref: key for ref, key in keys.items() if ref not in twice})


class _UnreadableError(ValueError):
    def __init__(self, column: str, words: str) -> None:
        super().__init__(words)
        self.column = column


def _comparison(cells: Cells) -> Comparison:
    values: dict[str, Any] = dict.fromkeys(_COMPUTED)
    values |= {c.field: _field(c, cells) for c in VENDOR.columns if c.field and c.role is not Role.FORMULA}
    return Comparison(**values)


def _field(column: Column, cells: Cells) -> Any:
    found = cells.values.get(column.name, "")
    if plain(found) == "":
        return _empty(column, cells)
    try:
        return _value(column, found)
    except (NotUnderstoodError, ValueError) as error:
        raise _UnreadableError(column.name, f"{column.header}: {error}; the row cannot be used") from None


def _empty(column: Column, cells: Cells) -> Value:
    if column.field not in _REQUIRED:
        return None
    if column.field in ("cause", "why"):
        return Cause.NONE if column.field == "cause" else ""
    place = column.name if column.name in cells.columns else "key"
    raise _UnreadableError(place, f"{column.header} is empty or its column is gone; the row cannot be used")


def _value(column: Column, found: Raw) -> Any:
    if column.words:
        return _yes(column.words, found)
    if column.name in _ENUMS:
        return _one_of(tuple(_ENUMS[column.name]), found)
    if column.kind is Kind.DATE:
        return date(found)
    if column.kind is Kind.COUNT:
        return int(number(found, Kind.COUNT))
    return text(found) if column.kind is Kind.TEXT else number(found, column.kind)


def _one_of(values: Sequence[StrEnum], found: Raw) -> StrEnum:
    for value in values:
        if word(value) == word(found):
            return value
    raise NotUnderstoodError(f"{plain(found)!r} is none of {', '.join(values)}")


def _yes(words: tuple[str, str], found: Raw) -> bool:
    if word(found) not in (word(one) for one in words):
        raise NotUnderstoodError(f"{plain(found)!r} is neither {words[0]} nor {words[1]}")
    return word(found) == word(words[0])
