"""The two hidden sheets: what the drop-downs read, and which issue of which run the file is."""

import datetime as dt

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from workbooks.formats import Formats
from workbooks.identity import Identity, texts
from workbooks.layout import LISTS, Choices
from workbooks.lists import ListColumn, keys_name, list_name
from workbooks.pen import Pen


def write_lists(workbook: Workbook, formats: Formats, worksheet: Worksheet, lists: dict[Choices, ListColumn]) -> None:
    """Every list in its column, with the defined names that the drop-downs use."""
    pen, look, quoted, place = Pen(worksheet), formats.of(), formats.of(quote_prefix=True), 0
    for choices, column in lists.items():
        for name, values in ((keys_name(choices), column.keys), (list_name(choices), column.values)):
            if name == list_name(choices) or column.keys:
                pen.value(0, place, name, formats.of(bold=True))
                for row, value in enumerate(values, 1):
                    pen.value(row, place, value, look, quoted)
                letter = xl_col_to_name(place)
                last = max(len(values), 1) + 1
                pen.done(workbook.define_name(name, f"={LISTS}!${letter}$2:${letter}${last}"), 0, place)
                place += 1
    worksheet.hide()


def write_identity(workbook: Workbook, formats: Formats, worksheet: Worksheet, identity: Identity) -> None:
    """The identity on a very hidden sheet, and in the document's properties."""
    pen, look, quoted = Pen(worksheet), formats.of(), formats.of(quote_prefix=True)
    for row, (name, text) in enumerate(texts(identity).items()):
        pen.value(row, 0, name, look)
        pen.value(row, 1, text, look, quoted)
        workbook.set_custom_property(f"tieout_{name}", text[:255], "text")
    worksheet.very_hidden()
    workbook.set_properties(
        {
            "title": f"Billing reconciliation {identity.period}",
            "subject": f"Run {identity.run_id}, revision {identity.revision}",
            "author": identity.issued_by,
            "company": identity.entity,
            "created": identity.issued_at.astimezone(dt.UTC).replace(tzinfo=None),
        }
    )
