"""Decisions sent as JSON, as if a copy of their workbook had come back with them: from here on there is one way for both."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any

from core.records import Decision, Explanation, MappingDecision, Problem, Step
from server.copies import Copied
from server.house import House
from server.store.plain import canonical
from workbooks.decisions_read import Entry, given_of
from workbooks.identity import Identity, sign
from workbooks.layout import KEY, Role, Sheet
from workbooks.layout_history import CHANGES
from workbooks.layout_tables import INVOICE_TOTALS, NO_VENDOR, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES
from workbooks.layout_vendor import VENDOR
from workbooks.reader import Cells, Returned

Given = dict[str, Any]
"""One decision: the fields of core.records.Decision that a person decides on, by name."""


OTHERS = {sheet.table: sheet for sheet in (NO_VENDOR, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES, CHANGES, INVOICE_TOTALS)}
"""The tables beside those of lines and costs into which people type."""

_DECIDED = attrgetter(*(f.name for f in fields(Decision) if f.name not in ("place", "steps")))
_STEPPED = attrgetter(*(f.name for f in fields(Step) if f.name != "place"))


@dataclass(frozen=True, slots=True)
class _NoCells(Cells):
    """There is no sheet: the place of a decision is its number."""

    def at(self, name: str) -> str:
        return self.place


class _Row(Entry):
    """A row that came without a sheet: wherever in it something is wrong, its place is its number."""

    def at(self, name: str) -> str:
        return f"{self.tab}, row {self.row}"


def as_copy(house: House, workbook_id: str, given: Sequence[Given], rows: Sequence[Given], by: str, key: str) -> Copied:
    """The decisions, and what is typed into rows of other sheets, as a copy of that workbook, made by that person. The same under
    the same key is the same copy; under another key it is a later act, so that whoever changed their mind can change it back.

    UnknownWorkbook where the store did not issue it. The workbook's own scope holds: a slice takes no rows of others.
    """
    identity = _identity(house, workbook_id)
    file = f"decisions of {by} on workbook {workbook_id}"
    decisions = [_decision(one, by, f"{file}, decision {number}") for number, one in enumerate(given, 1)]
    entries = [_entry(one, file, number) for number, one in enumerate(rows, 1)]
    problems: list[Problem] = []
    read = [found for entry in entries if (found := given_of(entry, by, problems))]
    mapped = {one.key: one.said for one in read if isinstance(one.said, MappingDecision)}
    typed = tuple(_NoCells(e.sheet, e.at(KEY), e.row, {}, {KEY: e.key, **e.cells}) for e in entries)
    returned = Returned(
        file,
        identity,
        tuple(decisions),
        tuple(mapped.values()),
        tuple(mapped),
        {one.about: one.said for one in read if isinstance(one.said, Decimal)},
        tuple(problems),
        (),
        {d.key: _NoCells(VENDOR, d.place, 0, {}, {}) for d in decisions} | {cells.key: cells for cells in typed},
        typed,
        explanations=tuple(one.said for one in read if isinstance(one.said, Explanation)),
    )
    return Copied(Path(file), _hash(workbook_id, decisions, rows, key), returned)


def _entry(given: Given, file: str, number: int) -> Entry:
    sheet: Sheet = OTHERS[given["table"]]
    inputs = {column.name for column in sheet.columns if column.role is Role.INPUT}
    cells = {name: text for name, text in given["cells"].items() if text.strip()}
    typed = {name: text for name, text in cells.items() if name in inputs}
    shown = {name: text for name, text in cells.items() if name not in inputs}
    return _Row(sheet, given["key"], typed, shown, file, number, {})


def _decision(given: Given, by: str, place: str) -> Decision:
    steps = tuple(Step(**one, place=f"{place}, step {number}") for number, one in enumerate(given["steps"], 1))
    return Decision(**(given | {"steps": steps}), by=by, place=place)


def _identity(house: House, workbook_id: str) -> Identity:
    """What the workbook says of itself, as the store keeps it."""
    issued = house.store.workbook(workbook_id)
    period = house.store.run(issued.run_id).period
    made = Identity(
        issued.id, issued.run_id, issued.revision, period, issued.scope, issued.recipient, issued.issued_at, issued.issued_by, ""
    )
    return sign(made, house.key)


def _hash(workbook_id: str, decisions: Sequence[Decision], rows: Sequence[Given], key: str) -> str:
    """Of what is decided on which workbook by whom; the order counts as little as in a sheet."""
    decided = sorted(repr((*_DECIDED(d), [_STEPPED(step) for step in d.steps])) for d in decisions)
    typed = sorted(canonical([one["table"], one["key"], one["cells"]]) for one in rows)
    return hashlib.sha256(canonical([key, workbook_id, decided, *([typed] if typed else [])]).encode()).hexdigest()
