"""The rows of a returned copy that have something to be told, each with its place and what became of it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from core.decisions import describe
from core.mapping import Mapping as Mapped
from core.records import MappingDecision, Problem
from core.run import Reconciliation
from server.became import NOT_TAKEN, Became, wrong
from server.copies import Copied
from server.slices import slice_of
from server.store import Copy, Store
from workbooks.as_shown import RESULT
from workbooks.compare_issued import as_issued
from workbooks.issued_rows import IssuedRows
from workbooks.reader import Cells, Returned, with_steps_joined
from workbooks.rows import blocks
from workbooks.typed_values import plain

Spot = tuple[str, int]
"""A row: its sheet's name and its number, from 0."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """One row. An empty text: nothing is to be told any more, and an earlier result is taken out."""

    cells: Cells  # of the row; of another row of its table where this one has lost its key
    spot: Spot
    place: str  # file, sheet and cell
    decision: str
    text: str

    @property
    def column(self) -> int | None:
        """Of the result, from 0; None where somebody has removed it."""
        return self.cells.columns.get(RESULT)


def row_results(store: Store, copied: Copied, became: Became) -> list[RowResult]:
    """Every decided row and every row with a problem, then those whose earlier result is out of date."""
    returned = _with_steps(store, copied.returned)
    copy = next((c for c in store.copies(returned.identity.workbook_id) if c.sha256 == copied.sha256), None)
    problems = _problems(store, returned, copy)
    told: dict[Spot, tuple[str, str, str]] = {}
    for decision in returned.decisions:
        spot, said = _spot(decision.place, returned.file), became.said(decision, copy.id if copy else None)
        problem = problems.get(spot) if said == NOT_TAKEN else None
        told[spot] = decision.place, describe(decision), wrong(problem) if problem else said
        for step in decision.steps:
            told[_spot(step.place, returned.file)] = step.place, describe(decision), told[spot][2]
    for mapped, said in _mapped(store, returned):
        spot = _spot(mapped.place, returned.file)
        told[spot] = mapped.place, _words(mapped), wrong(problems[spot]) if spot in problems else said
    for spot, problem in problems.items():
        told.setdefault(spot, (problem.place, "", wrong(problem)))
    return list(_placed(returned, told))


def _with_steps(store: Store, returned: Returned) -> Returned:
    """The copy with its dated steps at the decisions of their lines."""
    if not returned.steps:
        return returned
    return with_steps_joined(returned, IssuedRows(blocks(_issued(store, returned), tables=())).refs())


def _issued(store: Store, returned: Returned) -> Reconciliation:
    """What the workbook holds, which for a slice are its own rows."""
    identity = returned.identity
    issued = store.reconciliation(identity.run_id, identity.revision)
    return slice_of(issued, identity.customers) if identity.customers else issued


def _placed(returned: Returned, told: Mapping[Spot, tuple[str, str, str]]) -> Iterator[RowResult]:
    """With the cells of each row. What stands on a sheet that shows no results, as the cover, is left out."""
    rows = {(_tab(cells, returned), cells.row): cells for cells in (*returned.cells.values(), *returned.of_steps)}
    tables = {tab: cells for (tab, _), cells in reversed(rows.items())}
    for spot, (place, decision, text) in told.items():
        cells = rows.get(spot) or tables.get(spot[0])
        if cells and RESULT in cells.sheet.positions:
            yield RowResult(cells, spot, place, decision, text)
    for spot, cells in rows.items():
        if spot not in told and plain(cells.values.get(RESULT, "")):
            yield RowResult(cells, spot, cells.at(RESULT), "", "")


def _tab(cells: Cells, returned: Returned) -> str:
    return cells.place.removeprefix(f"{returned.file}, ")


def _spot(place: str, file: str) -> Spot:
    """The row of a place like "copy.xlsx, Pax8!K12"; of one that is no cell, a spot that is nowhere."""
    found = re.fullmatch(r"(.*)![A-Z]+(\d+)", place.removeprefix(f"{file}, "), re.DOTALL)
    return (found[1], int(found[2]) - 1) if found else ("", -1)


def _problems(store: Store, returned: Returned, copy: Copy | None) -> dict[Spot, Problem]:
    """The first problem of each row: as the file is read now, else as it was taken."""
    kept = store.copy_problems(copy.id) if copy else []
    found: dict[Spot, Problem] = {}
    for file, problems in ((returned.file, returned.problems), (copy.file_name if copy else "", kept)):
        for problem in problems:
            found.setdefault(_spot(problem.place, file), problem)
    found.pop(("", -1), None)
    return found


def _mapped(store: Store, returned: Returned) -> Iterable[tuple[MappingDecision, str]]:
    """What is said of accounts and services, with whether the run's mapping holds it."""
    if not returned.mapping_decisions:
        return
    held = _subjects(store.reconciliation(returned.identity.run_id).mapping)
    for said in as_issued(returned, _issued(store, returned)).mapping_decisions:
        vendor = "" if said.subject == "no vendor" else said.vendor
        known = (said.subject, vendor, said.vendor_id) in held
        yield said, f"accepted and remembered: {_words(said)}" if known else NOT_TAKEN


def _subjects(mapping: Mapped) -> set[tuple[str, str, str]]:
    accounts = {("account", a.vendor, a.account_id) for a in mapping.accounts}
    services = {("service", s.vendor, s.vendor_service_id) for s in mapping.services}
    return accounts | services | {("no vendor", "", service_id) for service_id in mapping.none_expected}


def _words(said: MappingDecision) -> str:
    return f"{said.choice} to {said.target}" if said.target else said.choice
