"""Cells of an open workbook, in blocks: what Excel hands over as plain values, and values written where they can be.

Every call to Excel costs milliseconds, so columns are read whole and side by side, and rows are written in runs. A block that is
written across filtered-out rows would land in other rows, so only runs of visible rows are written at once, and hidden ones one
by one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from addin.errors import NotReady
from workbooks.typed_values import plain

if TYPE_CHECKING:
    from xlwings import App, Range, Sheet

NEAR = 3
"""Columns this far apart are read together: cells in between cost less than another call."""

_NOT_TEXT = tuple("=+-@'(.$€£")

Column = list[Any]


def filled(value: Any) -> bool:
    """Whether a cell holds something."""
    if value is None:
        return False
    if type(value) is str and value.isascii():  # nearly every cell: in the words of `plain` it takes six times as long
        return value != "" and not value.isspace()
    return plain(value) != ""


def block(sheet: "Sheet", top: int, left: int, rows: int, columns: int) -> list[list[Any]]:
    """The cells of a rectangle, row by row: empty ones are None, errors their text (#N/A). Places count from 1."""
    found = sheet.range((top, left), (top + rows - 1, left + columns - 1)).options(ndim=2, err_to_str=True).value
    return [list(row) for row in found]


def columns_of(sheet: "Sheet", top: int, rows: int, places: Iterable[int]) -> dict[int, Column]:
    """Whole columns by their place, read in as few blocks as there are groups of neighbours."""
    found: dict[int, Column] = {}
    for group in neighbours(sorted(set(places)), NEAR):
        left = group[0]
        read = block(sheet, top, left, rows, group[-1] - left + 1)
        found |= {place: [row[place - left] for row in read] for place in group}
    return found


def neighbours(places: Sequence[int], near: int = 1) -> Iterator[list[int]]:
    """Places in order, in groups whose members stand at most that far apart."""
    group = list(places[:1])
    for before, place in pairwise(places):
        if place - before > near:
            yield group
            group = []
        group.append(place)
    if group:
        yield group


def runs(rows: Iterable[int]) -> Iterator[range]:
    """Rows that follow one another, as ranges."""
    ordered = sorted(set(rows))
    start = 0
    for place, row in enumerate(ordered):
        if place + 1 == len(ordered) or ordered[place + 1] != row + 1:
            yield range(ordered[start], row + 1)
            start = place + 1


def visible_rows(area: "Range") -> set[int]:
    """The rows of a range that neither a filter nor a person hides."""
    return {row for part in visible_parts(area) for row in range(part.row, part.row + part.shape[0])}


def visible_parts(area: "Range") -> "list[Range]":
    """The visible rectangles of a range, however many areas it has."""
    return cast("list[Range]", area.get_special_cells("visible"))  # an awaitable in xlwings Lite only


def quietly(app: "App") -> AbstractContextManager[object]:
    """While cells are read and written: Excel neither draws nor calculates until the last one is."""
    return app.properties(screen_updating=False, calculation="manual")


def bridged(values: Mapping[int, Sequence[Any]], empty: set[int]) -> dict[int, Sequence[Any]]:
    """The values with empty cells for rows between them that are empty already, so that they are written in fewer runs."""
    width = len(next(iter(values.values()), ()))
    found = dict(values)
    for above, below in pairwise(sorted(values)):
        if below - above > 1 and all(row in empty for row in range(above + 1, below)):
            found |= {row: [None] * width for row in range(above + 1, below)}
    return found


def write_column(sheet: "Sheet", column: int, values: Mapping[int, Any], visible: set[int]) -> None:
    """Writes values by their row. NotReady where the sheet does not let them be written."""
    write_rows(sheet, column, {row: [value] for row, value in values.items()}, visible)


def write_rows(sheet: "Sheet", left: int, values: Mapping[int, Sequence[Any]], visible: set[int]) -> None:
    """Writes neighbouring cells by their row, each row as wide as the others. NotReady where the sheet does not let it be."""
    hidden = (range(row, row + 1) for row in sorted(values.keys() - visible))
    try:
        for run in (*runs(values.keys() & visible), *hidden):
            right = left + len(values[run.start]) - 1
            sheet.range((run.start, left), (run.stop - 1, right)).value = [[_written(cell) for cell in values[row]] for row in run]
    except Exception as error:  # each system has its own; all mean that Excel does not let the cell be written
        said = f"{sheet.name} could not be written to ({_first_line(error)}): is it protected, or a cell being edited?"
        raise NotReady(said) from error


def _written(value: Any) -> Any:
    """Text that Excel would take for a formula, a number or a date stays text; a Decimal would turn its cell into currency."""
    if isinstance(value, Decimal):
        return float(value)
    return f"'{value}" if isinstance(value, str) and (value[:1].isdigit() or value[:1] in _NOT_TEXT) else value


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def letters(column: int) -> str:
    """The letters of a column, counted from 1."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
