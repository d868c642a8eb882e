"""Dated steps through the whole loop: read, compared, decided in steps, written by HTTP, invoiced as worked out by hand, undone."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from connectors.sandbox.connectwise_invoices import total
from connectors.sandbox.connectwise_model import invalid
from core.decisions import Status
from core.records import Action, Step
from server.submitting import foresee, undo
from tests.connectors.api.sandboxes import add_line, add_product
from tests.server.write_back.loop import Loop, charge

D = Decimal
NOV_10, DEC_1, DEC_10, DEC_15, DEC_20 = (dt.date(2026, *day) for day in ((11, 10), (12, 1), (12, 10), (12, 15), (12, 20)))
JAN_1, JAN_31 = dt.date(2027, 1, 1), dt.date(2027, 1, 31)
BOTH = pytest.mark.parametrize("last_day", [True, False], ids=["cancelled date is billed", "cancelled date is not billed"])


def steps(*pairs: tuple[int, dt.date], **more: Any) -> dict[str, Any]:
    return {"steps": tuple(Step(D(quantity), day) for quantity, day in pairs), **more}


def month(loop: Loop, vendor: int = 30, *, prorates: bool = True, last_day: bool = True) -> None:
    """A line of 25 at 22.00, invoiced through November, and a vendor that counts more."""
    loop.model.switches.cancelled_date_is_last_billed_day = last_day
    loop.model.agreements[871]["prorateFlag"] = prorates
    add_line(loop.model, id=3589, quantity=25, unitPrice=D("22.00"), unitCost=D("17.60"))
    loop.run([charge(vendor)])


def billed(loop: Loop, through: dt.date = dt.date(2026, 12, 31)) -> list[tuple[int, str, bool]]:
    return [(int(line.quantity), str(line.amount), line.catch_up) for line in loop.next_invoice(through)]


CASES = [
    # what is typed; requests; December by lines: quantity, amount, of an invoiced period; December; January
    (
        steps((28, DEC_10), (30, DEC_20)), ["POST", "POST", "PATCH"],
        [(25, "159.68", False), (28, "198.71", False), (30, "255.48", False)], "613.87", "660.00",
    ),
    (
        steps((28, NOV_10), (30, DEC_15), reason="commitment"), ["POST", "POST", "PATCH"],
        [(28, "278.19", False), (3, "46.20", True), (30, "361.94", False)], "686.33", "660.00",
    ),
    (
        steps((28, NOV_10), (30, DEC_1), reason="commitment"), ["POST", "PATCH"],
        [(30, "660.00", False), (3, "46.20", True)], "706.20", "660.00",
    ),
    (
        steps((27, NOV_10), (28, dt.date(2026, 11, 20)), (30, JAN_1), reason="commitment"), ["POST", "POST", "POST", "PATCH"],
        [(28, "616.00", False), (2, "14.67", True), (3, "24.20", True)], "654.87", "660.00",
    ),
]  # fmt: skip


@BOTH
@pytest.mark.parametrize(("typed", "methods", "lines", "december", "january"), CASES)
def test_the_next_invoices_bill_each_step_by_its_days(
    here: Loop, last_day: bool, typed: dict[str, Any], methods: list[str], lines: list[tuple[int, str, bool]], december: str,
    january: str,
) -> None:  # fmt: skip
    month(here, last_day=last_day)
    assert here.decide(Action.APPROVE, **typed).status is Status.ACCEPTED
    foreseen = foresee(here.house, here.runs[-1])
    (money,) = foreseen.money
    assert [len(one.writes) for one in foreseen.foreseen] == [len(methods)]
    assert here.write() == ["done"]
    assert [method for method, _ in here.requests()] == methods
    assert billed(here) == lines
    assert money.next_invoice_after + money.catch_up == D(december) == sum(D(amount) for _, amount, _ in lines)
    assert total(here.next_invoice(JAN_31)) == D(january)


@BOTH
def test_where_the_agreement_does_not_prorate_steps_stand_at_periods_starts(here: Loop, last_day: bool) -> None:
    month(here, prorates=False, last_day=last_day)
    assert here.decide(Action.APPROVE, **steps((28, DEC_1), (30, DEC_15))).status is Status.REFUSED
    here.decide(Action.APPROVE, **steps((28, DEC_1), (30, JAN_1)))
    assert here.write() == ["done"]
    assert (total(here.next_invoice()), total(here.next_invoice(JAN_31))) == (D("616.00"), D("660.00"))


def test_a_new_line_in_steps_is_one_line_after_another(here: Loop) -> None:
    here.model.products.clear()
    add_product(here.model, 418, "BP", price=D("14.50"), cost=D("10.00"))
    here.model.agreements[871]["prorateFlag"] = True
    here.run([charge(7, "70.00", unit_cost=D("10.00"))])
    here.decide(Action.ADD_LINE, agreement="871", **steps((5, NOV_10), (6, DEC_1), (7, DEC_15), reason="commitment"))
    assert here.write() == ["done"]
    assert [method for method, _ in here.requests()] == ["POST", "POST", "POST"]
    # 72.50 x 21/30; 87.00 x 14/31; 101.50 x 17/31
    assert billed(here) == [(5, "50.75", True), (6, "39.29", False), (7, "55.66", False)]


def test_the_same_steps_in_another_order_are_written_once(here: Loop) -> None:
    month(here)
    here.decide(Action.APPROVE, **steps((28, DEC_10), (30, DEC_20)))
    assert here.write() == ["done"]
    here.decide(Action.APPROVE, by="ben", **steps((30, DEC_20), (28, DEC_10)))
    assert here.write() == []
    assert [method for method, _ in here.requests()] == ["POST", "POST", "PATCH"]


def test_other_steps_decided_while_they_waited_are_not_overtaken(here: Loop) -> None:
    month(here)
    here.decide(Action.APPROVE, **steps((28, DEC_10), (30, DEC_20)))
    submitted = here.submit().submission
    here.decide(Action.APPROVE, **steps((28, DEC_15), (30, DEC_20)))
    here.send(submitted)
    assert submitted is not None
    assert here.outcomes(submitted) == ["conflict"]
    assert here.requests() == []


def test_receipts_show_every_step_and_an_undo_bills_as_before(loop: Loop) -> None:
    month(loop)
    loop.decide(Action.APPROVE, **steps((28, NOV_10), (30, DEC_15), reason="commitment"))
    assert loop.write() == ["done"]
    (submission,) = loop.store.writes.submissions()
    (change,) = loop.changes(submission)
    receipts = [(w.method, (w.seen or {}).get("quantity"), (w.seen or {}).get("cancelledDate")) for w in loop.writes(change)]
    assert receipts == [("POST", "3", "2026-11-30"), ("POST", "30", None), ("PATCH", "28", "2026-12-14")]
    undone = undo(loop.house, submission.id, "anna").submission
    loop.send(undone)
    assert undone is not None
    assert loop.outcomes(undone) == ["done"]
    assert billed(loop) == [(25, "550.00", False)]


def test_a_step_that_the_psa_refuses_leaves_nothing_behind(here: Loop) -> None:
    month(here)
    here.decide(Action.APPROVE, **steps((28, DEC_10), (30, DEC_20)))

    def locked(*_: Any) -> Any:
        raise invalid("addition", "cancelledDate", "is locked")

    here.model.patch_addition = locked  # type: ignore[method-assign]
    assert here.write() == ["refused"]
    assert [method for method, _ in here.requests()] == ["POST", "POST", "PATCH", "DELETE", "DELETE"]
    assert billed(here) == [(25, "550.00", False)]
