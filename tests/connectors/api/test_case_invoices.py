"""The worked cases through the API: read, compared, approved, written by HTTP. The next invoices are those that the cases state."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.client import NOBODY
from connectors.connectwise_requests import request_of
from connectors.sandbox.connectwise_invoices import InvoiceLine, total
from connectors.sandbox.connectwise_model import Model
from connectors.sandbox.connectwise_server import PREFIX
from core.changes import Change, plan
from core.decisions import Judge, Status
from core.frames import frame, records
from core.mapping import AccountMapping, Kind, Mapping, ServiceMapping, ServiceRule
from core.reconcile import reconcile
from core.records import Action, Charge, ChargeKind, Comparison, Decision
from core.run import Inputs
from core.settings import Settings
from tests.connectors.api.sandboxes import NOW, Sandbox, add_agreement, add_line, add_product, connectwise
from tests.core.build import CHARGE, NOVEMBER, source

D = Decimal
NOV_10, NOV_30, DEC_1, DEC_31 = dt.date(2026, 11, 10), dt.date(2026, 11, 30), dt.date(2026, 12, 1), dt.date(2026, 12, 31)
MAR_1 = dt.date(2027, 3, 1)


@pytest.fixture(params=[True, False], ids=["cancelled date is billed", "cancelled date is not billed"])
def psa(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with connectwise() as sandbox:
        sandbox.service.model.switches.cancelled_date_is_last_billed_day = request.param
        yield sandbox


def charge(quantity: int, amount: str = "440.00", subscription: str = "sub-1", **changes: Any) -> Charge:
    return replace(CHARGE, quantity=D(quantity), amount=D(amount), subscription_id=subscription, **changes)


def plan_of(
    psa: Sandbox, charges: list[Charge], action: Action, *rules: ServiceRule, line: int | None = None, **typed: Any
) -> list[Change]:
    """What one decision plans, from what the API says now."""
    read = psa.read(values={"current_period_is": "in arrears"})
    settings = Settings(cancelled_date_is_last_billed_day=psa.service.model.switches.cancelled_date_is_last_billed_day)
    account = AccountMapping("Microsoft", "t-acme", "Acme", Kind.MAPPED, "250")
    services = tuple(
        ServiceMapping("Microsoft", number, number, Kind.MAPPED, "BP")
        for number in dict.fromkeys(c.vendor_service_id for c in charges)
    )
    sources = (read.source, source("microsoft.csv", "Microsoft"))
    mapping = Mapping((account,), services or (ServiceMapping("Microsoft", "SKU-BP", "BP", Kind.MAPPED, "BP"),), rules)
    inputs = Inputs(
        NOVEMBER, NOW.date(), read.frame, frame(Charge, charges), sources, read.services, read.agreements, mapping, settings
    )
    result = reconcile(inputs)
    rows = records(Comparison, result.comparisons)
    (row,) = [r for r in rows if line is None or r.line_id == str(line)]
    decision = Decision(row.key, row.fingerprint, action, **typed)
    (judged,) = Judge({r.key: r for r in rows}, result.agreements, settings, inputs.today).judge([decision])
    assert judged.status in (Status.ACCEPTED, Status.NOTHING_TO_DO), judged
    return plan([judged], rules, settings, inputs.today)


def decide(psa: Sandbox, charges: list[Charge], action: Action, *rules: ServiceRule, **typed: Any) -> list[int]:
    """Plans one decision and sends its writes; the status of each answer."""
    changes = plan_of(psa, charges, action, *rules, **typed)
    with psa.connect() as connection:
        auth = connection.connector.auth(connection.values)
    ids = {row["identifier"]: row["id"] for row in psa.service.model.products.values()}
    statuses = []
    with httpx.Client(auth=auth, headers={"clientId": psa.keys["client_id"]}, trust_env=False, verify=NOBODY) as http:
        for write in (w for change in changes for w in change.writes):
            sent = request_of(write.method, write.path, write.body, ids.__getitem__)
            body = json.dumps(sent.body, default=float)
            statuses.append(http.request(sent.method, psa.url + PREFIX + sent.path, content=body).status_code)
    return statuses


def model_of(psa: Sandbox) -> Model:
    found: Model = psa.service.model
    return found


def next_invoice(psa: Sandbox, through: dt.date = DEC_31, agreement: int = 871) -> list[InvoiceLine]:
    lines: list[InvoiceLine] = psa.service.invoice(agreement, through)
    return lines


PAIR = [
    charge(25),
    charge(-25, "-308.00", kind=ChargeKind.REFUND, start=NOV_10),
    charge(28, "344.96", start=NOV_10),
]


def test_case_1_three_more_seats_bill_616_in_december(psa: Sandbox) -> None:
    line = add_line(model_of(psa), id=3589, quantity=25, unitPrice=D("22.00"))
    assert decide(psa, PAIR, Action.APPROVE) == [200]
    assert model_of(psa).additions[line]["quantity"] == 28
    assert total(next_invoice(psa)) == D("616.00")
    assert total(next_invoice(psa, dt.date(2027, 1, 31))) == D("616.00")


def test_case_1_left_alone_bills_550(psa: Sandbox) -> None:
    add_line(model_of(psa), quantity=25, unitPrice=D("22.00"))
    assert total(next_invoice(psa)) == D("550.00")


def test_backdated_where_the_agreement_prorates_the_next_invoice_is_662_20(psa: Sandbox) -> None:
    model = model_of(psa)
    model.agreements[871]["prorateFlag"] = True
    add_line(model, id=3589, quantity=25, unitPrice=D("22.00"))
    assert decide(psa, PAIR, Action.APPROVE, effective_date=NOV_10, reason="commitment") == [201, 200]
    lines = next_invoice(psa)
    assert [(line.quantity, line.amount, line.catch_up) for line in lines] == [
        (D(28), D("616.00"), False),
        (D(3), D("46.20"), True),
    ]
    assert total(next_invoice(psa, dt.date(2027, 1, 31))) == D("616.00")


def test_a_psa_that_bills_no_invoiced_period_again_leaves_the_catch_up_out(psa: Sandbox) -> None:
    model = model_of(psa)
    model.agreements[871]["prorateFlag"] = True
    model.switches.bills_lines_inside_invoiced_period = False
    add_line(model, id=3589, quantity=25, unitPrice=D("22.00"))
    assert decide(psa, PAIR, Action.APPROVE, effective_date=NOV_10, reason="commitment") == [201, 200]
    assert total(next_invoice(psa)) == D("616.00")


def test_case_3_what_is_scheduled_already_bills_28_once(psa: Sandbox) -> None:
    model = model_of(psa)
    last = NOV_30 if model.switches.cancelled_date_is_last_billed_day else DEC_1
    add_line(model, id=3589, quantity=25, unitPrice=D("22.00"), cancelledDate=f"{last}T00:00:00Z")
    add_line(model, id=3702, quantity=28, unitPrice=D("22.00"), effectiveDate="2026-12-01T00:00:00Z", invoiced=False)
    assert decide(psa, [charge(28)], Action.APPROVE) == []
    assert [(line.addition_id, line.amount) for line in next_invoice(psa)] == [(3702, D("616.00"))]


@pytest.mark.parametrize(
    ("quantity", "included", "price", "vendor", "minimum", "sent", "billed"),
    [
        (30, 5, "3.00", 32, None, [200], "81.00"),
        (3, 5, "3.00", 4, None, [200], "0.00"),
        (25, 0, "9.00", 18, 25, [], "225.00"),
        (25, 0, "9.00", 27, 25, [200], "243.00"),
    ],
)
def test_case_4_included_and_minimum(
    psa: Sandbox, quantity: int, included: int, price: str, vendor: int, minimum: int | None, sent: list[int], billed: str
) -> None:
    line = add_line(model_of(psa), quantity=quantity, lessIncluded=included, unitPrice=D(price))
    rules = [ServiceRule("BP", minimum=D(minimum))] if minimum else []
    assert decide(psa, [charge(vendor)], Action.APPROVE, *rules) == sent
    assert model_of(psa).additions[line]["lessIncluded"] == included
    assert total(next_invoice(psa)) == D(billed)


@pytest.mark.parametrize(("line", "quantity", "billed"), [(12, 20, "2840.00"), (11, 102, "2844.00")])
def test_case_5_two_lines_of_one_service_take_the_quantity_typed(psa: Sandbox, line: int, quantity: int, billed: str) -> None:
    add_line(model_of(psa), id=11, quantity=100, unitPrice=D("24.00"))
    add_line(model_of(psa), id=12, quantity=18, unitPrice=D("22.00"))
    charges = [
        charge(100, "1760.00", "annual", vendor_service_id="SKU-BP-Y"),
        charge(20, "422.40", "monthly", vendor_service_id="SKU-BP-M", unit_cost=D("21.12")),
    ]
    assert decide(psa, charges, Action.APPROVE, line=line, quantity=D(quantity), reason="billed elsewhere") == [200]
    assert total(next_invoice(psa)) == D(billed)


def test_case_6_an_ended_line_bills_nothing_and_refunds_nothing(psa: Sandbox) -> None:
    line = add_line(model_of(psa), quantity=12, unitPrice=D("10.00"))
    nothing = charge(0, "0.00", kind=ChargeKind.COUNT, start=None, until=None)
    assert decide(psa, [nothing], Action.END_LINE) == [200]
    row = model_of(psa).additions[line]
    last = "2026-11-30" if model_of(psa).switches.cancelled_date_is_last_billed_day else "2026-12-01"
    assert (row["quantity"], row["cancelledDate"]) == (12, f"{last}T00:00:00Z")
    assert next_invoice(psa) == []


def test_case_7_a_new_line_on_the_child_agreement_bills_101_50(psa: Sandbox) -> None:
    model = model_of(psa)
    del model.agreements[871]
    add_agreement(model, 901)
    add_agreement(model, 902, name="Security add-on", parentAgreement={"id": 901, "name": "Managed 365"})
    model.products.clear()
    add_product(model, 418, "BP", price=D("14.50"), cost=D("10.00"))
    assert decide(psa, [charge(7, "70.00", unit_cost=D("10.00"))], Action.ADD_LINE, agreement="902") == [201]
    (row,) = model.additions.values()
    assert (row["agreementId"], row["quantity"], row["unitPrice"], row["unitCost"]) == (902, 7, D("14.5"), D(10))
    assert row["effectiveDate"] == "2026-12-01T00:00:00Z"
    assert total(next_invoice(psa, agreement=902)) == D("101.50")
    assert next_invoice(psa, agreement=901) == []
    assert plan_of(psa, [charge(7, "70.00", unit_cost=D("10.00"))], Action.APPROVE) == []


def annual(psa: Sandbox, **fields: Any) -> None:
    add_agreement(model_of(psa), 872, dt.date(2027, 2, 28), cycle=2, **fields)
    add_line(model_of(psa), 872, quantity=10, unitPrice=D("264.00"), effectiveDate="2026-03-01T00:00:00Z")


TWELVE = [charge(10, "176.00"), charge(12, "147.84", start=NOV_10)]


def test_case_9_an_annual_line_bills_its_new_quantity_from_march(psa: Sandbox) -> None:
    annual(psa)
    assert decide(psa, TWELVE, Action.APPROVE) == [200]
    assert total(next_invoice(psa, dt.date(2027, 2, 28), 872)) == 0
    assert total(next_invoice(psa, MAR_1, 872)) == D("3168.00")


def test_case_9_prorating_the_days_since_november_are_billed_too(psa: Sandbox) -> None:
    annual(psa, prorateFlag=True)
    assert decide(psa, TWELVE, Action.APPROVE, effective_date=NOV_10, reason="commitment") == [201, 200]
    assert total(next_invoice(psa, dt.date(2027, 2, 28), 872)) == D("160.57")
    assert total(next_invoice(psa, MAR_1, 872)) == D("3168.00")


@pytest.mark.parametrize(
    ("start", "sent", "november", "december"), [(None, [200], "270.00", "270.00"), (DEC_1, [201, 200], "240.00", "270.00")]
)
def test_case_9_in_arrears_november_is_still_open(
    psa: Sandbox, start: dt.date | None, sent: list[int], november: str, december: str
) -> None:
    model = model_of(psa)
    model.switches.current_period_in_arrears = True
    add_agreement(model, 873, dt.date(2026, 10, 31), periodType="Current")
    add_line(model, 873, quantity=40, unitPrice=D("6.00"))
    assert decide(psa, [charge(45)], Action.APPROVE, effective_date=start) == sent
    assert total(next_invoice(psa, NOV_30, 873)) == D(november)
    assert total(next_invoice(psa, DEC_31, 873)) == D(december)


@pytest.mark.parametrize(("prorates", "december"), [(False, []), (True, ["340.65"])])
def test_a_line_that_begins_within_a_period_bills_its_days_or_waits_for_the_next(
    psa: Sandbox, prorates: bool, december: list[str]
) -> None:
    model_of(psa).agreements[871]["prorateFlag"] = prorates
    add_line(model_of(psa), quantity=20, unitPrice=D("22.00"), effectiveDate="2026-12-08T00:00:00Z", invoiced=False)
    assert [str(line.amount) for line in next_invoice(psa)] == december
    assert total(next_invoice(psa, dt.date(2027, 1, 31))) == D("440.00")


@pytest.mark.parametrize(("bills", "wanted"), [(True, ["66.00", "66.00", "110.00"]), (False, ["66.00", "110.00"])])
def test_without_proration_a_whole_invoiced_period_may_be_billed_later_and_a_part_of_one_never(
    psa: Sandbox, bills: bool, wanted: list[str]
) -> None:
    model_of(psa).switches.bills_lines_inside_invoiced_period = bills
    add_line(model_of(psa), quantity=3, unitPrice=D("22.00"), effectiveDate="2026-11-01T00:00:00Z", invoiced=False)
    add_line(model_of(psa), quantity=5, unitPrice=D("22.00"), effectiveDate="2026-11-10T00:00:00Z", invoiced=False)
    assert [str(line.amount) for line in next_invoice(psa)] == wanted
