"""What a decision on a cost means: judged like any other, then the catalogue first and the lines that carry the old cost."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.changes import Change
from core.cost_decisions import costs_asked, judge_all, judge_cost, plan_costs
from core.costs import Cost
from core.decisions import Judged, Status, describe
from core.records import Action, AgreementLine, Charge, Decision, Service
from core.run import Reconciliation
from core.settings import Settings
from tests.core.build import D, charge, compared, inputs, line

BP = Service("BP", "Business Premium", D("22.00"), D("17.60"))
DEARER = charge(25, unit_cost=D("18.20"))
MIXED = [charge(20), charge(5, subscription="sub-2", unit_cost=D("21.12"))]
LINES = [
    line("1", 5),
    line("2", 5, unit_cost=D("16.00")),
    line("3", 5, unit_cost=D("190.00"), cycle_months=12),
    line("4", 5, unit_cost=D("18.20")),
]


def result_of(charges: list[Charge] | None = None, lines: list[AgreementLine] | None = None, **changes: Any) -> Reconciliation:
    return compared(inputs(lines or LINES, charges or [DEARER], **{"services": (BP,), **changes}))[0]


def cost_of(result: Reconciliation) -> Cost:
    return costs_asked(result, ["cost:BP"])["cost:BP"]


def decision(row: Cost, action: Action = Action.UPDATE_COST, **typed: Any) -> Decision:
    return Decision(row.key, row.fingerprint, action, by="Anna", place="c.xlsx, Costs!L6", **typed)


def judged(charges: list[Charge] | None = None, action: Action = Action.UPDATE_COST, **typed: Any) -> Judged:
    row = cost_of(result_of(charges))
    return judge_cost(decision(row, action, **typed), row)


@pytest.mark.parametrize(
    ("charges", "action", "typed", "status", "cost", "said"),
    [
        (None, "Update cost", {}, "accepted", "18.20", ""),
        (None, "Update cost", {"new_price": D("18.20")}, "accepted", "18.20", ""),
        (None, "Update cost", {"new_price": D("18.10")}, "refused", None, "18.10 differs from the vendor's 18.20: a reason"),
        (None, "Update cost", {"new_price": D("18.10"), "reason": "rebate"}, "accepted", "18.10", ""),
        (None, "Update cost", {"new_price": D("-1"), "reason": "x"}, "refused", None, "below zero"),
        (None, "Approve", {}, "refused", None, "Approve is not a choice for a cost; choose Update cost, Dismiss, Ask"),
        (None, "Dismiss", {}, "refused", None, "a reason from the list"),
        (None, "Dismiss", {"reason": "commitment"}, "accepted", None, ""),
        (None, "Ask", {}, "refused", None, "wants a note"),
        (None, "Ask", {"note": "Ben: why?"}, "accepted", None, ""),
        (MIXED, "Update cost", {}, "refused", None, "17.60 USD (20 units); Microsoft 21.12 USD (5 units)), so nothing is proposed"),
        (MIXED, "Update cost", {"new_price": D("19.00")}, "accepted", "19.00", ""),
        ([charge(25)], "Update cost", {}, "nothing to do", "17.60", ""),
        ([charge(25)], "Update cost", {"own_too": True}, "accepted", "17.60", ""),
        ([charge(25, currency="EUR")], "Update cost", {}, "refused", None, "in USD: type the New cost, and say in the note"),
        ([charge(25, currency="EUR")], "Update cost", {"new_price": D(19)}, "refused", None, "in the note at which rate and date"),
        ([charge(25, currency="EUR")], "Update cost", {"new_price": D(19), "note": "1.08 of 25 Nov"}, "accepted", "19", ""),
    ],
)  # fmt: skip
def test_what_becomes_of_a_decision_on_a_cost(
    charges: list[Charge] | None, action: str, typed: dict[str, Any], status: str, cost: str | None, said: str
) -> None:
    found = judged(charges, Action(action), **typed)
    assert (found.status, found.price, found.writes) == (status, None if cost is None else D(cost), False)
    assert said in (found.problem.message if found.problem else "")
    assert found.about == ("", "Business Premium")


def test_a_decision_made_on_other_costs_is_suspended_with_its_name_and_one_without_its_row_is_told() -> None:
    old, now = cost_of(result_of()), cost_of(result_of([charge(25, unit_cost=D("18.90"))]))
    moved = judge_cost(decision(old), now)
    assert moved.status is Status.SUSPENDED
    assert moved.problem
    assert moved.problem.message == (
        "Update cost by Anna was decided on other costs; look at the row again: "
        "now catalogue 17.60 USD, Microsoft 18.90 USD (25 units)"
    )
    assert judge_cost(decision(old), None).status is Status.LINE_GONE


def test_two_copies_that_decide_a_cost_differently_are_a_conflict_and_alike_are_one() -> None:
    result = result_of()
    row = cost_of(result)
    both = [decision(row), replace(decision(row), own_too=True, by="Ben", place="d.xlsx, Costs!L6")]
    found = judge_all(result, {}, {row.key: row}, both)
    assert [j.status for j in found] == [Status.CONFLICT] * 2
    assert "Update cost own costs too by Ben at d.xlsx" in (found[0].problem.message if found[0].problem else "")
    assert [j.status for j in judge_all(result, {}, {row.key: row}, [decision(row), decision(row)])] == [Status.ACCEPTED]


def planned(charges: list[Charge] | None = None, settings: Settings | None = None, **typed: Any) -> list[Change]:
    result = result_of(charges, settings=settings or Settings())
    row = cost_of(result)
    return plan_costs([judge_cost(decision(row, **typed), row)], result)


def test_the_catalogue_is_first_then_each_line_that_carries_the_old_cost() -> None:
    found = planned()
    assert [(c.line_id, c.what) for c in found] == [
        (None, "unit cost of Business Premium 17.60 to 18.20 in the catalogue"),
        ("1", "unit cost of Business Premium 17.60 to 18.20 in line 1"),
    ]
    assert [(w.method, w.path, dict(w.body)) for c in found for w in c.writes] == [
        ("PATCH", "/procurement/catalog/BP", {"cost": D("18.20")}),
        ("PATCH", "/finance/agreements/871/additions/1", {"unitCost": D("18.20")}),
    ]
    assert {(c.effect, c.action, c.by, c.currency) for c in found} == {(D(0), Action.UPDATE_COST, "Anna", "USD")}


def test_own_costs_too_takes_the_monthly_lines_that_have_another_cost() -> None:
    assert [c.line_id for c in planned(own_too=True)] == [None, "1", "2"]  # 3 is billed yearly, 4 has it already


def test_the_catalogues_own_cost_may_be_given_to_the_lines_alone() -> None:
    assert [c.line_id for c in planned([charge(25)], own_too=True)] == ["2", "4"]


@pytest.mark.parametrize("psa", ["connectwise", "autotask"])
def test_the_same_decision_planned_twice_is_one_change_and_another_cost_another(psa: str) -> None:
    settings = Settings(psa=psa)
    first, again = planned(settings=settings), planned(settings=settings, new_price=D("18.200000"))
    assert [c.id for c in first] == [c.id for c in again]
    other = planned(settings=settings, new_price=D("18.30"), reason="list price")
    assert not {c.id for c in first} & {c.id for c in other}


def test_what_is_dismissed_or_asked_changes_nothing_and_nothing_is_worked_out_without_a_decision() -> None:
    row = cost_of(result_of())
    asked = judge_cost(decision(row, Action.ASK, note="Ben?"), row)
    assert plan_costs([asked], result_of()) == []
    assert costs_asked(result_of(), ["line:1"]) == {}


def test_a_decision_on_a_cost_in_words() -> None:
    said = describe(Decision("cost:BP", "", Action.UPDATE_COST, new_price=Decimal("18.20"), own_too=True, by="Anna"))
    assert said == "Update cost at 18.2 own costs too by Anna"
