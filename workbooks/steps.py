"""The rows of Dated steps: which lines may be stepped, what stands there already, and whose line a typed Ref is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from core.exact import Ints
from core.records import Decision, Measure, State
from core.stepping import in_order
from workbooks.columns import Columns, Row
from workbooks.layout import KEY, Choices
from workbooks.layout_steps import EMPTY_ROWS, KEY_OF_ROW, STEPS
from workbooks.layout_vendor import holds_lines
from workbooks.lists import ListColumn
from workbooks.rows import Block

STEPPED = (State.RECONCILE.value, State.NEW_REVENUE.value)
"""States whose lines may be billed in steps; of these, those that are compared in units."""


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One line that may be stepped, by the number that people know it by."""

    ref: int
    key: str
    client: str
    service: str


def lines_of(blocks: Iterable[Block]) -> tuple[Line, ...]:
    """The lines of the vendors' sheets that may be billed in steps, by Ref."""
    return tuple(sorted(line for block in blocks if holds_lines(block.sheet) for line in _lines(block.columns)))


def _lines(rows: Columns) -> list[Line]:
    cells = (rows.array(name).take(pa.array(_stepped(rows))).to_pylist() for name in ("ref", KEY, "customer", "service"))
    return [Line(*row) for row in zip(*cells, strict=True)]


def _stepped(rows: Columns) -> Ints:
    """Places of the rows that may be billed in steps."""
    return np.flatnonzero(rows.holds("state", *STEPPED) & rows.holds("measure", Measure.UNITS.value)).astype(np.int64)


def with_steps(made: Sequence[Block], decided: Mapping[str, Decision]) -> tuple[Block, ...]:
    """The blocks with Dated steps behind the vendors' sheets, holding what is decided; as they are where no line may have steps."""
    if not any(len(_stepped(block.columns)) for block in made if holds_lines(block.sheet)):
        return tuple(made)
    lines = lines_of(made) if any(decision.steps for decision in decided.values()) else ()
    typed = [row for line in lines if line.key in decided for row in _typed(line, decided[line.key])]
    empty: list[Row] = [{} for _ in range(EMPTY_ROWS)]
    rows = tuple({**row, KEY: KEY_OF_ROW.format(number)} for number, row in enumerate([*typed, *empty], 1))
    place = sum(1 for block in made if holds_lines(block.sheet))
    return (*made[:place], Block(STEPS, STEPS.name, STEPS.name, STEPS.table, Columns.of_rows(STEPS, rows)), *made[place:])


def _typed(line: Line, decision: Decision) -> list[Row]:
    """What stands in the rows of a line; client and service are what its formulas find."""
    found: Row = {"ref": line.ref, "client": line.client, "service": line.service}
    return [{**found, "quantity": s.quantity, "from": s.effective_date, "note": s.note} for s in in_order(decision.steps)]


def step_lists(blocks: Iterable[Block]) -> Mapping[Choices, ListColumn]:
    """The hidden lists that the sheet's formulas read; none where there is no such sheet."""
    found = [block for block in blocks if block.sheet is STEPS]
    if not found:
        return {}
    lines = lines_of(blocks)
    refs = tuple(line.ref for line in lines)
    return {
        Choices.STEP_REF: ListColumn(tuple(line.client for line in lines), refs),
        Choices.STEP_SERVICE: ListColumn(tuple(line.service for line in lines)),
    }
