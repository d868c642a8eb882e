"""The open workbook as one of ours: which issue it is, by its hidden sheet, and where its lines stand now.

Neither its path nor its name says anything: it may come from mail or OneDrive, be renamed, read-only or never saved.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from addin.cells import Column, block, columns_of, letters
from addin.errors import NotReady
from workbooks.layout import IDENTITY, KEY, KEY_HEADER, SCHEMA_VERSION
from workbooks.layout import Sheet as Layout
from workbooks.layout_costs import COSTS
from workbooks.layout_steps import STEPS
from workbooks.layout_tables import INVOICE_TOTALS, TABLES
from workbooks.layout_vendor import VENDOR
from workbooks.typed_values import plain, word

if TYPE_CHECKING:
    from xlwings import Book, Sheet

DEEPEST_HEADER = 200
"""Rows searched for a header: people put titles above, never that many."""

USUAL_HEADER = 8
DEEPEST_IDENTITY = 30
NEEDED = (KEY, "fingerprint", "state", "decision")
"""Columns without which a table of lines cannot be worked with."""


@dataclass(frozen=True)
class Lines:
    """One sheet's lines: rows and columns count from 1."""

    sheet: "Sheet"
    name: str
    first: int  # row
    last: int
    places: Mapping[str, int]  # by the column's name in the layout
    layout: Layout = VENDOR

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    def read(self, *names: str) -> dict[str, Column]:
        """Columns by name, in the order of the rows; one that was deleted is empty."""
        wanted = {name: self.places[name] for name in names if name in self.places}
        found = columns_of(self.sheet, self.first, self.size, wanted.values())
        return {name: found[wanted[name]] if name in wanted else [None] * self.size for name in names}

    def read_with_results(self, *names: str) -> dict[str, Column]:
        """The same; the column Result is read along with them, for `results`."""
        found = self.read(*names, "result")
        vars(self)["results"] = found["result"]
        return found

    @cached_property
    def states(self) -> Column:
        """The states, for the few rows in which something is wrong: they were not read with the rest."""
        return self.read("state")["state"]

    @cached_property
    def results(self) -> Column:
        """What the column Result says, as far as it was read or written here; while a command runs nobody else writes to it."""
        return self.read("result")["result"]

    def place(self, row: int, name: str = "decision") -> str:
        """Sheet and cell, as a person says it."""
        return f"{self.name}!{letters(self.places.get(name, 1))}{row}"


@dataclass(frozen=True)
class OpenWorkbook:
    """An issued workbook that is open in Excel."""

    book: "Book"
    identity: Mapping[str, str]

    @property
    def workbook_id(self) -> str:
        return self.identity["workbook_id"]

    @property
    def run_id(self) -> str:
        return self.identity["run_id"]

    @cached_property
    def lines(self) -> tuple[Lines, ...]:
        """Every sheet of lines, in the order of the tabs."""
        return tuple(found for name, sheet in self._sheets.items() if (found := lines_of(sheet, self._tops[name])))

    @cached_property
    def steps(self) -> Lines | None:
        """The rows of Dated steps; None where there is no such sheet. NotReady where it is there and has lost its columns: a line
        is never sent without its steps."""
        found = next((found for name, sheet in self._sheets.items() if (found := steps_of(sheet, self._tops[name]))), None)
        if found is None and STEPS.name in self._sheets:
            raise NotReady(f"{STEPS.name} has lost its columns Ref, Quantity, From or Key: give them their names again.")
        return found

    @cached_property
    def others(self) -> tuple[Lines, ...]:
        """The rows of every other sheet that people type into: mapping decisions, explanations, invoice totals."""
        names = {lines.name for lines in self.lines} | ({self.steps.name} if self.steps else set())
        return tuple(f for n, sheet in self._sheets.items() if n not in names and (f := others_of(sheet, self._tops[n])))

    @cached_property
    def _sheets(self) -> Mapping[str, "Sheet"]:
        return {sheet.name: sheet for sheet in self.book.sheets}

    @cached_property
    def _tops(self) -> Mapping[str, "Top"]:
        return {name: Top(sheet) for name, sheet in self._sheets.items()}


def open_workbook(book: "Book") -> OpenWorkbook:
    """The book as one of ours; NotReady where it is none."""
    return OpenWorkbook(book, _identity(book))


def _identity(book: "Book") -> dict[str, str]:
    sheet = next((one for one in book.sheets if one.name.casefold() == IDENTITY), None)
    found = dict(_pairs(block(sheet, 1, 1, DEEPEST_IDENTITY, 2))) if sheet else {}
    if not {"workbook_id", "run_id", "revision"} <= found.keys():
        raise NotReady(
            "The workbook in front is none that Tieout issued, or its hidden sheet is gone: go to the workbook that you were sent, "
            "or press Get workbook."
        )
    version = found.get("schema_version", "")
    if version.isdecimal() and int(version) > SCHEMA_VERSION:
        raise NotReady("This workbook was issued by a newer version of Tieout: update with 'uv tool upgrade tieout'.")
    return found


