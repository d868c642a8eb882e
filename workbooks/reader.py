"""Reads a returned workbook: decisions by the hidden key, whatever was sorted, hidden, moved, renamed or saved by another program.

A row that cannot be used is a problem with its place and stays undecided (R19); a file that cannot be read is refused.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from core.records import Decision, Explanation, MappingDecision, Problem
from workbooks.decisions_read import Entry, Given, given_of
from workbooks.finding import Found, find_tables
from workbooks.gate import RowsIssued
from workbooks.identity import Identity
from workbooks.layout import KEY, Column, Role
from workbooks.layout_steps import STEPS
from workbooks.layout_tables import INVOICE_TOTALS
from workbooks.odd_inputs import Odd
from workbooks.opening import Opened, open_workbook
from workbooks.packed_sheets import Raw
from workbooks.returned_rows import Cells, ReturnedCells, ReturnedTable, RowValues
from workbooks.sheet_scan import Scan, WorkbookRefused, address
from workbooks.steps_read import TypedRow, TypedStep, joined, read_steps
from workbooks.trapped import merged_over, trapped
from workbooks.typed_values import plain

__all__ = ["Cells", "Returned", "WorkbookRefused", "read_workbook"]


@dataclass(frozen=True, slots=True)
class Returned:
    """Everything a returned copy says."""

    file: str
    identity: Identity
    decisions: tuple[Decision, ...]
    mapping_decisions: tuple[MappingDecision, ...]
    mapping_keys: tuple[str, ...]  # key of the row of each mapping decision
    typed_totals: Mapping[tuple[str, str], Decimal]  # by source and currency
    problems: tuple[Problem, ...]
    notices: tuple[Problem, ...]  # used, and worth saying
    cells: Mapping[str, Cells]  # by key; of several rows of one key the one whose decision counts
    typed: tuple[Cells, ...] = ()  # every row in which something is typed, also those that were not used
    repeats: tuple[Decision | MappingDecision, ...] = ()  # the same decisions on further rows of their key
    explanations: tuple[Explanation, ...] = ()
    steps: tuple[TypedStep, ...] = ()  # not joined to their decisions yet: that takes what was issued
    of_steps: tuple[Cells, ...] = ()  # the rows of Dated steps in which something stands


def read_workbook(path: Path, rows_issued: RowsIssued | None = None) -> Returned:
    """What the copy says; WorkbookRefused where it cannot be read at all.

    rows_issued: how many rows the workbook of an id was issued with, which limits what may come back of it.
    """
    opened = open_workbook(Path(path), rows_issued)
    tables, problems = find_tables(opened)
    notices: list[Problem] = []
    returned: list[ReturnedTable] = []
    typed: list[Cells] = []
    given: list[Given] = []
    steps: list[TypedStep] = []
    of_steps: list[Cells] = []
    for table in tables:
        if table.sheet is STEPS:
            steps += read_steps(f"{opened.name}, {table.tab}", table, _typed_rows(opened, table), problems, notices)
            of_steps += _cells_of_steps(opened, table)
            continue
        keys = _keys(opened, table)
        entries = _entries(opened, table, keys, problems, notices)
        given += _given_of(opened, table, entries, problems)
        typed += [Cells(e.sheet, e.tab, e.row, e.columns, e.cells) for e in entries if e.typed]
        returned.append(_table(opened, table, keys, {key for one in returned for key in one.keys}))
    kept, repeats = _once(given, problems)
    of_place = {seen.decided_at: seen for seen in typed}
    mappings = [one for one in kept if isinstance(one.said, MappingDecision)]
    return Returned(
        opened.name,
        opened.identity,
        tuple(one.said for one in kept if isinstance(one.said, Decision)),
        tuple(one.said for one in mappings if isinstance(one.said, MappingDecision)),
        tuple(one.key for one in mappings),
        {one.about: one.said for one in kept if isinstance(one.said, Decimal)},
        tuple(problems),
        tuple(notices),
        ReturnedCells(returned, {one.key: of_place[one.place] for one in kept if one.place in of_place}),
        tuple(typed),
        tuple(one.said for one in repeats if isinstance(one.said, Decision | MappingDecision)),
        tuple(one.said for one in kept if isinstance(one.said, Explanation)),
        tuple(steps),
        tuple(of_steps),
    )


def with_steps_joined(returned: Returned, keys: Mapping[int, str]) -> Returned:
    """The same with dated steps at the decisions of their lines; `keys`: the key of each line by its Ref."""
    decisions, problems = joined(returned.decisions, returned.steps, keys)
    return replace(returned, decisions=decisions, problems=(*returned.problems, *problems), steps=())


def _typed_rows(opened: Opened, table: Found) -> Iterator[TypedRow]:
    """Every row below the header in which something is typed, whether it has a key or not."""
    values, odd = opened.sheets[table.tab], Odd(opened.scans[table.tab], table)
    for row in odd.typed_rows(values):
        yield row, *odd.inputs(row, RowValues(values, table.columns, row))


def _cells_of_steps(opened: Opened, table: Found) -> Iterator[Cells]:
    values = opened.sheets[table.tab]
    for row in range(table.header_row + 1, len(values)):
        cells = RowValues(values, table.columns, row)
        if any(plain(cells[name]) for name in ("ref", "quantity", "from", "result") if name in table.columns):
            yield Cells(STEPS, f"{opened.name}, {table.tab}", row, table.columns, cells)


def _keys(opened: Opened, table: Found) -> dict[int, str]:
    """The key of each row of a table that has one."""
    if KEY not in table.columns:
        return {}
    texts = opened.sheets[table.tab].columns[table.columns[KEY]].mapped(plain)
    return {row: texts[row] for row in range(table.header_row + 1, min(table.end, len(texts))) if texts[row]}


def _table(opened: Opened, table: Found, keys: Mapping[int, str], before: Set[str]) -> ReturnedTable:
    """The table's rows by key; of a key that stands twice the first one. before: keys of the tables above."""
    first = {key: row for row, key in reversed([*keys.items()]) if key not in before}
    rows = {key: row for row, key in keys.items() if first.get(key) == row}
    return ReturnedTable(table, f"{opened.name}, {table.tab}", opened.sheets[table.tab], rows)


