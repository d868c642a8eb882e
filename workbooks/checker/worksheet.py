"""One worksheet, read once from start to end: its cells as a stream, all that stands around them as small trees."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder

from workbooks.checker.around import check_around
from workbooks.checker.cells import Cells, Sheet
from workbooks.checker.facts import TablePart
from workbooks.checker.faults import Note
from workbooks.checker.names import Short
from workbooks.checker.order import WORKSHEET, check_order
from workbooks.checker.package import Package, into
from workbooks.checker.relationships import Relationship


def check_worksheet(
    package: Package, sheet: Sheet, tables: Sequence[TablePart], relationships: Mapping[str, Relationship], note: Note
) -> None:
    """Everything that is wrong with one sheet. IllFormedError where its part cannot be read."""
    reading = _Reading(sheet, note)
    package.stream(sheet.part, reading.prepare)
    check_order(reading.order, WORKSHEET, sheet.title, note)
    check_around(reading.around, sheet, reading.cells.used(), tables, relationships, note)
    for address, name in sheet.headers.items():
        if address not in sheet.seen_headers:
            note(f"{sheet.title}!{address}", f"a table's header is empty, and its column is called {name!r}", "write the name")


class _Reading:
    """Follows the parser: switches between the cells and what stands around them."""

    def __init__(self, sheet: Sheet, note: Note) -> None:
        self.cells = Cells(sheet, note)
        self.order: list[str] = []
        self.around: list[Element] = []
        self.builder = TreeBuilder()
        self.depth = 0

    def prepare(self, parser: Any, short: Short) -> None:
        self.parser, self.short = parser, short
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.text

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 2:
            self.order.append(self.short[name])
            self.builder = TreeBuilder()
            if self.short[name] == "sheetData":
                self._among_cells()
                return
        if self.depth >= 2:
            into(self.builder, self.short)[0](name, attributes)

    def text(self, data: str) -> None:
        if self.depth >= 2:
            self.builder.data(data)

    def end(self, name: str) -> None:
        self.depth -= 1
        if self.depth >= 1:
            self.builder.end(self.short[name])
        if self.depth == 1:
            self.around.append(self.builder.close())

    def _among_cells(self) -> None:
        start, end, short, parser = self.cells.start, self.cells.end, self.short, self.parser

        def starts(name: str, attributes: dict[str, str]) -> None:
            start(short[name], attributes)

        def ends(name: str) -> None:
            tag = short[name]
            if tag == "sheetData":
                self.depth -= 1
                self.prepare(parser, short)
            else:
                end(tag)

        parser.StartElementHandler, parser.EndElementHandler = starts, ends
        parser.CharacterDataHandler = self.cells.text
