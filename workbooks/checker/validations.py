"""Data validation: what may be typed into a cell, and the messages beside it."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from workbooks.checker.cells import Sheet
from workbooks.checker.faults import Note
from workbooks.checker.ranges import as_range
from workbooks.checker.text import meant, units

LONGEST_LIST, LONGEST_TITLE, LONGEST_MESSAGE = 255, 32, 255
_LIMITS = {
    "promptTitle": LONGEST_TITLE,
    "errorTitle": LONGEST_TITLE,
    "prompt": LONGEST_MESSAGE,
    "error": LONGEST_MESSAGE,
}
_TYPES = ("none", "whole", "decimal", "list", "date", "time", "textLength", "custom")
_MOST = 65_534


def check_validations(element: Element, sheet: Sheet, note: Note) -> None:
    """Every validation of a sheet."""
    found = element.findall("dataValidation")
    if len(found) > _MOST:
        note(sheet.title, f"the sheet has {len(found):,} validations", "join those that are the same")
    for one in found:
        place = f"{sheet.title}!{one.get('sqref', '')[:40]}, validation"
        for wrong, mend in (*ranges_wrong(one), *_words(one), *_formulas(one, sheet)):
            note(place, wrong, mend)


def ranges_wrong(one: Element) -> Iterator[tuple[str, str]]:
    """What is wrong with the cells that a rule is for."""
    cells = one.get("sqref", "").split()
    if not cells:
        yield "it is for no cell", "name its cells in sqref"
    for text in cells:
        if as_range(text) is None:
            yield f"it is for {text!r}, which is no range", "write one like A7:F20"


def _words(one: Element) -> Iterator[tuple[str, str]]:
    if one.get("type", "none") not in _TYPES:
        yield f"{one.get('type')!r} is no kind of validation", f"write one of {', '.join(_TYPES)}"
    for name, longest in _LIMITS.items():
        length = units(meant(one.get(name, "")))
        if length > longest:
            yield f"its {name} has {length} characters", f"cut it to {longest}"


def _formulas(one: Element, sheet: Sheet) -> Iterator[tuple[str, str]]:
    for name in ("formula1", "formula2"):
        text = one.findtext(name)
        if text is None:
            continue
        if text.startswith('"') and text.endswith('"'):
            length = units(text[1:-1].replace('""', '"'))
            if length > LONGEST_LIST:
                yield f"its list has {length} characters", f"keep it within {LONGEST_LIST}, or point at cells that hold it"
        elif text:
            yield from sheet.formulas.wrong(text)
    if one.get("type") == "list" and not one.findtext("formula1"):
        yield "its list is empty", "name the words, or the cells that hold them"
