"""Results in a workbook of their own, for a returned file that they cannot be written into."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from workbooks.annotating import beside
from workbooks.formats import FONT, GREY, NAVY, NUMBERS
from workbooks.layout import Kind
from workbooks.pen import Pen, WorkbookNotWritten

_COLUMNS = (("Ref", 8), ("Client", 30), ("Service", 34), ("Decision", 34), ("Result", 70), ("Place", 44))
_HEADER = 2


@dataclass(frozen=True, slots=True)
class ResultLine:
    """What became of one row of the returned file. The first two name it as its sheet does."""

    ref: str
    client: str
    service: str
    decision: str
    result: str
    place: str  # file, sheet and cell


def write_results(path: Path, why: str, lines: Sequence[ResultLine]) -> None:
    """Writes the workbook in one move; `why` says of which file it is, and why it stands apart.

    WorkbookNotWritten where it cannot be written.
    """
    temporary = beside(path)
    try:
        with xlsxwriter.Workbook(str(temporary), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            _sheet(book, why, lines)
        temporary.replace(path)
    except (OSError, FileCreateError) as error:
        raise WorkbookNotWritten(
            f"{path.name} could not be written: close it where it is open, then try again ({error})"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _sheet(book: xlsxwriter.Workbook, why: str, lines: Sequence[ResultLine]) -> None:
    page = book.add_worksheet("Results")
    pen = Pen(page)
    look: dict[str, Any] = {**FONT, "num_format": NUMBERS[Kind.TEXT], "valign": "top", "text_wrap": True}
    plain, quoted = book.add_format(look), book.add_format(look | {"quote_prefix": True})
    header = book.add_format({**FONT, "bold": True, "font_color": "#FFFFFF", "bg_color": NAVY, "valign": "top"})
    pen.value(0, 0, why, book.add_format({**FONT, "italic": True, "font_color": GREY}))
    for place, (name, width) in enumerate(_COLUMNS):
        page.set_column(place, place, width)
        pen.value(_HEADER, place, name, header)
    for row, line in enumerate(lines, _HEADER + 1):
        cells = (line.ref, line.client, line.service, line.decision, line.result, line.place)
        for place, cell in enumerate(cells):
            pen.value(row, place, cell, plain, quoted)
    page.freeze_panes(_HEADER + 1, 1)
    page.autofilter(_HEADER, 0, _HEADER + max(1, len(lines)), len(_COLUMNS) - 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(_HEADER)
