"""Excel tables: names, ids and columns each once, as wide as they have columns, apart from each other."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from workbooks.checker.defined_names import name_is_wrong
from workbooks.checker.facts import Styles, TablePart
from workbooks.checker.faults import Note
from workbooks.checker.formulas import Formulas
from workbooks.checker.numbers import whole
from workbooks.checker.order import TABLE, check_order
from workbooks.checker.ranges import Range, as_range
from workbooks.checker.text import meant, units

_FORMATS = ("dataDxfId", "headerRowDxfId", "totalsRowDxfId", "headerRowBorderDxfId", "tableBorderDxfId", "totalsRowBorderDxfId")


@dataclass(slots=True)
class Taken:
    """Ids and names that tables of this workbook have."""

    ids: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


def read_table(part: str, root: Element, taken: Taken, styles: Styles, note: Note) -> TablePart | None:
    """A table of the workbook; none where it cannot even be placed."""
    check_order((child.tag for child in root), TABLE, "", note)
    name = root.get("displayName", "")
    _check_identity(root, name, taken, note)
    for one in root.iter():
        _check_formats(one, name, styles, note)
    ref = as_range(root.get("ref", ""))
    if ref is None:
        note(name, f"its range {root.get('ref')!r} is none", "write one like A7:F20")
        return None
    columns = [meant(one.get("name", "")) for one in root.findall("tableColumns/tableColumn")]
    _check_columns(root, name, columns, ref, note)
    header, totals = whole(root.get("headerRowCount"), 1), whole(root.get("totalsRowCount"))
    if ref.bottom - ref.top + 1 < header + totals + 1:
        note(name, f"its range {ref} has no row for data", "leave one, even an empty one")
    _check_filter(root, name, ref, totals, note)
    return TablePart(part, name, ref, tuple(columns), header == 1)


def _check_identity(root: Element, name: str, taken: Taken, note: Note) -> None:
    number = root.get("id", "")
    if not number.isdigit() or number == "0" or number in taken.ids:
        note(name, f"its id {number!r} is not one of its own", "number the tables from 1 through all sheets")
    taken.ids.add(number)
    if name.casefold() in taken.names:
        note(name, "another table has the same name", "give each its own, whatever the case")
    taken.names.add(name.casefold())
    if why := name_is_wrong(name):
        note(name, f"this is no name of a table: {why}", "name it with letters, digits and _")


def _check_formats(one: Element, name: str, styles: Styles, note: Note) -> None:
    for attribute in _FORMATS:
        number = one.get(attribute)
        if number is not None and whole(number) >= styles.differences:
            note(name, f"{attribute} {number} is not there: there are {styles.differences}", "name one that is")


def _check_columns(root: Element, name: str, columns: list[str], ref: Range, note: Note) -> None:
    width = ref.right - ref.left + 1
    if width != len(columns):
        note(name, f"its range {ref} is {width} columns wide, and it declares {len(columns)}", "make them agree")
    stated = root.find("tableColumns")
    if stated is not None and stated.get("count", str(len(columns))) != str(len(columns)):
        note(name, f"it says {stated.get('count')} columns and has {len(columns)}", "make them agree")
    seen: set[str] = set()
    for column in columns:
        if not 1 <= units(column) <= 255:
            note(name, f"a column's name has {units(column)} characters", "name it with 1 to 255")
        if column.casefold() in seen:
            note(name, f"two columns are called {column!r}", "give each its own name, whatever the case")
        seen.add(column.casefold())
    ids = [one.get("id", "") for one in root.findall("tableColumns/tableColumn")]
    if len(set(ids)) != len(ids) or not all(one.isdigit() and one != "0" for one in ids):
        note(name, "its columns' ids are not numbers of their own", "number the columns from 1")


def _check_filter(root: Element, name: str, ref: Range, totals: int, note: Note) -> None:
    one = root.find("autoFilter")
    if one is None:
        return
    wanted = ref._replace(bottom=ref.bottom - totals)
    if as_range(one.get("ref", "")) != wanted:
        note(name, f"its filter covers {one.get('ref')}", f"let it cover the table without totals: {wanted}")
    for column in one.findall("filterColumn"):
        if whole(column.get("colId")) > ref.right - ref.left:
            note(name, f"its filter names column {column.get('colId')}, which is not there", "count the columns from 0")


def check_formulas_of(root: Element, name: str, formulas: Formulas, note: Note) -> None:
    """The formulas of a table's columns."""
    for column in root.findall("tableColumns/tableColumn"):
        for kind in ("calculatedColumnFormula", "totalsRowFormula"):
            one = column.find(kind)
            for wrong, mend in formulas.wrong(one.text or "") if one is not None else ():
                note(f"{name}[{column.get('name')}]", wrong, mend)


def check_apart(tables: Iterable[TablePart], note: Note) -> None:
    """No two tables of a sheet share a cell."""
    placed = list(tables)
    for number, one in enumerate(placed):
        for other in placed[number + 1 :]:
            if one.ref.meets(other.ref):
                note(f"{one.name} and {other.name}", f"the tables share cells ({one.ref}, {other.ref})", "move one of them")