def _pairs(rows: list[list[Any]]) -> Iterator[tuple[str, str]]:
    """Names and values; Excel hands every number over as a float."""
    return ((plain(name), plain(value)) for name, value in rows if name is not None and value is not None)


class Top:
    """The first rows of a sheet, in which headers may stand: read as far as they are looked at, and once."""

    def __init__(self, sheet: "Sheet") -> None:
        used = sheet.used_range
        self.sheet = sheet
        self.bottom, self._right = used.row + used.shape[0] - 1, used.column + used.shape[1] - 1
        self._read: list[list[str]] = []

    def headers(self) -> Iterator[tuple[int, list[str]]]:
        """The rows that name our key's column, as words: from where a header stood when the workbook was issued, then below."""
        seen = 0
        for last in (USUAL_HEADER, DEEPEST_HEADER):
            missing = min(last, self.bottom - 1) - len(self._read)
            if missing > 0:
                cells = block(self.sheet, len(self._read) + 1, 1, missing, self._right)
                self._read += [[word(cell) if isinstance(cell, str) else "" for cell in one] for one in cells]
            for row, texts in enumerate(self._read[seen:], seen + 1):
                if _KEY in texts:
                    yield row, texts
            seen = len(self._read)


_KEY = word(KEY_HEADER)


@cache
def _headers(table: str) -> Mapping[str, str]:
    """The columns of a layout by their header."""
    return {word(column.header): column.name for column in _LAYOUTS[table].columns}


_LAYOUTS = {layout.table: layout for layout in (VENDOR, STEPS, *TABLES, INVOICE_TOTALS)}


def lines_of(sheet: "Sheet", top: Top | None = None) -> Lines | None:
    """The lines of a sheet, by a header row that has what is needed; None where it has none. NotReady where two columns have
    one name, or where some of what is needed is gone."""
    top = top or Top(sheet)
    for row, texts in top.headers():
        costs = _places(COSTS, texts)
        layout, places = (COSTS, costs) if _NEW_COST in dict(costs) else (VENDOR, _places(VENDOR, texts))
        names = [name for name, _ in places]
        if KEY in names and "fingerprint" in names:
            _whole(sheet.name, layout, names)
            return Lines(sheet, sheet.name, row + 1, top.bottom, dict(places), layout)
    return None


_NEW_COST = "new_cost"
"""A column that only services' costs have."""


def steps_of(sheet: "Sheet", top: Top | None = None) -> Lines | None:
    """The rows of dated steps of a sheet, also those typed below its table; None where it is none of that kind."""
    top = top or Top(sheet)
    for row, texts in top.headers():
        places = dict(_places(STEPS, texts))
        if "fingerprint" not in dict(_places(VENDOR, texts)) and {"ref", "quantity", "from"} <= places.keys():
            return Lines(sheet, sheet.name, row + 1, max(top.bottom, row + 1), places, STEPS)
    return None


def _places(layout: Layout, texts: Sequence[str]) -> list[tuple[str, int]]:
    """The columns of a layout that a row of headers names, each with its place."""
    headers = _headers(layout.table)
    return [(headers[text], place) for place, text in enumerate(texts, 1) if text in headers]


def others_of(sheet: "Sheet", top: Top | None = None) -> Lines | None:
    """The rows of a table beside those of lines; None where nothing is typed into it. NotReady where a column to type into is
    gone, or there twice: what stands in it would be left out without a word."""
    top = top or Top(sheet)
    for row, texts in top.headers():
        found = {layout.table: _places(layout, texts) for layout in (*TABLES, INVOICE_TOTALS)}
        layout = max((*TABLES, INVOICE_TOTALS), key=lambda one: len({name for name, _ in found[one.table]}))
        names = [name for name, _ in found[layout.table]]
        if KEY in names and layout.inputs and len(set(names)) * 2 >= len(layout.columns):
            _usable(sheet.name, layout, names, {KEY, *(column.name for column in layout.inputs)})
            return Lines(sheet, sheet.name, row + 1, max(top.bottom, row + 1), dict(found[layout.table]), layout)
    return None


def _whole(sheet: str, layout: Layout, names: list[str]) -> None:
    _usable(sheet, layout, names, NEEDED, {column.name for column in layout.inputs})


def _usable(sheet: str, layout: Layout, names: list[str], needed: Collection[str], once: Collection[str] = ()) -> None:
    """NotReady where a column is missing that is needed, or one stands twice."""
    missing = [layout.column(name).header for name in needed if name not in names]
    if missing:
        raise NotReady(f"{sheet} has no column {missing[0]}: give it its name again, or go back to the workbook as it was issued.")
    twice = next((name for name in names if name in {*needed, *once} and names.count(name) > 1), None)
    if twice:
        raise NotReady(f"{sheet} has two columns {layout.column(twice).header}: remove one.")
