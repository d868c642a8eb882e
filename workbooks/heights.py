"""Heights of rows with wrapped text, worked out here because not every program does when it opens a file."""

from dataclasses import dataclass
from itertools import count

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.exact import Flags, Ints
from workbooks.columns import Columns
from workbooks.layout import Group, Kind, Sheet
from workbooks.rows import Block

LINE = 13.5
MOST_LINES = 6
AT_ONCE = 10_000
"""Rows looked at together: what is held in memory."""

WIDTHS = {
    **dict.fromkeys("ijl'|", 222),
    **dict.fromkeys(" .,;:!/ftI[]\\", 278),
    **dict.fromkeys('r-()"', 333),
    **dict.fromkeys("ckssvxyzJ", 500),
    **dict.fromkeys("abdeghnopqu0123456789$#?_L", 556),
    **dict.fromkeys("+=<>~", 584),
    **dict.fromkeys("FTZ", 611),
    **dict.fromkeys("ABEKPSVXY&", 667),
    **dict.fromkeys("wCDHNRU", 722),
    **dict.fromkeys("GOQ", 778),
    **dict.fromkeys("mM", 833),
    **dict.fromkeys("W%@", 944),
}
"""Advance widths of Arial in thousandths of its size; any other character counts as the widest of ours."""
WIDEST = 1000
POINTS, PIXELS_A_POINT = 10, 96 / 72
PIXELS_A_UNIT, PADDING = 7, 2
"""A column's width in its own units, as pixels; what its edges take."""

_ADVANCES = np.full(256, WIDEST, dtype=np.int64)
"""By byte of UTF-8: a character of several bytes is as wide as its first."""
for _letter, _advance in WIDTHS.items():
    _ADVANCES[ord(_letter)] = _advance
_ADVANCES[0x80:0xC0] = 0
_SPACE, _NEW_LINE = ord(" "), ord("\n")


def lines_needed(texts: pa.Array, width: float, most: int = MOST_LINES) -> Ints:
    """How many lines each text takes in a column of that width, broken between words, and inside one that is too long.

    texts: an Arrow array of strings without nulls. Of those that need more than `most` lines some number above it is told.
    """
    room = int((width * PIXELS_A_UNIT - PADDING) * 1000 / (POINTS * PIXELS_A_POINT))
    bounds, letters = _letters(texts)
    if np.diff(bounds).max(initial=0) * WIDEST <= room and not (letters == _NEW_LINE).any():
        return np.ones(len(texts), dtype=np.int64)
    words = _Words.of(bounds, letters)
    lines, used = np.ones(len(texts), dtype=np.int64), np.zeros(len(texts), dtype=np.int64)
    rows, space = np.arange(len(texts)), WIDTHS[" "]
    for number in count():
        rows = rows[(words.counts[rows] > number) & (lines[rows] <= most)]
        if not len(rows):
            return lines
        word = words.first[rows] + number
        line, at = lines[rows], used[rows]
        wide, ends = words.widths[word], words.new_line[word]
        full = ends | ((at > 0) & (at + space + wide > room))
        at = np.where(full, 0, at)
        lines[rows] = line + full + np.where(wide > room, wide // room, 0)
        used[rows] = at + np.where(at > 0, space, 0) + np.where(wide > room, wide % room, wide)
    raise AssertionError


def _letters(texts: pa.Array) -> tuple[Ints, NDArray[np.uint8]]:
    """Where each text begins and the last one ends, and the bytes of all of them."""
    texts = pa.concat_arrays([texts.cast(pa.large_string())])
    _, offsets, data = texts.buffers()
    if not len(texts):
        return np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.uint8)
    ends = np.frombuffer(offsets, dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return ends, np.frombuffer(data or b"", dtype=np.uint8)[: ends[-1]]


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of many texts, one behind the other."""

    first: Ints  # by text: its first word
    counts: Ints  # by text
    widths: Ints  # by word: thousandths of the font's size
    new_line: Flags  # by word: whether it starts a line of its own

    @classmethod
    def of(cls, bounds: Ints, letters: NDArray[np.uint8]) -> "_Words":
        upto = np.concatenate([[0], np.cumsum(_ADVANCES[letters])])
        breaks = np.flatnonzero((letters == _SPACE) | (letters == _NEW_LINE))
        breaks = breaks[breaks >= bounds[0]]
        starts = np.sort(np.concatenate([bounds[:-1], breaks + 1]), kind="stable")
        stops = np.sort(np.concatenate([breaks, bounds[1:]]), kind="stable")
        inside = np.searchsorted(breaks, bounds)
        counts = np.diff(inside) + 1
        first = np.concatenate([[0], np.cumsum(counts)])[:-1]
        new_line = np.zeros(len(starts), dtype=bool)
        of_break = np.arange(len(breaks)) + np.searchsorted(bounds[1:], breaks, side="right") + 1
        new_line[of_break] = letters[breaks] == _NEW_LINE
        return cls(first, counts, upto[stops] - upto[starts], new_line)


def row_heights(block: Block) -> NDArray[np.float64]:
    """Points that show every wrapped text of each row, up to a limit; 0 where one line is enough."""
    parts = [_lines(block.sheet, part) for _, part in block.columns.slices(AT_ONCE)]
    lines = np.concatenate(parts) if parts else np.ones(0, dtype=np.int64)
    points = np.minimum(lines, MOST_LINES) * LINE + 1
    return np.where(lines > 1, np.floor(points * PIXELS_A_POINT) / PIXELS_A_POINT, 0.0)  # whole pixels, as Excel keeps them


def _lines(sheet: Sheet, rows: Columns) -> Ints:
    lines = np.ones(rows.size, dtype=np.int64)
    for column in sheet.columns:
        if column.kind is Kind.TEXT and column.group in (Group.FROZEN, Group.SHOWN) and rows.has(column.name):
            encoded = rows.array(column.name).dictionary_encode()
            needed = np.concatenate([lines_needed(encoded.dictionary, column.width), [1]])
            lines = np.maximum(lines, needed[np.asarray(encoded.indices.fill_null(len(needed) - 1))])
    return lines
