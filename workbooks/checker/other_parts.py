"""Parts that no other check reads: well-formed, and every relationship that they name is there."""

from collections.abc import Mapping
from typing import Any

from workbooks.checker.faults import Note
from workbooks.checker.formulas import Formulas
from workbooks.checker.names import Short
from workbooks.checker.package import Package
from workbooks.checker.relationships import Relationship

_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}f"


def check_other(package: Package, part: str, relationships: Mapping[str, Relationship], formulas: Formulas, note: Note) -> None:
    """A drawing, chart, theme or other part. IllFormedError where it cannot be read."""
    short = Short()
    text: list[str] | None = None

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal text
        text = [] if short[name] == _CHART else None
        for key, value in attributes.items():
            if short[key].startswith("r:") and value and value not in relationships:
                note(short[name].rpartition("}")[2], f"{value} leads nowhere", "add the relationship or remove the element")

    def end(name: str) -> None:
        nonlocal text
        if short[name] == _CHART and text:
            for wrong, mend in formulas.wrong("".join(text)):
                note("chart series", wrong, mend)
        text = None

    def data(found: str) -> None:
        if text is not None:
            text.append(found)

    def prepare(parser: Any, names: Short) -> None:
        nonlocal short
        short = names
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data

    package.stream(part, prepare)
