"""Finds our tables in a returned file: by table name, else by a header row that carries the key column; columns by header text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.records import Problem
from workbooks.layout import KEY, KEY_HEADER, Role, Sheet
from workbooks.layout_tables import INVOICE_TOTALS, NOT_READ, READABLE, TABLES
from workbooks.layout_vendor import VENDOR
from workbooks.opening import Opened, Raw, Table
from workbooks.sheet_scan import address
from workbooks.typed_values import word

_DEEPEST_HEADER = 200
"""Rows searched for a header on a sheet whose table is gone."""


@dataclass(frozen=True, slots=True)
class Found:
    """One of our tables where it stands now."""

    sheet: Sheet
    tab: str
    header_row: int
    columns: Mapping[str, int]  # by column name


def find_tables(opened: Opened) -> tuple[list[Found], list[Problem]]:
    """Every table of ours, and what keeps one from being read."""
    problems: list[Problem] = []
    headers = [found for found in _headers(opened) if found[0] not in NOT_READ]
    found = [made for sheet, tab, row, table in headers if (made := _columns(opened, sheet, tab, row, table, problems))]
    return found, problems


def _headers(opened: Opened) -> Iterator[tuple[Sheet, str, int, Table | None]]:
    seen: set[tuple[str, int]] = set()
    for table in opened.tables:
        sheet = _of_name(table.name)
        rows = opened.sheets.get(table.sheet, [])
        if sheet and 0 <= table.header_row < len(rows) and _has_key(rows[table.header_row]):
            seen.add((table.sheet, table.header_row))
            yield sheet, table.sheet, table.header_row, table
    for tab, rows in opened.sheets.items():
        for number, row in enumerate(rows[:_DEEPEST_HEADER]):
            if (tab, number) not in seen and _has_key(row) and (sheet := _of_headers(row)):
                yield sheet, tab, number, None


def _of_name(table: str) -> Sheet | None:
    if table.casefold().startswith(VENDOR.table.casefold()):
        return VENDOR
    return next((sheet for sheet in (*TABLES, INVOICE_TOTALS) if sheet.table.casefold() == table.casefold()), None)


def _has_key(row: Sequence[Raw]) -> bool:
    return any(word(cell) == word(KEY_HEADER) for cell in row if isinstance(cell, str))


def _of_headers(row: Sequence[Raw]) -> Sheet | None:
    """The layout with most of its headers in the row; at least half of them must be there."""
    there = {word(cell) for cell in row if isinstance(cell, str)}
    shares = [(sum(word(c.header) in there for c in sheet.columns) / len(sheet.columns), sheet) for sheet in READABLE]
    share, sheet = max(shares, key=lambda pair: pair[0])
    return sheet if share >= 0.5 else None


def _columns(opened: Opened, sheet: Sheet, tab: str, row: int, table: Table | None, problems: list[Problem]) -> Found | None:
    """Where each column stands. Two columns of one header inside the table are a problem if they take input."""
    places: dict[str, list[int]] = {}
    for place, cell in enumerate(opened.sheets[tab][row]):
        if isinstance(cell, str):
            places.setdefault(word(cell), []).append(place)
    columns = {}
    for column in sheet.columns:
        standing = places.get(word(column.header), [])
        inside = [p for p in standing if table is None or table.first_column <= p <= table.last_column] or standing
        if len(inside) > 1 and (column.role is Role.INPUT or column.name == KEY):
            both = " and ".join(address(row, place) for place in inside)
            where = f"{opened.name}, {tab}!{address(row, inside[1])}"
            problems.append(
                Problem(where, f"two columns are called {column.header} ({both}): remove one; nothing was read from this table")
            )
            return None
        if inside:
            columns[column.name] = inside[0]
    return Found(sheet, tab, row, columns)
