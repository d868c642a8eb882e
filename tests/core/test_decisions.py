"""R7, R14, R17: what a decision means, what it must say, and when it is not used."""

from dataclasses import replace
from typing import Any

import pytest

from core.changes import plan
from core.decisions import Judge, Judged, Status, describe, legal_actions
from core.mapping import ServiceRule
from core.records import Action, Agreement, BillCustomer, ChargeKind, Decision, Measure, Service, State
from core.run import Inputs
from core.settings import Settings
from tests.core.build import TODAY, D, charge, compared, inputs, line, mapped, only, service
from tests.core.deciding import DEC_1, NOV_1, NOV_10, NOV_30, decide, judge, refusal

APPROVE, ADD, END, DISMISS, ASK, UPDATE_COST = Action
OTHER = charge(1, "9.00", "x", account_id="t-other", account="Somebody Else")
AGREEMENT = Agreement("901", "Managed", None, "Acme", "Acme", "Active", 1, False, False, NOV_30, "USD")


def gap(**changes: Any) -> Inputs:
    return inputs([line(**changes)], [charge(28)])


def new(*agreements: Agreement, price: str | None = "14.50", **bought: Any) -> Inputs:
    catalogue = (Service("DEF", "Defender", D(price) if price else None, D("10.00")),)
    usage = charge(7, "70.00", vendor_service_id="SKU-DEF", unit_cost=D("10.00"), **bought)
    return inputs([], [usage], mapped(service("SKU-DEF", "DEF")), services=catalogue, agreements=agreements or (AGREEMENT,))


def two_prices() -> Inputs:
    return inputs([line("11", 100, "24.00"), line("12", 18)], [charge(120)])


def azure(quantity: int = 1, amount: str | None = "812.37", markup: str = "0.15", **changes: Any) -> Inputs:
    usage = charge(1, amount or "0", "az", vendor_service_id="SKU-AZ", kind=ChargeKind.USAGE)
    usage = replace(usage, amount=D(amount) if amount else None, currency=changes.pop("cost_currency", "USD"))
    rules = (ServiceRule("AZ", measure=Measure.MONEY, markup=D(markup)),)
    row = line("60", quantity, "900.00", service_id="AZ", service="Azure", **changes)
    return inputs([row], [usage], mapped(service("SKU-AZ", "AZ"), rules=rules))


STATES = {
    State.NO_CHANGE: inputs([line(quantity=28)], [charge(28)]),
    State.RECONCILE: gap(),
    State.NEW_REVENUE: new(),
    State.NO_USAGE: inputs([line()], [charge(0)]),
    State.NOT_KNOWN: inputs([line()], []),
}


@pytest.mark.parametrize(
    ("state", "legal"),
    [
        (State.NO_CHANGE, {ASK}),
        (State.RECONCILE, {APPROVE, END, DISMISS, ASK}),
        (State.NEW_REVENUE, {ADD, DISMISS, ASK}),
        (State.NO_USAGE, {END, DISMISS, ASK}),
        (State.NOT_KNOWN, {DISMISS, ASK}),
    ],
)
def test_each_state_has_its_words_and_no_other_is_taken(state: State, legal: set[Action]) -> None:
    row = only(STATES[state])
    assert row.state is state
    assert set(legal_actions(row)) == legal
    for action in Action:
        judged = judge(STATES[state], action, reason="commitment", note="Dana?", agreement="901")
        accepted = Status.ACCEPTED if action in legal else Status.REFUSED
        assert judged.status is (Status.NOTHING_TO_DO if (state, action) == (State.NO_CHANGE, APPROVE) else accepted)
        assert judged.writes == (action in legal & {APPROVE, ADD, END})


TYPED = "the typed quantity 27 differs from To bill 28: a reason is wanted"


