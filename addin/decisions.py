"""What is decided in an open workbook, on lines and on other sheets, as the service takes it. What cannot be understood is a
problem with its cell, and then nothing of the workbook is sent."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from addin.cells import filled
from addin.workbook import Lines, OpenWorkbook
from core.words import ACTIONS, COST_ACTIONS, NO, YES
from workbooks.layout import KEY, Kind
from workbooks.layout import Column as LayoutColumn
from workbooks.layout import Sheet as Layout
from workbooks.layout_costs import COSTS
from workbooks.layout_steps import STEPS
from workbooks.layout_tables import INVOICE_TOTALS
from workbooks.layout_vendor import VENDOR
from workbooks.typed_values import NotUnderstoodError, date, number, plain, text, word

MOST = 20_000
"""Decisions that the service takes at once."""

_WORDS = {
    VENDOR.table: tuple(dict.fromkeys(one for words in ACTIONS.values() for one in words)),
    COSTS.table: COST_ACTIONS,
}
"""By table, what may be decided."""

_ACTIONS = {table: {word(one): one for one in words} for table, words in _WORDS.items()}
"""The same by the word that a person types."""

_NOTHING = ("", "no action")
_NEED_A_DECISION = ("quantity", "from", "add_to", "new_price", "new_cost", "own_too")
_LONGEST, _LONGEST_TEXT = {"add_to": 500, "reason": 500}, 2_000
_NOT_SENT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LARGEST = 10**9

UPDATE_COST = COST_ACTIONS[0]

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """A line of the open workbook, and the cell that is spoken of."""

    lines: Lines
    row: int
    name: str = "decision"

    def __str__(self) -> str:
        return self.lines.place(self.row, self.name)


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a line from being used."""

    spot: Spot
    message: str


@dataclass
class Collected:
    """What a workbook decides. The service counts `bodies`, and `rows`, from 1 when it speaks of them."""

    bodies: list[Body] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: list[Body] = field(default_factory=list)  # of other sheets than those of lines
    row_spots: list[Spot] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many rows say something."""
        return len(self.bodies) + len(self.rows)

    def spot_of(self, place: str) -> Spot | None:
        """The line that the service means by "..., decision 17", or the row by "..., row 3"."""
        found = re.search(r"(decision|row) (\d+)(?:, step \d+)?$", place)
        spots = self.row_spots if found and found[1] == "row" else self.spots
        return spots[int(found[2]) - 1] if found and 0 < int(found[2]) <= len(spots) else None


def collect(workbook: OpenWorkbook) -> Collected:
    """Every decision of the workbook, each line once."""
    made = Collected()
    known: dict[str, tuple[Spot, Body]] = {}
    for lines in workbook.lines:
        for spot, cells in _typed(lines):
            problems: list[Problem] = []
            body = _decision(spot, cells, problems)
            made.problems += problems
            if body is None or problems:
                continue
            first = known.setdefault(body["key"], (spot, body))
            if first[0] is spot:
                made.bodies.append(body)
                made.spots.append(spot)
            elif first[1] != body:
                made.problems.append(Problem(spot, f"this line stands twice, and is decided otherwise at {first[0]}: keep one"))
    _without(made, add_steps(workbook, {key: body for key, (_, body) in known.items()}, made.problems))
    _add_rows(workbook, made)
    return made


def _add_rows(workbook: OpenWorkbook, made: Collected) -> None:
    """Adds what is typed on other sheets, each row once."""
    known: dict[tuple[str, str], tuple[Spot, Body]] = {}
    for lines in workbook.others:
        for spot, cells in _typed_in(lines, *_SUGGESTED):
            problems: list[Problem] = []
            body = _row(_Reading(spot, cells, problems))
            made.problems += problems
            if body is None or problems:
                continue
            first = known.setdefault((body["table"], body["key"]), (spot, body))
            if first[0] is spot:
                made.rows.append(body)
                made.row_spots.append(spot)
            elif first[1] != body:
                made.problems.append(Problem(spot, f"this row stands twice, and says something else at {first[0]}: keep one"))


_SUGGESTED = ("suggestion",)
"""What a row shows that a decision without a target accepts."""


def _row(reading: "_Reading") -> Body | None:
    """What is typed into a row that is no line; None where that is nothing, or the row's key says that it is none of ours."""
    layout, key = reading.layout, reading.cells[KEY]
    typed = [column for column in layout.inputs if filled(reading.cells[column.name])]
    below_the_table = layout is INVOICE_TOTALS and (not filled(key) or _APART not in text(key))
    if not typed or below_the_table:  # spaces are nothing
        return None
    if not filled(key):
        reading.wrong(typed[0].name, "the hidden cell that says which row this is is empty: type into the row as it was issued")
        return None
    found = {column.name: _typed_text(reading, column) for column in typed}
    found |= {name: plain(reading.cells[name]) for name in _SUGGESTED if filled(reading.cells.get(name))}
    return {"table": layout.table, "key": text(key), "cells": found}


