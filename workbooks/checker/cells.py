"""Rows and cells, told one at a time: in order, each once, and holding what their type says.

This is the only place that sees every cell, so it does nothing that it need not do for each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbooks.checker.facts import StringUse, Styles
from workbooks.checker.faults import Note
from workbooks.checker.formulas import Formulas
from workbooks.checker.numbers import finite, whole
from workbooks.checker.ranges import COLUMNS, ROWS, Range, as_range, letters, number_of
from workbooks.checker.text import meant, shown
from workbooks.checker.values import wrong_length, wrong_value

_HIGHEST, _DEEPEST = 409.5, 7


@dataclass(slots=True)
class Sheet:
    """What the cells of a sheet are checked against, and what is found for the checks of the rest."""

    title: str
    part: str
    styles: Styles
    formulas: Formulas
    headers: Mapping[str, str]  # of tables: the name that a cell must show, by address
    strings: StringUse
    from_1904: bool = False
    chain: set[str] = field(default_factory=set)  # cells that must have a formula; those that have one are taken out
    used: Range | None = None
    seen_headers: set[str] = field(default_factory=set)


class Cells:
    """Follows <sheetData>; hands back when it ends."""

    def __init__(self, sheet: Sheet, note: Note) -> None:
        self.sheet, self.note = sheet, note
        self.row = self.column = 0
        self.row_text = ""
        self.top = self.left = ROWS
        self.bottom = self.right = 0
        self.address = self.type = ""
        self.shows_day = False
        self.value = self.formula = self.inline = None  # type: str | None
        self.kept: list[str] | None = None
        self.looks: dict[str, bool] = {}  # whether a style shows dates
        self.places: dict[str, int] = {}  # column numbers
        self.shared: set[str] = set()  # groups of formulas
        self.phonetic = False
        self.spaced = True

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._cell(attributes)
        elif tag in ("v", "f", "t"):
            self.kept = None if self.phonetic else []
            if tag == "f":
                self._formula_starts(attributes)
            self.spaced = tag != "t" or attributes.get("http://www.w3.org/XML/1998/namespace space") == "preserve"
        elif tag == "row":
            self._row(attributes)
        elif tag == "is":
            self.inline = ""
        elif tag == "rPh":
            self.phonetic = True

    def text(self, data: str) -> None:
        if self.kept is not None:
            self.kept.append(data)

    def end(self, tag: str) -> None:
        if tag == "v":
            self.value, self.kept = "".join(self.kept or ()), None
        elif tag == "c":
            self._done()
        elif tag == "f":
            self.formula, self.kept = "".join(self.kept or ()), None
        elif tag == "t" and self.kept is not None:
            text, self.kept = "".join(self.kept), None
            self.inline = (self.inline or "") + text
            if not self.spaced and text != text.strip(" \t\n\r"):
                self._wrong("its text starts or ends with spaces, which Excel drops", 'write xml:space="preserve"')
        elif tag == "rPh":
            self.phonetic = False

    def used(self) -> Range | None:
        """The block that all cells stand in."""
        return Range(self.top, self.left, self.bottom, self.right) if self.bottom else None

    def _wrong(self, wrong: str, mend: str) -> None:
        self.note(f"{self.sheet.title}!{self.address}", wrong, mend)

    def _row(self, attributes: dict[str, str]) -> None:
        before, text = self.row, attributes.get("r")
        self.row = whole(text, before + 1)
        self.row_text, self.column = str(self.row), 0
        self.address = f"{self.row}:{self.row}"
        if not 1 <= self.row <= ROWS:
            self._wrong(f"row {text} is none of a sheet", f"number the rows 1 to {ROWS:,}")
        elif self.row == before:
            self._wrong("the row stands there twice", "keep one of them")
        elif self.row < before:
            self._wrong(f"the row stands behind row {before}", "write the rows in order")
        if len(attributes) > 1:
            self._row_looks(attributes)

    def _row_looks(self, attributes: dict[str, str]) -> None:
        if whole(attributes.get("outlineLevel")) > _DEEPEST:
            self._wrong(f"its outline level is {attributes['outlineLevel']}", f"group at most {_DEEPEST} levels")
        height = finite(attributes.get("ht", "0"))
        if height is None or not 0 <= height <= _HIGHEST:
            self._wrong(f"its height is {attributes['ht']}", f"keep it at {_HIGHEST} points or below")
        if "s" in attributes:
            self._look(attributes["s"])

    def _cell(self, attributes: dict[str, str]) -> None:
        address = attributes.get("r")
        before = self.column
        if address is None:
            self.column = before + 1
            self.address = f"{letters(self.column)}{self.row}"
        else:
            self.address = address
            column = address.removesuffix(self.row_text)
            place = self.places.get(column) or self._place(column)
            if not place or column == address or len(column) + len(self.row_text) != len(address):
                self._wrong(f"{address!r} is no cell of row {self.row}", "write the cell into its own row")
                place = before + 1
            elif place <= before:
                twice = place == before
                self._wrong("the cell stands there twice" if twice else f"the cell stands behind {letters(before)}{self.row}",
                            "keep one of them" if twice else "write the cells of a row in order")  # fmt: skip
            self.column = place
        self.type = attributes.get("t", "n")
        style = attributes.get("s")
        self.shows_day = False if style is None else self.looks[style] if style in self.looks else self._look(style)
        self.value = self.formula = self.inline = None

    def _place(self, column: str) -> int:
        """The number of a column; 0 where it is none."""
        if not (0 < len(column) <= 3 and column.isascii() and column.isalpha() and column.isupper()):
            return 0
        place = number_of(column)
        if place > COLUMNS:
            return 0
        self.places[column] = place
        return place

    def _look(self, style: str) -> bool:
        number = whole(style)
        if number >= self.sheet.styles.cells:
            self._wrong(f"its style {style} is not there: there are {self.sheet.styles.cells}", "name one that is")
            return False
        self.looks[style] = not self.sheet.from_1904 and number in self.sheet.styles.dates
        return self.looks[style]

    def _formula_starts(self, attributes: dict[str, str]) -> None:
        """A formula that other cells share, or that covers several cells."""
        if attributes.get("t") == "shared":
            group = attributes.get("si", "")
            if "ref" in attributes:
                self.shared.add(group)
            elif group not in self.shared:
                self._wrong(f"it shares formula {group}, which no cell before it holds", "write the formula itself")
        covered = as_range(attributes["ref"]) if "ref" in attributes else None
        if "ref" in attributes and covered is None:
            self._wrong(f"its formula covers {attributes['ref']!r}, which is no range", "write one like A1:B2")
        if covered and self.sheet.chain and attributes.get("t") in ("array", "dataTable"):
            self.sheet.chain = {one for one in self.sheet.chain if not covered.holds(as_range(one) or covered._replace(top=0))}

    def _done(self) -> None:
        row, column = self.row, self.column
        if row < self.top:
            self.top = row
        if row > self.bottom:
            self.bottom = row
        if column < self.left:
            self.left = column
        if column > self.right:
            self.right = column
        value = self.value
        if self.formula is not None:
            self._check_formula(self.formula)
        if value:
            self._check_value(value)
        elif self.type == "inlineStr":
            self._check_inline(self.inline)
        elif self.type == "s" and value is not None:
            self._wrong("it holds no number of a shared text", "write the number, or the text itself")
        if self.address in self.sheet.headers:
            self._check_header(self.sheet.headers[self.address])

    def _check_formula(self, formula: str) -> None:
        self.sheet.chain.discard(self.address)
        if formula:
            for wrong, mend in self.sheet.formulas.wrong(formula):
                self._wrong(wrong, mend)

    def _check_value(self, value: str) -> None:
        if self.type == "s":
            self._check_shared(whole(value))
        elif wrong := wrong_value(self.type, value, self.shows_day):
            self._wrong(*wrong)

    def _check_shared(self, number: int) -> None:
        strings = self.sheet.strings
        if number > strings.highest:
            strings.highest, strings.place, strings.part = number, f"{self.sheet.title}!{self.address}", self.sheet.part

    def _check_inline(self, text: str | None) -> None:
        if text is None:
            self._wrong("it holds no text, and its type says so", "write <is><t>, or leave the type out")
        elif wrong := wrong_length(text):
            self._wrong(*wrong)

    def _check_header(self, name: str) -> None:
        """A table's column is called what its header cell says, as a plain text."""
        self.sheet.seen_headers.add(self.address)
        if self.formula is not None:
            self._wrong("a table's header is a formula", "write it as a text")
        elif self.type == "s" and self.value:
            place = (self.sheet.part, f"{self.sheet.title}!{self.address}", name)
            self.sheet.strings.headers.setdefault(whole(self.value), []).append(place)
        elif self.type not in ("inlineStr", "str"):
            self._wrong(f"a table's header is no text, and its column is called {shown(name)}", "write the name as a text")
        else:
            check_same(self.inline if self.type == "inlineStr" else self.value, name, self._wrong)


def check_same(found: str | None, name: str, wrong: Any) -> None:
    """The text of a header cell against its column's name."""
    if meant(found or "").replace("\r\n", "\n") != name.replace("\r\n", "\n"):
        wrong(f"the header says {shown(found or '')}, and the table's column is called {shown(name)}", "make them the same")