@pytest.mark.parametrize(
    ("made", "action", "typed", "said"),
    [
        (gap(), APPROVE, {"quantity": D(27)}, TYPED),
        (gap(), APPROVE, {"quantity": D(27), "reason": "commitment"}, ""),
        (gap(), APPROVE, {"quantity": D(28)}, ""),
        (gap(), APPROVE, {"quantity": D(25), "reason": "commitment"}, "nothing to do"),
        (gap(), APPROVE, {"quantity": D(25), "new_price": D(23), "reason": "commitment"}, ""),
        (gap(), APPROVE, {"quantity": D(0)}, "a quantity of 0 must be chosen as End line"),
        (gap(), APPROVE, {"quantity": D(-1), "reason": "commitment"}, "the quantity -1 is below zero"),
        (gap(), APPROVE, {"new_price": D("21.99")}, "the price 21.99 is below the catalogue price 22: a reason is wanted"),
        (gap(), APPROVE, {"new_price": D("22.00")}, ""),
        (gap(service_id="BP"), APPROVE, {"new_price": D("21.99"), "reason": "commitment"}, ""),
        (gap(), APPROVE, {"new_price": D(-1), "reason": "commitment"}, "the price -1 is below zero"),
        (gap(), END, {}, "the count proves no end; End line wants a reason"),
        (STATES[State.NO_USAGE], END, {}, ""),
        (STATES[State.NO_USAGE], END, {"quantity": D(0)}, ""),
        (STATES[State.NO_USAGE], END, {"quantity": D(5)}, "End line ends all of it, and 5 is typed: choose one"),
        (gap(), DISMISS, {}, "Dismiss wants a reason from the list"),
        (gap(), DISMISS, {"reason": "because"},
         "'because' is not a reason from the list; choose one, or 'other (see note)' with a note"),
        (gap(), DISMISS, {"reason": "Customer Disputes"}, ""),
        (gap(), DISMISS, {"reason": "other (see note)"}, "the reason 'other (see note)' wants a note"),
        (gap(), DISMISS, {"reason": "other (see note)", "note": "n"}, ""),
        (gap(), ASK, {}, "Ask wants a note: the question, and who is to answer it"),
        (new(), ADD, {"agreement": "901"}, ""),
        (new(), ADD, {"agreement": "managed [901]"}, ""),
        (new(), ADD, {"agreement": "999"}, "'999' is not an agreement of Acme; choose Managed [901]"),
        (new(), ADD, {"agreement": "901", "quantity": D(0)}, "a new line wants a quantity above zero"),
        (new(), ADD, {"agreement": "901", "quantity": D(5)}, "the typed quantity 5 differs from To bill 7: a reason is wanted"),
        (new(price=None), ADD, {"agreement": "901"}, "the catalogue has no price for this service: type a New price"),
        (new(price=None), ADD, {"agreement": "901", "new_price": D(12)}, ""),
        (new(price=None), ADD, {"agreement": "901", "new_price": D(9)}, "the price 9 is below the cost 10: a reason is wanted"),
        (new(replace(AGREEMENT, status="Expired"), replace(AGREEMENT, agreement_id="902")), ADD, {"agreement": "901"},
         "the agreement Managed [901] is Expired; choose Managed [902]"),
        (new(replace(AGREEMENT, cycle_months=12)), ADD, {"agreement": "901"},
         "Managed [901] bills 12 months at once: type the New price of such a period"),
        (new(replace(AGREEMENT, cycle_months=12)), ADD, {"agreement": "901", "new_price": D(174)}, ""),
        (new(currency="EUR"), ADD, {"agreement": "901"},
         "the agreement bills in USD, the cost is in EUR: type the price in the agreement's currency and say in the note at which "
         "rate and date"),
        (new(currency="EUR"), ADD, {"agreement": "901", "new_price": D(16)},
         "the agreement bills in USD, the cost is in EUR: type the price in the agreement's currency and say in the note at which "
         "rate and date"),
        (new(currency="EUR"), ADD, {"agreement": "901", "new_price": D(16), "note": "1.10 on 26 Nov"}, ""),
        (azure(), APPROVE, {}, ""),
        (azure(), APPROVE, {"quantity": D(2)}, "this line is compared in money: type a New price, not a quantity"),
        (azure(), APPROVE, {"new_price": D(900)}, "the typed price differs from the proposed one: a reason is wanted"),
        (azure(), APPROVE, {"new_price": D("934.23")}, ""),
        (azure(), APPROVE, {"new_price": D(-5), "reason": "commitment"}, "the price -5 is below zero"),
        (azure(3), APPROVE, {}, "nothing is proposed for this line: type a New price"),
        (azure(3), APPROVE, {"new_price": D(311), "reason": "commitment"},
         "this line is not one unit, and is compared in money: change it in the PSA, or choose Dismiss or Ask"),
        (azure(cost_currency="EUR"), APPROVE, {}, "nothing is proposed for this line: type a New price"),
        (azure(cost_currency="EUR"), APPROVE, {"new_price": D(950), "reason": "commitment"}, ""),
        (azure(cycle_months=12), APPROVE, {}, "nothing is proposed for this line: type a New price"),
        (azure(amount="-5.00"), APPROVE, {}, "nothing is proposed for this line: type a New price"),
    ],
)  # fmt: skip
def test_a_decision_is_taken_or_says_what_is_missing(made: Inputs, action: Action, typed: dict[str, Any], said: str) -> None:
    assert refusal(made, action, **typed) == said