_APART = "|"
"""Stands between the source and the currency of an invoice."""


def _typed_text(reading: "_Reading", column: LayoutColumn) -> str | None:
    if column.kind is Kind.DATE:
        return reading.day(column.name)
    if column.kind is Kind.TEXT:
        return reading.words(column.name)
    return reading.exact(column.name, below_zero=True)


def _without(made: Collected, lost: set[str]) -> None:
    """Takes the lines with these keys out."""
    kept = [pair for pair in zip(made.bodies, made.spots, strict=True) if pair[0]["key"] not in lost]
    made.bodies, made.spots = [body for body, _ in kept], [spot for _, spot in kept]


def _typed(lines: Lines) -> Iterator[tuple[Spot, Mapping[str, Any]]]:
    """The lines in which something is typed."""
    return _typed_in(lines, "fingerprint")


def _typed_in(lines: Lines, *more: str) -> Iterator[tuple[Spot, Mapping[str, Any]]]:
    """The rows in which something is typed, with these cells as well."""
    inputs = [column.name for column in lines.layout.inputs]
    names = [KEY, *more, *inputs]
    columns = lines.read_with_results(*names)
    nothing = (None,) * len(inputs)
    for row, cells in enumerate(zip(*(columns[name] for name in names), strict=True), lines.first):
        if cells[-len(inputs) :] != nothing:
            yield Spot(lines, row), dict(zip(names, cells, strict=True))


class _Reading:
    """Reads one row's inputs and collects what is wrong with them."""

    def __init__(self, spot: Spot, cells: Mapping[str, Any], problems: list[Problem]) -> None:
        self.spot, self.cells, self.problems = spot, cells, problems

    @property
    def layout(self) -> Layout:
        return self.spot.lines.layout

    def wrong(self, name: str, message: str) -> None:
        self.problems.append(Problem(Spot(self.spot.lines, self.spot.row, name), message))

    def exact(self, name: str, *, below_zero: bool = False) -> str | None:
        """A number as the text that the service takes."""
        column = self.layout.column(name)
        try:
            found = number(self.cells[name], column.kind) if filled(self.cells[name]) else None
        except NotUnderstoodError as error:
            self.wrong(name, f"{column.header}: {error}")
            return None
        if found is not None and not (-_LARGEST if below_zero else 0) <= found < _LARGEST:
            self.wrong(name, f"{column.header}: {plain(self.cells[name])} is {'' if below_zero else 'below zero or '}too large")
        return None if found is None else format(found, "f")

    def day(self, name: str) -> str | None:
        try:
            return date(self.cells[name]).isoformat() if filled(self.cells[name]) else None
        except NotUnderstoodError as error:
            self.wrong(name, f"{self.layout.column(name).header}: {error}")
            return None

    def yes(self, name: str) -> bool:
        said = word(self.cells[name]) if filled(self.cells[name]) else ""
        if said not in ("", word(YES), word(NO)):
            self.wrong(name, f"{self.layout.column(name).header}: {plain(self.cells[name])!r} is neither {YES} nor {NO}")
        return said == word(YES)

    def words(self, name: str) -> str | None:
        found = text(self.cells[name]) if filled(self.cells[name]) else None
        most = _LONGEST.get(name, _LONGEST_TEXT)
        if found and len(found) > most:
            self.wrong(name, f"{self.layout.column(name).header} has {len(found):,} characters; {most:,} are taken")
        if found and _NOT_SENT.search(found):
            self.wrong(name, f"{self.layout.column(name).header} holds characters that cannot be sent: type it again")
        return found


def _decision(spot: Spot, cells: Mapping[str, Any], problems: list[Problem]) -> Body | None:
    reading = _Reading(spot, cells, problems)
    typed = word(cells["decision"]) if filled(cells["decision"]) else ""
    action = _ACTIONS[spot.lines.layout.table].get(typed)
    if action is None:
        _undecided(reading, typed)
        return None
    if not filled(cells[KEY]) or not filled(cells["fingerprint"]):
        reading.wrong("decision", "the hidden cells that say which line this is are empty: decide on the line as it was issued")
        return None
    named = {"key": text(cells[KEY]), "fingerprint": text(cells["fingerprint"]), "action": action}
    return named | {name: said for name, said in _more(reading, action).items() if said is not None}


