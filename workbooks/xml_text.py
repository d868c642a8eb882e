"""Text as a workbook's XML keeps it, and the table of strings that cells share."""

import re
from collections.abc import Iterator
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from workbooks.safe_text import LONGEST_CELL, safe_text

_WANTS_CARE = r"[&<>\x00-\x1f\x7f\x{fffe}\x{ffff}]|_x[0-9a-fA-F]{4}_|^[\s=+\-@＝＋－＠]|\s$"

_LOOKS_ESCAPED = re.compile("(_x[0-9a-fA-F]{4}_)")


def escaped(text: str) -> str:
    """Safe for element content."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def element(text: str) -> str:
    """The <t> element of a cell's text, made safe; spaces at its ends stay, and what looks like Excel's own _x0041_ does too."""
    safe = _LOOKS_ESCAPED.sub(r"_x005F\1", escaped(safe_text(text)))
    space = ' xml:space="preserve"' if safe[:1].isspace() or safe[-1:].isspace() else ""
    return f"<t{space}>{safe}</t>"


def wants_care(texts: pa.Array) -> pa.Array:
    """Which texts XML or a spreadsheet would take for something else, so that they are looked at one by one."""
    odd = pc.or_(pc.match_substring_regex(texts, _WANTS_CARE), pc.greater(pc.binary_length(texts), LONGEST_CELL))
    return odd.fill_null(False)


def elements(texts: pa.Array, odd: pa.Array) -> pa.Array:
    """The <t> element of each text; null of none. odd: those that want care."""
    made = pc.binary_join_element_wise("<t>", texts, "</t>", "")
    cared = pa.array([element(text) for text in texts.filter(odd).to_pylist()], pa.string())
    return pc.replace_with_mask(made, odd, cared) if len(cared) else made


class SharedStrings:
    """Texts by number: those of the shell's own table, and those that are added to it."""

    def __init__(self, shell: bytes) -> None:
        self._shell = shell
        there = re.findall(r"<si>.*?</si>", shell.decode(), re.DOTALL)
        self._places = {item: number for number, item in enumerate(there)}
        self._of_shell, self._next = len(self._places), len(there)
        self.used = 0

    def numbers(self, texts: pa.Array, odd: pa.Array) -> pa.Array:
        """The place of each text in the table; those that are new are added. odd: those that want care."""
        items = pc.binary_join_element_wise("<si>", elements(texts, odd), "</si>", "")
        return pa.array([self._number(item) for item in items.to_pylist()], pa.int64())

    def number(self, text: str) -> int:
        """The place of one text in the table."""
        return self._number(f"<si>{element(text)}</si>")

    def _number(self, item: str) -> int:
        found = self._places.setdefault(item, self._next)
        self._next += found == self._next
        return found

    def chunks(self) -> Iterator[bytes]:
        """The part, whole."""
        head, _, tail = self._shell.partition(b"</sst>")
        counts = b' count="%d" uniqueCount="%d"' % (self._cells_of_shell() + self.used, self._next)
        yield re.sub(rb' count="\d+" uniqueCount="\d+"', counts, head, count=1)
        added = islice(self._places, self._of_shell, None)
        while part := "".join(islice(added, 5_000)):
            yield part.encode()
        yield b"</sst>" + tail

    def _cells_of_shell(self) -> int:
        found = re.search(rb' count="(\d+)"', self._shell)
        return int(found[1]) if found else 0
