"""What people do to a workbook before they return it, done by openpyxl and by LibreOffice."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.workbooks.survival.stages import Stage, Step, Tables, lo, xl
from tests.workbooks.survival.where import Places
from tests.workbooks.survival.world import DECIDED

VENDORS = ("Microsoft", "Pax8", "Huntress")
FIRST, LAST = "Ref", "Quantity part"
"""Headers of a vendor's first and last column."""


def _vendors(tables: Tables) -> Iterable[tuple[str, Places]]:
    return ((tab, tables[tab]) for tab in VENDORS if tab in tables)


def _whole(places: Places) -> str:
    """Every cell below the header, to the table's last column."""
    last = max(places.columns, key=lambda header: places.columns[header])
    first = min(places.columns, key=lambda header: places.columns[header])
    return places.range(first, last)


def sort_xl(header: str) -> Stage:
    def edit(book: Workbook, tables: Tables) -> None:
        for tab, places in _vendors(tables):
            rows = rows_of(book[tab], places)
            at = places.columns[header]
            put(book[tab], places, sorted(rows, key=lambda row: (row[at] is None, str(row[at])), reverse=True))

    return xl(edit)


def rows_of(page: Worksheet, places: Places) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in page.iter_rows(places.first + 1, places.last + 1)]


def put(page: Worksheet, places: Places, rows: Iterable[list[Any]]) -> None:
    """The values of the table's rows, from its first row on."""
    for number, row in enumerate(rows, places.first + 1):
        for column, value in enumerate(row, 1):
            page.cell(number, column).value = value


def sort_lo(header: str) -> Stage:
    return lo(lambda tables: [("sort", tab, _whole(p), p.columns[header]) for tab, p in _vendors(tables)])


DECIDED_LINES = {key for _, key in DECIDED}


def _others(places: Places) -> list[int]:
    """Rows in which nothing is decided."""
    return sorted(row for key, row in places.rows.items() if key not in DECIDED_LINES)


def _hide_xl(choose: Callable[[Places], Iterable[int]]) -> Stage:
    def edit(book: Workbook, tables: Tables) -> None:
        for tab, places in _vendors(tables):
            for row in choose(places):
                book[tab].row_dimensions[row + 1].hidden = True

    return xl(edit)


def _hide_lo(choose: Callable[[Places], Iterable[int]]) -> Stage:
    return lo(lambda tables: [("hide_rows", tab, row, row) for tab, p in _vendors(tables) for row in choose(p)])


def _swap_xl(book: Workbook, tables: Tables) -> None:
    for tab, places in _vendors(tables):
        for one, other in (("Decision", "Why"), ("Quantity", "Key")):
            for row in range(places.header + 1, places.last + 2):
                ours, theirs = (book[tab].cell(row, places.columns[header] + 1) for header in (one, other))
                ours.value, theirs.value = theirs.value, ours.value


def _swap_lo(tables: Tables) -> list[Step]:
    return [
        ("swap_columns", tab, p.range(one, one, p.header), p.range(other, other, p.header))
        for tab, p in _vendors(tables)
        for one, other in (("Decision", "Why"), ("Quantity", "Key"))
    ]


def _columns_in_xl(book: Workbook, tables: Tables) -> None:
    for tab, places in _vendors(tables):
        book[tab].insert_cols(places.columns["Decision"] + 1, 2)
        for row in range(places.first, places.last + 1):
            book[tab].cell(row + 1, places.columns["Decision"] + 1).value = "my own remark"


def _columns_in_lo(tables: Tables) -> list[Step]:
    steps: list[Step] = []
    for tab, places in _vendors(tables):
        steps.append(("insert_columns", tab, places.columns["Decision"], 2))
        steps += [("type", tab, places.at("Decision", row), "my own remark") for row in range(places.first, places.last + 1)]
    return steps


OUTLINE = ("Agreement", "Proven")
"""The first of the collapsed columns, and the last that may go."""


