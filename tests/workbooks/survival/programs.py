"""What Google Sheets and Numbers are known to write. These are emulations: neither program runs here."""

import datetime as dt
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from openpyxl import load_workbook

from tests.workbooks.survival.stages import Bench

EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - openpyxl's dates are naive
Grid = list[list[Any]]

_TYPES = """<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
{sheets}</Types>"""
_TYPE = 'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"'
_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def grids(path: Path) -> dict[str, Grid]:
    """Every sheet's values."""
    book = load_workbook(path, data_only=True)
    return {page.title: [list(row) for row in page.iter_rows(values_only=True)] for page in book.worksheets}


def bare(found: dict[str, Grid], target: Path, *, addresses: bool = True) -> Path:
    """A workbook of values alone: inline strings, dates as numbers, no styles, tables, dimension, hidden sheets, nor, where
    addresses is false, the addresses of rows and cells."""
    with zipfile.ZipFile(target, "w") as made:
        numbers = range(1, len(found) + 1)
        types = "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" {_TYPE}/>' for n in numbers)
        made.writestr("[Content_Types].xml", _TYPES.format(sheets=types))
        one = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        made.writestr("_rels/.rels", _RELATIONS.format(one))
        each = (f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers)
        made.writestr("xl/_rels/workbook.xml.rels", _RELATIONS.format("".join(each)))
        named = "".join(f'<sheet name={quoteattr(tab)} sheetId="{n}" r:id="r{n}"/>' for n, tab in enumerate(found, 1))
        made.writestr("xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>')
        for number, grid in enumerate(found.values(), 1):
            rows = "".join(_row(at, row, addresses) for at, row in enumerate(grid, 1))
            sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
            made.writestr(f"xl/worksheets/sheet{number}.xml", sheet)
    return target


def _row(number: int, row: list[Any], addresses: bool) -> str:
    cells = (_cell(f"{_letters(place)}{number}" if addresses else "", value) for place, value in enumerate(row))
    said = f' r="{number}"' if addresses else ""
    return f"<row{said}>{''.join(cells)}</row>"


def _cell(address: str, value: Any) -> str:
    at = f' r="{address}"' if address else ""
    if value is None:
        return "" if address else "<c/>"
    if isinstance(value, dt.datetime):
        value = (value - EPOCH).days
    if isinstance(value, (int, float)):
        return f"<c{at}><v>{value!r}</v></c>"
    clean = re.sub(r"[\x00-\x08\x0b-\x1f]", "", str(value))
    return f'<c{at} t="inlineStr"><is><t xml:space="preserve">{escape(clean)}</t></is></c>'


def _letters(place: int) -> str:
    letters, number = "", place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def google_sheets(bench: Bench, path: Path) -> Path:
    """Tables, dimension and names gone, what was hidden is shown."""
    return bare(grids(path), bench.path())


def without_addresses(bench: Bench, path: Path) -> Path:
    """As some exporters write: rows and cells without their addresses."""
    return bare(grids(path), bench.path(), addresses=False)


def numbers(bench: Bench, path: Path) -> Path:
    """A sheet for each table, named after both, a title row above each, a summary in front, hidden sheets shown."""
    found = {f"{tab} - Table 1"[:31]: [["Table 1"], *grid] for tab, grid in grids(path).items()}
    return bare({"Export Summary": [["Numbers Sheet Name", "Numbers Table Name"]], **found}, bench.path())


def numbers_as_one(bench: Bench, path: Path) -> Path:
    """The other way that Numbers exports: sheets keep their names, each with a title row and a blank one."""
    return bare({tab: [["Table 1"], [], *grid] for tab, grid in grids(path).items()}, bench.path())
