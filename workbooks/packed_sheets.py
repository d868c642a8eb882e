"""Sheets as columns, in the form in which they cross from one process to another: each value once, and which cell shows which.

Most columns of a workbook hold few different values, and an input column mostly none. A column is unpacked only when it is
looked at. Only numbers, texts, truth values and dates can be said in this form, whatever the other process has come to.
"""

import datetime as dt
import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar, overload

Raw = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta
T = TypeVar("T")
Form = list[Any]
"""A column in the header: the type of its numbers, and the places and lengths of values and numbers in what follows."""

ROWS_AT_ONCE = 2_048
TYPES = ("", "B", "H", "I")
"""Of a column's numbers: none where every cell shows the same, else as small as they fit."""


class _Numbers(dict[Any, int]):
    """Gives each value that it is asked for the first time the next number."""

    def __missing__(self, value: Any) -> int:
        self[value] = number = len(self)
        return number


class Packing:
    """One sheet on its way out."""

    def __init__(self) -> None:
        self._values: list[_Numbers] = []
        self._numbers: list[array[int]] = []
        self.rows = 0
        self._before = 0

    def take(self, rows: Iterable[Sequence[Raw]], before: int = 0) -> "Packing":
        """Every row of the sheet; all are of the same length. before: empty columns that the rows leave out."""
        self._before = before
        rows = iter(rows)
        while block := list(islice(rows, ROWS_AT_ONCE)):
            while len(self._values) < len(block[0]):
                self._values.append(_Numbers())
                self._numbers.append(array("I"))
            for values, numbers, cells in zip(self._values, self._numbers, zip(*block, strict=True), strict=True):
                first = cells[0]
                if first not in _TRUTHS and cells.count(first) == len(cells):  # most columns hold long stretches of one value
                    numbers += array("I", (values[first],)) * len(cells)
                else:
                    numbers.extend(map(values.__getitem__, _told_apart(cells)))
            self.rows += len(block)
        return self

    def columns(self) -> Iterator[tuple[str, bytes, bytes]]:
        """Type of the numbers, the values and the numbers of each column."""
        yield from [("", b'[""]', b"")] * self._before
        for values, numbers in zip(self._values, self._numbers, strict=True):
            text = json.dumps([_plain(value) for value in values], ensure_ascii=False).encode()
            kind = "" if len(values) <= 1 else "B" if len(values) <= 256 else "H" if len(values) <= 65_536 else "I"
            yield kind, text, array(kind, numbers).tobytes() if kind else b""


_TRUE, _FALSE, _TRUTHS = (True,), (False,), (True, False)


def _told_apart(cells: Sequence[Raw]) -> Iterable[Any]:
    """True is another value than 1, which a dictionary does not know."""
    if bool not in set(map(type, cells)):
        return cells
    return [_TRUE if cell is True else _FALSE if cell is False else cell for cell in cells]


def _plain(value: Any) -> Any:
    if isinstance(value, str | float | int):
        return value
    if isinstance(value, tuple):
        return value[0]
    if isinstance(value, dt.timedelta):
        return ["span", value.days, value.seconds, value.microseconds]
    return [type(value).__name__, value.isoformat()]


def _value(found: str | float | int | list[Any]) -> Raw:
    if not isinstance(found, list):
        return found
    kind, *said = found
    if kind == "span":
        return dt.timedelta(*said)
    if kind == "time":
        return dt.time.fromisoformat(said[0])
    return dt.datetime.fromisoformat(said[0]) if kind == "datetime" else dt.date.fromisoformat(said[0])


class Column:
    """One column of a sheet, unpacked when it is first looked at."""

    __slots__ = ("_cells", "_data", "_form", "_numbers", "_rows", "_values")

    def __init__(self, data: memoryview, form: Form, rows: int) -> None:
        self._data, self._form, self._rows = data, form, rows
        self._values: list[Raw] | None = None
        self._numbers: Sequence[int] | None = None
        self._cells: list[Raw] | None = None

    @property
    def values(self) -> list[Raw]:
        """The different values."""
        if self._values is None:
            _, start, length, *_ = self._form
            self._values = [_value(one) for one in json.loads(bytes(self._data[start : start + length]))]
        return self._values

    @property
    def numbers(self) -> Sequence[int]:
        """Which of the values stands in each row."""
        if self._numbers is None:
            kind, _, _, start, length = self._form
            numbers = array(kind or "B", b"" if kind else bytes(self._rows))
            numbers.frombytes(self._data[start : start + length])
            self._numbers = numbers
        return self._numbers

    @property
    def cells(self) -> list[Raw]:
        """The value of every row."""
        if self._cells is None:
            self._cells = self.mapped(lambda value: value)
        return self._cells

    def mapped(self, made: Callable[[Raw], T]) -> list[T]:
        """What is made of the value of every row; made once of each different value."""
        of_values = [made(value) for value in self.values]
        return of_values * self._rows if not self._form[0] else list(map(of_values.__getitem__, self.numbers))

    def rows_where(self, wanted: Callable[[Raw], bool]) -> Iterator[int]:
        """The rows whose value is wanted, from 0; asked once of each different value."""
        found = {number for number, value in enumerate(self.values) if wanted(value)}
        return (row for row, number in enumerate(self.numbers) if number in found) if found else iter(())


class SheetValues(Sequence[Sequence[Raw]]):
    """A sheet as rows of values, from its first row and column on; and as columns."""

    def __init__(self, data: memoryview, rows: int, columns: Sequence[Form]) -> None:
        self.rows = rows
        self.columns = [Column(data, form, rows) for form in columns]

    def __len__(self) -> int:
        return self.rows

    def __iter__(self) -> Iterator[Sequence[Raw]]:
        return (self[row] for row in range(self.rows))

    @overload
    def __getitem__(self, place: int) -> Sequence[Raw]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Sequence[Raw]]: ...
    def __getitem__(self, place: int | slice) -> Sequence[Any]:
        if isinstance(place, slice):
            return [self[row] for row in range(*place.indices(self.rows))]
        if not -self.rows <= place < self.rows:
            raise IndexError(place)
        return [column.values[column.numbers[place]] for column in self.columns]
