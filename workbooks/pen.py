"""Writes cells and never drops one: XlsxWriter answers a cell it does not write with a negative number, which is raised here."""

import datetime as dt
from decimal import Decimal
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from workbooks.columns import Value
from workbooks.safe_text import looks_like_formula, safe_text

FIRST_DAY = dt.date(1900, 3, 1)
"""From here on Excel counts days as everybody does; an earlier one, with which systems say "never", is written as a text."""

LONGEST_LINK = 255
"""Characters of a link's text; it is written twice, and the second time Excel takes no more than some two thousand."""


class WorkbookNotWritten(Exception):  # noqa: N818 - named by what happened
    """The workbook could not be written; the message says why and what to do. No file was changed."""


class Pen:
    """The cells of one worksheet."""

    def __init__(self, worksheet: Worksheet) -> None:
        self.worksheet = worksheet

    def value(self, row: int, column: int, value: Value, look: Format, quoted: Format | None = None) -> None:
        """A value as what it is; text stays text, and None is an empty cell."""
        sheet = self.worksheet
        match value:
            case None:
                self.done(sheet.write_blank(row, column, None, look), row, column)
            case str():
                text = safe_text(value)
                used = quoted if quoted is not None and looks_like_formula(text) else look
                code = sheet.write_string(row, column, text, used) if text else sheet.write_blank(row, column, None, look)
                self.done(code, row, column)
            case dt.date() if value < FIRST_DAY:
                self.done(sheet.write_string(row, column, value.isoformat(), look), row, column)
            case dt.date():
                self.done(sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), look), row, column)  # noqa: DTZ001
            case Decimal() | int():
                self.done(sheet.write_number(row, column, float(value), look), row, column)

    def formula(self, row: int, column: int, formula: str, look: Format, value: Value) -> None:
        """A formula with the value that Excel computes for it."""
        kept: Any = float(value) if isinstance(value, (Decimal, int)) else value
        self.done(self.worksheet.write_formula(row, column, formula, look, "" if kept is None else kept), row, column)

    def link(self, row: int, column: int, tab: str, cell: str, text: str, look: Format) -> None:
        """A link to a cell of this workbook."""
        escaped = tab.replace("'", "''")
        self.done(
            self.worksheet.write_url(row, column, f"internal:'{escaped}'!{cell}", look, safe_text(text)[:LONGEST_LINK]), row, column
        )

    def done(self, code: int | None, row: int, column: int) -> None:
        """Raises where XlsxWriter has refused something."""
        if code is not None and code < 0:
            raise WorkbookNotWritten(
                f"{self.worksheet.get_name()}, row {row + 1}, column {column + 1}: the cell was refused ({code})"
            )
