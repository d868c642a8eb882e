"""Reads a returned workbook: decisions by the hidden key, whatever was sorted, hidden, moved, renamed or saved by another program.

A row that cannot be used is a problem with its place and stays undecided (R19); a file that cannot be read is refused.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from core.records import Decision, Explanation, MappingDecision, Problem
from workbooks.decisions_read import Entry, Given, cost_decision, explanation, line_decision, mapping_decision, typed_total
from workbooks.finding import Found, find_tables
from workbooks.identity import Identity
from workbooks.layout import KEY, Column, Role, Sheet
from workbooks.layout_costs import COSTS
from workbooks.layout_history import CHANGES
from workbooks.layout_steps import STEPS
from workbooks.layout_tables import INVOICE_TOTALS
from workbooks.layout_vendor import VENDOR
from workbooks.opening import Opened, Raw, open_workbook
from workbooks.sheet_scan import Scan, WorkbookRefused, address
from workbooks.steps_read import TypedRow, TypedStep, joined, read_steps
from workbooks.trapped import merged_over, trapped
from workbooks.typed_values import plain

__all__ = ["Cells", "Returned", "WorkbookRefused", "read_workbook"]


@dataclass(frozen=True, slots=True)
class Cells:
    """The read-only cells of one row as they came back."""

    sheet: Sheet
    place: str  # file and sheet
    row: int
    columns: Mapping[str, int]
    values: Mapping[str, Raw]

    def at(self, name: str) -> str:
        """File, sheet and cell of a column; of the row where the column is gone."""
        return f"{self.place}!{address(self.row, self.columns.get(name, 0))}"

    @property
    def key(self) -> str:
        return plain(self.values.get(KEY, ""))

    @property
    def decided_at(self) -> str:
        """Place of what is decided in the row, as its decision names it."""
        return self.at({INVOICE_TOTALS.name: "typed", CHANGES.name: "explanation"}.get(self.sheet.name, "decision"))


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


def read_workbook(path: Path) -> Returned:
    """What the copy says; WorkbookRefused where it cannot be read at all."""
    path = Path(path)
    opened = open_workbook(path)
    tables, problems = find_tables(opened)
    notices: list[Problem] = []
    cells: dict[str, Cells] = {}
    typed: list[Cells] = []
    given: list[Given] = []
    steps: list[TypedStep] = []
    for table in tables:
        if table.sheet is STEPS:
            steps += read_steps(f"{opened.name}, {table.tab}", table, _typed_rows(opened, table), problems, notices)
            continue
        rows = _rows(opened, table, problems, notices)
        given += _given_of(opened, table, [entry for entry, _ in rows], problems)
        for entry, seen in rows:
            cells.setdefault(entry.key, seen)
        typed += [seen for entry, seen in rows if entry.typed]
    kept, repeats = _once(given, problems)
    of_place = {seen.decided_at: seen for seen in typed}
    cells |= {one.key: of_place[one.place] for one in kept if one.place in of_place}
    mappings = [one for one in kept if isinstance(one.said, MappingDecision)]
    return Returned(
        path.name,
        opened.identity,
        tuple(one.said for one in kept if isinstance(one.said, Decision)),
        tuple(one.said for one in mappings if isinstance(one.said, MappingDecision)),
        tuple(one.key for one in mappings),
        {one.about: one.said for one in kept if isinstance(one.said, Decimal)},
        tuple(problems),
        tuple(notices),
        cells,
        tuple(typed),
        tuple(one.said for one in repeats if isinstance(one.said, Decision | MappingDecision)),
        tuple(one.said for one in kept if isinstance(one.said, Explanation)),
        tuple(steps),
    )


def with_steps_joined(returned: Returned, keys: Mapping[int, str]) -> Returned:
    """The same with dated steps at the decisions of their lines; `keys`: the key of each line by its Ref."""
    decisions, problems = joined(returned.decisions, returned.steps, keys)
    return replace(returned, decisions=decisions, problems=(*returned.problems, *problems), steps=())


def _typed_rows(opened: Opened, table: Found) -> Iterator[TypedRow]:
    """Every row below the header, whether it has a key or not, with what is typed in it."""
    scan = opened.scans.get(table.tab, Scan())
    for number, raw in enumerate(opened.sheets[table.tab][table.header_row + 1 : table.end], table.header_row + 1):
        values = {name: raw[at] if at < len(raw) else "" for name, at in table.columns.items()}
        yield number, *_inputs(table, number, values, scan)


def _given_of(opened: Opened, table: Found, entries: Sequence[Entry], problems: list[Problem]) -> list[Given]:
    """What the rows of one table decide, without those whose typing is not to be trusted."""
    marks = opened.scans.get(table.tab, Scan()).marks
    problems += merged_over(table, f"{opened.name}, {table.tab}", opened.sheets[table.tab], marks)
    traps = trapped(entries, marks)
    given = []
    for entry in entries:
        made = _given(entry, opened.identity, problems)
        if made and entry.row in traps:
            problems += traps[entry.row]
        elif made:
            given.append(made)
    return given


def _rows(opened: Opened, table: Found, problems: list[Problem], notices: list[Problem]) -> list[tuple[Entry, Cells]]:
    """The rows with a key. A row without one that has something typed in it is a problem."""
    scan, place = opened.scans.get(table.tab, Scan()), f"{opened.name}, {table.tab}"
    made = []
    for number, raw in enumerate(opened.sheets[table.tab][table.header_row + 1 : table.end], table.header_row + 1):
        values = {name: raw[at] if at < len(raw) else "" for name, at in table.columns.items()}
        key = plain(values.get(KEY, ""))
        inputs, odd = _inputs(table, number, values, scan)
        if not key and table.sheet is INVOICE_TOTALS and not _is_total(values):
            continue  # the cover goes on below its table
        if not key:
            _without_key(place, table, number, inputs, odd, problems)
            continue
        seen = Cells(
            table.sheet,
            place,
            number,
            table.columns,
            {c.name: values[c.name] for c in table.sheet.columns if c.name in values and c.role is not Role.INPUT},
        )
        unusable = False
        for column, words, fatal in odd:
            (problems if fatal else notices).append(Problem(seen.at(column.name), words))
            unusable |= fatal
        unusable |= table.renamed(raw)
        used = {} if unusable else inputs
        made.append((Entry(table.sheet, key, used, seen.values, place, number, table.columns, bool(inputs)), seen))
    return made


def _is_total(values: Mapping[str, Raw]) -> bool:
    """Whether a row of the cover is one of the invoices although its key is gone."""
    return all(isinstance(values.get(name), (int, float)) for name in ("rows_in", "typed"))


def _inputs(table: Found, row: int, values: Mapping[str, Raw], scan: Scan) -> tuple[dict[str, Raw], list[tuple[Column, str, bool]]]:
    """What is typed in a row, and the cells with formulas or errors (R19)."""
    typed: dict[str, Raw] = {}
    odd = []
    for column in table.sheet.inputs:
        if column.name not in table.columns:
            continue
        value, at = values[column.name], (row, table.columns[column.name])
        if at in scan.errors:
            odd.append((column, f"{column.header} shows the error {scan.errors[at]}: type the value", True))
        elif at in scan.formulas and plain(value) == "":
            odd.append((column, f"{column.header} holds a formula without a value: type the value", True))
        elif at in scan.formulas:
            odd.append((column, f"{column.header} holds a formula; its value {plain(value)} counts", False))
        if plain(value) != "":
            typed[column.name] = value
    return typed, odd


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


def _given(entry: Entry, identity: Identity, problems: list[Problem]) -> Given | None:
    if not entry.inputs:
        return None
    if entry.sheet is COSTS:
        return cost_decision(entry, identity.recipient, problems)
    if entry.sheet is VENDOR:
        return line_decision(entry, identity.recipient, problems)
    if entry.sheet is INVOICE_TOTALS:
        return typed_total(entry, problems)
    if entry.sheet is CHANGES:
        return explanation(entry, identity.recipient)
    return mapping_decision(entry, identity.recipient, problems)


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
