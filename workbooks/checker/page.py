"""How a sheet is shown and printed: panes, columns, headers and footers."""

from xml.etree.ElementTree import Element

from workbooks.checker.cells import Sheet
from workbooks.checker.faults import Note
from workbooks.checker.numbers import finite, whole
from workbooks.checker.ranges import COLUMNS
from workbooks.checker.text import units

_WIDEST, _DEEPEST, _LONGEST_HEADER, _MOST_BREAKS = 255, 7, 255, 1_023


def check_view(element: Element, title: str, note: Note) -> None:
    """A selection stands in a pane that is there; frozen panes have a cell that they start from."""
    for view in element.findall("sheetView"):
        pane = view.find("pane")
        panes = {"topLeft"} if pane is None else {"topLeft", "topRight", "bottomLeft", "bottomRight"}
        for selection in view.findall("selection"):
            if selection.get("pane", "topLeft") not in panes:
                note(
                    title,
                    f"cells are selected in the pane {selection.get('pane')}, which is not there",
                    "freeze or split the sheet",
                )
        if not 10 <= whole(view.get("zoomScale"), 100) <= 400:
            note(title, f"its zoom is {view.get('zoomScale')}", "zoom by 10 to 400")
        if pane is not None and not (pane.get("xSplit") or pane.get("ySplit")):
            note(title, "its pane splits nothing", "say where, or leave the pane out")


def check_columns(element: Element, sheet: Sheet, note: Note) -> None:
    """Each column is described once, in order."""
    before = 0
    for one in element.findall("col"):
        first, last = whole(one.get("min")), whole(one.get("max"))
        place = f"{sheet.title}, columns {one.get('min')} to {one.get('max')}"
        if not 1 <= first <= last <= COLUMNS:
            note(place, "these are no columns of a sheet", f"number them 1 to {COLUMNS:,}")
        elif first <= before:
            note(place, "a column is described twice or out of order", "describe each once, from left to right")
        before = max(before, min(last, COLUMNS))
        width = finite(one.get("width", "0"))
        if width is None or not 0 <= width <= _WIDEST + 1:
            note(place, f"their width is {one.get('width')}", f"keep it at {_WIDEST} characters or below")
        if whole(one.get("outlineLevel")) > _DEEPEST:
            note(place, f"their outline level is {one.get('outlineLevel')}", f"group at most {_DEEPEST} levels")
        if whole(one.get("style")) >= sheet.styles.cells:
            note(place, f"their style {one.get('style')} is not there", "name one that is")


def check_page(element: Element, title: str, note: Note) -> None:
    """Print set-up."""
    if element.tag == "pageSetup" and not 10 <= whole(element.get("scale"), 100) <= 400:
        note(title, f"it is printed at {element.get('scale')} %", "scale by 10 to 400")
    if element.tag == "headerFooter":
        for one in element:
            if units(one.text or "") > _LONGEST_HEADER:
                note(f"{title}, {one.tag}", f"it has {units(one.text or '')} characters", f"cut it to {_LONGEST_HEADER}")
    if element.tag in ("rowBreaks", "colBreaks") and len(element) > _MOST_BREAKS:
        note(title, f"it has {len(element):,} page breaks", f"keep {_MOST_BREAKS:,}")
