"""Where the Excel tables of a file stand, read from the file's own parts.

Not by the reader of the values: it gives up on a table whose rows were all deleted, which LibreOffice keeps as its header alone.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_TABLE = re.compile(rb"<(?:\w+:)?table\b[^>]*>")
_ATTRIBUTE = re.compile(rb"""\b(Type|Target|name|displayName|ref)=["']([^"']*)["']""")
_RANGE = re.compile(r"\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?\d+)?")


@dataclass(frozen=True, slots=True)
class Table:
    """An Excel table of the file: its name, its sheet, the row of its header and its columns, from 0."""

    name: str
    sheet: str
    header_row: int
    first_column: int
    last_column: int


def tables_of(archive: zipfile.ZipFile, sheets: Mapping[str, str]) -> tuple[Table, ...]:
    """Every table. sheets: the part of each worksheet by its name. A part that is missing or says nothing of use is left out."""
    there = set(archive.namelist())
    return tuple(
        table
        for sheet, part in sheets.items()
        for target in _table_parts(archive, part, there)
        if target in there and (table := _table(archive.read(target), sheet))
    )


def _table_parts(archive: zipfile.ZipFile, part: str, there: set[str]) -> Iterator[str]:
    folder, _, name = part.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in there:
        return
    for found in _RELATION.findall(archive.read(relations)):
        said = _attributes(found)
        if said.get("Type", "").endswith("/table") and (target := said.get("Target")):
            yield target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))


def _attributes(tag: bytes) -> dict[str, str]:
    return {name.decode(): value.decode("utf-8", "replace") for name, value in _ATTRIBUTE.findall(tag)}


def _table(part: bytes, sheet: str) -> Table | None:
    tag = _TABLE.search(part)
    said = _attributes(tag[0]) if tag else {}
    place = _RANGE.fullmatch(said.get("ref", ""))
    if not place:
        return None
    first = _column(place[1])
    name = said.get("displayName") or said.get("name", "")
    return Table(name, sheet, int(place[2]) - 1, first, _column(place[3]) if place[3] else first)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
