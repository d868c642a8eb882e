"""The change list: per line what to do in the PSA, from when, and what it does to the next invoice. CSV or xlsx."""

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from core.changes import Change
from core.decisions import Judged, Status, describe
from core.records import Action
from server.errors import refuse
from workbooks.formats import FONT, NAVY, NUMBERS
from workbooks.layout import Kind
from workbooks.pen import Pen
from workbooks.safe_text import looks_like_formula, safe_text


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a list."""

    header: str
    width: float
    kind: Kind
    of: Callable[[Any], Any]


CHANGES = (
    Field("Customer", 26, Kind.TEXT, lambda c: c.customer),
    Field("Agreement", 22, Kind.TEXT, lambda c: c.agreement),
    Field("Agreement ID", 12, Kind.TEXT, lambda c: c.agreement_id),
    Field("Line ID", 10, Kind.TEXT, lambda c: c.line_id),
    Field("PSA service", 28, Kind.TEXT, lambda c: c.service),
    Field("Decision", 11, Kind.TEXT, lambda c: str(c.action)),
    Field("Do in the PSA", 60, Kind.TEXT, lambda c: c.what),
    Field("From", 13, Kind.DATE, lambda c: c.effective_date),
    Field("Old quantity", 10, Kind.QUANTITY, lambda c: c.old_quantity),
    Field("New quantity", 10, Kind.QUANTITY, lambda c: c.new_quantity),
    Field("Old price", 10, Kind.PRICE, lambda c: c.old_price),
    Field("New price", 10, Kind.PRICE, lambda c: c.new_price),
    Field("Effect per month", 12, Kind.MONEY, lambda c: c.effect),
    Field("Next invoice before", 12, Kind.MONEY, lambda c: c.next_invoice_before),
    Field("Next invoice after", 12, Kind.MONEY, lambda c: c.next_invoice_after),
    Field("Catch-up", 12, Kind.MONEY, lambda c: c.catch_up),
    Field("Currency", 9, Kind.TEXT, lambda c: c.currency),
    Field("Mind", 24, Kind.TEXT, lambda c: "; ".join(c.warnings)),
    Field("Reason", 20, Kind.TEXT, lambda c: c.reason),
    Field("Note", 30, Kind.TEXT, lambda c: c.note),
    Field("Decided by", 16, Kind.TEXT, lambda c: c.by),
    Field("Decided at", 34, Kind.TEXT, lambda c: c.place),
    Field("Change ID", 18, Kind.TEXT, lambda c: c.id),
)
LEFT = (
    Field("Customer", 26, Kind.TEXT, lambda j: j.row.customer if j.row else None),
    Field("PSA service", 28, Kind.TEXT, lambda j: j.row.service if j.row else None),
    Field("Line ID", 10, Kind.TEXT, lambda j: j.row.line_id if j.row else None),
    Field("Decision", 24, Kind.TEXT, lambda j: describe(j.decision)),
    Field("What became of it", 16, Kind.TEXT, lambda j: str(j.status)),
    Field("Why", 70, Kind.TEXT, lambda j: j.problem.message if j.problem else j.decision.reason),
    Field("Note", 40, Kind.TEXT, lambda j: j.decision.note),
    Field("Decided at", 34, Kind.TEXT, lambda j: j.decision.place),
)


def not_written(judged: Iterable[Judged]) -> list[Judged]:
    """Decisions that change nothing in the PSA: dismissed, asked, suspended, refused, in conflict."""
    return [j for j in judged if not j.writes and j.status is not Status.NOTHING_TO_DO]


def check_list_target(path: Path) -> None:
    if path.suffix.casefold() not in (".csv", ".xlsx"):
        raise refuse(str(path), "the change list's name must end in .csv or .xlsx")
    if not path.parent.is_dir():
        raise refuse(str(path.parent), "there is no such folder: make it, or choose another with --out")


def write_change_list(path: Path, changes: Sequence[Change], judged: Sequence[Judged]) -> None:
    """Writes the list in one move; xlsx has a second sheet with the decisions that write nothing."""
    check_list_target(path)
    temporary = path.with_name(f".{path.name}.part")
    try:
        if path.suffix.casefold() == ".csv":
            _write_csv(temporary, changes)
        else:
            _write_xlsx(temporary, changes, not_written(judged))
        temporary.replace(path)
    except OSError as error:
        raise refuse(str(path), f"could not be written: close it where it is open, then try again ({error.strerror})") from error
    finally:
        temporary.unlink(missing_ok=True)


def _write_csv(path: Path, changes: Sequence[Change]) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow([f.header for f in CHANGES])
        writer.writerows([_plain(f.of(change)) for f in CHANGES] for change in changes)


def _plain(value: Any) -> str:
    """A cell of a CSV file: exact numbers, ISO dates, and no text that a spreadsheet would run as a formula."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    text = safe_text(value)
    return f"'{text}" if looks_like_formula(text) else text


def _write_xlsx(path: Path, changes: Sequence[Change], left: Sequence[Judged]) -> None:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        _sheet(book, "Changes", CHANGES, changes)
        if left:
            _sheet(book, "Not written", LEFT, left)


def _sheet(book: xlsxwriter.Workbook, name: str, columns: Sequence[Field], rows: Sequence[Any]) -> None:
    page = book.add_worksheet(name)
    pen = Pen(page)
    header = book.add_format({**FONT, "bold": True, "font_color": "#FFFFFF", "bg_color": NAVY, "text_wrap": True, "valign": "top"})
    quoted = book.add_format({**FONT, "quote_prefix": True, "valign": "top", "text_wrap": True})
    for place, column in enumerate(columns):
        look = book.add_format({**FONT, "num_format": NUMBERS[column.kind], "valign": "top", "text_wrap": column.width > 20})
        page.set_column(place, place, column.width)
        pen.value(0, place, column.header, header)
        for index, row in enumerate(rows):
            pen.value(index + 1, place, column.of(row), look, quoted)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def counted(judged: Iterable[Judged]) -> dict[str, int]:
    """How many decisions of each kind there are, by word or by what kept them from being used."""
    words = {Action.APPROVE: "approved", Action.ADD_LINE: "added", Action.END_LINE: "ended", Action.DISMISS: "dismissed"}
    found: dict[str, int] = {}
    for j in judged:
        word = words.get(j.decision.action, "asked") if j.status is Status.ACCEPTED else str(j.status)
        found[word] = found.get(word, 0) + 1
    return found
