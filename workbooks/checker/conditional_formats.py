"""Conditional formats: cells, a priority, a format that is there and formulas that can be read."""

from xml.etree.ElementTree import Element

from workbooks.checker.cells import Sheet
from workbooks.checker.faults import Note
from workbooks.checker.numbers import whole
from workbooks.checker.validations import ranges_wrong

_NEED_A_FORMULA = ("expression", "cellIs")
_TYPES = (
    "expression cellIs colorScale dataBar iconSet top10 uniqueValues duplicateValues containsText notContainsText beginsWith "
    "endsWith containsBlanks notContainsBlanks containsErrors notContainsErrors timePeriod aboveAverage"
)


def check_conditional(element: Element, sheet: Sheet, note: Note) -> None:
    """The rules of one block of cells."""
    place = f"{sheet.title}!{element.get('sqref', '')[:40]}, conditional format"
    for wrong, mend in ranges_wrong(element):
        note(place, wrong, mend)
    for rule in element.findall("cfRule"):
        _check_rule(rule, sheet, place, note)


def _check_rule(rule: Element, sheet: Sheet, place: str, note: Note) -> None:
    if rule.get("type", "") not in _TYPES.split():
        note(place, f"{rule.get('type')!r} is no kind of rule", "write one like expression or cellIs")
    if not 1 <= whole(rule.get("priority")) < 1 << 31:
        note(place, f"its priority is {rule.get('priority')!r}", "number the rules of a sheet from 1")
    if whole(rule.get("dxfId"), -1) >= sheet.styles.differences:
        note(place, f"its format {rule.get('dxfId')} is not there: there are {sheet.styles.differences}", "name one that is")
    formulas = rule.findall("formula")
    if rule.get("type") in _NEED_A_FORMULA and not formulas:
        note(place, "it has no formula", "write one")
    for one in formulas:
        for wrong, mend in sheet.formulas.wrong(one.text or ""):
            note(place, wrong, mend)