def _collapsed(places: Places) -> tuple[int, int]:
    first, last = (places.columns[header] for header in OUTLINE)
    return first, last - first + 1


def _delete_columns_xl(book: Workbook, tables: Tables) -> None:
    first, count = _collapsed(tables["Microsoft"])
    book["Microsoft"].delete_cols(first + 1, count)


def _delete_columns_lo(tables: Tables) -> list[Step]:
    return [("delete_columns", "Microsoft", *_collapsed(tables["Microsoft"]))]


def _insert_rows(before: Callable[[Places], int], count: int) -> dict[str, Stage]:
    def edit(book: Workbook, tables: Tables) -> None:
        for tab, places in _vendors(tables):
            book[tab].insert_rows(before(places) + 1, count)

    return {
        "openpyxl": xl(edit),
        "LibreOffice": lo(lambda tables: [("insert_rows", tab, before(p), count) for tab, p in _vendors(tables)]),
    }


def _delete_rows_xl(book: Workbook, tables: Tables) -> None:
    for tab, places in _vendors(tables):
        for row in reversed(_others(places)):
            book[tab].delete_rows(row + 1)


def _delete_rows_lo(tables: Tables) -> list[Step]:
    return [("delete_rows", tab, row, 1) for tab, p in _vendors(tables) for row in reversed(_others(p))]


def _rename_xl(book: Workbook, _: Tables) -> None:
    for number, tab in enumerate(("Microsoft", "Pax8", "Unmapped accounts", "Cover")):
        book[tab].title = f"done {number} 'ok'"


def _reorder_xl(book: Workbook, _: Tables) -> None:
    book.move_sheet("Legend", -5)
    book.move_sheet("Microsoft", 4)


def _duplicate_xl(book: Workbook, _: Tables) -> None:
    book.copy_worksheet(book["Microsoft"]).title = "Microsoft (2)"


Retype = Callable[[Any], Any]


def _typed(retype: Retype, headers: Iterable[str]) -> dict[str, Stage]:
    """The same typed otherwise."""

    def cells(tables: Tables) -> Iterable[tuple[str, str, Any]]:
        for (tab, key), typed in DECIDED.items():
            for header in headers:
                if header in typed and tab in tables:
                    yield tab, tables[tab].cell(header, key), retype(typed[header])

    def edit(book: Workbook, tables: Tables) -> None:
        for tab, place, value in cells(tables):
            book[tab][place].value = value

    return {
        "openpyxl": xl(edit),
        "LibreOffice": lo(lambda tables: [("type", tab, place, value) for tab, place, value in cells(tables)]),
    }


def _text_of_day(value: dt.date) -> str:
    return f"{value.day} {value:%B %Y}"


def _spaced(value: str) -> str:
    return f" \u00a0{'  '.join(value.split(' '))} "


def _cut_xl(book: Workbook, tables: Tables) -> None:
    page, places = book["Microsoft"], tables["Microsoft"]
    row = places.rows["line:3589"] + 1
    page.move_range(f"A{row}:{get_column_letter(page.max_column)}{row}", rows=places.last + 3 - row)


def _cut_lo(tables: Tables) -> list[Step]:
    places = tables["Microsoft"]
    row = places.rows["line:3589"]
    last = max(places.columns, key=lambda header: places.columns[header])
    return [("move_cells", "Microsoft", places.range(FIRST, last, row, row), f"A{places.last + 3}")]


def _shown_xl(book: Workbook, _: Tables) -> None:
    for page in book.worksheets:
        page.sheet_state = "visible"
        for letter in list(page.column_dimensions):
            page.column_dimensions[letter].hidden = False


def _serials_xl(book: Workbook, tables: Tables) -> None:
    """Dates that lost their format are numbers."""
    epoch = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - openpyxl's dates are naive
    for tab, places in _vendors(tables):
        for row in book[tab].iter_rows(places.first + 1, places.last + 1):
            for cell in row:
                if isinstance(cell.value, dt.datetime):
                    cell.value, cell.number_format = (cell.value - epoch).days, "General"


