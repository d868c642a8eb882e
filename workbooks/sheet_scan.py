"""What a reader of values cannot see: cells that hold an error or a formula, and cells far outside of what was issued.

A gigabyte of sheet is read as bytes: every cell as spreadsheet programs write it is recognised by one expression. Where one is
written otherwise, which XML allows, the sheet is read again by a parser, slower and with the same result.
"""

import re
import sys
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from xml.parsers import expat

from workbooks.sheet_marks import NO_MARKS, Area, Marks, hidden_rows, merged_area, merged_areas

Place = tuple[int, int]
"""Row and column, both from 0."""
_LONGEST_CELL = 16 * 1024 * 1024
"""Bytes that a cell takes at most, and what stands before the first one and behind the last one."""


class WorkbookRefused(Exception):  # noqa: N818 - named by what happened
    """The file cannot be read as a workbook of ours; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Scan:
    """The odd cells of one sheet."""

    errors: dict[Place, str] = field(default_factory=dict)
    formulas: bytes = b""  # addresses, each with a quote behind it: most are in columns that nobody asks for
    marks: Marks = NO_MARKS

    def formulas_in(self, columns: Set[int]) -> set[Place]:
        """The cells of these columns that hold a formula."""
        letters = "|".join(sorted(address(0, column)[:-1] for column in columns))
        found = re.findall(rf'(?<![A-Z])({letters})(\d+)"'.encode(), self.formulas) if columns else []
        return {(int(row) - 1, column_number(column.decode())) for column, row in found}


class Irregular(Exception):  # noqa: N818 - named by what was found
    """The sheet is written as XML allows and no spreadsheet program does; a parser must read it."""


@cache
def odd_cells(rows: int, column_blocks: int) -> re.Pattern[bytes]:
    """Finds each cell that holds a formula, with its address, and each that is not as nearly all are, without.

    rows: the most, two digits and noughts. column_blocks: cells stand up to the last column of that block of 26.
    """
    noughts = len(str(rows)) - 2
    first = rows // 10**noughts
    lead = "|".join(map(str, range(10, first)))
    number = rf"(?:[1-9]\d{{0,{noughts}}}+" + (rf"|(?:{lead})\d{{{noughts}}}" if lead else "") + f"|{rows})"
    place = rf"(?:[A-Z]|[A-{chr(64 + column_blocks)}][A-Z]){number}\""
    style, kind = r' s="\d++"', r' t="(?!e")\w++"'
    look = f"(?:{style}{kind}|{style}|{kind}|)"  # not two possessive groups, which err on Python 3.11.2
    odd = rf'<c(?: (?!r="{place}{look}(?:/>|>(?!<f)))(?:r="({place}){look}><f[^<]*+)?|[\t\r\n/>])'
    return re.compile(odd.encode())


_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"((?: [a-z]+="\w*")*)(?:/>|>(<f)?)')
_MEMORY_IS_LIMITED = sys.platform == "linux"
"""Where a far cell that is spelled otherwise than its sheet begins, which nobody does by chance, ends its process at once."""
_PREFIXED = re.compile(rb"<[^\s<>/:]+:c[\s/>]")
_ERROR = re.compile(rb"(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>([^<]*)</v>")


def scan(pieces: Iterable[bytes], rows: int, column_blocks: int) -> Scan:
    """The odd cells of a sheet's part; Irregular where a parser must read it, WorkbookRefused where a cell is far outside."""
    found, rest = _Found(odd_cells(rows, column_blocks)), b""
    for piece in pieces:
        first, last = piece.find(b"<c "), piece.rfind(b"<c ")
        if first == last:
            rest += piece
            if len(rest) > _LONGEST_CELL:
                raise Irregular
            continue
        found.take(rest + piece[:first], 0)
        found.take(piece, first, last)
        rest = piece[last:]
    found.take(rest, 0)
    return Scan(found.errors, b"".join(found.formulas), found.marks)