def test_a_money_measure_without_amounts_proposes_no_price_of_zero() -> None:
    row = only(azure(amount=None))
    assert (row.state, row.proposed_price, row.why) == (
        State.NOT_KNOWN, None, "compared in money, and the vendor's file has no amounts",
    )  # fmt: skip


def test_new_revenue_in_money_takes_its_price_and_no_quantity() -> None:
    made = inputs([], azure().charges.pipe(lambda _: []), agreements=(AGREEMENT,))
    usage = charge(1, "812.37", "az", vendor_service_id="SKU-AZ", kind=ChargeKind.USAGE)
    made = inputs([], [usage], azure().mapping, agreements=(AGREEMENT,))
    assert dict(decide(made, ADD, agreement="901").writes[0].body)["unitPrice"] == D("934.23")
    assert refusal(made, ADD, agreement="901", quantity=D(2)).startswith("this line is compared in money")
    assert refusal(made, ADD, agreement="901", new_price=D(900)).startswith("the typed price differs")


def test_a_customer_without_an_active_agreement_must_be_given_one_in_the_psa() -> None:
    made = new(replace(AGREEMENT, status="Expired"))
    assert refusal(made, ADD, agreement="901") == "Acme has no active agreement: create one in the PSA, or choose Dismiss or Ask"
    assert only(made).why == "uses 7, billed on no line; no active agreement (expired)"


MOVES: list[dict[str, Any]] = [
    {"quantity": D(26)}, {"unit_price": D(23)}, {"unit_cost": D(1)}, {"unit_cost": None}, {"included": D(1)}, {"cycle_months": 12},
    {"bill_customer": BillCustomer.NO_CHARGE}, {"prorates": True}, {"agreement_id": "872"}, {"currency": "EUR"},
    {"cancelled": DEC_1}, {"effective": NOV_1}, {"invoiced_through": NOV_10},
]  # fmt: skip


@pytest.mark.parametrize("moved", MOVES, ids=str)
def test_a_decision_on_other_numbers_is_suspended_with_its_name(moved: dict[str, Any]) -> None:
    old = only(gap()).fingerprint
    made = inputs([replace(line(), **moved)], [charge(28)])
    judged = judge(made, APPROVE, fingerprint=old, by="Anna")
    assert judged.status is Status.SUSPENDED
    assert judged.problem is not None
    assert judged.problem.message.startswith("Approve by Anna was decided on other numbers; look at the row again: now ")


@pytest.mark.parametrize("moved", [{"quantity": D(29)}, {"unit_cost": D(16)}])
def test_a_vendors_move_suspends_too(moved: dict[str, Any]) -> None:
    assert only(inputs([line()], [replace(charge(28), **moved)])).fingerprint != only(gap()).fingerprint


def test_an_end_that_lost_its_proof_is_suspended() -> None:
    absent, counted = only(inputs([line()], [OTHER])), only(inputs([line()], [replace(charge(0), unit_cost=None)]))
    assert (absent.vendor_unit_cost, absent.proven) == (counted.vendor_unit_cost, not counted.proven) == (None, False)
    assert absent.fingerprint != counted.fingerprint


@pytest.mark.parametrize("same", [{"row": 99}, {"account": "ACME"}, {"source": "again.csv"}, {"amount": D("1.00")}])
def test_what_no_decision_rests_on_moves_no_fingerprint(same: dict[str, Any]) -> None:
    assert (
        only(inputs([line(place="x row 9", version="2026-11-26T09:30:00Z")], [replace(charge(28), **same)])).fingerprint
        == only(gap()).fingerprint
    )


def test_a_line_that_is_gone_is_told() -> None:
    (judged,) = Judge({}, (), Settings(), TODAY).judge([Decision("line:1", "f", APPROVE, place="p")])
    assert (judged.status, str(judged.problem)) == (
        Status.LINE_GONE,
        "p: this line is not in the newest revision of the run any more",
    )


