"""Finds our tables in a returned file: by table name, else by a header row that reads like one; columns by header text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.records import Problem
from workbooks.gate_xml import Table
from workbooks.layout import KEY, KEY_HEADER, Column, Role, Sheet
from workbooks.layout_steps import STEPS
from workbooks.layout_tables import NOT_READ, READABLE
from workbooks.layout_vendor import VENDOR
from workbooks.opening import Opened
from workbooks.packed_sheets import Raw, SheetValues
from workbooks.sheet_scan import address
from workbooks.typed_values import plain, word

_DEEPEST_HEADER = 200
"""Rows searched for a header; a header further down is seen where it stands under the key column of one above."""

_DECISION = word(VENDOR.column("decision").header)

_FEWEST_HEADERS = 3
"""Headers of a layout, the key and an input among them, that make a row a header where columns were deleted."""

_SAY_ONLY = ("reason", "note", "owner")
"""Inputs without which a decision still says what it said."""

_HEADERS = {sheet.name: frozenset(word(column.header) for column in sheet.columns) for sheet in READABLE}
_WORDS = frozenset().union(*_HEADERS.values())
_FEWEST_SHARED = min(_FEWEST_HEADERS, *(-(-len(sheet.columns) // 2) for sheet in READABLE))
"""Cells with a header's text that any row must have to be taken for a header."""


@dataclass(frozen=True, slots=True)
class Found:
    """One of our tables where it stands now."""

    sheet: Sheet
    tab: str
    header_row: int
    end: int  # first row that is not its own
    columns: Mapping[str, int]  # by column name
    missing: tuple[Column, ...]  # inputs that decide something and have no column
    strangers: tuple[int, ...]  # columns that are not ours

    def renamed(self, raw: Sequence[Raw]) -> bool:
        """Whether something stands in a row that may be an input under another header."""
        return bool(self.missing) and any(place < len(raw) and plain(raw[place]) for place in self.strangers)


def find_tables(opened: Opened) -> tuple[list[Found], list[Problem]]:
    """Every table of ours, and what keeps one from being read."""
    problems: list[Problem] = []
    found = []
    for tab in opened.sheets:
        headers = list(_headers(opened, tab))
        ends = [*(row for _, row, _ in headers[1:]), len(opened.sheets[tab])]
        for (sheet, row, table), end in zip(headers, ends, strict=False):
            if sheet not in NOT_READ and (made := _columns(opened, sheet, tab, (row, end), table, problems)):
                found.append(made)
    return found, problems


def _headers(opened: Opened, tab: str) -> Iterator[tuple[Sheet, int, Table | None]]:
    """The header rows of a sheet from top to bottom."""
    rows = opened.sheets[tab]
    tables = {table.header_row: table for table in opened.tables if table.sheet == tab}
    waiting = {*_like_headers(rows), *(row for row in tables if row < len(rows))}
    key_columns: set[int] = set()
    while waiting:
        number = min(waiting)
        waiting.remove(number)
        row = rows[number]
        if sheet := _header(row, tables.get(number)):
            for place in {place for place in range(len(row)) if _is_key(row, place)} - key_columns:
                key_columns.add(place)
                waiting.update(below for below in rows.columns[place].rows_where(_says_key) if below > number)
            yield sheet, number, tables.get(number)


def _like_headers(rows: SheetValues) -> Iterator[int]:
    """Of the rows in which a header is searched, those with as many headers' texts as it takes; each text is looked at once."""
    counts = [0] * min(_DEEPEST_HEADER, len(rows))
    for column in rows.columns:
        values, numbers, is_header = column.values, column.numbers, dict[int, bool]()
        for row in range(len(counts)):
            number = numbers[row]
            if number not in is_header:
                value = values[number]
                is_header[number] = isinstance(value, str) and word(value) in _WORDS
            counts[row] += is_header[number]
    return (row for row, count in enumerate(counts) if count >= _FEWEST_SHARED)


def _says_key(cell: Raw) -> bool:
    return isinstance(cell, str) and len(cell) < 2 * len(KEY_HEADER) + 20 and word(cell) == word(KEY_HEADER)


def _header(row: Sequence[Raw], table: Table | None) -> Sheet | None:
    there = {word(cell) for cell in row if isinstance(cell, str)}
    named = _of_name(table.name) if table else None
    return named if named and _shared(named, there) >= _FEWEST_HEADERS else _of_headers(there)


