"""The raw table of a file: its cells as they stand, each with the row number that a spreadsheet shows for it."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from connectors.files.errors import refused

Cell: TypeAlias = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of cells. Row and column indexes count from 0; what a person reads counts from 1."""

    file: str
    name: str | None  # None: a text file
    rows: Sequence[Sequence[Cell]]
    lines: Sequence[int] = ()  # text: the line of the file on which each row starts

    def row_number(self, row: int) -> int:
        return row + 1

    def place(self, row: int, column: int | None = None, header: str = "") -> str:
        """Where a row or cell stands: "file.csv, row 12, column Quantity" or "file.xlsx, Pax8!K12, column Quantity"."""
        if self.name is None:
            where = f"row {row + 1}"
            if self.lines and self.lines[row] != row + 1:
                where += f" (line {self.lines[row]})"
        elif column is None:
            where = f"{self.name}, row {row + 1}"
        else:
            where = f"{self.name}!{column_letters(column)}{row + 1}"
        return f"{self.file}, {where}" + (f", column {header}" if header else "")


@dataclass(frozen=True, slots=True)
class Book:
    """A file that was read: one sheet for a text file, all of them for a workbook."""

    file: str
    data: bytes
    sheets: tuple[Sheet, ...]
    separator: str | None = None  # None: a workbook
    notes: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def column_letters(index: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def cell_text(cell: Cell) -> str:
    """A cell as text; whole numbers without the decimal that a workbook gives them."""
    if isinstance(cell, str):
        return " ".join(cell.split())
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)


def header_key(text: str) -> str:
    """A header as it is compared: without case, spaces and punctuation."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def read_bytes(path: Path) -> bytes:
    """The file's bytes; a missing, unreadable or empty file is refused."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise refused(path.name, "there is no such file; check the path") from None
    except IsADirectoryError:
        raise refused(path.name, "this is a folder; name the file in it") from None
    except (OSError, ValueError) as error:
        if path.is_dir():
            raise refused(path.name, "this is a folder; name the file in it") from None
        raise refused(path.name, f"the file cannot be opened ({getattr(error, 'strerror', None) or error})") from None
    if not data.strip(b"\0\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise refused(path.name, "the file is empty; export it again")
    return data
