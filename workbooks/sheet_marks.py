"""What a sheet does to its rows without changing a value: rows that are hidden or filtered out, and cells that are merged.

Read from the sheet's XML by the few tags that say it, and only where a sheet says it at all.
"""

import re
import sys
from dataclasses import dataclass

Area = tuple[int, int, int, int]
"""First row, first column, last row and last column, from 0."""

_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*\bhidden=[^>]*>")
_NUMBER, _HIDDEN = re.compile(rb'<row [^>]*?\br="(\d+)"'), re.compile(rb' hidden="(1|true|0|false)"')
_MERGED = re.compile(rb'<mergeCell [^>]*?ref="([^"]*)"')
_AREA = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")


@dataclass(frozen=True, slots=True)
class Marks:
    """Of one sheet; rows are counted from 0."""

    hidden: frozenset[int] = frozenset()
    merged: tuple[Area, ...] = ()


NO_MARKS = Marks()


def hidden_rows(data: bytes, start: int = 0, end: int = sys.maxsize) -> set[int] | None:
    """The hidden rows of a piece of a sheet; None where one is written so that only a parser can say which it is."""
    rows = set()
    for row in _ROW.findall(data, start, end):
        number, hidden = _NUMBER.match(row), _HIDDEN.search(row)
        if not number or not hidden:
            return None
        if hidden[1] in (b"1", b"true"):
            rows.add(int(number[1]) - 1)
    return rows


def merged_areas(data: bytes, start: int = 0) -> list[Area]:
    """The merged cells of a piece of a sheet."""
    return [area for found in _MERGED.findall(data, start) if (area := merged_area(found.decode(errors="replace")))]


def merged_area(reference: str) -> Area | None:
    """The area that a text like A1:B7 names."""
    found = _AREA.fullmatch(reference)
    return (int(found[2]) - 1, _column(found[1]), int(found[4]) - 1, _column(found[3])) if found else None


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
