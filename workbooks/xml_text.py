"""Text as a workbook's XML keeps it, and the table of strings that cells share."""

import re
from collections.abc import Iterator
from itertools import islice

from workbooks.safe_text import safe_text

_LOOKS_ESCAPED = re.compile("(_x[0-9a-fA-F]{4}_)")


def escaped(text: str) -> str:
    """Safe for element content."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def element(text: str) -> str:
    """The <t> element of a cell's text, made safe; spaces at its ends stay, and what looks like Excel's own _x0041_ does too."""
    safe = _LOOKS_ESCAPED.sub(r"_x005F\1", escaped(safe_text(text)))
    space = ' xml:space="preserve"' if safe[:1].isspace() or safe[-1:].isspace() else ""
    return f"<t{space}>{safe}</t>"


class SharedStrings:
    """Texts by number: those of the shell's own table, and those that are added to it."""

    def __init__(self, shell: bytes) -> None:
        self._shell = shell
        there = re.findall(r"<si>.*?</si>", shell.decode(), re.DOTALL)
        self._places = {item: number for number, item in enumerate(there)}
        self._of_shell, self._next = len(self._places), len(there)
        self._numbers: dict[str, int] = {}
        self.used = 0

    def number(self, text: str) -> int:
        """Its place in the table; a text that is new is added."""
        found = self._numbers.get(text)
        if found is None:
            item = f"<si>{element(text)}</si>"
            found = self._places.setdefault(item, self._next)
            self._next += found == self._next
            self._numbers[text] = found
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
