"""One row's inputs as a decision. What cannot be understood is a problem with its cell, and the row stays undecided."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.records import Action, Decision, Explanation, MappingDecision, Problem
from core.words import ACTIONS, COST_ACTIONS, NO, YES
from workbooks.layout import ACCOUNT_CHOICES, EXCLUDE, INCLUDE, MAP, NONE_EXPECTED, SERVICE_CHOICES, Sheet
from workbooks.layout_costs import COSTS
from workbooks.layout_history import CHANGES
from workbooks.layout_tables import INVOICE_TOTALS, NO_VENDOR, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES
from workbooks.layout_vendor import VENDOR
from workbooks.packed_sheets import Raw
from workbooks.sheet_scan import address
from workbooks.typed_values import NotUnderstoodError, date, number, plain, text, word

_NOTHING = ("", "no action")
_NEED_A_DECISION = ("quantity", "from", "add_to", "new_price")
_LINE_ACTIONS = [action.value for action in Action if action is not Action.UPDATE_COST]
SUBJECTS = {
    NO_VENDOR.name: ("no vendor", "vendor", "service_id", (NONE_EXPECTED,)),
    UNMAPPED_ACCOUNTS.name: ("account", "vendor", "account_id", ACCOUNT_CHOICES),
    UNMAPPED_SERVICES.name: ("service", "vendor", "vendor_service_id", SERVICE_CHOICES),
}
"""By sheet: subject, the columns of vendor and id, and the words that may be chosen."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a table with what is typed in it."""

    sheet: Sheet
    key: str
    inputs: Mapping[str, Raw]
    cells: Mapping[str, Raw]
    tab: str  # file and sheet
    row: int
    columns: Mapping[str, int]
    typed: bool = True  # also where what is typed cannot be used

    def at(self, name: str) -> str:
        """File, sheet and cell of a column; of the row where the column is gone."""
        return f"{self.tab}!{address(self.row, self.columns.get(name, 0))}"

    def cell(self, name: str) -> str | None:
        """A read-only cell as text; None where it is empty."""
        return text(self.cells.get(name, "")) or None


@dataclass(frozen=True, slots=True)
class Given:
    """What one row says."""

    sheet: Sheet
    key: str
    said: Decision | MappingDecision | Explanation | Decimal
    place: str
    about: tuple[str, str] = ("", "")

    @property
    def content(self) -> object:
        """The same for rows that say the same."""
        return self.said if isinstance(self.said, Decimal) else replace(self.said, place="")


class _Reading:
    """Reads a row's inputs and collects what is wrong with them."""

    def __init__(self, entry: Entry) -> None:
        self.entry, self.problems = entry, list[Problem]()

    def wrong(self, name: str, words: str) -> None:
        self.problems.append(Problem(self.entry.at(name), words))

    def number(self, name: str, *, below_zero: bool = False) -> Decimal | None:
        if name not in self.entry.inputs:
            return None
        column = self.entry.sheet.column(name)
        try:
            found = number(self.entry.inputs[name], column.kind)
        except NotUnderstoodError as error:
            self.wrong(name, f"{column.header}: {error}")
            return None
        if found < 0 and not below_zero:
            self.wrong(name, f"{column.header}: {found.normalize():f} is below zero")
        return found

    def date(self, name: str) -> dt.date | None:
        if name not in self.entry.inputs:
            return None
        try:
            return date(self.entry.inputs[name])
        except NotUnderstoodError as error:
            self.wrong(name, f"{self.entry.sheet.column(name).header}: {error}")
            return None

    def text(self, name: str) -> str | None:
        return text(self.entry.inputs[name]) if name in self.entry.inputs else None

    def choice(self, legal: Sequence[str]) -> str | None:
        """One of the words of the Decision column, however it is spaced and cased."""
        typed = self.entry.inputs.get("decision", "")
        found = next((choice for choice in legal if word(choice) == word(typed)), None)
        if found is None and word(typed) not in _NOTHING:
            self.wrong("decision", f"{plain(typed)!r} is not a choice; choose {' or '.join(legal)}, or leave it empty")
        return found


def given_of(entry: Entry, by: str, problems: list[Problem]) -> Given | None:
    """What is typed in a row of any sheet, with what is wrong with it added to the problems; None where nothing can be used."""
    if not entry.inputs:
        return None
    if entry.sheet is COSTS:
        return _cost_decision(entry, by, problems)
    if entry.sheet is CHANGES:
        return _explanation(entry, by)
    if entry.sheet is VENDOR:
        return _line_decision(entry, by, problems)
    if entry.sheet is INVOICE_TOTALS:
        return _typed_total(entry, problems)
    return _mapping_decision(entry, by, problems)