def several(made: Inputs, *typed: dict[str, Any]) -> list[Judged]:
    result, rows = compared(made)
    by_id = {r.line_id: r for r in rows}
    found = [
        Decision(by_id[t["line"]].key, by_id[t["line"]].fingerprint, t.get("action", APPROVE), t.get("quantity"),
                 reason=t.get("reason"), place=t.get("place", "p"), by=t.get("by", ""))
        for t in typed
    ]  # fmt: skip
    return Judge({r.key: r for r in rows}, result.agreements, made.settings, made.today).judge(found)


@pytest.mark.parametrize(
    ("typed", "statuses"),
    [
        ([{"line": "11", "quantity": D(102)}], ["accepted"]),
        ([{"line": "11", "quantity": D(100)}, {"line": "12", "quantity": D(20)}], ["nothing to do", "accepted"]),
        ([{"line": "11", "quantity": D(100)}, {"line": "12", "quantity": D(21)}], ["nothing to do", "refused"]),
        ([{"line": "11", "quantity": D(101)}, {"line": "12", "quantity": D(21)}], ["refused", "refused"]),
        ([{"line": "11", "quantity": D(101), "reason": "commitment"}, {"line": "12", "quantity": D(21)}], ["refused", "refused"]),
        ([{"line": n, "quantity": D(50), "reason": "commitment"} for n in ("11", "12")], ["accepted", "accepted"]),
        ([{"line": "12", "action": END, "reason": "commitment"}, {"line": "11", "quantity": D(120)}], ["accepted", "accepted"]),
    ],
)
def test_lines_that_are_typed_each_make_the_group_whole_or_say_why_not(typed: list[dict[str, Any]], statuses: list[str]) -> None:
    assert [str(j.status) for j in several(two_prices(), *typed)] == statuses


def test_two_copies_that_agree_are_one_and_two_that_differ_a_conflict() -> None:
    same = several(gap(), {"line": "3589", "place": "a"}, {"line": "3589", "place": "b"})
    assert [(j.status, j.decision.place) for j in same] == [(Status.ACCEPTED, "b")]
    differ = several(
        gap(), {"line": "3589", "place": "a", "by": "Anna"}, {"line": "3589", "quantity": D(27), "place": "b", "by": "Ben"}
    )
    assert [j.status for j in differ] == [Status.CONFLICT] * 2
    assert str(differ[0].problem) == "a: Approve by Anna, but Approve 27 by Ben at b: agree on one and return it"


def test_a_decision_in_a_few_words() -> None:
    said = describe(Decision("k", "f", APPROVE, D(28), DEC_1, new_price=D("21.50"), by="Anna"))
    assert said == "Approve 28 at 21.5 from 2026-12-01 by Anna"


@pytest.mark.parametrize(
    ("typed", "large"),
    [
        ({}, False),
        ({"quantity": D(34)}, False),  # 9 units
        ({"quantity": D(35)}, True),  # 10 units and 40 %
        ({"quantity": D(26), "new_price": D("30.00")}, False),  # 230 a month
        ({"quantity": D(26), "new_price": D("31.00")}, True),  # 256 a month
    ],
)
def test_a_large_change_stands_out_also_where_it_was_typed(typed: dict[str, Any], large: bool) -> None:
    assert ("large change" in judge(gap(), APPROVE, reason="commitment", **typed).warnings) is large


def test_a_money_line_is_large_by_its_money() -> None:
    assert "large change" not in judge(azure(), APPROVE).warnings
    assert "large change" in judge(azure(amount="1000.00"), APPROVE).warnings


def test_nothing_is_planned_for_what_is_not_accepted() -> None:
    judged = [judge(gap(), DISMISS, reason="commitment"), judge(gap(), APPROVE, quantity=D(27)), judge(gap(), ASK, note="?")]
    assert plan(judged, (), Settings(), TODAY) == []
    broken = Judged(judged[0].decision, Status.ACCEPTED)
    with pytest.raises(ValueError, match="not an accepted decision"):
        plan([replace(broken, decision=replace(broken.decision, action=APPROVE))], (), Settings(), TODAY)


def test_a_missed_amount_is_named_where_backdating_is_refused() -> None:
    assert refusal(gap(), APPROVE, effective_date=NOV_1, reason="commitment").endswith("66.00 was missed and can be billed by hand")
