"""How a file writes numbers and dates, decided for the whole file from the values that leave no doubt."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from connectors.files.dates import proves_day_first
from connectors.files.errors import ImportRefused
from connectors.files.numbers import take_apart
from connectors.files.profile import PLACES, Type
from connectors.files.recognition import Table
from connectors.files.table import Cell
from connectors.files.values import shown, texts
from core.records import Problem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Style:
    """The decimal sign and the order of day and month that hold for the file."""

    decimal: str
    day_first: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Evidence:
    place: str
    cell: Cell


def decide(table: Table, cells: Mapping[str, Sequence[Cell]], rows: Sequence[int], separator: str | None) -> Style:
    """The file's style. Two values that prove opposite things refuse the file and are both named."""
    profile, notes = table.profile, []
    signs = _evidence(table, cells, rows, set(PLACES), _decimal_sign)
    orders = _evidence(table, cells, rows, {Type.DATE}, proves_day_first)
    _refuse_contradiction(signs, "marks decimals with a point", "marks decimals with a comma", (".", ","))
    _refuse_contradiction(orders, "has the day first", "has the month first", (True, False))
    decimal = next(iter(signs), "," if separator == ";" else profile.decimal)
    if not signs and (doubtful := next(_doubtful(table, cells), None)):
        notes.append(f"no number shows for certain which sign marks decimals; {doubtful} was read with a decimal {_NAMES[decimal]}")
    return Style(decimal, next(iter(orders), profile.day_first), tuple(notes))


_NAMES = {".": "point", ",": "comma"}


def _evidence(
    table: Table, cells: Mapping[str, Sequence[Cell]], rows: Sequence[int], types: set[Type], proof: Callable[[str], T | None]
) -> dict[T, _Evidence]:
    """The first cell that proves each possibility."""
    found: dict[T, _Evidence] = {}
    for name, column in cells.items():
        if table.profile.columns[name].type not in types:
            continue
        for cell in texts(column):
            proves = proof(cell)
            if proves is not None and proves not in found:
                place = table.sheet.place(rows[column.index(cell)], table.columns[name][0], table.header(name))
                found[proves] = _Evidence(place, cell)
    return found


def _decimal_sign(text: str) -> str | None:
    try:
        return take_apart(text).proves
    except ValueError:
        return None


def _refuse_contradiction(found: Mapping[T, _Evidence], first: str, second: str, keys: tuple[T, T]) -> None:
    if len(found) < 2:
        return
    one, other = found[keys[0]], found[keys[1]]
    message = f"{shown(one.cell)} {first}, but {shown(other.cell)} ({other.place}) {second}; write them alike in the whole file"
    raise ImportRefused([Problem(one.place, message)])


def _doubtful(table: Table, cells: Mapping[str, Sequence[Cell]]) -> Iterator[str]:
    for name, column in cells.items():
        if table.profile.columns[name].type in PLACES:
            for cell in texts(column):
                try:
                    doubtful = take_apart(cell).doubtful
                except ValueError:
                    continue
                if doubtful:
                    yield shown(cell)
