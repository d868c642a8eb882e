"""Links from the sheets that need the past to the rows of the vendors' sheets, filled in when every sheet has its place."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from workbooks.computed_history import ref
from workbooks.layout import KEY
from workbooks.layout_history import HISTORY, NUMBER, TARGET
from workbooks.layout_vendor import holds_lines
from workbooks.rows import Block
from workbooks.table_sheet import Heading

Place = tuple[str, int]
"""Where a line's row stands, as HYPERLINK takes it, and its number."""


def with_links(made: Sequence[Block], headings: Mapping[str, Heading]) -> tuple[Block, ...]:
    """The blocks, each row of the past pointing at its line's row as issued."""
    if not any(block.sheet in HISTORY for block in made):
        return tuple(made)
    places = {key: place for block in made if holds_lines(block.sheet) for key, place in _places(block, headings[block.tab])}
    return tuple(_linked(block, places) if block.sheet in HISTORY else block for block in made)


def _places(block: Block, heading: Heading) -> list[tuple[str, Place]]:
    tab = block.tab.replace("'", "''")
    first = heading.header_row + 2  # as Excel counts, below the header
    numbered = zip(block.columns.array(KEY).to_pylist(), block.columns.array("ref").to_pylist(), strict=True)
    return [(key, (f"#'{tab}'!A{row}", number)) for row, (key, number) in enumerate(numbered, first)]


def _linked(block: Block, places: Mapping[str, Place]) -> Block:
    found = [places.get(key, (None, None)) for key in block.columns.array("line_key").to_pylist()]
    targets, numbers = pa.array([target for target, _ in found], pa.string()), pa.array([number for _, number in found], pa.int64())
    pointing = block.columns.with_({TARGET.name: targets, NUMBER.name: numbers})
    return block.with_columns(pointing.with_({"ref": ref(pointing)}))
