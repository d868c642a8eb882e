"""Small tables on Cover and Summary: a header, rows of figures, and totals a currency."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell

from workbooks.columns import Value
from workbooks.formats import BAND, NAVY, NUMBERS, RULE, SHEET_GREEN, Formats
from workbooks.layout import Kind
from workbooks.pen import Pen
from workbooks.tallies import Formula


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a cell of another sheet."""

    tab: str
    cell: str
    text: str


Cell = Value | Formula | Link


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a grid."""

    header: str
    kind: Kind = Kind.MONEY
    summed: bool = False
    strong: bool = False
    wrap: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid that has its place: rows can be pointed at by other sheets."""

    top: int  # of the header
    left: int
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[tuple[Cell, ...], ...] = ()
    money_rows: frozenset[int] = frozenset()  # rows whose quantities are money

    @property
    def after(self) -> int:
        """The first row below."""
        return self.top + 1 + len(self.rows) + len(self.totals)

    def place(self, header: str) -> int:
        return next(n for n, head in enumerate(self.heads) if head.header == header)

    def at(self, row: int, header: str) -> str:
        """Address of a figure; rows count from 0, the totals go on behind them."""
        return str(xl_rowcol_to_cell(self.top + 1 + row, self.left + self.place(header), True, True))

    def figure(self, row: int, header: str) -> Decimal:
        """Value of a figure."""
        return amount((*self.rows, *self.totals)[row][self.place(header)])


def amount(cell: Cell) -> Decimal:
    """The number in a cell; 0 where it holds none."""
    value = cell.value if isinstance(cell, Formula) else cell
    return Decimal(value) if isinstance(value, (Decimal, int)) else Decimal(0)


def with_totals(grid: Grid, currency_header: str, label: str = "Total") -> Grid:
    """The grid with a row of sums for each currency in it."""
    place = grid.place(currency_header)
    currencies = sorted({str(row[place]) for row in grid.rows})
    return replace(grid, totals=tuple(_totals(grid, place, one, label) for one in currencies))


def _totals(grid: Grid, place: int, currency: str, label: str) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    first, last = grid.top + 1, grid.top + len(grid.rows)
    criteria = _range(first, last, grid.left + place)
    for number, head in enumerate(grid.heads):
        if head.summed:
            found = sum((amount(row[number]) for row in grid.rows if row[place] == currency), Decimal(0))
            cells.append(Formula(f'=ROUND(SUMIFS({_range(first, last, grid.left + number)},{criteria},"{currency}"),4)', found))
        else:
            cells.append(label if number == 0 else currency if number == place else None)
    return tuple(cells)


def _range(first: int, last: int, column: int) -> str:
    return f"{xl_rowcol_to_cell(first, column, True, True)}:{xl_rowcol_to_cell(last, column, True, True)}"


def write_grid(formats: Formats, pen: Pen, grid: Grid) -> None:
    """Header, rows and totals."""
    for number, head in enumerate(grid.heads):
        align = "left" if head.kind is Kind.TEXT else "right"
        indent = {"indent": 1} if head.kind is Kind.TEXT and number else {}
        look = formats.of(
            bold=True, font_size=9, bg_color=NAVY, font_color="#FFFFFF", text_wrap=True, valign="vcenter", align=align, **indent
        )
        pen.value(grid.top, grid.left + number, head.header, look)
    pen.worksheet.set_row(grid.top, 28)
    looks = _Looks(formats, grid)
    for number, row in enumerate(grid.rows):
        _write_row(looks, pen, grid, grid.top + 1 + number, row, BODY)
    for place, row in enumerate(grid.totals, grid.top + 1 + len(grid.rows)):
        _write_row(looks, pen, grid, place, row, TOTALS)


Properties = dict[str, Any]
BODY: Properties = {"bottom": 1, "bottom_color": RULE}
TOTALS: Properties = {"bold": True, "top": 1, "bg_color": BAND}


class _Looks:
    """Formats of a grid's cells, each put together once: of a value, and of a text that would be taken for a formula."""

    def __init__(self, formats: Formats, grid: Grid) -> None:
        self._formats, self._grid = formats, grid
        self._found: dict[tuple[int, Kind, type, bool, bool], tuple[Format, Format]] = {}

    def of(self, number: int, kind: Kind, cell: Cell, row: Properties) -> tuple[Format, Format]:
        """number: of the column, from 0."""
        elsewhere = isinstance(cell, Formula) and "!" in cell.text
        key = number, kind, type(cell), elsewhere, row is TOTALS
        if key not in self._found:
            properties = self._properties(number, kind, cell, elsewhere) | row
            self._found[key] = self._formats.of(**properties), self._formats.of(quote_prefix=True, **properties)
        return self._found[key]

    def _properties(self, number: int, kind: Kind, cell: Cell, elsewhere: bool) -> Properties:
        head = self._grid.heads[number]
        properties: Properties = {"valign": "top", "num_format": NUMBERS[kind]}
        if head.strong:
            properties["bold"] = True
        if head.wrap:
            properties["text_wrap"] = True
        if head.kind is Kind.TEXT and number:
            properties |= {"indent": 1, "align": "left"}
        elif head.kind is not Kind.TEXT and not isinstance(cell, (Formula, Link)) and cell is not None:
            properties["align"] = "right"
        if elsewhere:
            properties["font_color"] = SHEET_GREEN
        if isinstance(cell, Link):
            properties |= {"font_color": NAVY, "underline": 1}
        return properties


def _write_row(looks: _Looks, pen: Pen, grid: Grid, place: int, row: Sequence[Cell], shared: Properties) -> None:
    for number, (head, cell) in enumerate(zip(grid.heads, row, strict=True)):
        kind = Kind.MONEY if head.kind is Kind.QUANTITY and place - grid.top - 1 in grid.money_rows else head.kind
        look, quoted = looks.of(number, kind, cell, shared)
        column = grid.left + number
        match cell:
            case Formula():
                pen.formula(place, column, cell.text, look, cell.value)
            case Link():
                pen.link(place, column, cell.tab, cell.cell, cell.text, look)
            case _:
                pen.value(place, column, cell, look, quoted)


def section(formats: Formats, pen: Pen, row: int, title: str, note: str = "", left: int = 1) -> int:
    """A section's title and its note; answers the row below them."""
    pen.value(row, left, title, formats.of(bold=True, font_size=12, font_color=NAVY))
    if note:
        pen.value(row + 1, left, note, formats.of(italic=True, font_color="#6B7785"))
    return row + (2 if note else 1)
