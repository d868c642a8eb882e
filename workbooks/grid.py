"""Small tables on Cover and Summary: a header, rows of figures, and totals a currency."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

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
    for number, row in enumerate(grid.rows):
        _write_row(formats, pen, grid, grid.top + 1 + number, row, bottom=1, bottom_color=RULE)
    for place, row in enumerate(grid.totals, grid.top + 1 + len(grid.rows)):
        _write_row(formats, pen, grid, place, row, bold=True, top=1, bg_color=BAND)


def _write_row(formats: Formats, pen: Pen, grid: Grid, place: int, row: Sequence[Cell], **look: Any) -> None:
    for number, (head, cell) in enumerate(zip(grid.heads, row, strict=True), grid.left):
        kind = Kind.MONEY if head.kind is Kind.QUANTITY and place - grid.top - 1 in grid.money_rows else head.kind
        properties: dict[str, Any] = {"valign": "top", "num_format": NUMBERS[kind], **look}
        if head.strong:
            properties["bold"] = True
        if head.wrap:
            properties["text_wrap"] = True
        if head.kind is Kind.TEXT and number > grid.left:
            properties |= {"indent": 1, "align": "left"}
        elif head.kind is not Kind.TEXT and not isinstance(cell, (Formula, Link)) and cell is not None:
            properties["align"] = "right"
        match cell:
            case Formula():
                if "!" in cell.text:
                    properties["font_color"] = SHEET_GREEN
                pen.formula(place, number, cell.text, formats.of(**properties), cell.value)
            case Link():
                pen.link(
                    place,
                    number,
                    cell.tab,
                    cell.cell,
                    cell.text,
                    formats.of(**(properties | {"font_color": NAVY, "underline": 1})),
                )
            case _:
                pen.value(place, number, cell, formats.of(**properties), formats.of(quote_prefix=True, **properties))


def section(formats: Formats, pen: Pen, row: int, title: str, note: str = "", left: int = 1) -> int:
    """A section's title and its note; answers the row below them."""
    pen.value(row, left, title, formats.of(bold=True, font_size=12, font_color=NAVY))
    if note:
        pen.value(row + 1, left, note, formats.of(italic=True, font_color="#6B7785"))
    return row + (2 if note else 1)
