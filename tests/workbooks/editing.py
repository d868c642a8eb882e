"""Types into an issued workbook without a spreadsheet program: with openpyxl for any edit, or straight into a sheet's XML.

`tests.workbooks.book` does the latter for a test that also looks at cells.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Callable, Mapping
from html import escape, unescape
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import to_excel
from openpyxl.workbook import Workbook

from server.reviewer import SHEETS, Entry
from tests.workbooks.places import cell, rows_of, tables_of
from workbooks.layout import KEY, Sheet
from workbooks.layout_vendor import VENDOR
from workbooks.reader import Returned, read_workbook
from workbooks.sheet_scan import address

Cells = Mapping[str, Mapping[str, Any]]
"""What is typed, by sheet and address; None empties a cell."""


def edited(issued: Path, path: Path, edit: Callable[[Workbook], None]) -> Returned:
    """The workbook after an edit with openpyxl, read."""
    book = load_workbook(issued)
    edit(book)
    book.save(path)
    return read_workbook(path)


def typed(issued: Path, path: Path, tab: str, key: str, cells: Mapping[str, Any], sheet: Sheet = VENDOR) -> Returned:
    """The workbook after typing into one row, read."""
    type_row(issued, path, tab, key, cells, sheet)
    return read_workbook(path)


def type_row(issued: Path, path: Path, tab: str, key: str, cells: Mapping[str, Any], sheet: Sheet = VENDOR) -> Path:
    """A copy with these cells of one row."""
    row = rows_of(issued, tab)[key]
    type_into(issued, path, {tab: {cell(name, row, sheet): value for name, value in cells.items()}})
    return path


def fill_in(issued: Path, path: Path, entry_of: Callable[[Sheet, Mapping[str, Any]], Entry | None]) -> int:
    """As the demo's reviewer fills in a copy (server.reviewer); the number of rows typed into."""
    typed: dict[str, dict[str, Any]] = {}
    count = 0
    for name, table in tables_of(issued).items():
        for sheet in SHEETS:
            if not name.startswith(sheet.table):
                continue
            for row, cells in enumerate(table.named(sheet), table.first):
                entry = entry_of(sheet, cells) if cells[KEY] else None
                if entry:
                    count += 1
                    places = {c: table.headers.index(sheet.column(c).header) + table.left for c in entry}
                    typed.setdefault(table.tab, {}).update({address(row, places[c]): value for c, value in entry.items()})
    type_into(issued, path, typed)
    return count


def type_into(issued: Path, path: Path, cells: Cells) -> None:
    """A copy with these values; everything else is as it was, byte for byte once it is unpacked. A tenth of openpyxl's time."""
    with zipfile.ZipFile(issued) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        parts = {_part(source, tab): values for tab, values in cells.items()}
        for name in source.namelist():
            content = source.read(name)
            if name in parts:
                text = content.decode()
                for address, value in parts[name].items():
                    text = _with_cell(text, address, value)
                content = text.encode()
            target.writestr(name, content)


def _part(archive: zipfile.ZipFile, tab: str) -> str:
    """Name of the part that holds a sheet."""
    sheets = re.findall(r'<sheet name="([^"]*)"[^>]*r:id="([^"]*)"', archive.read("xl/workbook.xml").decode())
    (wanted,) = [relation for name, relation in sheets if unescape(name) == tab]
    relations = archive.read("xl/_rels/workbook.xml.rels").decode()
    for relation in re.findall(r"<Relationship [^>]*>", relations):
        if f'Id="{wanted}"' in relation:
            (target,) = re.findall(r'Target="([^"]*)"', relation)
            return f"xl/{target}" if not target.startswith("/") else target[1:]
    raise AssertionError(f"{tab} has no part")


def _with_cell(text: str, address: str, value: Any) -> str:
    text, row = _with_row(text, re.sub("[A-Z]", "", address))
    found = re.search(rf'<c r="{address}"([^>]*?)(/>|>.*?</c>)', row.group(2), re.DOTALL)
    if found:
        start, end = (row.start(2) + place for place in found.span())
        attributes = re.sub(r' t="[^"]*"', "", found.group(1))
    else:
        start = end = _place_in(row, address)
        attributes = ""
    return f"{text[:start]}{_cell(address, attributes, value)}{text[end:]}"


def _with_row(text: str, number: str) -> tuple[str, re.Match[str]]:
    """The sheet with a row of that number, and the match of its text, whose second group is its cells."""
    start = text.find(f'<row r="{number}"')
    if start < 0:
        later = (other.start() for other in re.finditer(r'<row r="(\d+)"', text) if int(other.group(1)) > int(number))
        start = next(later, text.index("</sheetData>"))
        text = f'{text[:start]}<row r="{number}"></row>{text[start:]}'
    end = text.index(">", start)
    if text[end - 1] == "/":
        text = f"{text[: end - 1]}></row>{text[end + 1 :]}"
    found = _ROW.match(text, start)
    assert found is not None
    return text, found


_ROW = re.compile(r"<row [^>]*(>(.*?)</row>)", re.DOTALL)


def _place_in(row: re.Match[str], address: str) -> int:
    """Where a cell that the row does not have is to stand."""
    column = column_index_from_string(re.sub("[0-9]", "", address))
    for other in re.finditer(r'<c r="([A-Z]+)', row.group(2)):
        if column_index_from_string(other.group(1)) > column:
            return row.start(2) + other.start()
    return row.end(2)


def _cell(address: str, attributes: str, value: Any) -> str:
    start = f'<c r="{address}"{attributes}'
    if value is None:
        return f"{start}/>"
    if isinstance(value, bool):
        return f'{start} t="b"><v>{value:d}</v></c>'
    if isinstance(value, dt.date):
        value = to_excel(value)
    if isinstance(value, str) and value.startswith("="):
        return f"{start}><f>{escape(value[1:])}</f></c>"
    if value in ERROR_CODES:
        return f'{start} t="e"><v>{value}</v></c>'
    if isinstance(value, str):
        return f'{start} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f"{start}><v>{value}</v></c>"
