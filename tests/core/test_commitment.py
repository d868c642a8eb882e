"""R14: what is typed against what is counted and committed, and the other cells in which a decision goes wrong, one table."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from core.decisions import Status
from core.mapping import ServiceRule
from core.records import Action
from core.run import Inputs
from core.settings import Settings
from tests.core.build import D, charge, inputs, line, mapped
from tests.core.deciding import DEC_1, DEC_15, NOV_10, NOV_30, judge, refusal

APPROVE, _, END, DISMISS, *_ = Action
MARCH = dt.date(2027, 3, 12)


def committed(until: dt.date | None = MARCH, bought: int = 20, billed: int = 22, rule: ServiceRule | None = None) -> Inputs:
    return inputs([line(quantity=billed)], [charge(bought, can_reduce_from=until)], mapped(rules=(rule,) if rule else ()))


@pytest.mark.parametrize(
    ("made", "typed", "said"),
    [
        (committed(), {"quantity": D(18)}, "the typed quantity 18 is below the 20 committed until 12 Mar 2027: a reason is wanted"),
        (committed(), {"quantity": D(21)}, "the typed quantity 21 differs from To bill 20: a reason is wanted"),
        (committed(until=None), {"quantity": D(18)}, "the typed quantity 18 differs from To bill 20: a reason is wanted"),
        (committed(until=DEC_1), {"quantity": D(18)}, "the typed quantity 18 differs from To bill 20: a reason is wanted"),
        (committed(rule=ServiceRule("BP", minimum=D(25))), {"quantity": D(21)},
         "the typed quantity 21 differs from To bill 25: a reason is wanted"),
        (committed(), {"quantity": D(20)}, ""),
        (committed(), {}, ""),
        (committed(), {"quantity": D(18), "reason": "customer disputes"}, ""),
    ],
)  # fmt: skip
def test_a_quantity_below_the_commitment_wants_a_reason(made: Inputs, typed: dict[str, Any], said: str) -> None:
    assert refusal(made, APPROVE, **typed) == said


@pytest.mark.parametrize(
    ("made", "action", "typed", "warned"),
    [
        (committed(), APPROVE, {"quantity": D(18)}, True),
        (committed(), END, {}, True),
        (committed(), APPROVE, {}, False),
        (committed(), APPROVE, {"quantity": D(21)}, False),
        (committed(until=DEC_1), APPROVE, {"quantity": D(18)}, False),
        (committed(until=DEC_1), END, {}, False),
        (inputs([line()], [charge(0, can_reduce_from=MARCH)]), END, {}, False),  # nothing is bought any more
    ],
)
def test_a_reason_given_it_stays_a_warning(made: Inputs, action: Action, typed: dict[str, Any], warned: bool) -> None:
    judged = judge(made, action, reason="customer disputes", **typed)
    assert judged.status is Status.ACCEPTED
    assert ("below the 20 committed until 12 Mar 2027" in judged.warnings) is warned


LOCKED = replace(inputs([line()], [charge(28)]), settings=Settings(locked_through=NOV_30))
PRORATED = inputs([line(prorates=True)], [charge(28)])
NO_USAGE = inputs([line()], [charge(0)])
NO_PARTS = "the agreement does not prorate: choose a period's start"
GAP = inputs([line()], [charge(28)])


@pytest.mark.parametrize(
    ("made", "action", "typed", "said"),
    [
        (LOCKED, APPROVE, {"effective_date": NOV_10}, "2026-11-10 lies in a closed period (closed through 2026-11-30)"),
        (LOCKED, APPROVE, {"effective_date": NOV_10, "reason": "agreed"}, "2026-11-10 lies in a closed period"),
        (LOCKED, APPROVE, {"effective_date": DEC_1}, ""),
        (GAP, APPROVE, {"effective_date": DEC_15}, NO_PARTS),
        (GAP, APPROVE, {"effective_date": DEC_15, "reason": "agreed"}, NO_PARTS),
        (PRORATED, APPROVE, {"effective_date": DEC_15}, ""),
        (PRORATED, APPROVE, {"effective_date": NOV_10}, "2026-11-10 is before 2026-12-01, the first day not invoiced: a reason"),
        (NO_USAGE, APPROVE, {}, "Approve is not a choice for No usage; choose End line, Dismiss, Ask"),
        (NO_USAGE, APPROVE, {"quantity": D(5), "reason": "agreed"}, "Approve is not a choice for No usage"),
        (NO_USAGE, END, {"effective_date": DEC_15}, NO_PARTS),
        (NO_USAGE, DISMISS, {}, "Dismiss wants a reason from the list"),
        (NO_USAGE, DISMISS, {"reason": "later"}, "'later' is not a reason from the list"),
    ],
)  # fmt: skip
def test_the_cells_in_which_a_decision_goes_wrong(made: Inputs, action: Action, typed: dict[str, Any], said: str) -> None:
    found = refusal(made, action, **typed)
    assert found.startswith(said) if said else found == ""
