"""Heights of rows with wrapped text, worked out here because not every program does when it opens a file."""

import textwrap

from workbooks.layout import Group, Kind
from workbooks.rows import Block, Row

LINE = 13.5
MOST_LINES = 6


def lines_needed(text: str, width: float) -> int:
    """How many lines a text takes in a column of that width."""
    fits = max(4, int((width - 1) * 1.2))
    return sum(len(textwrap.wrap(part, fits)) or 1 for part in text.split("\n"))


def row_height(block: Block, row: Row) -> float | None:
    """Height that shows every wrapped text of a row, up to a limit; None where one line is enough."""
    visible = [c for c in block.sheet.columns if c.kind is Kind.TEXT and c.group in (Group.FROZEN, Group.SHOWN)]
    needed = max((lines_needed(text, c.width) for c in visible if isinstance(text := row.get(c.name), str)), default=1)
    return None if needed <= 1 else min(needed, MOST_LINES) * LINE + 1
