"""What a sheet does to its rows without changing a value: rows that are hidden or filtered out, and cells that are merged.

Read from the sheet's XML by the few tags that say it, and only where a sheet says it at all.
"""

import re
from dataclasses import dataclass

Area = tuple[int, int, int, int]
"""First row, first column, last row and last column, from 0."""

_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\b[^>]*\bref=["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']""")


@dataclass(frozen=True, slots=True)
class Marks:
    """Of one sheet; rows are counted from 0."""

    hidden: frozenset[int] = frozenset()
    merged: tuple[Area, ...] = ()


NO_MARKS = Marks()


def marks_of(part: bytes) -> Marks:
    """part: the XML of a worksheet."""
    data = max(part.find(b"sheetData"), 0)  # columns stand before it, and ours are hidden too
    hidden = _hidden_rows(part, data) if part.find(b"hidden=", data) >= 0 else frozenset[int]()
    merged = tuple(_area(*found.groups()) for found in _MERGED.finditer(part, data)) if part.find(b"mergeCell", data) >= 0 else ()
    return Marks(hidden, merged) if hidden or merged else NO_MARKS


def _hidden_rows(part: bytes, start: int) -> frozenset[int]:
    """Rows are counted, for some programs write no numbers."""
    hidden, row = set(), -1
    for found in _ROW.finditer(part, start):
        number = _NUMBER.search(found[1])
        row = int(number[1]) - 1 if number else row + 1
        if _HIDDEN.search(found[1]):
            hidden.add(row)
    return frozenset(hidden)


def _area(first_column: bytes, first_row: bytes, last_column: bytes, last_row: bytes) -> Area:
    return int(first_row) - 1, _column(first_column), int(last_row) - 1, _column(last_column)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
