"""Heights of rows with wrapped text, worked out here because not every program does when it opens a file."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workbooks.layout import Group, Kind
from workbooks.rows import Block

LINE = 13.5
MOST_LINES = 6

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


def pixels(text: str) -> float:
    """How wide a text is in the cells' font."""
    return sum(WIDTHS.get(c, WIDEST) for c in text) * POINTS * PIXELS_A_POINT / 1000


@lru_cache(maxsize=50_000)
def lines_needed(text: str, width: float) -> int:
    """How many lines a text takes in a column of that width, broken between words, and inside one that is too long."""
    room = width * PIXELS_A_UNIT - PADDING
    return sum(_wrapped(part.split(" "), room) for part in text.split("\n"))


def _wrapped(words: list[str], room: float) -> int:
    lines, used, space = 1, 0.0, pixels(" ")
    for word in words:
        wide = pixels(word)
        if used and used + space + wide > room:
            lines, used = lines + 1, 0.0
        if wide > room:
            lines += int(wide // room)
            wide %= room
        used += (space if used else 0) + wide
    return lines


def row_heights(block: Block) -> NDArray[np.float64]:
    """Points that show every wrapped text of each row, up to a limit; 0 where one line is enough."""
    lines = np.ones(block.size, dtype=np.int64)
    for column in block.sheet.columns:
        if column.kind is Kind.TEXT and column.group in (Group.FROZEN, Group.SHOWN) and block.columns.has(column.name):
            encoded = block.columns.array(column.name).dictionary_encode()
            needed = np.array([*(lines_needed(text, column.width) for text in encoded.dictionary.to_pylist()), 1])
            lines = np.maximum(lines, needed[np.asarray(encoded.indices.fill_null(len(needed) - 1))])
    points = np.minimum(lines, MOST_LINES) * LINE + 1
    return np.where(lines > 1, np.floor(points * PIXELS_A_POINT) / PIXELS_A_POINT, 0.0)  # whole pixels, as Excel keeps them
