"""The calculation chain: cells with formulas in the order of computing. One that has no formula makes Excel repair the file."""

from xml.etree.ElementTree import Element


def read_chain(root: Element) -> dict[str, set[str]]:
    """The cells that must have formulas, by the number of their sheet."""
    found: dict[str, set[str]] = {}
    sheet = ""
    for one in root.iter("c"):
        sheet = one.get("i", sheet)
        found.setdefault(sheet, set()).add(one.get("r", ""))
    return found
