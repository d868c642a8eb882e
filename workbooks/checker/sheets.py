"""The workbook part: its sheets, their names and what is open at first."""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from workbooks.checker.facts import SheetPart
from workbooks.checker.faults import Note
from workbooks.checker.numbers import whole
from workbooks.checker.order import WORKBOOK, check_order
from workbooks.checker.relationships import Relationship
from workbooks.checker.text import meant, units

LONGEST_NAME = 31
_STATES = ("visible", "hidden", "veryHidden")
_KINDS = ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet")


def check_sheets(root: Element, relationships: Mapping[str, Relationship], note: Note) -> list[SheetPart]:
    """The workbook's sheets, in order."""
    check_order((child.tag for child in root), WORKBOOK, "", note)
    found = root.findall("sheets/sheet")
    _check_whole(root, found, note)
    made, names, numbers = [], set[str](), set[str]()
    for one in found:
        name, number = one.get("name", ""), one.get("sheetId", "")
        _check_name(name, names, note)
        if not number.isdigit() or not 1 <= int(number) <= 65_534 or number in numbers:
            note(name, f"its sheetId {number!r} is not a number of its own", "number the sheets from 1")
        numbers.add(number)
        target = relationships.get(one.get("r:id", ""))
        if target is None or target.external or target.kind not in _KINDS:
            note(name, "it leads to no sheet", "give it the id of the sheet's relationship")
        else:
            made.append(SheetPart(name, number, target.target, target.kind))
    return made


def _check_whole(root: Element, sheets: list[Element], note: Note) -> None:
    if not sheets:
        note("", "the workbook has no sheet", "add one")
    states = [sheet.get("state", "visible") for sheet in sheets]
    for sheet, state in zip(sheets, states, strict=True):
        if state not in _STATES:
            note(sheet.get("name", ""), f"{state!r} is no state of a sheet", f"write one of {', '.join(_STATES)}")
    if sheets and "visible" not in states:
        note("", "no sheet is visible", "show one")
    for view in root.findall("bookViews/workbookView"):
        active = whole(view.get("activeTab"))
        if sheets and active >= len(sheets):
            note("", f"tab {active} is to be shown first, and there are only {len(sheets)}", "name one that is there")


def _check_name(written: str, names: set[str], note: Note) -> None:
    name = meant(written)
    if not 1 <= units(name) <= LONGEST_NAME:
        note(name, f"the sheet's name has {units(name)} characters", f"name it with 1 to {LONGEST_NAME}")
    if re.search(r"[\[\]:*?/\\\x00-\x1f]", name):
        note(name, "the sheet's name holds one of [ ] : * ? / \\ or a control character", "leave these out")
    if name.startswith("'") or name.endswith("'"):
        note(name, "the sheet's name starts or ends with an apostrophe", "leave it out")
    if name.casefold() == "history":
        note(name, "Excel keeps the name History for itself", "name the sheet otherwise")
    if name.casefold() in names:
        note(name, "another sheet has the same name", "give each its own, whatever the case")
    names.add(name.casefold())
