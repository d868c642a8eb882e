"""Totals rows: recognised, skipped, and compared with the rows that they sum."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from connectors.files.profile import Type
from connectors.files.recognition import Table
from connectors.files.table import Cell, cell_text
from connectors.files.values import Column, is_blank

SUMMED = ("quantity", "amount")
_IDENTITY = (Type.TEXT, Type.ID, Type.DATE, Type.CHOICE)


def find(table: Table, rows: Sequence[int], cells: Mapping[str, Sequence[Cell]], columns: Mapping[str, Column]) -> set[int]:
    """The positions of the totals rows: a totals word stands first, and nothing else says whose or what the row is."""
    words = table.profile.totals
    if not words:
        return set()
    starts = re.compile(rf"(?:{'|'.join(map(re.escape, words))})s?\b", re.IGNORECASE)
    alone = re.compile(rf"(?:{'|'.join(map(re.escape, words))})s?\s*[:.]?", re.IGNORECASE)
    found: set[int] = set()
    for position, label in _labels(table, rows, starts):
        identities = [raw[position] for name, raw in cells.items() if table.profile.columns[name].type in _IDENTITY]
        others = [cell for cell in identities if cell_text(cell) != label]
        if any(not is_blank(cell) for cell in others):
            continue
        if others or alone.fullmatch(label) or _agrees(columns, found, position):
            found.add(position)
    return found


def _labels(table: Table, rows: Sequence[int], starts: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Rows whose first filled cell starts with a totals word."""
    for position, row in enumerate(rows):
        first = next((cell for cell in table.sheet.rows[row] if not is_blank(cell)), "")
        if isinstance(first, str) and starts.match(label := cell_text(first)):
            yield position, label


def _agrees(columns: Mapping[str, Column], found: set[int], position: int) -> bool:
    checks = [value in _sums(columns[name], found, position) for name, value in _stated(columns, position)]
    return bool(checks) and all(checks)


def _stated(columns: Mapping[str, Column], position: int) -> Iterator[tuple[str, Decimal]]:
    for name in SUMMED:
        if name in columns and columns[name].values[position] is not None:
            yield name, columns[name].values[position]


def _sums(column: Column, found: set[int], position: int) -> tuple[Decimal, Decimal]:
    """The sum of all data rows above, and of those since the totals row before."""
    since = max((row for row in found if row < position), default=-1)
    values = [(row, column.values[row] or Decimal(0)) for row in range(position) if row not in found]
    return sum((v for _, v in values), Decimal(0)), sum((v for row, v in values if row > since), Decimal(0))


def notes(table: Table, rows: Sequence[int], columns: Mapping[str, Column], found: set[int]) -> list[str]:
    """What is to be said of the totals rows."""
    said = []
    for position in sorted(found):
        said.append(f"{table.sheet.place(rows[position])}: a totals row, skipped")
        for name, stated in _stated(columns, position):
            whole, since = _sums(columns[name], found, position)
            if stated not in (whole, since):
                header = table.header(name)
                said.append(
                    f"{table.sheet.place(rows[position])}: the file's total {header} {stated} differs from its rows' {whole}"
                )
    return said
