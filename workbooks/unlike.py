"""Which rows of a copy are worth comparing cell by cell: nearly all come back as they were issued.

A column at a time, and each pair of values once: a sheet of a hundred thousand rows has few states, dates and prices.
"""

from collections.abc import Collection, Sequence

from workbooks.as_shown import FILLED_IN, same
from workbooks.issued_rows import IssuedRows
from workbooks.layout import Column
from workbooks.reader import Returned
from workbooks.returned_rows import ReturnedCells, ReturnedTable
from workbooks.rows import Value


def unlike(returned: Returned, issued: IssuedRows) -> Collection[str]:
    """The keys of the rows that are not as issued or never were issued, in the copy's order; a few more may be among them."""
    cells = returned.cells
    if not isinstance(cells, ReturnedCells):
        return cells.keys()
    found: set[str] = set(cells.decided)
    for table in cells.tables:
        known = [key for key in table.keys if (table.sheet.table, key) in issued]
        found.update(table.keys - set(known))
        for column in table.sheet.issued:
            if column.name in table.names and column.name not in FILLED_IN:
                found.update(_changed(column, table, known, issued.column(table.sheet.table, column.name, known)))
    return [key for key in cells if key in found] if found else ()


def _changed(column: Column, table: ReturnedTable, keys: Sequence[str], issued: Sequence[Value]) -> list[str]:
    values, numbers = table.column(column.name, keys)
    pairs = list(zip(issued, numbers, strict=True))
    changed = {pair for pair in set(pairs) if not same(column, pair[0], values[pair[1]])}
    return [key for key, pair in zip(keys, pairs, strict=True) if pair in changed] if changed else []
