"""Heights of rows with wrapped text, worked out here because not every program does when it opens a file."""

from functools import lru_cache

from workbooks.layout import Group, Kind
from workbooks.rows import Block, Row

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


def row_height(block: Block, row: Row) -> float | None:
    """Height that shows every wrapped text of a row, up to a limit; None where one line is enough."""
    visible = [c for c in block.sheet.columns if c.kind is Kind.TEXT and c.group in (Group.FROZEN, Group.SHOWN)]
    needed = max((lines_needed(text, c.width) for c in visible if isinstance(text := row.get(c.name), str)), default=1)
    return None if needed <= 1 else min(needed, MOST_LINES) * LINE + 1
