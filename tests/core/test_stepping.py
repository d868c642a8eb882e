"""Dated steps: several quantities of one line, each from its own day, decided, judged and planned as one."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from core.changes import Change, plan
from core.decisions import Status, content, describe, merge
from core.mapping import ServiceRule
from core.records import Action, Agreement, Decision, Service, Step
from core.run import Inputs
from core.settings import Settings
from tests.core.build import D, charge, inputs, line, mapped, service
from tests.core.deciding import DEC_1, DEC_15, JAN_1, NOV_10, NOV_30, bodies, decide, judge, refusal
from tests.core.test_decisions import azure

APPROVE, ADD, END = Action.APPROVE, Action.ADD_LINE, Action.END_LINE
NOV_5, NOV_20, DEC_10, DEC_20 = dt.date(2026, 11, 5), dt.date(2026, 11, 20), dt.date(2026, 12, 10), dt.date(2026, 12, 20)
NOV_4, NOV_19, DEC_9, DEC_14, DEC_19, DEC_31 = (day - dt.timedelta(1) for day in (NOV_5, NOV_20, DEC_10, DEC_15, DEC_20, JAN_1))
FEB_1, FEB_28 = dt.date(2027, 2, 1), dt.date(2027, 2, 28)
CW, AT = Settings(), Settings(psa="autotask")
NOT_BILLED = Settings(cancelled_date_is_last_billed_day=False)
REASON = {"reason": "commitment"}
AGREEMENT = Agreement("901", "Managed", None, "Acme", "Acme", "Active", 1, False, True, NOV_30, "USD")


def steps(*pairs: tuple[int, dt.date], **more: Any) -> dict[str, Any]:
    found = tuple(Step(D(quantity), day, place=f"a.xlsx, Dated steps!D{n}") for n, (quantity, day) in enumerate(pairs, 6))
    return {"steps": found, **more}


def gap(count: int = 30, settings: Settings = CW, **changes: Any) -> Inputs:
    return inputs([line(**({"prorates": True} | changes))], [charge(count)], settings=settings)


def new(agreement: Agreement = AGREEMENT, settings: Settings = CW) -> Inputs:
    usage = charge(7, "70.00", vendor_service_id="SKU-DEF", unit_cost=D("10.00"))
    catalogue = (Service("DEF", "Defender", D("14.50"), D("9.00")),)
    return inputs([], [usage], mapped(service("SKU-DEF", "DEF")), services=catalogue, agreements=(agreement,), settings=settings)


def post(quantity: int, start: dt.date, last: dt.date | None = None, **more: Any) -> tuple[str, dict[str, Any]]:
    body = {"product": "BP", "unitPrice": D("22.00"), "unitCost": D("17.60"), "billCustomer": "Billable", "quantity": D(quantity)}
    return "POST", body | {"effectiveDate": start} | ({"cancelledDate": last} if last else {}) | more


def patch(**body: Any) -> tuple[str, dict[str, Any]]:
    return "PATCH", body


BACKDATED = steps((28, NOV_10), (30, DEC_1), **REASON)
LATER = steps((28, DEC_10), (30, DEC_20))
BOTH = steps((28, NOV_10), (30, DEC_15), **REASON)


@pytest.mark.parametrize(
    ("made", "typed", "wanted"),
    [
        (gap(), BACKDATED, [post(3, NOV_10, NOV_30), patch(quantity=D(30))]),
        (gap(settings=NOT_BILLED), BACKDATED, [post(3, NOV_10, DEC_1), patch(quantity=D(30))]),
        (gap(), LATER, [post(28, DEC_10, DEC_19), post(30, DEC_20), patch(cancelledDate=DEC_9)]),
        (gap(), steps((30, DEC_20), (28, DEC_10)), [post(28, DEC_10, DEC_19), post(30, DEC_20), patch(cancelledDate=DEC_9)]),
        (gap(settings=NOT_BILLED), LATER, [post(28, DEC_10, DEC_20), post(30, DEC_20), patch(cancelledDate=DEC_10)]),
        (gap(), BOTH, [post(3, NOV_10, NOV_30), post(30, DEC_15), patch(quantity=D(28), cancelledDate=DEC_14)]),
        (gap(), steps((28, DEC_1), (30, JAN_1)), [post(30, JAN_1), patch(quantity=D(28), cancelledDate=DEC_31)]),
        (gap(27), steps((28, NOV_5), (27, NOV_20), **REASON),
         [post(3, NOV_5, NOV_19), post(2, NOV_20, NOV_30), patch(quantity=D(27))]),
        (gap(), steps((28, NOV_5), (25, NOV_20), (30, DEC_1), **REASON), [post(3, NOV_5, NOV_19), patch(quantity=D(30))]),
        (gap(28), steps((28, NOV_5), (25, DEC_1), **REASON), [post(3, NOV_5, NOV_30)]),
        (gap(28, prorates=False), steps((28, DEC_1), (26, JAN_1), (27, FEB_1), **REASON),
         [post(26, JAN_1, dt.date(2027, 1, 31)), post(27, FEB_1), patch(quantity=D(28), cancelledDate=DEC_31)]),
        (gap(cancelled=FEB_28), LATER, [post(28, DEC_10, DEC_19), post(30, DEC_20, FEB_28), patch(cancelledDate=DEC_9)]),
        (gap(32, quantity=30, included=D(5)), steps((31, NOV_10), (32, DEC_15), **REASON),
         [post(1, NOV_10, NOV_30), post(32, DEC_15, lessIncluded=D(5)), patch(quantity=D(31), cancelledDate=DEC_14)]),
        (gap(), steps((28, NOV_10), (30, DEC_15), new_price=D(23), **REASON),
         [post(3, NOV_10, NOV_30, unitPrice=D(23)), post(30, DEC_15, unitPrice=D(23)),
          patch(quantity=D(28), unitPrice=D(23), cancelledDate=DEC_14)]),
        (gap(), steps((25, NOV_10), (30, DEC_1)), [patch(quantity=D(30))]),
        (gap(), steps((28, DEC_1), (28, DEC_10), (30, DEC_20)), [post(30, DEC_20), patch(quantity=D(28), cancelledDate=DEC_19)]),
        (gap(25, quantity=30), steps((25, DEC_1), new_price=D(23)), [patch(quantity=D(25), unitPrice=D(23))]),
        (gap(), steps((25, DEC_1), (30, DEC_10), new_price=D(23)),
         [post(30, DEC_10, unitPrice=D(23)), patch(unitPrice=D(23), cancelledDate=DEC_9)]),
    ],
)  # fmt: skip
def test_steps_are_written_in_connectwise_as_lines_that_follow_one_another(
    made: Inputs, typed: dict[str, Any], wanted: list[tuple[str, dict[str, Any]]]
) -> None:
    assert bodies(decide(made, APPROVE, **typed)) == wanted


def adjust(units: int, day: dt.date, **more: Any) -> tuple[str, dict[str, Any]]:
    return "POST", {"contractServiceID": "3589", "unitChange": D(units), "effectiveDate": day, **more}


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (BACKDATED, [adjust(3, NOV_10), adjust(2, DEC_1)]),
        (LATER, [adjust(3, DEC_10), adjust(2, DEC_20)]),
        (steps((33, NOV_5), (30, NOV_20), **REASON), [adjust(8, NOV_5), adjust(-3, NOV_20)]),
        ({**LATER, "new_price": D(23)}, [adjust(3, DEC_10, adjustedUnitPrice=D(23)), adjust(2, DEC_20)]),
    ],
)
def test_steps_are_a_signed_difference_each_in_autotask(typed: dict[str, Any], wanted: list[tuple[str, dict[str, Any]]]) -> None:
    assert bodies(decide(gap(settings=AT), APPROVE, **typed)) == wanted


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (steps((5, NOV_10), (7, DEC_1), **REASON), [(5, NOV_10, NOV_30), (7, DEC_1, None)]),
        (steps((5, DEC_1), (6, DEC_10), (7, DEC_20)), [(5, DEC_1, DEC_9), (6, DEC_10, DEC_19), (7, DEC_20, None)]),
    ],
)
def test_a_new_line_in_steps_is_a_chain_of_lines(typed: dict[str, Any], wanted: list[tuple[Any, ...]]) -> None:
    found = bodies(decide(new(), ADD, agreement="901", **typed))
    assert [(b["quantity"], b["effectiveDate"], b.get("cancelledDate")) for _, b in found] == wanted
    assert {method for method, _ in found} == {"POST"}


@pytest.mark.parametrize(
    ("made", "action", "typed", "money"),
    [  # effect a month, next invoice before and after, catch-up
        (gap(), APPROVE, BACKDATED, ("110.00", "550.00", "660.00", "46.20")),  # 66 x 21/30
        (gap(), APPROVE, LATER, ("110.00", "550.00", "613.87", "0.00")),  # 550 x 9/31 + 616 x 10/31 + 660 x 12/31
        (gap(), APPROVE, BOTH, ("110.00", "550.00", "640.13", "46.20")),  # 616 x 14/31 + 660 x 17/31
        (gap(27), APPROVE, steps((28, NOV_5), (27, NOV_20), **REASON), ("44.00", "550.00", "594.00", "49.13")),  # 33.00 + 16.13
        (gap(28), APPROVE, steps((28, NOV_5), (25, DEC_1), **REASON), ("0.00", "550.00", "550.00", "57.20")),
        (gap(28, prorates=False), APPROVE, steps((27, JAN_1), (28, FEB_1)), ("66.00", "550.00", "550.00", "0.00")),
        (gap(), APPROVE, {**LATER, "new_price": D(23)}, ("140.00", "550.00", "634.52", "0.00")),  # 159.68 + 207.74 + 267.10
        (new(), ADD, steps((5, NOV_10), (7, DEC_1), agreement="901", **REASON), ("101.50", "0.00", "101.50", "50.75")),
        (gap(), APPROVE, {"effective_date": DEC_10}, ("110.00", "550.00", "628.07", "0.00")),  # one step: 159.68 + 660 x 22/31
        (inputs([line(prorates=True)], [charge(0)]), END, {"effective_date": DEC_10}, ("-550.00", "550.00", "159.68", "0.00")),
    ],
)  # fmt: skip
def test_steps_bill_by_days_and_each_part_is_rounded(
    made: Inputs, action: Action, typed: dict[str, Any], money: tuple[str, ...]
) -> None:
    change = decide(made, action, **typed)
    found = (change.effect, change.next_invoice_before, change.next_invoice_after, change.catch_up)
    assert tuple(str(m) for m in found) == money


STEP_7, ROW = "a.xlsx, Dated steps!D7", "a.xlsx, M!K9"
BOTH_TYPED = "Quantity or From is typed on the row, and dated steps too: keep one of both"


@pytest.mark.parametrize(
    ("made", "action", "typed", "place", "said"),
    [
        (gap(), END, LATER, ROW, "End line takes no dated steps"),
        (gap(), Action.ASK, {**LATER, "note": "?"}, ROW, "Ask takes no dated steps"),
        (gap(), APPROVE, {**LATER, "quantity": D(30)}, ROW, BOTH_TYPED),
        (gap(), APPROVE, {**LATER, "effective_date": DEC_1}, ROW, BOTH_TYPED),
        (gap(25), APPROVE, LATER, ROW, "the line has no difference"),
        (azure(), APPROVE, LATER, ROW, "this line is compared in money"),
        (gap(), APPROVE, steps((28, DEC_1), (30, DEC_1)), STEP_7, "two steps of one line start on 2026-12-01: keep one"),
        (gap(), APPROVE, steps((28, DEC_1), (0, JAN_1)), STEP_7, "a quantity of 0 from 2027-01-01 must be chosen as End line"),
        (gap(), APPROVE, steps((28, DEC_1), (-1, JAN_1)), STEP_7, "the quantity -1 is below zero"),
        (gap(), APPROVE, steps((28, DEC_1), (29, JAN_1)), ROW, "the typed quantity 29 differs from To bill 30: a reason"),
        (gap(prorates=False), APPROVE, steps((28, DEC_1), (30, DEC_10)), STEP_7, "the agreement does not prorate"),
        (gap(), APPROVE, steps((26, DEC_1), (28, NOV_10), (30, JAN_1)), STEP_7,
         "2026-11-10 is before 2026-12-01, the first day not invoiced: a reason is wanted"),
        (gap(), APPROVE, steps((28, NOV_5), (24, NOV_20), (30, DEC_1), **REASON), STEP_7,
         "a decrease from 2026-11-20 would be a refund of what is invoiced"),
        (gap(settings=Settings(locked_through=NOV_10)), APPROVE, steps((30, DEC_1), (28, NOV_10), **REASON), STEP_7,
         "2026-11-10 lies in a closed period"),
        (gap(cancelled=DEC_31), APPROVE, steps((28, DEC_1), (30, JAN_1)), STEP_7, "the line ends on 2026-12-31"),
        (new(), ADD, steps((5, DEC_1), (7, DEC_10)), ROW, "choose the agreement"),
        (new(replace(AGREEMENT, prorates=False)), ADD, steps((5, DEC_1), (7, DEC_10), agreement="901"), STEP_7,
         "the agreement does not prorate"),
    ],
)  # fmt: skip
def test_a_step_that_cannot_be_used_is_named_by_its_cell(
    made: Inputs, action: Action, typed: dict[str, Any], place: str, said: str
) -> None:
    judged = judge(made, action, **typed)
    assert judged.status is Status.REFUSED
    assert judged.problem is not None
    assert judged.problem.place == place
    assert judged.problem.message.startswith(said)


def test_a_step_without_a_cell_of_its_own_is_named_by_its_decision() -> None:
    plain = tuple(replace(step, place="") for step in steps((28, DEC_1), (30, DEC_1))["steps"])
    assert judge(gap(), APPROVE, steps=plain).problem.place == ROW  # type: ignore[union-attr]


def test_backdated_steps_warn_once() -> None:
    typed = steps((28, NOV_5), (29, NOV_10), (30, DEC_1), **REASON)
    assert judge(gap(), APPROVE, **typed).warnings == ("dated inside an invoiced period (invoiced through 2026-11-30)",)


def test_steps_in_between_that_are_large_make_the_change_large() -> None:
    assert "large change" not in judge(gap(), APPROVE, **LATER).warnings
    assert "large change" in judge(gap(), APPROVE, **steps((60, DEC_10), (30, DEC_20))).warnings


def test_steps_that_leave_the_line_as_it_is_write_nothing() -> None:
    assert judge(gap(28), APPROVE, **steps((25, DEC_1), (25, JAN_1), **REASON)).status is Status.NOTHING_TO_DO


def test_steps_within_what_is_included_come_to_no_change() -> None:
    made = gap(4, quantity=3, included=D(9))
    judged = judge(made, APPROVE, **steps((4, NOV_10), (3, DEC_1), **REASON))
    assert judged.status is Status.ACCEPTED
    assert plan([judged], (), made.settings, made.today) == []


def test_a_change_keeps_its_steps_in_their_order() -> None:
    change: Change = decide(gap(), APPROVE, **steps((30, DEC_20), (28, DEC_10)))
    assert [step.quantity for step in change.steps] == [28, 30]
    assert (change.effective_date, change.new_quantity) == (DEC_10, 30)


def decision(*pairs: tuple[int, dt.date], by: str = "Anna", note: str | None = None, **more: Any) -> Decision:
    found = tuple(replace(step, note=note, place=by) for step in steps(*pairs)["steps"])
    return Decision("k", "f", APPROVE, by=by, place=by, steps=found, **more)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (decision((28, NOV_10), (30, DEC_1), by="Ben", note="as agreed"), True),
        (decision((30, DEC_1), (28, NOV_10), by="Ben"), True),
        (decision((28, NOV_10), (31, DEC_1), by="Ben"), False),
        (decision((28, NOV_10), (30, DEC_15), by="Ben"), False),
        (decision((28, NOV_10), by="Ben"), False),
        (decision(by="Ben", quantity=D(30), effective_date=DEC_1), False),
    ],
)
def test_steps_are_part_of_what_a_decision_says(other: Decision, same: bool) -> None:
    one = decision((28, NOV_10), (30, DEC_1))
    assert (content(one) == content(other)) is same
    assert [type(m) is Decision for m in merge([one, other])] == ([True] if same else [False, False])


def test_steps_in_a_few_words() -> None:
    assert describe(decision((30, DEC_1), (28, NOV_10))) == "Approve 28 from 2026-11-10, 30 from 2026-12-01 by Anna"


def test_a_group_is_whole_where_the_last_step_makes_it_so() -> None:
    made = inputs(
        [line("11", 100, "24.00", prorates=True), line("12", 18, prorates=True)], [charge(120)],
        mapped(rules=(ServiceRule("BP"),)),
    )  # fmt: skip
    assert refusal(made, APPROVE, **steps((101, DEC_10), (102, DEC_20))) == ""
    assert refusal(made, APPROVE, **steps((101, DEC_10), (103, DEC_20))).startswith("the typed lines add up to 121")
