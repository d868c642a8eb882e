"""Vendor text made safe for a spreadsheet: it stays text, in cells, tab names and table names."""

import re
from collections.abc import Iterable

LONGEST_CELL = 32_767
LONGEST_TAB = 31
LONGEST_TABLE_PART = 12
"""Of a vendor in its table's name, which stands in every formula of every row."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WRITTEN_CHARACTER = re.compile("_x([0-9A-Fa-f]{4})_")
"""How a file writes a character that XML has not; a tab of that name would be read as the character."""
_NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_text(text: str) -> str:
    """The text with control characters made visible, and cut where Excel's limit is; the database keeps the original."""
    if text.isprintable() and len(text) * 2 <= LONGEST_CELL:
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub(lambda found: "␡" if found[0] == "\x7f" else chr(0x2400 + ord(found[0])), text)
    text = _NOT_XML.sub("\ufffd", text)
    if _units(text) <= LONGEST_CELL:
        return text
    ending = f" … [{len(text)} characters, cut]"
    return _cut(text, LONGEST_CELL - len(ending)) + ending


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula if it were typed again."""
    return text.startswith(_STARTS_FORMULA)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore")


def tab_names(wanted: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Names for tabs that Excel accepts and that differ from each other and from those taken, whatever their case."""
    used = {name.casefold() for name in taken} | {"history"}
    names = []
    for text in wanted:
        base = _tab_name(text)
        name, number = base, 1
        while name.casefold() in used:
            number += 1
            ending = f" ({number})"
            name = _cut(base, LONGEST_TAB - len(ending)).rstrip() + ending
        used.add(name.casefold())
        names.append(name)
    return names


def _tab_name(text: str) -> str:
    text = _WRITTEN_CHARACTER.sub(r"-x\1-", safe_text(text).replace("\n", " ").replace("\t", " "))
    text = re.sub(r"[\[\]:*?/\\]", " ", text)
    text = _cut(re.sub(r" +", " ", text).strip(" '"), LONGEST_TAB).strip(" '")
    return text or "Vendor"


def table_names(prefix: str, wanted: Iterable[str]) -> list[str]:
    """Names for Excel tables: letters, digits and underscores behind a prefix, each different."""
    used: set[str] = set()
    names = []
    for text in wanted:
        base = prefix + (re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")[:LONGEST_TABLE_PART] or "x")
        name, number = base, 1
        while name.casefold() in used:
            number += 1
            name = f"{base}_{number}"
        used.add(name.casefold())
        names.append(name)
    return names
