"""A sheet's rows as Arrow columns, so that 100,000 of them are computed, counted and rendered whole columns at a time.

A formula that shows nothing (an empty text in Excel) and a cell without a value are both null here; which of the two it is
follows from the column's role.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa

from core import exact, frames
from core.exact import Flags, Ints
from core.frames import DIGITS, Objects
from workbooks.layout import Kind, Role, Sheet

Value = str | Decimal | int | dt.date | None
Row = dict[str, Value]

ARROW: Mapping[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.QUANTITY: pa.decimal128(DIGITS, exact.QUANTITY),
    Kind.MONEY: pa.decimal128(DIGITS, exact.MONEY),
    Kind.PRICE: pa.decimal128(DIGITS, exact.PRICE),
    Kind.PERCENT: pa.decimal128(DIGITS, exact.QUANTITY),
    Kind.DATE: pa.date32(),
    Kind.COUNT: pa.int64(),
}
"""What a column of each kind holds."""


Make = Callable[[str, pa.Array], pa.Array]
"""Makes the rows at some places of one column."""


KEPT = 2_000
"""Rows of a sheet up to which its columns are kept once they are made: they take less memory than making them takes time."""


class Lazy(Mapping[str, pa.Array]):
    """Columns that are made when one is asked for; beside them, columns made.

    Those of a large sheet are made anew each time, so that not all of them are held at once.
    """

    def __init__(self, names: Iterable[str], make: Make, places: pa.Array, made: Mapping[str, pa.Array] | None = None) -> None:
        self._names, self._make, self._places, self._made = tuple(names), make, places, made or {}
        self._kept: dict[str, pa.Array] = {}

    def __getitem__(self, name: str) -> pa.Array:
        if name in self._made:
            return self._made[name]
        if name in self._kept:
            return self._kept[name]
        if name not in self._names:
            raise KeyError(name)
        found = self._make(name, self._places)
        if len(self._places) <= KEPT:
            self._kept[name] = found
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._made or name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._names, *self._made)))

    def __len__(self) -> int:
        return len({*self._names, *self._made})

    def with_(self, added: Mapping[str, pa.Array]) -> "Lazy":
        return Lazy(self._names, self._make, self._places, {**self._made, **added})

    def of_rows(self, chosen: Callable[[pa.Array], pa.Array]) -> "Lazy":
        return Lazy(self._names, self._make, chosen(self._places), {name: chosen(one) for name, one in self._made.items()})


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of equal length by their name in the layout; a column that is not there is empty in every row."""

    arrays: Mapping[str, pa.Array]
    size: int
    _codes: dict[str, tuple[Ints, Objects]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of_rows(cls, sheet: Sheet, rows: Sequence[Row]) -> "Columns":
        """From plain rows; names that the sheet does not have are left out."""
        there = [c for c in sheet.columns if any(c.name in row for row in rows)]
        return cls({c.name: array_of(c.kind, [row.get(c.name) for row in rows]) for c in there}, len(rows))

    def has(self, name: str) -> bool:
        return name in self.arrays

    def array(self, name: str) -> pa.Array:
        """One column; texts that are null everywhere where there is none."""
        found = self.arrays.get(name)
        return pa.nulls(self.size, pa.string()) if found is None else found

    def scaled(self, name: str) -> tuple[Ints, Flags]:
        """A numeric column as integers times ten to its places, and which rows have one."""
        found = self.arrays.get(name)
        if found is None:
            return np.zeros(self.size, dtype=np.int64), np.zeros(self.size, dtype=bool)
        if pa.types.is_decimal(found.type):
            return exact.scaled(found)
        valid = np.asarray(found.is_valid())
        return np.asarray(found.cast(pa.int64() if pa.types.is_integer(found.type) else pa.int32()).fill_null(0)), valid

    def given(self, name: str) -> Flags:
        """Which rows have a value."""
        return np.asarray(self.array(name).is_valid())

    def holds(self, name: str, *words: str) -> Flags:
        """Which rows hold one of these words, as they are written."""
        return self.where(name, words.__contains__)

    def where(self, name: str, wanted: Callable[[str], bool]) -> Flags:
        """Which rows hold a text of which this is true. It is asked once for each text."""
        codes, texts = self._coded(name)
        answers = np.array([*map(wanted, texts), False], dtype=bool)
        found: Flags = answers[codes]
        return found

    def _coded(self, name: str) -> tuple[Ints, Objects]:
        """Each text of a column as a number, -1 where there is none, and the texts by their numbers."""
        if name in self._codes:
            return self._codes[name]
        codes, texts = frames.codes(self.array(name))
        if len(texts) <= KEPT:
            self._codes[name] = codes, texts
        return codes, texts

    def with_(self, added: Mapping[str, pa.Array]) -> "Columns":
        """The same with columns added, or replaced."""
        made = Columns(self.arrays.with_(added) if isinstance(self.arrays, Lazy) else {**self.arrays, **added}, self.size)
        made._codes.update({name: found for name, found in self._codes.items() if name not in added})
        return made

    def take(self, places: Ints) -> "Columns":
        """These rows, in this order."""
        indices = pa.array(places, pa.int64())
        return self._of_rows(lambda one: one.take(indices), len(places))

    def slice(self, start: int, size: int) -> "Columns":
        """So many rows from one on, or those that there are."""
        return self._of_rows(lambda one: one.slice(start, size), min(size, self.size - start))

    def slices(self, size: int) -> Iterator[tuple[int, "Columns"]]:
        """All rows, so many at a time, with the number of the first of them."""
        return ((start, self.slice(start, size)) for start in range(0, self.size, size))

    def _of_rows(self, chosen: Callable[[pa.Array], pa.Array], size: int) -> "Columns":
        if isinstance(self.arrays, Lazy):
            return Columns(self.arrays.of_rows(chosen), size)
        return Columns({name: chosen(one) for name, one in self.arrays.items()}, size)

    def rows(self, names: Iterable[str] | None = None) -> list[Row]:
        """The rows as plain values; for small sheets, or for a few columns."""
        wanted = [name for name in (self.arrays if names is None else names) if name in self.arrays]
        lists = [self.arrays[name].to_pylist() for name in wanted]
        return [dict(zip(wanted, cells, strict=True)) for cells in zip(*lists, strict=True)] if lists else [{}] * self.size


def concat(parts: Sequence[Columns]) -> Columns:
    """Columns of the same names, one below the other."""
    names = parts[0].arrays
    return Columns({name: pa.concat_arrays([part.array(name) for part in parts]) for name in names}, sum(p.size for p in parts))


def by_row(formula: Callable[[Row], Value], kind: Kind = Kind.TEXT) -> Callable[[Columns], pa.Array]:
    """A formula column that is worked out row by row."""
    return lambda columns: array_of(kind, [formula(row) for row in columns.rows()])


def array_of(kind: Kind, values: Sequence[Value]) -> pa.Array:
    """Plain values as a column of that kind; an empty text is no value, and more places than the kind keeps are rounded."""
    cells = [None if value == "" else value for value in values]
    if pa.types.is_decimal(ARROW[kind]):
        places = Decimal(1).scaleb(-ARROW[kind].scale)
        cells = [None if value is None else Decimal(value).quantize(places) for value in cells]  # type: ignore[arg-type]
    return pa.array(cells, ARROW[kind])


def shown(sheet: Sheet, row: Row) -> Row:
    """A plain row in which a formula without a result is the empty text that Excel shows."""
    empty = {c.name: "" for c in sheet.columns if c.role is Role.FORMULA and row.get(c.name) is None}
    return {**row, **empty}
