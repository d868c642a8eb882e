"""Whether the row that a person decided in still shows the line that its hidden key stands for.

A decision rests on what the person saw. Where the cells that say which line it is, or the numbers that its fingerprint covers, are
not as issued (keys swapped, half of the columns sorted, a row of another workbook pasted in, a number typed over), it was
decided on something else, and is not used. A cell that says neither is told and stays without effect.
"""

import datetime as dt
import math
from collections.abc import Iterator
from decimal import Decimal

from core.fingerprints import RESTS_ON
from core.records import Problem
from workbooks.layout import KEY, Column, Kind
from workbooks.layout_history import CHANGES, LINKED
from workbooks.layout_tables import INVOICE_TOTALS, NO_VENDOR, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES
from workbooks.layout_vendor import VENDOR
from workbooks.packed_sheets import Raw
from workbooks.returned_rows import Cells
from workbooks.rows import Row, Value
from workbooks.safe_text import safe_text
from workbooks.typed_values import NotUnderstoodError, any_date, number, plain, word

RESULT = "result"
FILLED_IN = (RESULT, *LINKED)
"""Filled in after the rows were made, so they are not as issued."""

WHICH = {
    VENDOR.name: ("customer", "service", "agreement", "psa_ids", "vendor", "customer_id", "service_id", "agreement_id", "line_id",
                  "vendor_service_id"),
    NO_VENDOR.name: ("service", "service_id"),
    UNMAPPED_ACCOUNTS.name: ("vendor", "account", "account_id"),
    UNMAPPED_SERVICES.name: ("vendor", "vendor_service", "vendor_service_id"),
    INVOICE_TOTALS.name: ("source", "currency"),
    CHANGES.name: ("customer", "service", "vendor", "line_id", "line_key"),
}  # fmt: skip
"""By sheet the columns that say which line, account, service or file a row is."""

SEEN = {VENDOR.name: (*RESTS_ON, "vendor_quantity", "fingerprint"), UNMAPPED_ACCOUNTS.name: ("suggestion",)}
SEEN[UNMAPPED_SERVICES.name] = SEEN[UNMAPPED_ACCOUNTS.name]
"""By sheet the columns that a decision rests on."""


def differences(cells: Cells, row: Row) -> Iterator[Column]:
    """The columns of a row that are not as issued, of those that came back."""
    for column in cells.sheet.issued:
        found = cells.values.get(column.name)
        if found is not None and column.name not in FILLED_IN and not same(column, row.get(column.name), found):
            yield column


def changed(cells: Cells, row: Row, column: Column) -> Problem:
    """That one cell is not as issued."""
    was, now = shown(row.get(column.name)), shown(cells.values[column.name])
    return Problem(cells.at(column.name), f"{column.header} was issued as {was} and reads {now} now: not used")


def not_that_row(cells: Cells, row: Row, differing: list[Column]) -> Problem | None:
    """Why a decision in the row cannot be used; None where it shows what its key stands for.

    An empty fingerprint says nothing: what was issued is known.
    """
    which = [c for c in differing if c.name in WHICH.get(cells.sheet.name, ())]
    if which:
        named = " and ".join(c.header for c in which[:3])
        said = (
            f"this row shows {_called(cells, which[0])}, and its hidden key stands for {shown(row.get(which[0].name))} "
            f"({named} not as issued): the decision is not used; put back what was issued, or decide in that line's own row"
        )
        return Problem(cells.at(which[0].name), said)
    seen = [c for c in differing if c.name in SEEN.get(cells.sheet.name, ()) and not _nothing(cells, c)]
    if not seen:
        return None
    column = seen[0]
    was, now = shown(row.get(column.name)), shown(cells.values[column.name])
    said = f"{column.header} was issued as {was} and reads {now} now, and the decision rests on it: not used; put {was} back"
    return Problem(cells.at(column.name), said + _way(column))


def _called(cells: Cells, column: Column) -> str:
    found = shown(cells.values[column.name])
    return found if column.kind is Kind.TEXT and not column.header.endswith("id") else f"{column.header} {found}"


def _nothing(cells: Cells, column: Column) -> bool:
    return column.name == "fingerprint" and plain(cells.values[column.name]) == ""


def _way(column: Column) -> str:
    """Where a person may type what they typed over."""
    ways = {
        "to_bill": ", or type another one under Quantity, with a Reason",
        "unit_price": ", or type another one under New price",
        "proposed_price": ", or type another one under New price, with a Reason",
        "effective_date": ", or type another one under From",
        "suggestion": ", or choose another one under Target",
    }
    return ways.get(column.name, "")


def stranger(cells: Cells) -> Problem:
    """That a row's key was never issued with its workbook."""
    return Problem(cells.at(KEY), "this key was not issued with this workbook; the row is not used")


def same(column: Column, issued: Value, found: Raw) -> bool:
    """Whether a cell reads as it was issued, however a program has stored it."""
    if issued is None or issued == "":
        return plain(found) == ""
    if issued == found:
        return True
    try:
        if column.kind is Kind.DATE:
            return any_date(found) == issued
        if column.kind is not Kind.TEXT:
            places = number(found, Kind.PRICE if column.kind is not Kind.COUNT else Kind.COUNT)
            return math.isclose(float(places), float(Decimal(str(issued))), rel_tol=1e-9, abs_tol=1e-6)
    except NotUnderstoodError:
        return False
    return word(found) == word(safe_text(str(issued)))


def shown(value: Value | Raw) -> str:
    """A cell as a sentence shows it."""
    if value is None or value == "":
        return "empty"
    if isinstance(value, dt.datetime):
        value = value.date()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else plain(value)
