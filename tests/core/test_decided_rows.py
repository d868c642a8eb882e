"""Decisions come to the same whether they are judged by the rows that they need or by all of the run's."""

from collections.abc import Sequence

import pytest

from core.decided_rows import rows_of_decisions
from core.decisions import Judge, Status
from core.records import Action, Decision
from core.run import Inputs
from tests.core.build import D, charge, compared, inputs, line, mapped, service


def month() -> Inputs:
    """Two lines of one service at different prices, whose difference nobody is proposed for, and one of another service."""
    lines = [line("11", 80), line("12", 38, "24.00"), line("13", 5, service_id="BS", service="BS licence")]
    charges = [charge(120), charge(7, subscription="sub-2", vendor_service_id="SKU-BS")]
    return inputs(lines, charges, mapped(service("SKU-BP", "BP"), service("SKU-BS", "BS")))


@pytest.mark.parametrize(
    ("asked", "found"),
    [(["11"], ["11", "12"]), (["13"], ["13"]), (["12", "13"], ["11", "12", "13"]), (["none"], []), ([], [])],
)
def test_a_line_without_a_proposal_brings_the_others_of_its_group(asked: Sequence[str], found: Sequence[str]) -> None:
    result, rows = compared(month())
    assert sorted(r.line_id or "" for r in rows if not r.proposed) == ["11", "12"]
    made = rows_of_decisions(result.comparisons, [f"line:{number}" for number in asked])
    assert sorted(made) == [f"line:{number}" for number in found]
    assert list(made.values()) == [row for row in rows if row.key in made]


@pytest.mark.parametrize(("typed", "status"), [(40, Status.ACCEPTED), (39, Status.REFUSED)])
def test_what_is_typed_is_added_up_with_the_lines_that_nobody_decided_on(typed: int, status: Status) -> None:
    result, rows = compared(month())
    (row,) = [r for r in rows if r.line_id == "12"]
    decision = Decision(row.key, row.fingerprint, Action.APPROVE, quantity=D(typed), place="copy.xlsx, Microsoft!K9")
    few, every = rows_of_decisions(result.comparisons, [row.key]), {r.key: r for r in rows}
    judged = [Judge(by, result.agreements, result.inputs.settings, result.inputs.today).judge([decision]) for by in (few, every)]
    assert judged[0] == judged[1]
    assert [j.status for j in judged[0]] == [status]