class _Found:
    """What was found so far."""

    def __init__(self, odd: re.Pattern[bytes]) -> None:
        self.errors: dict[Place, str] = {}
        self.formulas: list[bytes] = []
        self._hidden: set[int] = set()
        self._merged: list[Area] = []
        self._odd = odd

    @property
    def marks(self) -> Marks:
        return Marks(frozenset(self._hidden), tuple(self._merged)) if self._hidden or self._merged else NO_MARKS

    def take(self, data: bytes, start: int, end: int = sys.maxsize) -> None:
        """Whole cells."""
        if b"!" in data and (b"<!--" in data or b"<![" in data):
            raise Irregular
        if (not start or not _MEMORY_IS_LIMITED) and b":c" in data and _PREFIXED.search(data):
            raise Irregular
        if b"hidden=" in data:
            hidden = hidden_rows(data, start, end)
            if hidden is None:
                raise Irregular
            self._hidden |= hidden
        if not start and b"<mergeCell " in data:  # behind the last cell
            self._merged += merged_areas(data, start)
        found = self._odd.findall(data, start, end)
        self.formulas.append(b"".join(found))
        if b"" in found:
            self._look(data, start, end)

    def _look(self, data: bytes, start: int, end: int) -> None:
        """At the cells that are not as nearly all are: an error, one with rarer attributes, one far outside."""
        for odd in self._odd.finditer(data, start, end):
            if odd[1]:
                continue
            cell = _CELL.match(data, odd.start(), end)
            if cell is None:
                raise Irregular
            if self._odd.match(b'<c r="%s%s"/>' % (cell[1], cell[2])):
                raise far((cell[1] + cell[2]).decode())
            row, column = int(cell[2]) - 1, column_number(cell[1].decode())
            if cell[4]:
                self.formulas.append(b'%s%s"' % (cell[1], cell[2]))
            if b't="e"' in cell[3] and (error := _ERROR.match(data, cell.end() - len(cell[4] or b""), end)):
                self.errors[row, column] = unescape(error[1].decode())


def far(place: str) -> WorkbookRefused:
    """The refusal of a file with something in that cell."""
    return WorkbookRefused(
        f"has something in cell {place}, far outside of what was issued: delete the rows and columns out there, "
        "save it and send that."
    )


class Scanner:
    """Follows rows and cells by a parser, also where they carry no address of their own."""

    def __init__(self, rows: int, columns: int) -> None:
        self._errors: dict[Place, str] = {}
        self._formulas: list[str] = []
        self._most = rows, columns
        self._row = self._column = -1
        self._error = self._in_value = False
        self._value = ""
        self._hidden: set[int] = set()
        self._merged: list[Area] = []

    def scan(self, pieces: Iterable[bytes]) -> Scan:
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self._start, self._end, self._text
        parser.buffer_text = True
        try:
            for piece in pieces:
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError) as error:
            raise WorkbookRefused(f"is damaged ({error}): open it in a spreadsheet program, save it again and send that.") from None
        return Scan(self._errors, "".join(self._formulas).encode(), Marks(frozenset(self._hidden), tuple(self._merged)))

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "row":
                self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
                self._column = -1
                if attributes.get("hidden") in ("1", "true"):
                    self._hidden.add(self._row)
            case "mergeCell" if area := merged_area(attributes.get("ref", "")):
                self._merged.append(area)
            case "c":
                self._cell(attributes)
            case "f":
                self._formulas.append(address(self._row, self._column) + '"')
            case "v":
                self._in_value, self._value = self._error, ""

    def _cell(self, attributes: Mapping[str, str]) -> None:
        if "r" in attributes:
            found = re.fullmatch(r"([A-Za-z]{1,3})(\d{1,7})", attributes["r"])
            if not found:
                raise WorkbookRefused(f"has a cell called {attributes['r'][:20]!r}: open it, save it again and send that.")
            self._row, self._column = int(found[2]) - 1, column_number(found[1])
        else:
            self._column += 1
        if not 0 <= self._row < self._most[0] or not 0 <= self._column < self._most[1]:
            raise far(address(max(0, self._row), self._column))
        self._error = attributes.get("t") == "e"

    def _text(self, data: str) -> None:
        if self._in_value:
            self._value += data

    def _end(self, tag: str) -> None:
        if self._in_value and tag.rpartition(":")[2] == "v":
            self._errors[self._row, self._column] = self._value
            self._in_value = False


def column_number(address: str) -> int:
    """Column from 0 of an address like AB12."""
    number = 0
    for letter in re.sub(r"[^A-Za-z]", "", address).upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def address(row: int, column: int) -> str:
    """Address of a place: K12."""
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
