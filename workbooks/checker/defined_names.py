"""Defined names: legal, each once, and a formula that can be read."""

import re
from collections.abc import Collection, Sequence
from xml.etree.ElementTree import Element

from workbooks.checker.facts import SheetPart
from workbooks.checker.faults import Note
from workbooks.checker.formulas import Formulas
from workbooks.checker.ranges import as_range
from workbooks.checker.text import units

_LEGAL = re.compile(r"(?:[^\W\d]|\\)[\w.?\\]*")
_ROW_AND_COLUMN = re.compile(r"R\d*(?:C\d*)?|C\d*", re.IGNORECASE)
_BUILT_IN = "_xlnm."
_OF_A_SHEET = ("print_area", "print_titles", "_filterdatabase")
_TITLES = re.compile(r"(?:'(?:[^']|'')+'|[^'!,]+)!(?:\$[A-Z]{1,3}:\$[A-Z]{1,3}|\$\d+:\$\d+)")


def name_is_wrong(name: str) -> str | None:
    """Why Excel takes no such name for a table or a formula."""
    if not _LEGAL.fullmatch(name):
        return "it holds a space or another character that names may not have"
    if units(name) > 255:
        return "it is longer than 255 characters"
    if as_range(name.upper()) or _ROW_AND_COLUMN.fullmatch(name):
        return "it reads like a cell"
    return None


def check_names(root: Element, sheets: Sequence[SheetPart], tables: Collection[str], formulas: Formulas, note: Note) -> None:
    """Every defined name; `tables` are the tables' names in lower case."""
    count, seen = len(root.findall("sheets/sheet")), set[tuple[str, str]]()
    for one in root.findall("definedNames/definedName"):
        name, sheet, formula = one.get("name", ""), one.get("localSheetId", ""), one.text or ""
        if (name.casefold(), sheet) in seen:
            note(name, "two defined names are the same", "keep one of them")
        seen.add((name.casefold(), sheet))
        if why := name_is_wrong(name):
            note(name, f"this is no defined name: {why}", "name it with letters, digits and _")
        if name.casefold() in tables:
            note(name, "a table has the same name", "name one of them otherwise")
        if sheet and not (sheet.isdigit() and int(sheet) < count):
            note(name, f"it belongs to sheet {sheet}, which is not there", "count the sheets from 0")
        for wrong, mend in formulas.wrong(formula):
            note(name, wrong, mend)
        if name.startswith(_BUILT_IN):
            _check_built_in(name, sheet, formula, note)


def _check_built_in(name: str, sheet: str, formula: str, note: Note) -> None:
    kind = name.removeprefix(_BUILT_IN).casefold()
    if kind in _OF_A_SHEET and not sheet:
        note(name, "it belongs to no sheet", "name the sheet in localSheetId")
    if kind == "print_titles" and "#REF!" not in formula:
        # one part of rows, one of columns, with the sheet before each
        parts = _TITLES.findall(formula)
        if ",".join(parts) != formula or len(parts) > 2:
            note(name, f"{formula!r} names no rows or columns to repeat", "write Sheet!$A:$B,Sheet!$1:$7")
