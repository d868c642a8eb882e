"""The worked cases from the PSA's API to its next invoice: read, compared, decided, submitted, written, read back."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from connectors.sandbox.connectwise_invoices import total
from core.decisions import Status
from core.mapping import ServiceRule
from core.records import Action, ChargeKind
from server.errors import Refused
from tests.connectors.api.sandboxes import add_agreement, add_line, add_product
from tests.server.write_back.loop import Loop, charge

D = Decimal
NOV_10, NOV_30, DEC_1 = dt.date(2026, 11, 10), dt.date(2026, 11, 30), dt.date(2026, 12, 1)
MAR_1 = dt.date(2027, 3, 1)
PAIR = [
    charge(25),
    charge(-25, "-308.00", kind=ChargeKind.REFUND, start=NOV_10),
    charge(28, "344.96", start=NOV_10),
]


@pytest.fixture
def loop(here: Loop) -> Loop:
    """On SQLite alone: the cases are arithmetic. Submissions, writes and crashes are tried on both databases."""
    return here


BOTH = pytest.mark.parametrize("last_day", [True, False], ids=["cancelled date is billed", "cancelled date is not billed"])


def test_case_1_one_patch_and_december_bills_616(loop: Loop) -> None:
    add_line(loop.model, id=3589, quantity=25, unitPrice=D("22.00"))
    loop.run(PAIR)
    loop.decide(Action.APPROVE)
    assert loop.write() == ["done"]
    assert loop.requests() == [("PATCH", "/871/additions/3589")]
    assert loop.model.additions[3589]["quantity"] == 28
    assert total(loop.next_invoice()) == D("616.00")


def test_case_1_submitted_twice_is_written_once(loop: Loop) -> None:
    add_line(loop.model, id=3589, quantity=25, unitPrice=D("22.00"))
    loop.run(PAIR)
    loop.decide(Action.APPROVE)
    assert loop.write() == ["done"]
    again = loop.submit()
    assert again.submission is None
    assert "done" in again.notices[0].message
    assert loop.requests() == [("PATCH", "/871/additions/3589")]


@BOTH
def test_case_3_what_is_scheduled_already_writes_nothing(loop: Loop, last_day: bool) -> None:
    loop.model.switches.cancelled_date_is_last_billed_day = last_day
    last = NOV_30 if last_day else DEC_1
    add_line(loop.model, id=3589, quantity=25, unitPrice=D("22.00"), cancelledDate=f"{last}T00:00:00Z")
    add_line(loop.model, id=3702, quantity=28, unitPrice=D("22.00"), effectiveDate="2026-12-01T00:00:00Z", invoiced=False)
    loop.run([charge(28)])
    assert loop.decide(Action.APPROVE).status is Status.NOTHING_TO_DO
    assert loop.write() == []
    assert [(line.addition_id, line.amount) for line in loop.next_invoice()] == [(3702, D("616.00"))]


@pytest.mark.parametrize(
    ("quantity", "included", "price", "vendor", "minimum", "written", "billed"),
    [
        (30, 5, "3.00", 32, None, ["done"], "81.00"),
        (3, 5, "3.00", 4, None, ["done"], "0.00"),
        (25, 0, "9.00", 18, 25, [], "225.00"),
        (25, 0, "9.00", 27, 25, ["done"], "243.00"),
    ],
)
def test_case_4_included_and_minimum(
    loop: Loop, quantity: int, included: int, price: str, vendor: int, minimum: int | None, written: list[str], billed: str
) -> None:
    line = add_line(loop.model, quantity=quantity, lessIncluded=included, unitPrice=D(price))
    loop.run([charge(vendor)], *([ServiceRule("BP", minimum=D(minimum))] if minimum else []))
    loop.decide(Action.APPROVE)
    assert loop.write() == written
    assert loop.model.additions[line]["lessIncluded"] == included
    assert total(loop.next_invoice()) == D(billed)


@pytest.mark.parametrize(("line", "quantity", "billed"), [(12, 20, "2840.00"), (11, 102, "2844.00")])
def test_case_5_only_the_typed_line_is_written(loop: Loop, line: int, quantity: int, billed: str) -> None:
    add_line(loop.model, id=11, quantity=100, unitPrice=D("24.00"))
    add_line(loop.model, id=12, quantity=18, unitPrice=D("22.00"))
    loop.run([
        charge(100, "1760.00", "annual", vendor_service_id="SKU-BP-Y"),
        charge(20, "422.40", "monthly", vendor_service_id="SKU-BP-M", unit_cost=D("21.12")),
    ])  # fmt: skip
    loop.decide(Action.APPROVE, line=line, quantity=D(quantity), reason="billed elsewhere")
    assert loop.write() == ["done"]
    assert loop.requests() == [("PATCH", f"/871/additions/{line}")]
    assert total(loop.next_invoice()) == D(billed)


def test_case_5_approved_without_quantities_nothing_is_sent(loop: Loop) -> None:
    add_line(loop.model, id=11, quantity=100, unitPrice=D("24.00"))
    add_line(loop.model, id=12, quantity=18, unitPrice=D("22.00"))
    loop.run([charge(120)])
    assert loop.decide(Action.APPROVE, line=12).status is Status.REFUSED
    assert loop.write() == []
    assert loop.requests() == []


@BOTH
def test_case_6_the_line_ends_and_keeps_its_quantity(loop: Loop, last_day: bool) -> None:
    loop.model.switches.cancelled_date_is_last_billed_day = last_day
    line = add_line(loop.model, quantity=12, unitPrice=D("10.00"))
    loop.run([charge(0, "0.00", kind=ChargeKind.COUNT, start=None, until=None)])
    loop.decide(Action.END_LINE)
    assert loop.write() == ["done"]
    row = loop.model.additions[line]
    assert (row["quantity"], row["cancelledDate"]) == (12, f"{NOV_30 if last_day else DEC_1}T00:00:00Z")
    assert loop.next_invoice() == []


def new_revenue(loop: Loop) -> None:
    del loop.model.agreements[871]
    add_agreement(loop.model, 901)
    add_agreement(loop.model, 902, name="Security add-on", parentAgreement={"id": 901, "name": "Managed 365"})
    loop.model.products.clear()
    add_product(loop.model, 418, "BP", price=D("14.50"), cost=D("10.00"))
    loop.run([charge(7, "70.00", unit_cost=D("10.00"))])


def test_case_7_one_post_on_the_child_agreement(loop: Loop) -> None:
    new_revenue(loop)
    loop.decide(Action.ADD_LINE, agreement="902")
    assert loop.write() == ["done"]
    assert loop.requests() == [("POST", "/902/additions")]
    (row,) = loop.model.additions.values()
    assert (row["agreementId"], row["quantity"], row["unitPrice"], row["unitCost"]) == (902, 7, D("14.5"), D(10))
    assert row["effectiveDate"] == "2026-12-01T00:00:00Z"
    assert total(loop.next_invoice(agreement=902)) == D("101.50")
    assert loop.next_invoice(agreement=901) == []


def test_case_7_a_line_that_somebody_added_meanwhile_is_a_conflict(loop: Loop) -> None:
    new_revenue(loop)
    loop.decide(Action.ADD_LINE, agreement="902")
    added = add_line(loop.model, 902, 418, quantity=7, effectiveDate="2026-12-01T00:00:00Z")
    submitted = loop.submit()
    assert submitted.submission is not None
    loop.send(submitted.submission)
    assert loop.outcomes(submitted.submission) == ["conflict"]
    (write,) = loop.store.writes.of_submission(submitted.submission.id)
    assert f"line {added} of the same service was added meanwhile" in write.said
    assert loop.requests() == []


def test_case_7_without_an_agreement_nothing_is_sent(loop: Loop) -> None:
    new_revenue(loop)
    judged = loop.decide(Action.ADD_LINE)
    assert judged.status is Status.REFUSED
    assert loop.write() == []
    assert loop.requests() == []


TWELVE = [charge(10, "176.00"), charge(12, "147.84", start=NOV_10)]


def annual(loop: Loop, **fields: Any) -> int:
    add_agreement(loop.model, 872, dt.date(2027, 2, 28), cycle=2, **fields)
    return add_line(loop.model, 872, quantity=10, unitPrice=D("264.00"), effectiveDate="2026-03-01T00:00:00Z")


def test_case_9_an_annual_line_bills_its_new_quantity_from_march(loop: Loop) -> None:
    annual(loop)
    loop.run(TWELVE)
    loop.decide(Action.APPROVE)
    assert loop.write() == ["done"]
    assert total(loop.next_invoice(dt.date(2027, 2, 28), 872)) == 0
    assert total(loop.next_invoice(MAR_1, 872)) == D("3168.00")


def test_case_9_prorating_the_days_since_november_are_billed_too(loop: Loop) -> None:
    line = annual(loop, prorateFlag=True)
    loop.run(TWELVE)
    loop.decide(Action.APPROVE, effective_date=NOV_10, reason="commitment")
    assert loop.write() == ["done"]
    assert loop.requests() == [("POST", "/872/additions"), ("PATCH", f"/872/additions/{line}")]
    assert total(loop.next_invoice(dt.date(2027, 2, 28), 872)) == D("160.57")
    assert total(loop.next_invoice(MAR_1, 872)) == D("3168.00")


@pytest.mark.parametrize(
    ("start", "methods", "november", "december"),
    [(None, ["PATCH"], "270.00", "270.00"), (DEC_1, ["POST", "PATCH"], "240.00", "270.00")],
)
def test_case_9_in_arrears_november_is_still_open(
    loop: Loop, start: dt.date | None, methods: list[str], november: str, december: str
) -> None:
    loop.model.switches.current_period_in_arrears = True
    add_agreement(loop.model, 873, dt.date(2026, 10, 31), periodType="Current")
    add_line(loop.model, 873, quantity=40, unitPrice=D("6.00"))
    loop.run([charge(45)])
    loop.decide(Action.APPROVE, effective_date=start)
    assert loop.write() == ["done"]
    assert [method for method, _ in loop.requests()] == methods
    assert total(loop.next_invoice(NOV_30, 873)) == D(november)
    assert total(loop.next_invoice(dt.date(2026, 12, 31), 873)) == D(december)


def test_nothing_is_sent_while_a_permission_is_missing(loop: Loop) -> None:
    add_line(loop.model, id=3589, quantity=25, unitPrice=D("22.00"))
    loop.run(PAIR)
    loop.decide(Action.APPROVE)
    loop.model.role["Agreements"] = {"Inquire"}
    with pytest.raises(Refused, match="permission is missing: Finance > Agreements: Edit"):
        loop.submit()
    assert loop.model.additions[3589]["quantity"] == 25
    assert loop.store.writes.submissions() == []
