"""Dated steps of a returned copy: what is typed there, and whose line it belongs to. Half of a line's steps are never used."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.records import Decision, Problem, Step
from workbooks.finding import Found
from workbooks.layout import Column, Kind
from workbooks.layout_steps import STEPS
from workbooks.opening import Raw
from workbooks.sheet_scan import address
from workbooks.typed_values import NotUnderstoodError, date, number, text

TypedRow = tuple[int, Mapping[str, Raw], Sequence[tuple[Column, str, bool]]]
"""Number of a row, what is typed in it, and its cells with formulas or errors: column, what is said, whether it is unusable."""

_WITHOUT = "no line's dated steps are used while it is not known whose this row is"


@dataclass(frozen=True, slots=True)
class TypedStep:
    """One row of the sheet. `step` is None where it cannot be used; a problem says why."""

    ref: int | None  # None: it is missing or cannot be read
    step: Step | None
    place: str  # of its Ref


def read_steps(
    place: str, table: Found, rows: Iterable[TypedRow], problems: list[Problem], notices: list[Problem]
) -> list[TypedStep]:
    """Every row in which a Ref, a quantity or a day is typed, also below the table; a note alone is none."""
    return [
        _Row(f"{place}!", table, number, typed).read(odd, problems, notices)
        for number, typed, odd in rows
        if {"ref", "quantity", "from"} & {*typed, *(column.name for column, *_ in odd)}
    ]


@dataclass(frozen=True, slots=True)
class _Row:
    tab: str
    table: Found
    number: int
    typed: Mapping[str, Raw]

    def at(self, name: str) -> str:
        return f"{self.tab}{address(self.number, self.table.columns.get(name, 0))}"

    def read(self, odd: Sequence[tuple[Column, str, bool]], problems: list[Problem], notices: list[Problem]) -> TypedStep:
        wrong = [Problem(self.at(column.name), said) for column, said, fatal in odd if fatal]
        notices += [Problem(self.at(column.name), said) for column, said, fatal in odd if not fatal]
        unusable = {column.name for column, _, fatal in odd if fatal}
        ref = None if "ref" in unusable else self._ref(wrong)
        quantity = None if "quantity" in unusable else self._quantity(wrong)
        day = None if "from" in unusable else self._day(wrong)
        problems += wrong
        if wrong or quantity is None or day is None:
            return TypedStep(ref, None, self.at("ref"))
        note = text(self.typed["note"]) if "note" in self.typed else None
        return TypedStep(ref, Step(quantity, day, note, self.at("quantity")), self.at("ref"))

    def _ref(self, wrong: list[Problem]) -> int | None:
        if "ref" not in self.typed:
            wrong.append(Problem(self.at("ref"), f"choose the Ref of the line that this step is of: {_WITHOUT}"))
            return None
        try:
            found = number(self.typed["ref"], Kind.PRICE)
        except NotUnderstoodError as error:
            wrong.append(Problem(self.at("ref"), f"Ref: {error}; {_WITHOUT}"))
            return None
        if found != int(found):
            wrong.append(Problem(self.at("ref"), f"Ref: {found.normalize():f} is no Ref of this workbook; {_WITHOUT}"))
            return None
        return int(found)

    def _quantity(self, wrong: list[Problem]) -> Decimal | None:
        if "quantity" not in self.typed:
            wrong.append(Problem(self.at("quantity"), "type the quantity of this step, or empty the row"))
            return None
        try:
            return number(self.typed["quantity"], Kind.QUANTITY)
        except NotUnderstoodError as error:
            wrong.append(Problem(self.at("quantity"), f"Quantity: {error}"))
            return None

    def _day(self, wrong: list[Problem]) -> dt.date | None:
        if "from" not in self.typed:
            wrong.append(Problem(self.at("from"), "type the day from which this quantity holds, or empty the row"))
            return None
        try:
            return date(self.typed["from"])
        except NotUnderstoodError as error:
            wrong.append(Problem(self.at("from"), f"From: {error}"))
            return None


def joined(
    decisions: Sequence[Decision], typed: Sequence[TypedStep], keys: Mapping[int, str]
) -> tuple[tuple[Decision, ...], list[Problem]]:
    """The decisions with the steps of their lines, and what keeps steps from being used.

    keys: the key of each line by its Ref, in the workbook as it was issued. A decision of whose steps one cannot be used is
    left out whole; so are all decisions with steps while it is not known whose a row is.
    """
    decided = {decision.key for decision in decisions}
    by_key: dict[str, list[TypedStep]] = defaultdict(list)
    problems, lost = [], any(one.ref is None for one in typed)
    for one in typed:
        if one.ref is None:
            continue
        key = keys.get(one.ref)
        if key is None:
            problems.append(Problem(one.place, f"{one.ref} is no {STEPS.column('ref').header} of this workbook; {_WITHOUT}"))
            lost = True
        elif key in decided:
            by_key[key].append(one)
        else:
            said = f"row {one.ref} has dated steps, and no decision that can be used: decide there, or empty this row"
            problems.append(Problem(one.place, said))
    kept = [_with(decision, by_key.get(decision.key, []), lost, problems) for decision in decisions]
    return tuple(decision for decision in kept if decision), problems


def _with(decision: Decision, typed: Sequence[TypedStep], lost: bool, problems: list[Problem]) -> Decision | None:
    if not typed:
        return decision
    steps = tuple(one.step for one in typed if one.step)
    if lost or len(steps) < len(typed):
        said = "not used: the line has dated steps, and a row of the sheet Dated steps cannot be used"
        problems.append(Problem(decision.place, said))
        return None
    return replace(decision, steps=steps)
