"""The texts that cells share: short enough, and enough of them for every cell."""

from typing import Any

from workbooks.checker.cells import check_same
from workbooks.checker.facts import StringUse
from workbooks.checker.faults import Faults
from workbooks.checker.names import Short
from workbooks.checker.package import Package
from workbooks.checker.text import LONGEST_CELL
from workbooks.checker.values import wrong_length

_SPACE = "http://www.w3.org/XML/1998/namespace space"


def check_strings(package: Package, part: str | None, use: StringUse, faults: Faults) -> None:
    """Every shared text, and the header cells that are among them. IllFormedError where the part cannot be read."""
    strings = _Strings(use, faults, part or "")
    if part:
        package.stream(part, strings.prepare)
    if use.highest >= strings.count:
        wrong = f"it holds shared text {use.highest}, and there are {strings.count}"
        faults.of(use.part)(use.place, wrong, "number the texts from 0, and keep those that are used")


class _Strings:
    """Follows the part; holds one text at a time."""

    def __init__(self, use: StringUse, faults: Faults, part: str) -> None:
        self.use, self.faults, self.note = use, faults, faults.of(part)
        self.count = 0
        self.whole: list[str] = []
        self.piece: list[str] | None = None
        self.phonetic = False
        self.spaced = True

    def prepare(self, parser: Any, short: Short) -> None:
        self.short = short
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self.start, self.end, self.text

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = self.short[name]
        if tag == "si":
            self.whole = []
        elif tag == "t" and not self.phonetic:
            self.piece, self.spaced = [], attributes.get(_SPACE) == "preserve"
        elif tag == "rPh":
            self.phonetic = True

    def text(self, data: str) -> None:
        if self.piece is not None:
            self.piece.append(data)

    def end(self, name: str) -> None:
        tag = self.short[name]
        if tag == "t" and self.piece is not None:
            text, self.piece = "".join(self.piece), None
            self.whole.append(text)
            if not self.spaced and text != text.strip(" \t\n\r"):
                self.note(self._place(), "its text starts or ends with spaces, which Excel drops", 'write xml:space="preserve"')
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "si":
            self._done("".join(self.whole))

    def _place(self) -> str:
        return f"shared text {self.count}"

    def _done(self, text: str) -> None:
        if len(text) > LONGEST_CELL // 2 and (wrong := wrong_length(text)):
            self.note(self._place(), *wrong)
        for part, place, name in self.use.headers.get(self.count, ()):
            note = self.faults.of(part)
            check_same(text, name, lambda wrong, mend, note=note, place=place: note(place, wrong, mend))
        self.count += 1