def _more(reading: _Reading, action: str) -> Body:
    """What is typed beside the decision."""
    if reading.layout is COSTS:
        return {
            "new_price": reading.exact("new_cost"),
            "own_too": (reading.yes("own_too") and action == UPDATE_COST) or None,  # not said, where not
            "reason": reading.words("reason"),
            "note": reading.words("note"),
        }
    return {
        "quantity": reading.exact("quantity"),
        "effective_date": reading.day("from"),
        "agreement": reading.words("add_to"),
        "new_price": reading.exact("new_price"),
        "reason": reading.words("reason"),
        "note": reading.words("note"),
    }


def _undecided(reading: _Reading, typed: str) -> None:
    """A word that is none of ours, or half a decision; an empty row with a note is a note."""
    lines, every = reading.spot.lines, _WORDS[reading.layout.table]
    state = word(lines.states[reading.spot.row - lines.first] or "")
    legal = " or ".join(next((words for name, words in ACTIONS.items() if word(name) == state), every))
    if typed not in _NOTHING:
        reading.wrong("decision", f"{plain(reading.cells['decision'])!r} is not a choice; choose {legal}, or leave it empty")
        return
    half = next((name for name in _NEED_A_DECISION if filled(reading.cells.get(name))), None)
    if half:
        header = reading.layout.column(half).header
        reading.wrong(half, f"{header} is typed, but nothing is decided: choose {legal}, or empty the cell")


def add_steps(workbook: OpenWorkbook, bodies: Mapping[str, Body], problems: list[Problem]) -> set[str]:
    """Puts what is typed on Dated steps into the decisions of its lines, by their key; the keys of lines that have a step which
    cannot be used. Half of a line's steps are never sent."""
    lost: set[str] = set()
    if workbook.steps is None:
        return lost
    rows = [(spot, cells) for spot, cells in _typed_steps(workbook.steps) if any(filled(cells[name]) for name in _OF_A_STEP)]
    keys = _by_ref(workbook) if rows else {}
    for spot, cells in rows:
        reading = _Reading(spot, cells, problems)
        ref, quantity, day = plain(cells["ref"] or ""), reading.exact("quantity"), reading.day("from")
        for name in _OF_A_STEP:
            if not filled(cells[name]):
                reading.wrong(name, f"{STEPS.column(name).header} is missing: fill it in, or empty the row")
        key = keys.get(ref)
        if filled(cells["ref"]) and key is None:
            reading.wrong("ref", f"{ref} is no Ref of this workbook")
        elif key is not None and key not in bodies:
            reading.wrong("ref", f"row {ref} has dated steps, and no decision that can be used: decide there, or empty this row")
        elif key is not None and quantity is not None and day is not None:
            step = {"quantity": quantity, "effective_date": day, "note": reading.words("note")}
            bodies[key]["steps"] = [*bodies[key].get("steps", ()), step]
        elif key is not None:
            lost.add(key)
    return lost


def steps_by_key(workbook: OpenWorkbook) -> Iterator[tuple[str, Spot]]:
    """Where the dated steps of each line stand, by the line's key."""
    rows = (
        [(spot, plain(cells["ref"])) for spot, cells in _typed_steps(workbook.steps) if filled(cells["ref"])]
        if workbook.steps
        else []
    )
    keys = _by_ref(workbook) if rows else {}
    return ((keys[ref], spot) for spot, ref in rows if ref in keys)


_OF_A_STEP = ("ref", "quantity", "from")


def _typed_steps(steps: Lines) -> Iterator[tuple[Spot, Mapping[str, Any]]]:
    columns = steps.read(*_OF_A_STEP, "note")
    for place in range(steps.size):
        yield Spot(steps, steps.first + place, "ref"), {name: column[place] for name, column in columns.items()}


def _by_ref(workbook: OpenWorkbook) -> dict[str, str]:
    """The key of each line by its number in the workbook."""
    found: dict[str, str] = {}
    for lines in workbook.lines:
        columns = lines.read("ref", KEY)
        pairs = zip(columns["ref"], columns[KEY], strict=True)
        found |= {plain(ref): text(key) for ref, key in pairs if filled(ref) and filled(key)}
    return found
