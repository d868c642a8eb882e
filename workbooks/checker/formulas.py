"""Formulas: what Excel cannot parse, it removes from the file. Each text is looked at once, however many cells carry it."""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from workbooks.checker.function_names import LATER, PREFIX
from workbooks.checker.structured import Tables, check_reference
from workbooks.checker.text import meant, units

LONGEST_FORMULA, LONGEST_TEXT, DEEPEST = 8_192, 255, 64
_TOKEN = re.compile(
    r"""
    (?P<text>"(?:[^"]|"")*")
  | (?P<quoted>'(?:[^']|'')*'!?)
  | (?P<error>\#[A-Z/0-9_]+[!?]?)
  | (?P<outside>\[\d+\](?:[\w.]+:)?[\w.]*!)
  | (?P<brackets>\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])
  | (?P<word>[^\W\d][\w.?\\]*|\\[\w.?\\]*)
  | (?P<number>[\d.]+(?:[eE][+-]?\d+)?)
  | (?P<sign>[(){};@\['"\]])
    """,
    re.VERBOSE | re.DOTALL,
)
Wrong = tuple[str, str]
"""What is wrong with a formula, and what to do."""
_CLOSES = {")": "(", "}": "{"}


class Formulas:
    """Judges the formulas of one workbook; its sheets are named in lower case."""

    def __init__(self, sheets: Collection[str], tables: Tables) -> None:
        self.sheets, self.tables = sheets, tables
        self.wrong = lru_cache(4096)(self._wrong)

    def _wrong(self, formula: str) -> tuple[Wrong, ...]:
        """Everything that is wrong with a formula, written as in the file, without a leading equals sign."""
        return tuple(dict.fromkeys(self._look(formula)))

    def _look(self, formula: str) -> Iterator[Wrong]:
        if not formula.strip():
            yield "the formula is empty", "write it, or the value alone"
        if formula.startswith("="):
            yield "the formula starts with '='", "a file holds it without"
        if units(formula) > LONGEST_FORMULA:
            yield f"the formula has {units(formula):,} characters", f"shorten it to {LONGEST_FORMULA:,}"
        yield from self._tokens(formula)

    def _tokens(self, formula: str) -> Iterator[Wrong]:
        opened: list[str] = []
        tokens = list(_TOKEN.finditer(formula))
        for number, token in enumerate(tokens):
            text, after = token[0], formula[token.end() : token.end() + 1]
            match token.lastgroup:
                case "text" if units(text) - 2 > LONGEST_TEXT:
                    yield f"a text in the formula has {units(text) - 2} characters", f"join texts of {LONGEST_TEXT} with &"
                case "quoted":
                    yield from self._quoted(text)
                case "word":
                    yield from self._word(text, after)
                case "brackets":
                    before = tokens[number - 1] if number else None
                    word = before[0] if before and before.lastgroup == "word" and before.end() == token.start() else None
                    yield from check_reference(word, text, self.tables)
                case "sign":
                    yield from _sign(text, opened)
        if opened:
            yield f"{opened[-1]} is never closed", "balance the parentheses"

    def _quoted(self, text: str) -> Iterator[Wrong]:
        if not text.endswith("!"):
            yield f"{text} names nothing", "a quoted sheet name ends with '!"
            return
        name = text[1:-2].replace("''", "'")
        if "[" not in name:
            yield from (wrong for sheet in name.split(":") for wrong in self._sheet(sheet))

    def _word(self, text: str, after: str) -> Iterator[Wrong]:
        if after == "(" and text.upper() in LATER:
            yield f"{text.upper()} is younger than the file format", f"write {PREFIX}{text.upper()}"
        if after == "!":
            yield from self._sheet(text)

    def _sheet(self, name: str) -> Iterator[Wrong]:
        if meant(name).casefold() not in self.sheets:
            yield f"the formula names the sheet {name!r}, which is not there", "name one of this workbook's sheets"


def _sign(text: str, opened: list[str]) -> Iterator[Wrong]:
    if text in "({":
        opened.append(text)
        if len(opened) > DEEPEST:
            yield f"the formula nests more than {DEEPEST} levels", "split it"
    elif text in _CLOSES:
        if not opened or opened.pop() != _CLOSES[text]:
            yield f"{text} closes nothing", "balance the parentheses"
    elif text == ";":
        if "{" not in opened[-1:]:
            yield "';' separates arguments", "separate them with ',', whatever the language of the program is"
    elif text == "@":
        yield "'@' stands in the formula", "write [#This Row] for a row's cell, _xlfn.SINGLE() else"
    else:
        yield f"{text} is never closed", "close the text, name or bracket"
