"""Cells and ranges of cells."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

ROWS, COLUMNS = 1_048_576, 16_384
_RANGE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})(?::([A-Z]{1,3})([1-9]\d{0,6}))?")
_LINES = re.compile(r"([A-Z]{1,3}):([A-Z]{1,3})|([1-9]\d{0,6}):([1-9]\d{0,6})")


class Range(NamedTuple):
    """A block of cells, rows and columns from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    def meets(self, other: "Range") -> bool:
        return self.top <= other.bottom and other.top <= self.bottom and self.left <= other.right and other.left <= self.right

    def holds(self, other: "Range") -> bool:
        return self.top <= other.top and other.bottom <= self.bottom and self.left <= other.left and other.right <= self.right

    def __str__(self) -> str:
        first, last = f"{letters(self.left)}{self.top}", f"{letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"


def number_of(column: str) -> int:
    """1 for A, 28 for AB."""
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - 64
    return number


def letters(column: int) -> str:
    """A for 1, AB for 28."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def as_range(text: str) -> Range | None:
    """The range of A1, A1:B2, A:B or 1:2; none where it is no range or leaves the sheet."""
    if found := _RANGE.fullmatch(text):
        left, top, right, bottom = found.groups()
        made = Range(int(top), number_of(left), int(bottom or top), number_of(right or left))
    elif found := _LINES.fullmatch(text):
        left, right, top, bottom = found.groups()
        made = Range(1, number_of(left), ROWS, number_of(right)) if left else Range(int(top), 1, int(bottom), COLUMNS)
    else:
        return None
    legal = made.top <= made.bottom <= ROWS and made.left <= made.right <= COLUMNS
    return made if legal else None


def overlapping(ranges: Iterable[Range]) -> Iterator[tuple[Range, Range]]:
    """Pairs that share a cell, found row by row."""
    active: list[Range] = []
    for one in sorted(ranges):
        active = [other for other in active if other.bottom >= one.top]
        yield from ((other, one) for other in active if other.meets(one))
        active.append(one)
