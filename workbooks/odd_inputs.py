"""The input cells of a table that hold something: a value, a formula, an error (R19). All others cost nothing."""

from collections.abc import Mapping

from workbooks.finding import Found
from workbooks.layout import Column
from workbooks.packed_sheets import Raw, SheetValues
from workbooks.sheet_scan import Scan
from workbooks.typed_values import plain


class Odd:
    """The input cells of a table that hold errors and formulas (R19)."""

    def __init__(self, scan: Scan, table: Found) -> None:
        self.columns = {c: table.columns[c.name] for c in table.sheet.inputs if c.name in table.columns}
        self._first, self._end = table.header_row + 1, table.end
        inputs = set(self.columns.values())
        self._errors = {at: text for at, text in scan.errors.items() if at[1] in inputs}
        self._formulas = scan.formulas_in(inputs)

    def typed_rows(self, sheet: SheetValues) -> list[int]:
        """The table's rows with something in one of their input cells, even if it is no value."""
        found = {row for row, _ in (*self._errors, *self._formulas)}
        for at in self.columns.values():
            found.update(sheet.columns[at].rows_where(lambda value: plain(value) != ""))
        return sorted(row for row in found if self._first <= row < self._end)

    def inputs(self, row: int, values: Mapping[str, Raw]) -> tuple[dict[str, Raw], list[tuple[Column, str, bool]]]:
        """What is typed in a row, and the cells with formulas or errors."""
        typed: dict[str, Raw] = {}
        odd = []
        for column, place in self.columns.items():
            value, at = values[column.name], (row, place)
            if at in self._errors:
                odd.append((column, f"{column.header} shows the error {self._errors[at]}: type the value", True))
            elif at in self._formulas and plain(value) == "":
                odd.append((column, f"{column.header} holds a formula without a value: type the value", True))
            elif at in self._formulas:
                odd.append((column, f"{column.header} holds a formula; its value {plain(value)} counts", False))
            if plain(value) != "":
                typed[column.name] = value
        return typed, odd
