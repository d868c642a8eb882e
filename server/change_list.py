"""The change list: per line what to do in the PSA, from when, and what it does to the next invoice. CSV or xlsx."""

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from core.carried import dismissed_through
from core.changes import Change
from core.decisions import Judged, Status, describe
from core.periods import Period
from core.records import Action
from core.stepping import described
from server.errors import refuse
from workbooks.formats import FONT, NAVY, NUMBERS
from workbooks.layout import Kind
from workbooks.pen import Pen
from workbooks.safe_text import looks_like_formula, safe_text

ENDINGS = (".csv", ".xlsx")
"""What a change list may be."""


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
    Field("Dated steps", 26, Kind.TEXT, lambda c: described(c.steps) or None),
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
    Field("Customer", 26, Kind.TEXT, lambda left: left.judged.about[0]),
    Field("PSA service", 28, Kind.TEXT, lambda left: left.judged.about[1]),
    Field("Line ID", 10, Kind.TEXT, lambda left: left.judged.row.line_id if left.judged.row else None),
    Field("Decision", 24, Kind.TEXT, lambda left: describe(left.judged.decision)),
    Field("What became of it", 16, Kind.TEXT, lambda left: str(left.judged.status)),
    Field("Why", 70, Kind.TEXT, lambda left: left.why),
    Field("Until", 13, Kind.DATE, lambda left: left.until),
    Field("Note", 40, Kind.TEXT, lambda left: left.judged.decision.note),
    Field("Decided at", 34, Kind.TEXT, lambda left: left.judged.decision.place),
)


@dataclass(frozen=True, slots=True)
class Left:
    """A decision that changes nothing in the PSA: dismissed, asked, suspended, refused, in conflict."""

    judged: Judged
    until: dt.date | None  # the last day that a dismissal hides its line

    @property
    def why(self) -> str | None:
        return self.judged.problem.message if self.judged.problem else self.judged.decision.reason


def not_written(judged: Iterable[Judged], period: Period) -> list[Left]:
    """Every decision of the period that writes nothing, with what became of it."""
    until = dismissed_through(period)
    left = [j for j in judged if not (j.writes or j.updates_cost) and j.status is not Status.NOTHING_TO_DO]
    dismissed = [j.status is Status.ACCEPTED and j.decision.action is Action.DISMISS for j in left]
    return [Left(j, until if hidden else None) for j, hidden in zip(left, dismissed, strict=True)]


def write_change_list(path: Path, changes: Sequence[Change], left: Sequence[Left]) -> None:
    """Writes the list in one move; xlsx has a second sheet with the decisions that write nothing."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        if path.suffix.casefold() == ".csv":
            _write_csv(temporary, changes)
        else:
            _write_xlsx(temporary, changes, left)
        temporary.replace(path)
    except (OSError, FileCreateError) as error:
        raise refuse(str(path), f"could not be written: close it where it is open, then try again ({error})") from error
    finally:
        temporary.unlink(missing_ok=True)


def _write_csv(path: Path, changes: Sequence[Change]) -> None:
    with path.open("w", newline="", encoding="utf-8-sig", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow([f.header for f in CHANGES])
        writer.writerows([_plain(f.of(change), f.kind) for f in CHANGES] for change in changes)


def _plain(value: Any, kind: Kind) -> str:
    """A cell of a CSV file: exact numbers, ISO dates, and no text that a spreadsheet would run as a formula."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value if kind is Kind.MONEY else value.normalize(), "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    text = safe_text(value)
    return f"'{text}" if looks_like_formula(text) else text


def _write_xlsx(path: Path, changes: Sequence[Change], left: Sequence[Left]) -> None:
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