def _given_of(opened: Opened, table: Found, entries: Sequence[Entry], problems: list[Problem]) -> list[Given]:
    """What the rows of one table decide, without those whose typing is not to be trusted."""
    marks = opened.scans.get(table.tab, Scan()).marks
    problems += merged_over(table, f"{opened.name}, {table.tab}", opened.sheets[table.tab], marks)
    traps = trapped(entries, marks)
    given = []
    for entry in entries:
        made = given_of(entry, opened.identity.recipient, problems)
        if made and entry.row in traps:
            problems += traps[entry.row]
        elif made:
            given.append(made)
    return given


def _entries(opened: Opened, table: Found, keys: Mapping[int, str], problems: list[Problem], notices: list[Problem]) -> list[Entry]:
    """The rows with a key and something typed in them. A row without a key that has something typed in it is a problem."""
    place, values = f"{opened.name}, {table.tab}", opened.sheets[table.tab]
    odd = Odd(opened.scans[table.tab], table)
    issued = {c.name: table.columns[c.name] for c in table.sheet.columns if c.name in table.columns and c.role is not Role.INPUT}
    made = []
    for row in odd.typed_rows(values):
        cells = RowValues(values, table.columns, row)
        inputs, found = odd.inputs(row, cells)
        if row not in keys:
            if table.sheet is not INVOICE_TOTALS or _is_total(cells):  # the cover goes on below its table
                _without_key(place, table, row, inputs, found, problems)
            continue
        unusable = False
        for column, words, fatal in found:
            (problems if fatal else notices).append(Problem(f"{place}!{address(row, table.columns[column.name])}", words))
            unusable |= fatal
        unusable |= table.renamed(values[row])
        shown = RowValues(values, issued, row)
        made.append(Entry(table.sheet, keys[row], {} if unusable else inputs, shown, place, row, table.columns, bool(inputs)))
    return made


def _is_total(values: Mapping[str, Raw]) -> bool:
    """Whether a row of the cover is one of the invoices although its key is gone."""
    return all(isinstance(values.get(name), (int, float)) for name in ("rows_in", "typed"))


def _without_key(
    place: str,
    table: Found,
    row: int,
    inputs: Mapping[str, Raw],
    odd: Sequence[tuple[Column, str, bool]],
    problems: list[Problem],
) -> None:
    names = [*inputs, *(column.name for column, *_ in odd)]
    if names:
        at = f"{place}!{address(row, table.columns[names[0]])}"
        problems.append(
            Problem(at, "this row has lost its hidden key, so it is not known which line it is: decide in the line's own row")
        )


def _once(given: Sequence[Given], problems: list[Problem]) -> tuple[list[Given], list[Given]]:
    """One decision a row: equal ones of pasted copies are one, different ones are a problem and none is used.

    The second list holds the equal ones that are not the first.
    """
    by_key: dict[tuple[str, str], list[Given]] = defaultdict(list)
    for one in given:
        by_key[one.sheet.table, one.key].append(one)
    kept, repeats = [], []
    for found in by_key.values():
        if len({one.content for one in found}) == 1:
            kept.append(found[0])
            repeats += found[1:]
        else:
            places = " and ".join(one.place for one in found)
            problems += [Problem(one.place, f"the same line is decided differently at {places}: keep one") for one in found]
    return kept, repeats
