"""What ConnectWise's connector reads, beyond what all must do."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from connectors.engine import Read
from connectors.errors import FixCredentials, TryLater, WillNotHelp
from connectors.sandbox.connectwise_server import ConnectWise
from connectors.sandbox.service import Call, Reply
from core.frames import records
from core.records import Agreement, AgreementLine
from tests.connectors.api.sandboxes import NOW, D, Sandbox, add_agreement, add_company, add_line, add_product, connectwise


@pytest.fixture
def psa() -> Iterator[Sandbox]:
    with connectwise() as running:
        yield running


def lines(read: Read) -> list[AgreementLine]:
    return records(AgreementLine, read.frame)


def agreement(read: Read, number: int) -> Agreement:
    return next(a for a in read.agreements if a.agreement_id == str(number))


def test_prospects_deleted_companies_and_agreements_without_a_cycle_are_not_counted_and_said_so(psa: Sandbox) -> None:
    model = psa.service.model
    add_company(model, 251, "Prospect Ltd", types=[{"id": 2, "name": "Prospect"}])
    add_company(model, 252, "Both Ltd", types=[{"id": 2, "name": "Prospect"}, {"id": 1, "name": "Client"}])
    add_company(model, 253, "Deleted Ltd", deletedFlag=True)
    for number, company in ((881, 251), (882, 252), (883, 253)):
        add_agreement(model, number, company=company)
        add_line(model, number)
    add_agreement(model, 884, billingCycle=None)
    add_agreement(model, 885, cycle=4)
    add_line(model, 884)
    read = psa.read()
    assert [line.agreement_id for line in lines(read)] == ["882"]
    assert read.skipped == {
        "companies that are prospects": 1,
        "companies in the recycle bin": 1,
        "agreements of prospects and of companies in the recycle bin": 2,
        "agreements without a billing cycle": 1,
        "agreements with the billing cycle Weekly, which is not made of months": 1,
    }
    assert "not counted: 1 agreements without a billing cycle" in read.source.notes


def test_additions_are_read_of_active_agreements_only_and_the_others_are_still_known(psa: Sandbox) -> None:
    model = psa.service.model
    add_agreement(model, 872, agreementStatus="Expired")
    add_agreement(model, 873, cancelledFlag=True)
    for number in (871, 872, 873):
        add_line(model, number)
    read = psa.read()
    assert [line.agreement_id for line in lines(read)] == ["871"]
    assert {a.agreement_id: a.status for a in read.agreements} == {"871": "Active", "872": "Expired", "873": "Cancelled"}


def test_a_second_read_asks_only_for_what_changed_but_for_every_addition(psa: Sandbox) -> None:
    model = psa.service.model
    add_line(model, quantity=5)
    psa.clock.move(days=1)
    with psa.connect() as connection:
        first = connection.read(psa.clock())
    psa.clock.move(days=1)
    add_company(model, 251, "New Ltd")
    add_agreement(model, 872, company=251)
    add_line(model, 872, quantity=7)
    model.companies[250]["name"] = "Acme Ltd"
    model.touch(model.companies[250])
    next(iter(model.additions.values()))["quantity"] = 6  # without a moved time, as nobody knows whether it moves
    told: dict[str, int] = {}
    with psa.connect() as connection:
        second = connection.read(psa.clock(), first.taken, lambda what, pages, rows: told.update({what: rows}))
    assert told == {"company": 2, "billing cycle": 5, "agreement": 1, "addition": 2, "product": 0}
    assert [(line.customer, line.quantity) for line in lines(second)] == [("Acme Ltd", D(6)), ("New Ltd", D(7))]
    assert [s.service_id for s in second.services] == ["BP"]


def test_a_company_deleted_since_is_left_out_by_a_read_of_changes(psa: Sandbox) -> None:
    model = psa.service.model
    add_line(model)
    first = psa.read()
    psa.clock.move(days=1)
    model.companies[250]["deletedFlag"] = True
    model.touch(model.companies[250])
    assert len(psa.read(earlier=first.taken).frame) == 0


@pytest.mark.parametrize("arrears", [False, True])
@pytest.mark.parametrize("of_invoicing", [False, True])
def test_invoiced_through_is_right_under_both_meanings_of_both_switches(psa: Sandbox, arrears: bool, of_invoicing: bool) -> None:
    model = psa.service.model
    model.switches.current_period_in_arrears = arrears
    model.switches.next_invoice_date_is_day_of_invoicing = of_invoicing
    add_agreement(model, 872, dt.date(2026, 10, 31), periodType="Current")
    add_agreement(model, 873, dt.date(2026, 10, 31), periodType="Current", cycle=5)
    add_agreement(model, 874, None)
    values = {
        "current_period_is": "in arrears" if arrears else "in advance",
        "next_invoice_date_is": "day of invoicing" if of_invoicing else "first day not invoiced",
    }
    read = psa.read(values=values)
    for number in (872, 873):
        assert (agreement(read, number).invoiced_through, agreement(read, number).in_arrears) == (dt.date(2026, 10, 31), arrears)
    assert agreement(read, 871).invoiced_through == dt.date(2026, 11, 30)
    assert agreement(read, 874).invoiced_through is None


@pytest.mark.parametrize(("cycle", "months"), [(1, 1), (2, 12), (3, 0), (5, 3)])
def test_cycles_are_counted_in_months(psa: Sandbox, cycle: int, months: int) -> None:
    add_agreement(psa.service.model, 872, cycle=cycle)
    assert agreement(psa.read(), 872).cycle_months == months


def test_a_line_takes_its_product_money_and_dates_from_the_addition(psa: Sandbox) -> None:
    add_agreement(psa.service.model, 872, name="Security", parentAgreement={"id": 871, "name": "Managed 365"}, prorateFlag=True)
    dates: dict[str, Any] = {"effectiveDate": "2026-02-10T00:00:00Z", "cancelledDate": "2026-12-31T00:00:00Z"}
    add_line(psa.service.model, 872, quantity=D("2.5"), lessIncluded=1, unitPrice=D("0.1"), billCustomer="DoNotBill", **dates)
    (line,) = lines(psa.read())
    assert (line.parent_agreement, line.prorates, line.service_id, line.service) == ("Managed 365", True, "BP", "BP licence")
    assert (line.quantity, line.included, line.unit_price, line.unit_cost) == (D("2.5"), D(1), D("0.1"), D("17.6"))
    assert (line.effective, line.cancelled, line.bill_customer) == (dt.date(2026, 2, 10), dt.date(2026, 12, 31), "DoNotBill")
    assert line.place == f"ConnectWise PSA, agreement 872, addition {line.line_id}"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"product": None}, "product.identifier is missing"),
        ({"quantity": None}, "quantity is missing"),
        ({"unitPrice": D("0.1234567")}, "0.1234567 has more than 6 decimal places"),
        ({"quantity": D("10000000000000000")}, "18 digits"),
        ({"quantity": True}, "a number was expected"),
        ({"unitPrice": "ten"}, "unitPrice is 'ten'; a number was expected"),
        ({"billCustomer": "Sometimes"}, "one of Billable"),
        ({"effectiveDate": "soon"}, "a date was expected"),
    ],
)
def test_an_addition_that_lacks_something_is_a_problem(
    psa: Sandbox, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], why: str
) -> None:
    line = add_line(psa.service.model)
    shown = psa.service.model.shown_addition
    monkeypatch.setattr(psa.service.model, "shown_addition", lambda row: shown(row) | fields)
    (problem,) = psa.read().problems
    assert str(line) in problem.place
    assert why in problem.message


def test_the_catalogue_gives_prices_costs_and_skus_and_leaves_inactive_products_out(psa: Sandbox) -> None:
    add_product(psa.service.model, 413, "OLD", inactiveFlag=True)
    add_product(psa.service.model, 414, "FREE", price=0, cost=None, vendorSku=None)
    found = {s.service_id: (s.price, s.cost, s.sku) for s in psa.read().services}
    assert found == {"BP": (D("22"), D("17.6"), "SKU-BP"), "FREE": (0, None, None)}


def test_keys_refused_with_404_are_named_as_keys(psa: Sandbox) -> None:
    psa.service.model.switches.wrong_keys_answer_404 = True
    with pytest.raises(FixCredentials, match="keys are wrong"):
        psa.read(values={"public_key": "x"})


@contextmanager
def changing(monkeypatch: pytest.MonkeyPatch, path: str, change: Callable[[Sandbox], object], times: int = 1) -> Iterator[Sandbox]:
    """A PSA where something happens right after a path was answered, so often."""
    real, left = ConnectWise.answer, [times]
    running: list[Sandbox] = []

    def answer(self: ConnectWise, call: Call) -> Reply:
        reply = real(self, call)
        if call.path.endswith(path) and left[0]:
            left[0] -= 1
            change(running[0])
        return reply

    monkeypatch.setattr(ConnectWise, "answer", answer)
    with connectwise() as psa:
        running.append(psa)
        yield psa


def test_an_agreement_deleted_while_it_is_read_is_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    delete = lambda psa: psa.service.model.agreements.pop(871)  # noqa: E731
    with changing(monkeypatch, "/finance/agreements/count", delete) as psa, pytest.raises(TryLater, match="gone since"):
        psa.read()


@pytest.mark.parametrize(("times", "read"), [(1, True), (9, False)])
def test_a_list_that_grows_while_it_is_read_is_read_once_more(monkeypatch: pytest.MonkeyPatch, times: int, read: bool) -> None:
    numbers = iter(range(500, 600))
    grow = lambda psa: add_product(psa.service.model, next(numbers), "NEW")  # noqa: E731
    with changing(monkeypatch, "/procurement/catalog", grow, times) as psa:
        if read:
            assert len(psa.read().services) == 2
        else:
            with pytest.raises(TryLater, match="the API states"):
                psa.read()


def test_a_count_that_states_none_is_named(psa: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConnectWise, "_count", lambda self, call, found: Reply(200, []))
    with pytest.raises(WillNotHelp, match="states no count"):
        psa.read()


def test_times_of_the_read_are_aware(psa: Sandbox) -> None:
    assert psa.read().taken.at == NOW
    with psa.connect() as connection, pytest.raises(ValueError, match="time zone"):
        connection.read(NOW.replace(tzinfo=None))
