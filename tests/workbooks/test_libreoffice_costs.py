"""The formulas of Costs in a real LibreOffice: the same as their Python twins, on every combination of what may be typed."""

import itertools
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.records import Action, Decision
from core.run import Reconciliation
from tests.workbooks.office import Office
from tests.workbooks.places import cell, rows_of
from tests.workbooks.test_libreoffice import recomputed
from workbooks.layout_costs import COSTS
from workbooks.rows import blocks
from workbooks.sheet_scan import address
from workbooks.table_sheet import computed_block
from workbooks.vendor_rows import typed_inputs

TYPED: list[dict[str, Any]] = [
    {"action": action, "new_price": cost, "reason": reason, "note": note, "own_too": own}
    for action, (cost, reason, note, own) in itertools.product(
        (Action.UPDATE_COST, Action.DISMISS, Action.ASK, Action.APPROVE),
        (
            (None, None, None, False),
            (Decimal("3.055"), None, None, True),
            (Decimal("3.055"), "rebate", None, False),
            (None, "other (see note)", None, True),
            (None, None, "Ben: why?", False),
        ),
    )
]


def test_every_decision_on_a_cost_is_computed_as_libreoffice_computes_it(
    office: Office, issued: Path, reconciliation: Reconciliation
) -> None:
    """All of them typed in turn into one open workbook."""
    (block,) = (b for b in blocks(reconciliation) if b.sheet is COSTS)
    keys = [str(row["key"]) for row in block.rows]
    rows, names = rows_of(issued, COSTS.name), [column.name for column in COSTS.inputs]
    steps: list[tuple[Any, ...]] = []
    ours: list[dict[str, Any]] = []
    for shift in range(0, len(TYPED), 3):
        chosen = (TYPED[shift:] + TYPED[:shift])[: len(keys)]
        decided = {key: Decision(key, "", **one) for key, one in zip(keys, chosen, strict=True)}
        made = computed_block(block, typed_inputs(COSTS, block.columns, decided))
        for row in made.rows:
            place = rows[str(row["key"])]
            steps += [("type", COSTS.name, cell(name, place, COSTS), _typed(row[name])) for name in names]
        ours += [{cell(name, rows[str(row["key"])], COSTS): row[name] for name in ("change", "check")} for row in made.rows]
        steps += [("calculate",), ("formulas", COSTS.name)]
    answers = office.run(issued, *steps)
    theirs = [{address(row, column): value for _, row, column, value in found} for found in answers[::2]]
    assert not any(answers[1::2])
    for number, shown in enumerate(ours):
        of = theirs[number // len(keys)]
        assert {place: of[place] for place in shown} == {place: _shown(value) for place, value in shown.items()}
    checks = {str(value) for shown in ours for value in shown.values()}
    assert {"ok", "reason needed", "note needed", "not a choice", "type a New cost"} <= checks


def _typed(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value or ""


def _shown(value: Any) -> Any:
    return pytest.approx(float(value)) if isinstance(value, Decimal) else value or ""


def test_the_change_follows_the_typed_cost(office: Office, issued: Path) -> None:
    row = rows_of(issued, "Costs")["cost:HUN"]
    change, check = cell("change", row, COSTS), cell("check", row, COSTS)
    found = recomputed(office, issued, ("type", "Costs", cell("new_cost", row, COSTS), 3.05))
    assert (round(found["Costs", change], 6), found["Costs", check]) == (0.10, "choose a decision")
    assert (round(recomputed(office, issued)["Costs", change], 6)) == 0.15
