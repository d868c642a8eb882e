"""What a workbook consists of, as plain data: writer, reader, add-in and the printed legend all derive from it.

Nothing heavy is imported here, so that the declaration can be shipped inside an Excel add-in. A renamed header is one edit:
formulas name columns by their `name` ({to_bill}), and `reference` turns that into the header that the sheet shows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from core.words import COST_ACTIONS, NO, REASONS, YES

SCHEMA_VERSION = 1
"""Raised when a sheet changes so that an older reader would misread it."""


class Kind(StrEnum):
    """What a cell holds; it decides the number format and how a typed value is read."""

    TEXT = "text"
    QUANTITY = "quantity"
    MONEY = "money"
    PRICE = "price"
    DATE = "date"
    PERCENT = "percent"
    COUNT = "count"


class Role(StrEnum):
    """Whose cell it is."""

    READ = "read-only"  # as issued; a change is reported and never used
    INPUT = "input"
    FORMULA = "formula"
    HIDDEN = "hidden"  # as issued, for machines


class Group(StrEnum):
    """Where a column stands."""

    FROZEN = "frozen"
    SHOWN = "shown"
    OUTLINE = "outline"  # collapsed at first
    HIDDEN = "hidden"


class Choices(StrEnum):
    """Which drop-down an input has; the ones that depend on the row name the column they depend on."""

    NONE = ""
    ACTION = "action"  # by state
    AGREEMENT = "agreement"  # by the hidden list number
    REASON = "reason"
    VENDOR_EXPECTED = "vendor expected"
    ACCOUNT_CHOICE = "account choice"
    SERVICE_CHOICE = "service choice"
    CUSTOMER = "customer"
    SERVICE = "service"
    STEP_REF = "step"  # the keys of the list: Refs of lines that may be billed in steps
    STEP_SERVICE = "step service"
    COST = "cost choice"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` is its word in code, `field` the field of the record it shows, where it shows one as it is."""

    name: str
    header: str
    width: float
    kind: Kind
    legend: str
    field: str | None = None
    role: Role = Role.READ
    group: Group = Group.SHOWN
    formula: str | None = None  # names columns as {name}
    choices: Choices = Choices.NONE
    words: tuple[str, str] | None = None  # what a true and a false field show
    hint: str = ""  # message beside the cell when an input is selected
    prints: bool = False
    centred: bool = False


@dataclass(frozen=True)
class Sheet:
    """One kind of sheet with a table of rows."""

    name: str  # of its tab; a vendor's sheet has the vendor's name
    table: str  # of its Excel table; a vendor's has the vendor's name behind it
    purpose: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where the sheet has none."""
        return self.columns[self.positions[name]] if name in self.positions else _missing(self, name)

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Place of each column, counted from 0."""
        return {c.name: place for place, c in enumerate(self.columns)}

    @cached_property
    def inputs(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.role is Role.INPUT)

    @cached_property
    def issued(self) -> tuple[Column, ...]:
        """The columns that come back as they were issued."""
        return tuple(c for c in self.columns if c.role in (Role.READ, Role.HIDDEN))


def _missing(sheet: Sheet, name: str) -> Column:
    raise KeyError(f"{sheet.name} has no column {name!r}")


KEY = "key"
KEY_HEADER = "Key"
"""Header of the hidden column that says which row a row is, on every sheet that takes input."""


def key_column(legend: str = "Identifies the row, wherever it is moved to.") -> Column:
    return Column(KEY, KEY_HEADER, 12, Kind.TEXT, legend, field="key", role=Role.HIDDEN, group=Group.HIDDEN)


def reference(sheet: Sheet, formula: str, table: str) -> str:
    """The formula as Excel keeps it: {to_bill} becomes Table[[#This Row],[To bill]], which LibreOffice reads as well."""
    return "=" + re.sub(r"\{(\w+)\}", lambda found: f"{table}[[#This Row],[{sheet.column(found[1]).header}]]", formula)


COVER, SUMMARY, CHECKS, LEGEND = "Cover", "Summary", "Checks", "Legend"
IDENTITY, LISTS = "_tieout", "_lists"

PAGES: Mapping[str, str] = {
    COVER: "What the workbook is, how old its data are, whether everything that came in stands somewhere, and who signs.",
    SUMMARY: "Where the money is: by vendor, the largest effects, the movement of monthly revenue, and by state. All is live.",
    LEGEND: "What every column, state, colour and symbol means.",
}
"""The sheets that are no table of rows, and what they are for."""

TO_DECIDE = ("Reconcile", "New revenue", "No usage")

NONE_EXPECTED = "None expected"
MAP, INCLUDE, FREE, INTERNAL, EXCLUDE = "Map", "Include", "Free", "Internal", "Exclude"
ACCOUNT_CHOICES = (MAP, INTERNAL, EXCLUDE)
SERVICE_CHOICES = (MAP, INCLUDE, FREE, INTERNAL, EXCLUDE)

FIXED_CHOICES: Mapping[Choices, tuple[str, ...]] = {
    Choices.REASON: REASONS,
    Choices.VENDOR_EXPECTED: (NONE_EXPECTED,),
    Choices.ACCOUNT_CHOICE: ACCOUNT_CHOICES,
    Choices.SERVICE_CHOICE: SERVICE_CHOICES,
    Choices.COST: COST_ACTIONS,
    Choices.YES: (YES, NO),
}

UP, DOWN, NEW, END, SAME, UNKNOWN = "▲", "▼", "●", "×", "≡", "?"
SYMBOLS: Mapping[str, str] = {
    UP: "the quantity or amount billed goes up",
    DOWN: "the quantity or amount billed goes down",
    NEW: "a new line would be billed",
    END: "the line would no longer be billed",
    SAME: "nothing changes",
    UNKNOWN: "not known, or a quantity must be typed first",
}
