"""The styles part: every format points at fonts, fills, borders and number formats that are there."""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from workbooks.checker.facts import Styles
from workbooks.checker.faults import Note
from workbooks.checker.numbers import whole
from workbooks.checker.order import STYLES, check_order
from workbooks.checker.text import units

_FIRST_OWN = 164
_MOST_FORMATS = 65_490
_PARTS = {"fontId": "fonts/font", "fillId": "fills/fill", "borderId": "borders/border"}
_ASIDE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]', re.DOTALL)


def check_styles(root: Element, note: Note) -> Styles:
    """What the sheets need to know of the styles."""
    check_order((child.tag for child in root), STYLES, "", note)
    codes = _number_formats(root, note)
    cells, bases = root.findall("cellXfs/xf"), root.findall("cellStyleXfs/xf")
    if not 1 <= len(cells) <= _MOST_FORMATS:
        note("cellXfs", f"there are {len(cells):,} cell formats", f"keep 1 to {_MOST_FORMATS:,}")
    counts = {name: len(root.findall(path)) for name, path in _PARTS.items()}
    for group, formats in (("cellXfs", cells), ("cellStyleXfs", bases)):
        for number, one in enumerate(formats):
            _check_format(f"{group} {number}", one, counts, codes, note)
            if group == "cellXfs" and whole(one.get("xfId")) >= max(len(bases), 1):
                note(f"{group} {number}", f"it rests on style {one.get('xfId')}, which is not there", "name one that is")
    differences = len(root.findall("dxfs/dxf"))
    for one in root.findall("cellStyles/cellStyle"):
        if whole(one.get("xfId")) >= len(bases):
            note(one.get("name", "cellStyles"), f"it names the format {one.get('xfId')}, which is not there", "name one that is")
    for one in root.findall("tableStyles/tableStyle/tableStyleElement"):
        if whole(one.get("dxfId")) >= max(differences, 1):
            note("tableStyles", f"it names the format {one.get('dxfId')}, which is not there", "name one that is")
    dates = frozenset(n for n, one in enumerate(cells) if _is_date(whole(one.get("numFmtId")), codes))
    return Styles(len(cells), differences, dates)


def _number_formats(root: Element, note: Note) -> dict[int, str]:
    codes: dict[int, str] = {}
    for one in root.findall("numFmts/numFmt"):
        number, code = whole(one.get("numFmtId")), one.get("formatCode", "")
        if number in codes:
            note(f"numFmt {number}", "two number formats have the same number", "give each its own")
        codes[number] = code
        if not code or units(code) > 255:
            note(f"numFmt {number}", f"the number format has {units(code)} characters", "write 1 to 255")
        if re.search(r'["\[]', _ASIDE.sub("", code)):
            note(f"numFmt {number}", f"{code!r} leaves a quote or a bracket open", "close it")
        if _ASIDE.sub("", code).count(";") > 3:
            note(f"numFmt {number}", f"{code!r} has more than four parts", "keep four")
    return codes


def _check_format(place: str, one: Element, counts: Mapping[str, int], codes: Mapping[int, str], note: Note) -> None:
    for name, count in counts.items():
        if whole(one.get(name)) >= max(count, 1):
            note(place, f"{name} {one.get(name)} is not there: there are {count}", "name one that is")
    number = whole(one.get("numFmtId"))
    if number >= _FIRST_OWN and number not in codes:
        note(place, f"numFmtId {number} is not there", "add the number format")


def _is_date(number: int, codes: Mapping[int, str]) -> bool:
    code = codes.get(number) or BUILTIN_FORMATS.get(number, "")
    return 27 <= number <= 36 or 50 <= number <= 58 or bool(is_date_format(code))
