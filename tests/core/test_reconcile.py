"""What holds for every comparison: the order of rows says nothing, and no decision writes where it may not."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.changes import plan
from core.decisions import Judge, Status
from core.frames import SchemaError, records
from core.mapping import ServiceRule
from core.reconcile import agreements_of, reconcile, services_of
from core.records import Action, Charge, ChargeKind, Comparison, Decision, Service, State
from core.run import Inputs
from core.words import REASONS
from tests.core.build import D, charge, compared, inputs, line
from tests.core.hostile import DAYS, worlds

SILENT = {State.NEW_REVENUE, State.NO_USAGE, State.NOT_KNOWN, State.NO_CHANGE}


def rows_of(made: Inputs) -> dict[str, Comparison]:
    return {r.key: r for r in records(Comparison, reconcile(made).comparisons)}


def one_answer(made: Inputs) -> bool:
    """Whether no subscription has two counting rows of one start, of which the one read last counts."""
    counting = (ChargeKind.CHARGE, ChargeKind.COUNT, ChargeKind.USAGE, ChargeKind.CANCELLATION)
    rows = [
        (c.vendor, c.subscription_id, c.start) for c in records(Charge, made.charges) if c.subscription_id and c.kind in counting
    ]
    return len(set(rows)) == len(rows)


@settings(max_examples=12, deadline=None)
@given(made=worlds(), seed=st.integers(0, 9))
def test_rows_in_another_order_compare_alike(made: Inputs, seed: int) -> None:
    assume(one_answer(made))
    charges = made.charges.sample(frac=1, random_state=seed).reset_index(drop=True)
    lines = made.lines.sample(frac=1, random_state=seed).reset_index(drop=True)
    changed = {n: getattr(made, n) for n in Inputs.__dataclass_fields__} | {"charges": charges, "lines": lines}
    assert rows_of(Inputs(**changed)) == rows_of(made)


decided: dict[str, st.SearchStrategy[Any]] = {
    "action": st.sampled_from(list(Action)),
    "quantity": st.sampled_from([None, None, D(0), D(1), D(7), D(28), D(-1)]),
    "effective_date": st.sampled_from([*DAYS, dt.date(2026, 12, 15)]),
    "agreement": st.sampled_from([None, "871", "872", "876"]),
    "new_price": st.sampled_from([None, None, D(0), D("9.99"), D("22.00"), D(-1)]),
    "reason": st.sampled_from([None, *REASONS]),
    "note": st.sampled_from([None, "who?"]),
}


@settings(max_examples=25, deadline=None)
@given(made=worlds(), psa=st.sampled_from(["connectwise", "autotask"]), keep=st.booleans(), data=st.data())
def test_no_decision_writes_for_another_line_or_where_its_word_does_not_fit(
    made: Inputs, psa: str, keep: bool, data: st.DataObject
) -> None:
    result, rows = compared(made)
    chosen = data.draw(st.lists(st.builds(dict, **decided), min_size=len(rows), max_size=len(rows)))
    decisions = [Decision(r.key, r.fingerprint, **c) for r, c in zip(rows, chosen, strict=True)]
    conf = type(made.settings)(psa=psa)
    judged = Judge({r.key: r for r in rows}, result.agreements, conf, made.today).judge(decisions)
    rules = (*result.mapping.rules, ServiceRule("BP", keep_at_zero=keep))
    changes = plan(judged, rules, conf, made.today)
    by_key = {r.key: r for r in rows}
    assert [j.decision.key for j in judged] == [d.key for d in decisions]
    assert {c.key for c in changes} == {j.decision.key for j in judged if j.writes}
    for change in changes:
        row = by_key[change.key]
        wanted = {
            State.RECONCILE: {Action.APPROVE, Action.END_LINE},
            State.NEW_REVENUE: {Action.ADD_LINE},
            State.NO_USAGE: {Action.END_LINE},
        }
        assert change.action in wanted[row.state]
        assert change.line_id == row.line_id
        assert change.writes
        for write in change.writes:
            check_write(row, change.agreement_id, dict(write.body), write.method, write.path, psa)


def check_write(row: Comparison, agreement: str, body: dict[str, Any], method: str, path: str, psa: str) -> None:
    assert body, "a request without a change"
    assert all(v >= 0 for k, v in body.items() if isinstance(v, Decimal) and k != "unitChange")
    if psa == "autotask":
        assert body.get("contractServiceID") == row.line_id
        assert row.line_id or (body["contractID"], body["serviceID"]) == (agreement, row.service_id)
    elif method == "PATCH":
        assert path == f"/finance/agreements/{row.agreement_id}/additions/{row.line_id}"
    else:
        assert path == f"/finance/agreements/{agreement}/additions"
        assert body["product"] == row.service_id
        assert row.line_id is None or (agreement, body["billCustomer"]) == (row.agreement_id, str(row.bill_customer))


@settings(max_examples=12, deadline=None)
@given(made=worlds())
def test_approve_filled_down_writes_only_on_reconcile(made: Inputs) -> None:
    result, rows = compared(made)
    judge = Judge({r.key: r for r in rows}, result.agreements, made.settings, made.today)
    for j in judge.judge([Decision(r.key, r.fingerprint, Action.APPROVE, reason="commitment") for r in rows]):
        assert j.row is not None
        if j.row.state in SILENT:
            assert j.status is (Status.NOTHING_TO_DO if j.row.state is State.NO_CHANGE else Status.REFUSED)


def test_the_same_inputs_give_the_same_reconciliation() -> None:
    made = inputs([line("1"), line("2", 4, service_id="X")], [charge(28)])
    one, other = reconcile(made), reconcile(made)
    assert one.comparisons.equals(other.comparisons)
    assert one.ledger.equals(other.ledger)


def test_a_frame_of_another_shape_is_a_fault_of_the_program() -> None:
    made = inputs([line()], [charge()])
    changed = {n: getattr(made, n) for n in Inputs.__dataclass_fields__}
    with pytest.raises(SchemaError, match="line_id"):
        reconcile(Inputs(**{**changed, "lines": made.lines.drop(columns="line_id")}))
    with pytest.raises(SchemaError, match="vendor"):
        reconcile(Inputs(**{**changed, "charges": made.charges.drop(columns="vendor")}))


def test_services_are_the_catalogues_and_those_that_only_lines_name() -> None:
    found = services_of(inputs([line("1"), line("2", service_id="X", service="Extra")], []))
    assert found["BP"].price == D("22.00")
    assert found["X"] == Service("X", "Extra", None, None)


def test_agreements_are_those_of_lines_and_those_without_by_customer() -> None:
    made = inputs([line("1", customer="Zed", customer_id="Z"), line("2"), line("3", agreement_id="9")], [])
    assert [(a.customer, a.agreement_id) for a in agreements_of(made)] == [("Acme", "871"), ("Acme", "9"), ("Zed", "871")]
    (spare,) = agreements_of(inputs([], [], agreements=(agreements_of(made)[0],)))
    assert (spare.customer_id, spare.open) == ("Acme", True)
