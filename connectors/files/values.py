"""Columns of cells as typed values. Each distinct cell is read once; what cannot be read keeps its reason."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.files.dates import from_serial, parse_date
from connectors.files.numbers import CODES, rounded, take_apart
from connectors.files.profile import PLACES, ColumnRule, Type
from connectors.files.table import Cell, cell_text, header_key

Parse = Callable[[Cell], Any]

SAFE_INTEGER = 10**15
"""A spreadsheet keeps 15 digits of a number; the rest of a longer id are zeros."""

_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_NO_ID = frozenset({"n/a", "#n/a", "-", "--", "null", "none"})  # else all such rows would be one subscription
_YES = frozenset({"yes", "y", "true", "1", "x", "on"})
_NO = frozenset({"no", "n", "false", "0", "off"})


@dataclass(slots=True)
class Column:
    """A column as it was read: a value a row, and by cell what was wrong, rounded or marked with a currency."""

    values: list[Any]
    wrong: dict[Cell, str] = field(default_factory=dict)
    rounded: set[Cell] = field(default_factory=set)
    marked: dict[Cell, str] = field(default_factory=dict)


def convert(cells: Sequence[Cell], rule: ColumnRule, decimal: str, day_first: bool) -> Column:
    """The typed values of a column; blank cells take the rule's default, else None."""
    column = Column([])
    parse = _parser(rule, decimal, day_first, column)
    read: dict[Cell, Any] = {}
    for cell in set(cells):
        try:
            read[cell] = _default(rule, parse) if is_blank(cell) else parse(cell)
        except ValueError as reason:
            read[cell] = None
            column.wrong[cell] = str(reason)
    column.values = [read[cell] for cell in cells]
    return column


def is_blank(cell: Cell) -> bool:
    return isinstance(cell, str) and (not cell or cell.isspace())


def _default(rule: ColumnRule, parse: Parse) -> Any:
    return None if rule.default is None else parse(rule.default)


def _parser(rule: ColumnRule, decimal: str, day_first: bool, column: Column) -> Parse:
    if rule.type in PLACES:
        return lambda cell: _number(cell, rule.type, decimal, column)
    if rule.type is Type.DATE:
        return lambda cell: _date(cell, day_first)
    if rule.type is Type.CHOICE:
        return lambda cell: _choice(cell_text(cell), rule.values)
    if rule.type is Type.CURRENCY:
        return lambda cell: _currency(cell_text(cell), rule.values)
    return {Type.ID: _id, Type.BOOLEAN: _boolean, Type.TEXT: _text}[rule.type]


def _number(cell: Cell, type: Type, decimal: str, column: Column) -> Decimal:
    places = PLACES[type]
    if isinstance(cell, str):
        written = take_apart(cell)
        if written.currency:
            column.marked[cell] = written.currency
        if type is Type.QUANTITY and re.search(r"[^\d\s.,'’eE()+\-\u2212\u2013]", cell):
            raise ValueError("is not a quantity; a plain number was expected")
        exact = written.value(decimal)
        value = rounded(exact, places)
        if value != exact:
            column.rounded.add(cell)
        return value
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise ValueError("is not a number; format the cell as a number")
    exact = Decimal(repr(cell))
    value = rounded(exact, places)
    if abs(value - exact) > abs(exact).scaleb(-13):  # what is less is the noise of a binary float
        column.rounded.add(cell)
    return value


def _date(cell: Cell, day_first: bool) -> dt.date | None:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, str):
        return parse_date(cell, day_first)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return from_serial(cell)
    raise ValueError("is not a date; format the cell as a date")


def _id(cell: Cell) -> str | None:
    if isinstance(cell, str) and cell.strip().casefold() in _NO_ID:
        return None
    if isinstance(cell, int | float) and abs(cell) >= SAFE_INTEGER:
        raise ValueError("is an id that the spreadsheet has rounded; export as CSV, or format the column as text before pasting")
    if isinstance(cell, str) and _SHORTENED.fullmatch(cell.strip()):
        raise ValueError("is an id that a spreadsheet has shortened; export the file again and do not save it from Excel")
    return _text(cell)


def _text(cell: Cell) -> str:
    return cell_text(cell)


def _boolean(cell: Cell) -> bool:
    word = cell_text(cell).casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueError("is neither yes nor no")


def _choice(text: str, values: Mapping[str, str | int | bool]) -> str | int | bool:
    for word, value in values.items():
        if header_key(word) == header_key(text):
            return value
    raise ValueError(f"is not known here; known are {', '.join(values)}")


def _currency(text: str, values: Mapping[str, str | int | bool]) -> str:
    meant = {header_key(word): str(value) for word, value in values.items()}
    code = meant.get(header_key(text) or text) or CODES.get(text) or text.upper()
    if not re.fullmatch("[A-Z]{3}", code):
        raise ValueError("is not a currency code; write it like USD")
    return code


def shown(cell: Cell) -> str:
    """A cell as a message quotes it."""
    text = cell_text(cell)
    return repr(text if len(text) <= 60 else text[:57] + "...")


def texts(cells: Iterable[Cell]) -> Iterable[str]:
    """The distinct cells that are text and not blank."""
    return (cell for cell in dict.fromkeys(cells) if isinstance(cell, str) and not is_blank(cell))
