"""What stands around the cells of a sheet, each element with its own check."""

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from workbooks.checker.cells import Sheet
from workbooks.checker.conditional_formats import check_conditional
from workbooks.checker.facts import TablePart
from workbooks.checker.faults import Note
from workbooks.checker.hyperlinks import check_links
from workbooks.checker.page import check_columns, check_page, check_view
from workbooks.checker.ranges import Range, as_range, overlapping
from workbooks.checker.relationships import Relationship
from workbooks.checker.validations import check_validations


def check_around(
    elements: Sequence[Element],
    sheet: Sheet,
    used: Range | None,
    tables: Sequence[TablePart],
    relationships: Mapping[str, Relationship],
    note: Note,
) -> None:
    """Every element but the cells, in the order of the part."""
    for one in elements:
        _check_ids(one, sheet, relationships, note)
        match one.tag:
            case "dimension":
                _check_dimension(one, sheet, used, note)
            case "sheetViews":
                check_view(one, sheet.title, note)
            case "cols":
                check_columns(one, sheet, note)
            case "autoFilter":
                _check_filter(one, sheet, tables, note)
            case "mergeCells":
                _check_merges(one, sheet, tables, note)
            case "conditionalFormatting":
                check_conditional(one, sheet, note)
            case "dataValidations":
                check_validations(one, sheet, note)
            case "hyperlinks":
                check_links(one, sheet, note)
            case "pageSetup" | "headerFooter" | "rowBreaks" | "colBreaks":
                check_page(one, sheet.title, note)
            case "tableParts":
                if len(one) != len(tables):
                    note(sheet.title, f"the sheet names {len(one)} tables, and {len(tables)} can be read", "name each once")


def _check_ids(one: Element, sheet: Sheet, relationships: Mapping[str, Relationship], note: Note) -> None:
    for inner in one.iter():
        number = inner.get("r:id")
        if number and number not in relationships:
            note(f"{sheet.title}, {inner.tag}", f"{number} leads nowhere", "add the relationship or remove the element")


def _check_dimension(one: Element, sheet: Sheet, used: Range | None, note: Note) -> None:
    """Programs that believe a dimension stop reading where it ends."""
    stated = as_range(one.get("ref", ""))
    if stated is None or (used is not None and not stated.holds(used)):
        note(sheet.title, f"its dimension is {one.get('ref')}, and its cells are {used}", "state all cells, or no dimension")


def _check_filter(one: Element, sheet: Sheet, tables: Sequence[TablePart], note: Note) -> None:
    ref = as_range(one.get("ref", ""))
    if ref is None:
        note(sheet.title, f"its filter covers {one.get('ref')!r}, which is no range", "write one like A7:F20")
    for table in tables:
        if ref is not None and ref.meets(table.ref):
            note(f"{sheet.title}!{ref}", f"the sheet's filter lies over the table {table.name}", "filter in the table alone")


def _check_merges(one: Element, sheet: Sheet, tables: Sequence[TablePart], note: Note) -> None:
    merged = []
    for inner in one.findall("mergeCell"):
        ref = as_range(inner.get("ref", ""))
        if ref is None or (ref.top == ref.bottom and ref.left == ref.right):
            note(sheet.title, f"{inner.get('ref')!r} merges nothing", "name two cells or more")
            continue
        merged.append(ref)
        for table in tables:
            if ref.meets(table.ref):
                note(f"{sheet.title}!{ref}", f"cells are merged in the table {table.name}", "leave a table's cells as they are")
    for first, second in overlapping(merged):
        note(f"{sheet.title}!{second}", f"it is merged together with {first} already", "merge a cell once")