def _of_name(table: str) -> Sheet | None:
    if table.casefold().startswith(VENDOR.table.casefold()):
        return VENDOR
    return next((sheet for sheet in READABLE if sheet.table.casefold() == table.casefold()), None)


def _is_key(row: Sequence[Raw], place: int) -> bool:
    return place < len(row) and isinstance(row[place], str) and word(row[place]) == word(KEY_HEADER)


def _shared(sheet: Sheet, there: set[str]) -> int:
    return len(_HEADERS[sheet.name] & there)


def _of_headers(there: set[str]) -> Sheet | None:
    """The layout with most of its headers in the row; without half of them, its key and an input must be there."""
    if len(there) < _FEWEST_HEADERS:
        return None
    likely = [sheet for sheet in READABLE if not (sheet is STEPS and _DECISION in there)]  # a vendor's sheet has all of its headers
    sheet = max(likely, key=lambda one: (_shared(one, there), -len(one.columns)))
    shared, inputs = _shared(sheet, there), any(word(column.header) in there for column in sheet.inputs)
    if word(KEY_HEADER) in there and inputs and shared >= _FEWEST_HEADERS:
        return sheet
    return sheet if shared * 2 >= len(sheet.columns) else None


def _columns(
    opened: Opened, sheet: Sheet, tab: str, span: tuple[int, int], table: Table | None, problems: list[Problem]
) -> Found | None:
    """Where each column stands. Two columns of one header inside the table are a problem if they take input."""
    row, end = span
    places: dict[str, list[int]] = {}
    for place, cell in enumerate(opened.sheets[tab][row]):
        if isinstance(cell, str):
            places.setdefault(word(cell), []).append(place)
    columns: dict[str, int] = {}
    for column in sheet.columns:
        standing = places.get(word(column.header), [])
        inside = [p for p in standing if table is None or table.first_column <= p <= table.last_column] or standing
        several = standing if column.name == KEY else inside
        if len(several) > 1 and (column.role is Role.INPUT or column.name == KEY):
            problems.append(_twice(opened, tab, row, column, several))
            return None
        if inside:
            columns[column.name] = inside[0]
    return _found(opened, Found(sheet, tab, row, end, columns, (), ()), problems)


def _twice(opened: Opened, tab: str, row: int, column: Column, places: Sequence[int]) -> Problem:
    both = " and ".join(address(row, place) for place in places)
    where = f"{opened.name}, {tab}!{address(row, places[1])}"
    return Problem(where, f"two columns are called {column.header} ({both}): remove one; nothing was read from this table")


def _found(opened: Opened, found: Found, problems: list[Problem]) -> Found:
    """The same with the inputs that have no column, and what may be one of them under another header."""
    missing = tuple(c for c in found.sheet.inputs if c.name not in found.columns and c.name not in _SAY_ONLY)
    if not missing or KEY not in found.columns:
        return found
    rows = opened.sheets[found.tab]
    ours = {word(column.header) for column in found.sheet.columns}
    header = rows[found.header_row]
    width = max((len(row) for row in rows[found.header_row : found.end]), default=0)
    names = [header[place] if place < len(header) else "" for place in range(width)]
    strangers = tuple(place for place, name in enumerate(names) if word(name) not in ours)
    made = Found(found.sheet, found.tab, found.header_row, found.end, found.columns, missing, strangers)
    lost = [raw for raw in rows[found.header_row + 1 : found.end] if plain(raw[found.columns[KEY]]) and made.renamed(raw)]
    if lost:
        problems.append(_renamed(opened, made, lost, names))
    return made


def _renamed(opened: Opened, found: Found, lost: Sequence[Sequence[Raw]], names: Sequence[Raw]) -> Problem:
    place = next(p for p in found.strangers if any(p < len(raw) and plain(raw[p]) for raw in lost))
    headers, called = " and ".join(c.header for c in found.missing), plain(names[place])
    column = f"the column {called}" if called else "a column without a header"
    rows = f"{len(lost)} row{'s' if len(lost) > 1 else ''}"
    said = (
        f"{headers} is missing, and {column} is not one of ours: if it was renamed, give it its name again, if not, empty it; "
        f"{rows} with something in it not used"
    )
    return Problem(f"{opened.name}, {found.tab}!{address(found.header_row, place)}", said)
