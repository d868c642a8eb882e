"""Decisions sent as JSON, as if a copy of their workbook had come back with them: from here on there is one way for both."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Any

from core.records import Decision, Step
from server.copies import Copied
from server.house import House
from server.store.plain import canonical
from workbooks.identity import Identity, sign
from workbooks.layout_vendor import VENDOR
from workbooks.reader import Cells, Returned

Given = dict[str, Any]
"""One decision: the fields of core.records.Decision that a person decides on, by name."""


_DECIDED = attrgetter(*(f.name for f in fields(Decision) if f.name not in ("place", "steps")))
_STEPPED = attrgetter(*(f.name for f in fields(Step) if f.name != "place"))


@dataclass(frozen=True, slots=True)
class _NoCells(Cells):
    """There is no sheet: the place of a decision is its number."""

    def at(self, name: str) -> str:
        return self.place


def as_copy(house: House, workbook_id: str, given: Sequence[Given], by: str, key: str) -> Copied:
    """The decisions as a copy of that workbook, made by that person. The same under the same key is the same copy; under another
    key it is a later act, so that whoever changed their mind can change it back.

    UnknownWorkbook where the store did not issue it. The workbook's own scope holds: a slice takes no rows of others.
    """
    identity = _identity(house, workbook_id)
    file = f"decisions of {by} on workbook {workbook_id}"
    decisions = [_decision(one, by, f"{file}, decision {number}") for number, one in enumerate(given, 1)]
    cells = {d.key: _NoCells(VENDOR, d.place, 0, {}, {}) for d in decisions}
    returned = Returned(file, identity, tuple(decisions), (), (), {}, (), (), cells)
    return Copied(Path(file), _hash(workbook_id, decisions, key), returned)


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


def _hash(workbook_id: str, decisions: Sequence[Decision], key: str) -> str:
    """Of what is decided on which workbook by whom; the order counts as little as in a sheet."""
    rows = sorted(repr((*_DECIDED(d), [_STEPPED(step) for step in d.steps])) for d in decisions)
    return hashlib.sha256(canonical([key, workbook_id, rows]).encode()).hexdigest()
