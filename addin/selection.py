"""The rows that a person selected, as Excel shows them: several areas, whole columns, filtered or not."""

from typing import TYPE_CHECKING

from addin.cells import visible_parts
from addin.errors import NotReady
from addin.workbook import Lines, OpenWorkbook, lines_of

if TYPE_CHECKING:
    from xlwings import Range


def selected(workbook: OpenWorkbook) -> tuple[Lines, list[int]]:
    """The sheet of lines in front and its selected visible rows, from top to bottom. NotReady where there are none."""
    picked = workbook.book.selection
    lines = lines_of(picked.sheet) if picked is not None else None
    if picked is None or lines is None:
        raise NotReady("Select cells of the lines to decide on a vendor's sheet, then press the button again.")
    inside = range(lines.first, lines.last + 1)
    rows = sorted(_visible(picked, inside))
    if not rows:
        raise NotReady(f"No visible line of {lines.name} is selected: select lines, then press the button again.")
    return lines, rows


def _visible(picked: "Range", inside: range) -> set[int]:
    """Whole columns reach far below the table, so each area is cut to it before its rows are counted."""
    found: set[int] = set()
    for area in visible_parts(picked):
        found |= set(range(max(area.row, inside.start), min(area.row + area.shape[0], inside.stop)))
    return found
