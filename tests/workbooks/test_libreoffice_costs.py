"""The formulas of Costs in a real LibreOffice: the same as their Python twins, on every combination of what may be typed."""

import itertools
from decimal import Decimal
from pathlib import Path

from core.records import Action, Decision
from core.run import Reconciliation
from tests.workbooks.example import IDENTITY
from tests.workbooks.office import Office
from tests.workbooks.places import cell, rows_of
from tests.workbooks.test_libreoffice import cached, different, recomputed
from workbooks.layout_costs import COSTS
from workbooks.rows import blocks
from workbooks.writer import write_workbook

TYPED = [
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


def test_every_decision_on_a_cost_is_cached_as_libreoffice_computes_it(
    office: Office, tmp_path: Path, reconciliation: Reconciliation
) -> None:
    keys = [str(row["key"]) for b in blocks(reconciliation) if b.sheet is COSTS for row in b.rows]
    checks = set()
    for shift in range(0, len(TYPED), 3):
        path = tmp_path / f"{shift}.xlsx"
        chosen = (TYPED[shift:] + TYPED[:shift])[: len(keys)]
        write_workbook(reconciliation, path, IDENTITY, {k: Decision(k, "", **one) for k, one in zip(keys, chosen, strict=False)})  # type: ignore[arg-type]
        found = recomputed(office, path)
        assert different(cached(path), found) == []
        checks |= {found["Costs", cell("check", row, COSTS)] for row in rows_of(path, "Costs").values()}
    assert {"ok", "reason needed", "note needed", "not a choice", "type a New cost"} <= checks


def test_the_change_follows_the_typed_cost(office: Office, issued: Path) -> None:
    row = rows_of(issued, "Costs")["cost:HUN"]
    change, check = cell("change", row, COSTS), cell("check", row, COSTS)
    found = recomputed(office, issued, ("type", "Costs", cell("new_cost", row, COSTS), 3.05))
    assert (round(found["Costs", change], 6), found["Costs", check]) == (0.10, "choose a decision")
    assert (round(recomputed(office, issued)["Costs", change], 6)) == 0.15
