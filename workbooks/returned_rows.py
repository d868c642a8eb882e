"""The read-only cells of a returned copy, by key or column by column; nothing is unpacked before it is looked at."""

from collections.abc import Callable, Collection, Iterable, Iterator, KeysView, Mapping, Sequence
from dataclasses import dataclass, replace

from workbooks.finding import Found
from workbooks.layout import KEY, Role, Sheet
from workbooks.layout_history import CHANGES
from workbooks.layout_tables import INVOICE_TOTALS
from workbooks.packed_sheets import Raw, SheetValues
from workbooks.sheet_scan import address
from workbooks.typed_values import plain


@dataclass(frozen=True, slots=True)
class Cells:
    """The read-only cells of one row as they came back."""

    sheet: Sheet
    place: str  # file and sheet
    row: int
    columns: Mapping[str, int]
    values: Mapping[str, Raw]

    def at(self, name: str) -> str:
        """File, sheet and cell of a column; of the row where the column is gone."""
        return f"{self.place}!{address(self.row, self.columns.get(name, 0))}"

    @property
    def key(self) -> str:
        return plain(self.values.get(KEY, ""))

    @property
    def decided_at(self) -> str:
        """Place of what is decided in the row, as its decision names it."""
        return self.at({INVOICE_TOTALS.name: "typed", CHANGES.name: "explanation"}.get(self.sheet.name, "decision"))


class RowValues(Mapping[str, Raw]):
    """One row of a sheet by the names of its columns."""

    __slots__ = ("_columns", "_row", "_values")

    def __init__(self, values: SheetValues, columns: Mapping[str, int], row: int) -> None:
        self._values, self._columns, self._row = values, columns, row

    def __getitem__(self, name: str) -> Raw:
        cells = self._values.columns[self._columns[name]].cells
        return cells[self._row] if self._row < len(cells) else ""

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class ReturnedTable:
    """One of our tables as it came back: the rows that have a key, each key once."""

    def __init__(self, found: Found, place: str, values: SheetValues, rows: Mapping[str, int]) -> None:
        """rows: the row of each key, from 0."""
        self.sheet, self.place, self._columns, self._values, self._rows = found.sheet, place, found.columns, values, rows
        inputs = {column.name for column in found.sheet.columns if column.role is Role.INPUT}
        self._issued = {name: at for name, at in found.columns.items() if name not in inputs}

    @property
    def keys(self) -> KeysView[str]:
        return self._rows.keys()

    @property
    def names(self) -> Collection[str]:
        """The read-only columns that came back."""
        return self._issued.keys()

    def column(self, name: str, keys: Iterable[str]) -> tuple[Sequence[Raw], Sequence[int]]:
        """The different values of a read-only column, and which of them the row of each of the keys shows."""
        column = self._values.columns[self._issued[name]]
        return column.values, [column.numbers[self._rows[key]] for key in keys]

    def cells(self, key: str) -> Cells:
        row = self._rows[key]
        return Cells(self.sheet, self.place, row, self._columns, RowValues(self._values, self._issued, row))


class ReturnedCells(Mapping[str, Cells]):
    """Every row of a copy by its key; of several rows of one key the first, or the one whose decision counts."""

    def __init__(self, tables: Sequence[ReturnedTable], decided: Mapping[str, Cells], moved: Callable[[str], str] = str) -> None:
        """decided: the rows whose decisions count, by key."""
        self.tables, self.decided, self._moved = tables, decided, moved
        self._of = {key: table for table in tables for key in table.keys}

    def __getitem__(self, key: str) -> Cells:
        found = self.decided[key] if key in self.decided else self._of[key].cells(key)
        return replace(found, place=self._moved(found.place))

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)

    def moved(self, moved: Callable[[str], str]) -> "ReturnedCells":
        """The same, of a file that is called otherwise."""
        return ReturnedCells(self.tables, self.decided, moved)
