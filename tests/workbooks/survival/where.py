"""Where things stand in a copy, by what its cells say, whatever was done to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from python_calamine import CalamineWorkbook

from workbooks.sheet_scan import address


@dataclass(frozen=True, slots=True)
class Places:
    """One table; rows and columns from 0."""

    header: int
    columns: dict[str, int]  # by header
    rows: dict[str, int]  # by key

    def cell(self, header: str, key: str) -> str:
        return address(self.rows[key], self.columns[header])

    def at(self, header: str, row: int) -> str:
        return address(row, self.columns[header])

    @property
    def last(self) -> int:
        return max(self.rows.values())

    @property
    def first(self) -> int:
        return self.header + 1

    def range(self, first: str, last: str, top: int | None = None, bottom: int | None = None) -> str:
        """From one header's column to another's, over all rows of the table unless said otherwise."""
        top, bottom = self.first if top is None else top, self.last if bottom is None else bottom
        return f"{address(top, self.columns[first])}:{address(bottom, self.columns[last])}"


@cache
def where(path: Path) -> dict[str, Places]:
    """Every sheet whose rows have keys. A file is looked at once: nobody writes to one that was looked at."""
    found = {}
    with CalamineWorkbook.from_path(path) as book:
        for tab in book.sheet_names:
            if places := _places(book.get_sheet_by_name(tab).to_python(skip_empty_area=False)):
                found[tab] = places
    return found


def _places(rows: Sequence[Sequence[object]]) -> Places | None:
    header = next((number for number, row in enumerate(rows) if "Key" in row and len({*row}) > 5), None)
    if header is None:
        return None
    columns = {str(name): place for place, name in enumerate(rows[header]) if name}
    keys = {str(row[columns["Key"]]): number for number, row in enumerate(rows) if number > header and row[columns["Key"]]}
    return Places(header, columns, keys)