def _serials_lo(tables: Tables) -> list[Step]:
    return [("plain_format", tab, _whole(places)) for tab, places in _vendors(tables)]


def _formatted(book: Workbook, tables: Tables) -> None:
    """A person's own colours, heights and comments; no filter, no validation, no rules."""
    for tab, places in _vendors(tables):
        page = book[tab]
        page.freeze_panes = None
        page.data_validations.dataValidation.clear()
        page.conditional_formatting = type(page.conditional_formatting)()
        page.row_dimensions[places.first + 1].height = 60
        page.column_dimensions[get_column_letter(column_index_from_string("L"))].width = 40


CHANGES: dict[str, dict[str, Stage]] = {
    "saved again": {"openpyxl": xl(lambda *_: None), "LibreOffice": lo(lambda _: [])},
    "sorted by client": {"openpyxl": sort_xl("Client"), "LibreOffice": sort_lo("Client")},
    "sorted by decision": {"openpyxl": sort_xl("Decision"), "LibreOffice": sort_lo("Decision")},
    "undecided rows filtered out": {"openpyxl": _hide_xl(_others), "LibreOffice": _hide_lo(_others)},
    "decided rows hidden": {
        "openpyxl": _hide_xl(lambda p: [p.rows[k] for k in ("line:3591", "line:3619") if k in p.rows]),
        "LibreOffice": _hide_lo(lambda p: [p.rows[k] for k in ("line:3591", "line:3619") if k in p.rows]),
    },
    "columns moved": {"openpyxl": xl(_swap_xl), "LibreOffice": lo(_swap_lo)},
    "columns inserted": {"openpyxl": xl(_columns_in_xl), "LibreOffice": lo(_columns_in_lo)},
    "collapsed columns deleted": {"openpyxl": xl(_delete_columns_xl), "LibreOffice": lo(_delete_columns_lo)},
    "rows inserted above": _insert_rows(lambda _: 1, 3),
    "rows inserted between": _insert_rows(lambda places: places.first + 2, 2),
    "undecided rows deleted": {"openpyxl": xl(_delete_rows_xl), "LibreOffice": lo(_delete_rows_lo)},
    "sheets renamed": {
        "openpyxl": xl(_rename_xl),
        "LibreOffice": lo(lambda _: [("rename", "Microsoft", "O'Brien's & co"), ("rename", "Cover", "1"), ("rename", "Pax8", "x")]),
    },
    "sheets reordered": {
        "openpyxl": xl(_reorder_xl),
        "LibreOffice": lo(lambda _: [("move_sheet", "Legend", 0), ("move_sheet", "Microsoft", 9)]),
    },
    "a sheet copied": {
        "openpyxl": xl(_duplicate_xl), "LibreOffice": lo(lambda _: [("copy_sheet", "Microsoft", "Microsoft (2)")]),
    },
    "numbers typed as text": _typed(str, ("Quantity", "New price")),
    "dates typed as text": _typed(_text_of_day, ("From",)),
    "stray spaces": _typed(_spaced, ("Decision", "Vendor expected")),
    "mixed case": _typed(str.swapcase, ("Decision", "Vendor expected", "Add to agreement")),
    "a row cut and pasted below": {"openpyxl": xl(_cut_xl), "LibreOffice": lo(_cut_lo)},
    "hidden sheets shown": {"openpyxl": xl(_shown_xl), "LibreOffice": lo(lambda _: [("show_sheets",)])},
    "date formats lost": {"openpyxl": xl(_serials_xl), "LibreOffice": lo(_serials_lo)},
    "formats, drop-downs and rules removed": {"openpyxl": xl(_formatted)},
}  # fmt: skip
"""By name and tool."""
