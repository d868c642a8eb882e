"""What the engine needs of whatever holds the files, and how cells look from Excel."""

import datetime as dt
import itertools
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

ROWS, COLUMNS = 1_048_576, 16_384
ERRORS = {"#DIV/0!": -2146826281, "#N/A": -2146826246, "#NAME?": -2146826259, "#REF!": -2146826265, "#VALUE!": -2146826273}


class Area(NamedTuple):
    """A rectangle; rows and columns count from 1."""

    row: int
    column: int
    rows: int
    columns: int


class ComError(Exception):
    """What Excel says no with."""


class Page(Protocol):
    """One sheet of a file."""

    name: str

    def used(self) -> Area: ...

    def read(self, area: Area) -> list[list[Any]]: ...

    def write(self, area: Area, rows: Sequence[Sequence[Any]]) -> None: ...

    def visible(self, area: Area) -> list[Area]: ...

    def locked(self, area: Area) -> bool: ...

    def formula(self, row: int, column: int) -> str: ...

    def clear(self) -> None: ...


class File(Protocol):
    """An open file; `automatic`: it calculates after each change; `drawing`: it lays its rows out after each."""

    name: str
    automatic: bool
    drawing: bool

    def pages(self) -> list[Page]: ...

    def add(self, name: str) -> Page: ...

    def selection(self) -> tuple[Page, list[Area]] | None: ...

    def close(self) -> None: ...


class Files(Protocol):
    """The program that opens files."""

    def open(self, path: str) -> File: ...

    def close(self) -> None: ...


def as_com(value: Any) -> Any:
    """A cell as Excel hands it over on Windows."""
    kind = type(value)
    if value is None or kind is float or kind is bool:
        return value
    if kind is str:
        return ERRORS.get(value, value)
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - cells have no zone
    return value


def as_typed(value: Any) -> Any:
    """What becomes of a value that is put into a cell, as if it were typed there. Formulas stay as they are."""
    if isinstance(value, Decimal):
        raise ComError("a Decimal would format its cell as currency")
    if not isinstance(value, str):
        return value
    if value.startswith("'"):
        return Literal(value[1:])
    return float(value) if re.fullmatch(r"[+-]?\d+(\.\d+)?", value) else value or None


class Literal(str):
    """Text that stays text, whatever it looks like."""

    __slots__ = ()


def merged(areas: Sequence[range], area: Area) -> list[Area]:
    """Runs of rows as areas of the same width."""
    return [Area(run.start, area.column, len(run), area.columns) for run in areas]


def shown_runs(area: Area, hidden: set[int], last: int) -> list[Area]:
    """The visible runs of an area, of which everything below the last used row is one."""
    bottom = area.row + area.rows
    rows = (row for row in range(area.row, min(bottom, last + 1)) if row not in hidden)
    runs = [[row for _, row in group] for _, group in itertools.groupby(enumerate(rows), lambda pair: pair[1] - pair[0])]
    found = [range(run[0], run[-1] + 1) for run in runs]
    if bottom > last + 1:
        found.append(range(max(last + 1, area.row), bottom))
    return merged(found, area)
