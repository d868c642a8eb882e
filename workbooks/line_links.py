"""Links from the sheets that need the past to the rows of the vendors' sheets, filled in when every sheet has its place."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workbooks.computed_history import ref
from workbooks.layout import KEY
from workbooks.layout_history import HISTORY, NUMBER, TARGET
from workbooks.layout_vendor import VENDOR
from workbooks.rows import Block, Row, Value
from workbooks.table_sheet import Heading

Place = tuple[str, Value]
"""Where a line's row stands, as HYPERLINK takes it, and its number."""


def with_links(made: Sequence[Block], headings: Mapping[str, Heading]) -> tuple[Block, ...]:
    """The blocks, each row of the past pointing at its line's row as issued."""
    places = {key: place for block in made if block.sheet is VENDOR for key, place in _places(block, headings[block.tab])}
    return tuple(_linked(block, places) if block.sheet in HISTORY else block for block in made)


def _places(block: Block, heading: Heading) -> list[tuple[str, Place]]:
    tab = block.tab.replace("'", "''")
    first = heading.header_row + 2  # as Excel counts, below the header
    return [(str(row[KEY]), (f"#'{tab}'!A{number}", row["ref"])) for number, row in enumerate(block.rows, first)]


def _linked(block: Block, places: Mapping[str, Place]) -> Block:
    return replace(block, rows=tuple(_pointing(row, places.get(str(row["line_key"]))) for row in block.rows))


def _pointing(row: Row, place: Place | None) -> Row:
    if place is None:
        return row
    full = row | {TARGET.name: place[0], NUMBER.name: place[1]}
    return full | {"ref": ref(full)}
