"""Puts rendered rows into a shell: a workbook that XlsxWriter made whole, with two prototype rows in each table.

The shell has everything but the rows: formats, tables, drop-downs, colours, print set-up. What speaks of the last row (the
table, its filter, the used range) is set to the real one; every other part goes over as it is.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from workbooks.columns import Columns
from workbooks.layout import Kind
from workbooks.render import CellPlan, Heights, render
from workbooks.xml_text import SharedStrings, escaped
from workbooks.zip_parts import BEST, Deflater, ZipParts

PROTOTYPES = 2
"""Rows of each table in the shell: one in the columns' formats, one in those of quoted text."""

STRINGS = "xl/sharedStrings.xml"
_MOST_ROWS = 1_048_576


@dataclass(frozen=True, slots=True)
class Filling:
    """The rows of one sheet of the shell."""

    part: str  # of the sheet
    table: str  # its Excel table's name; empty where it has none
    first_row: int  # of the prototypes, counted from 1
    columns: Columns
    kinds: Sequence[tuple[str, Kind, str]]  # name, kind and formula of each column
    heights: Heights

    @property
    def last_row(self) -> int:
        return self.first_row + self.columns.size - 1


class TooManyRows(Exception):  # noqa: N818 - named by what happened
    """A sheet would have more rows than Excel takes."""


def splice(shell: BinaryIO, fillings: list[Filling], target: BinaryIO, deflater: Deflater = BEST) -> None:
    """Writes the shell with its rows to `target`; TooManyRows, or PartTooLarge, where Excel could not open the result.

    The list of fillings is used up: what is written is not held any longer.
    """
    for filling in fillings:
        if filling.last_row > _MOST_ROWS:
            raise TooManyRows(filling.table)
    sheets, tables = {f.part: f for f in fillings}, {f.table: f.last_row for f in fillings}
    fillings.clear()
    with zipfile.ZipFile(shell) as archive, ZipParts(target, deflater) as parts:
        strings = SharedStrings(archive.read(STRINGS))
        for name in archive.namelist():
            if name in sheets:
                parts.add(name, _sheet(archive.read(name), sheets.pop(name), strings))
            elif name.startswith("xl/tables/"):
                parts.add(name, [_table(archive.read(name), tables)])
            elif name != STRINGS:
                parts.add(name, [archive.read(name)])
        parts.add(STRINGS, strings.chunks())
        parts.close()


def _sheet(xml: bytes, filling: Filling, strings: SharedStrings) -> Iterator[bytes | memoryview]:
    start = xml.index(b'<row r="%d"' % filling.first_row)
    end = xml.index(b"</sheetData>", start)
    yield _used_range(xml[:start], filling.last_row)
    yield from render(_plans(xml[start:end], filling), filling.columns, filling.heights, filling.first_row, strings)
    yield xml[end:]


def _used_range(head: bytes, last_row: int) -> bytes:
    return re.sub(rb'(<dimension ref="[A-Z]+\d+:[A-Z]+)\d+"', rb'\g<1>%d"' % last_row, head, count=1)


def _plans(prototypes: bytes, filling: Filling) -> list[CellPlan]:
    """How each column is written, with the formats of the prototype rows."""
    normal, quoted = (_styles(prototypes, filling.first_row + row) for row in range(PROTOTYPES))
    return [
        CellPlan(name, letter, kind, normal[letter], quoted[letter], escaped(formula.removeprefix("=")))
        for (name, kind, formula), letter in zip(filling.kinds, normal, strict=True)
    ]


def _styles(prototypes: bytes, row: int) -> Mapping[str, str]:
    found = re.findall(rb'<c r="([A-Z]+)%d" s="(\d+)"' % row, prototypes)
    return {letter.decode(): style.decode() for letter, style in found}


def _table(xml: bytes, last_rows: Mapping[str, int]) -> bytes:
    found = re.search(rb' displayName="([^"]+)"', xml)
    last_row = last_rows.get(found[1].decode()) if found else None
    if last_row is None:
        return xml
    return re.sub(rb'( ref="[A-Z]+\d+:[A-Z]+)\d+"', rb'\g<1>%d"' % last_row, xml)
