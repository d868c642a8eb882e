"""The two hidden sheets: what the drop-downs read, and which issue of which run the file is."""

import datetime as dt
from collections.abc import Mapping

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from workbooks.columns import Columns, array_of
from workbooks.formats import Formats
from workbooks.identity import Identity, texts
from workbooks.layout import LISTS, Choices, Kind
from workbooks.lists import ListColumn, keys_name, list_name
from workbooks.pen import Pen
from workbooks.splice import PROTOTYPES


def list_cells(lists: Mapping[Choices, ListColumn]) -> tuple[dict[str, Kind], Columns]:
    """Every list in a column under its defined name, its keys before it; shorter ones are empty further down."""
    listed = [
        (name, values)
        for choices, column in lists.items()
        for name, values in ((keys_name(choices), column.keys), (list_name(choices), column.values))
        if values or name == list_name(choices)
    ]
    longest = max(PROTOTYPES, *(len(values) for _, values in listed))
    kinds = {name: Kind.COUNT if values and isinstance(values[0], int) else Kind.TEXT for name, values in listed}
    cells = {name: array_of(kinds[name], [*values, *[None] * (longest - len(values))]) for name, values in listed}
    return kinds, Columns(cells, longest)


def write_lists(
    workbook: Workbook, formats: Formats, worksheet: Worksheet, lists: Mapping[Choices, ListColumn], *, whole: bool = True
) -> tuple[dict[str, Kind], Columns]:
    """The sheet of lists with the defined names that the drop-downs use; not `whole`: with prototypes in place of the rows.

    Answers what is in its columns.
    """
    kinds, columns = list_cells(lists)
    pen, look, quoted = Pen(worksheet), formats.of(), formats.of(quote_prefix=True)
    for place, name in enumerate(kinds):
        cells = columns.array(name)
        pen.value(0, place, name, formats.of(bold=True))
        if whole:
            for row, value in enumerate(cells.to_pylist(), 1):
                pen.value(row, place, value, look, quoted)
        else:
            for row, prototype in enumerate((look, quoted), 1):
                pen.value(row, place, None, prototype)
        letter = xl_col_to_name(place)
        last = max(len(cells) - cells.null_count, 1) + 1
        pen.done(workbook.define_name(name, f"={LISTS}!${letter}$2:${letter}${last}"), 0, place)
    worksheet.hide()
    return kinds, columns


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
