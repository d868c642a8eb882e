"""What spreadsheet programs type by themselves: dates and numbers that count up when a cell is dragged, one quantity filled over
many rows, a fill or paste that ran through hidden rows. Nobody meant these for certain, so none of them is used unconfirmed.

A Note in the row confirms it: it is the one cell that says somebody looked at this row.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal

COUNTED = 3
"""Rows from which a date or number that counts up by one is taken for a dragged one."""

FILLED = 4
"""Rows from which one quantity that fits none of them is taken for a filled one."""

CONFIRM = "or write in its Note why it is meant"


@dataclass(frozen=True, slots=True)
class FilledRow:
    """What is typed in one row of a table."""

    row: int  # on its sheet
    hidden: bool
    said: tuple[str, ...]  # what is decided, the same for rows that say the same; empty: nothing
    note: str
    day: dt.date | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    to_bill: Decimal | None = None

    @property
    def misfit(self) -> bool:
        """Whether another quantity is typed than To bill."""
        return self.quantity is not None and self.to_bill is not None and self.quantity != self.to_bill


@dataclass(frozen=True, slots=True)
class Trap:
    """A cell that may not be used as it stands."""

    row: int
    column: str
    rows: tuple[int, int]  # first and last of the rows that look dragged or filled together
    message: str  # {cells} stands for their range


Runs = Iterator[Sequence[FilledRow]]


def traps(rows: Sequence[FilledRow], hidden: Set[int]) -> list[Trap]:
    """Every cell that looks dragged, filled or pasted over, once.

    rows: those with something typed, in the order of the sheet. hidden: the rows that the sheet does not show.
    """
    shown = [row for row in rows if not row.hidden]
    found = [*_through_hidden(rows)]
    for order in (rows, shown) if len(shown) < len(rows) else (rows,):
        found += [*_counted(order, hidden), *_filled(order, hidden)]
    return list({(trap.row, trap.column): trap for trap in reversed(found)}.values())[::-1]


def _runs(rows: Sequence[FilledRow], goes_on: Callable[[FilledRow, FilledRow], bool]) -> Runs:
    """The rows cut where one does not go on from the one before."""
    start = 0
    for place in range(1, len(rows) + 1):
        if place == len(rows) or not goes_on(rows[place - 1], rows[place]):
            yield rows[start:place]
            start = place


def _adjacent(above: FilledRow, below: FilledRow, hidden: Set[int]) -> bool:
    """Whether nothing that is shown stands between two rows."""
    return all(row in hidden for row in range(above.row + 1, below.row))


def _counted(rows: Sequence[FilledRow], hidden: Set[int]) -> Iterator[Trap]:
    def days(above: FilledRow, below: FilledRow) -> bool:
        return bool(above.day and below.day and (below.day - above.day).days == 1 and _adjacent(above, below, hidden))

    def quantities(above: FilledRow, below: FilledRow) -> bool:
        return _next(above.quantity, below.quantity) and _adjacent(above, below, hidden)

    def prices(above: FilledRow, below: FilledRow) -> bool:
        return _next(above.price, below.price) and _adjacent(above, below, hidden)

    yield from _of_runs(_runs(rows, days), "from", "From counts up day by day in {cells}, as a dragged date does: type the day")
    unfit = (run for run in _runs(rows, quantities) if any(row.misfit for row in run))
    yield from _of_runs(unfit, "quantity", "Quantity counts up one by one in {cells}, as a dragged number does: type the quantity")
    yield from _of_runs(_runs(rows, prices), "new_price", "New price counts up in {cells}, as a dragged one does: type the price")


def _next(above: Decimal | None, below: Decimal | None) -> bool:
    return above is not None and below is not None and below - above == 1


def _of_runs(runs: Runs, column: str, said: str) -> Iterator[Trap]:
    for run in runs:
        if len(run) >= COUNTED:
            span = run[0].row, run[-1].row
            yield from (Trap(row.row, column, span, f"{said} that is meant, {CONFIRM}") for row in run if not row.note)


def _filled(rows: Sequence[FilledRow], hidden: Set[int]) -> Iterator[Trap]:
    def same(above: FilledRow, below: FilledRow) -> bool:
        return above.quantity is not None and above.quantity == below.quantity and _adjacent(above, below, hidden)

    for run in _runs(rows, same):
        unfit = [row for row in run if row.misfit]
        if len(unfit) >= FILLED and len({row.to_bill for row in unfit}) > 1:
            said = (
                f"{run[0].quantity:f} is typed in all of {{cells}}, whatever is To bill there, as a filled cell is: "
                f"empty it to bill what is counted, {CONFIRM}"
            )
            yield from (Trap(row.row, "quantity", (run[0].row, run[-1].row), said) for row in unfit if not row.note)


def _through_hidden(rows: Sequence[FilledRow]) -> Iterator[Trap]:
    def same(above: FilledRow, below: FilledRow) -> bool:
        return bool(above.said) and above.said == below.said and below.row == above.row + 1

    for run in _runs(rows, same):
        notes = {row.note for row in run if not row.hidden}
        said = (
            "this row is hidden and says the same as the shown ones beside it ({cells}), as a fill or paste through a filter does: "
            "show the rows, look, and return the copy again, or write a Note of its own"
        )
        if notes:
            span = run[0].row, run[-1].row
            unconfirmed = (row for row in run if row.hidden and (not row.note or row.note in notes))
            yield from (Trap(row.row, "decision", span, said) for row in unconfirmed)
