"""Links in cells: to an address through a relationship, or to a place in this workbook."""

import re
from xml.etree.ElementTree import Element

from workbooks.checker.cells import Sheet
from workbooks.checker.faults import Note
from workbooks.checker.ranges import as_range
from workbooks.checker.relationships import LONGEST_ADDRESS
from workbooks.checker.text import meant, units

_MOST, _LONGEST_TIP = 65_530, 255
_PLACE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!\$?[A-Za-z]{1,3}\$?\d+(?::\$?[A-Za-z]{1,3}\$?\d+)?")


def check_links(element: Element, sheet: Sheet, note: Note) -> None:
    """Every link of a sheet."""
    found = element.findall("hyperlink")
    if len(found) > _MOST:
        note(sheet.title, f"the sheet has {len(found):,} links", f"keep {_MOST:,}")
    for one in found:
        place = f"{sheet.title}!{one.get('ref', '')}, link"
        if as_range(one.get("ref", "")) is None:
            note(place, "it is on no cell", "name the cell in ref")
        if not one.get("r:id") and one.get("location") is None:
            note(place, "it leads nowhere", "name a place or an address")
        if units(one.get("tooltip", "")) > _LONGEST_TIP:
            note(place, f"its tip has {units(one.get('tooltip', ''))} characters", f"cut it to {_LONGEST_TIP}")
        if units(meant(one.get("display", ""))) > LONGEST_ADDRESS:
            note(place, f"its text has {units(one.get('display', '')):,} characters", f"cut it to {LONGEST_ADDRESS:,}")
        _check_place(one, sheet, place, note)


def _check_place(one: Element, sheet: Sheet, place: str, note: Note) -> None:
    """A place in this workbook: its sheet is there."""
    location = one.get("location", "")
    if units(location) > LONGEST_ADDRESS:
        note(place, f"its place has {units(location):,} characters", f"cut it to {LONGEST_ADDRESS:,}")
    named = _PLACE.fullmatch(location)
    if named and not one.get("r:id"):
        name = meant((named[1] or named[2]).replace("''", "'"))
        if name.casefold() not in sheet.formulas.sheets:
            note(place, f"it leads to the sheet {name!r}, which is not there", "name one of this workbook's sheets")