def _line_decision(entry: Entry, by: str, problems: list[Problem]) -> Given | None:
    """The decision of a vendor's row. Whether it is legal for the row's state is the judge's to say."""
    reading = _Reading(entry)
    choice = reading.choice(_LINE_ACTIONS)
    if choice is None and not reading.problems:
        _undecided(reading)
    if choice is None:
        _hint(reading, problems)
        return None
    said = Decision(
        entry.key,
        entry.cell("fingerprint") or "",
        Action(choice),
        reading.number("quantity"),
        reading.date("from"),
        reading.text("add_to"),
        reading.number("new_price"),
        reading.text("reason"),
        reading.text("note"),
        by,
        entry.at("decision"),
    )
    problems += reading.problems
    return None if reading.problems else Given(entry.sheet, entry.key, said, said.place)


def _undecided(reading: _Reading) -> None:
    """A quantity, date, agreement or price without a decision is half a decision."""
    typed = next((name for name in _NEED_A_DECISION if name in reading.entry.inputs), None)
    if typed:
        header = reading.entry.sheet.column(typed).header
        reading.wrong(typed, f"{header} is typed, but nothing is decided: choose {_legal(reading.entry)}, or empty the cell")


def _hint(reading: _Reading, problems: list[Problem]) -> None:
    """Names the words of the row's own state where a word is not one of the actions."""
    every = " or ".join(_LINE_ACTIONS)
    problems += [replace(one, message=one.message.replace(every, _legal(reading.entry))) for one in reading.problems]


def _legal(entry: Entry) -> str:
    state = next((state for state in ACTIONS if word(state) == word(entry.cells.get("state", ""))), None)
    return " or ".join(ACTIONS[state] if state else _LINE_ACTIONS)


def _cost_decision(entry: Entry, by: str, problems: list[Problem]) -> Given | None:
    """The decision on a service's cost. Whether the cost can be used is the judge's to say."""
    reading = _Reading(entry)
    choice = reading.choice(COST_ACTIONS)
    own_too = word(entry.inputs.get("own_too", ""))
    if own_too not in ("", word(YES), word(NO)):
        reading.wrong("own_too", f"{plain(entry.inputs['own_too'])!r} is neither {YES} nor {NO}")
    half = next((name for name in ("new_cost", "own_too") if name in entry.inputs), None)
    if choice is None and half and not reading.problems:
        header = entry.sheet.column(half).header
        reading.wrong(half, f"{header} is typed, but nothing is decided: choose {' or '.join(COST_ACTIONS)}, or empty the cell")
    cost = reading.number("new_cost")
    problems += reading.problems
    if choice is None or reading.problems:
        return None
    said = Decision(
        entry.key,
        entry.cell("fingerprint") or "",
        Action(choice),
        new_price=cost,
        reason=reading.text("reason"),
        note=reading.text("note"),
        by=by,
        place=entry.at("decision"),
        own_too=own_too == word(YES) and choice == Action.UPDATE_COST,
    )
    return Given(entry.sheet, entry.key, said, said.place)


def _mapping_decision(entry: Entry, by: str, problems: list[Problem]) -> Given | None:
    """What is said of an unmapped account or service, or of a PSA service without a vendor."""
    subject, vendor, identifier, legal = SUBJECTS[entry.sheet.name]
    reading = _Reading(entry)
    choice = reading.choice(legal)
    review = reading.date("review")
    if choice is None and "target" in entry.inputs and not reading.problems:
        reading.wrong("target", f"Target is typed, but nothing is decided: choose {' or '.join(legal)}, or empty the cell")
    target = reading.text("target")
    if choice == MAP and target is None:
        target = entry.cell("suggestion")
    if choice in (MAP, INCLUDE) and target is None:
        reading.wrong("target", f"{choice} wants a Target: choose one from the list")
    if choice == EXCLUDE and not all(name in entry.inputs for name in ("reason", "owner", "review")):
        reading.wrong("reason", "Exclude wants a reason, an owner and a review date")
    problems += reading.problems
    if choice is None or reading.problems:
        return None
    said = MappingDecision(
        subject,
        entry.cell(vendor) or "",
        entry.cell(identifier) or "",
        choice,
        target if choice in (MAP, INCLUDE) else None,
        reading.text("reason"),
        reading.text("owner"),
        review,
        by,
        entry.at("decision"),
    )
    return Given(entry.sheet, entry.key, said, said.place)


def _explanation(entry: Entry, by: str) -> Given | None:
    """What is said of a change."""
    said = text(entry.inputs["explanation"])
    return Given(entry.sheet, entry.key, Explanation(entry.key, said, by, entry.at("explanation")), entry.at("explanation"))


def _typed_total(entry: Entry, problems: list[Problem]) -> Given | None:
    """The total of a vendor's invoice, typed on the cover."""
    reading = _Reading(entry)
    found = reading.number("typed", below_zero=True)
    problems += reading.problems
    if found is None or reading.problems:
        return None
    source, _, currency = entry.key.rpartition("|")
    return Given(INVOICE_TOTALS, entry.key, found, entry.at("typed"), (source, currency))
