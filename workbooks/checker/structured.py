"""References to tables: Table[[#This Row],[Column]] is what a file holds, and what every program reads."""

import re
from collections.abc import Collection, Iterator, Mapping

_PART = re.compile(r"\[((?:[^\[\]']|'.)*)\]", re.DOTALL)
_SPECIAL = ("#all", "#data", "#headers", "#totals", "#this row")
Tables = Mapping[str, Collection[str]]
"""The columns of each table, both in lower case."""


def check_reference(table: str | None, brackets: str, tables: Tables) -> Iterator[tuple[str, str]]:
    """What is wrong with a table's name and the brackets behind it.

    Without a name the table is the one that the cell stands in; Excel 2007 wrote its totals so.
    """
    if table is not None and table.casefold() not in tables:
        yield f"{table} is no table of this workbook", "name one of its tables"
        return
    known = tables[table.casefold()] if table else {name for columns in tables.values() for name in columns}
    inside = brackets[1:-1].strip()
    for part in [inside] if inside.startswith("@") else _PART.findall(inside) or [inside]:
        if part.startswith("@"):
            yield f"{table or ''}{brackets} is how it is typed, not how a file holds it", "write Table[[#This Row],[Column]]"
        elif part:
            yield from _part(part, table or "a table", known)


def _part(part: str, table: str, columns: Collection[str]) -> Iterator[tuple[str, str]]:
    name = re.sub(r"'(.)", r"\1", part, flags=re.DOTALL).casefold()
    if part.startswith("#"):
        if name not in _SPECIAL:
            yield f"{table} has no part {part}", "name #All, #Data, #Headers, #Totals or #This Row"
    elif name not in columns:
        yield f"{table} has no column {part!r}", "name one of its columns"
