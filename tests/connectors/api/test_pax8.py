"""What Pax8's connector reads, beyond what all must do."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from connectors.errors import FixCredentials
from connectors.pax8 import Token
from core.charges import count_usage
from core.frames import records
from core.periods import Period
from core.records import Charge
from tests.connectors.api.sandboxes import NOW, D, Sandbox, pax8


@pytest.fixture
def vendor() -> Iterator[Sandbox]:
    with pax8() as running:
        yield running


def charges(vendor: Sandbox, **values: str) -> list[Charge]:
    return records(Charge, vendor.read(values=values).frame)


def subscribe(vendor: Sandbox, quantity: int = 5, **fields: Any) -> dict[str, Any]:
    row: dict[str, Any] = vendor.service.subscribe("c-1", "p-1", quantity, partnerCost=D("17.60"), **fields)
    return row


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("Active", 5), ("Activated", 5), ("PendingCancel", 5), ("Cancelled", 0), ("Trial", None), ("Converted", None),
        ("PendingManual", None), ("PendingAutomated", None), ("WaitingForDetails", None), ("PendingActivation", None),
    ],
)  # fmt: skip
def test_a_status_counts_or_is_left_out_with_its_reason(vendor: Sandbox, status: str, counts: int | None) -> None:
    subscribe(vendor, status=status)
    read = vendor.read()
    assert [c.quantity for c in records(Charge, read.frame)] == ([] if counts is None else [counts])
    assert len(read.skipped) == (1 if counts is None else 0)


def test_a_status_that_nobody_knows_is_a_problem(vendor: Sandbox) -> None:
    subscribe(vendor, status="Paused")
    (problem,) = vendor.read().problems
    assert "status is 'Paused'" in problem.message


def test_core_counts_each_subscription_once_in_the_period_of_the_read(vendor: Sandbox) -> None:
    for quantity in (5, 7, 0):
        subscribe(vendor, quantity)
    subscribe(vendor, status="Cancelled", endDate="2026-10-31")
    read = vendor.read()
    counted = count_usage(read.frame, Period(2026, 11), NOW.date(), [read.source])
    assert [int(q) for q in counted.usage["quantity"]] == [5, 7, 0, 0]
    assert counted.in_period.all()


def test_term_and_commitment_are_part_of_the_service_and_give_months_and_the_end(vendor: Sandbox) -> None:
    commitment = {"id": "x", "term": "1-Year", "endDate": "2027-03-14T00:00:00Z"}
    subscribe(vendor, billingTerm="Annual", commitmentTerm=commitment)
    subscribe(vendor, commitmentTerm=commitment)
    subscribe(vendor)
    found = [(c.vendor_service_id, c.term, c.cost_months, c.can_reduce_from) for c in charges(vendor)]
    end = dt.date(2027, 3, 15)
    assert sorted(found, key=str) == sorted(
        [
            ("PAX-SPB | Annual | 1-Year", "Annual | 1-Year", 12, end),
            ("PAX-SPB | Monthly | 1-Year", "Monthly | 1-Year", 1, end),
            ("PAX-SPB | Monthly", "Monthly", 1, None),
        ],
        key=str,
    )


@pytest.mark.parametrize(("meaning", "day"), [("last day", 15), ("first day after", 14)])
def test_the_end_of_a_commitment_has_two_meanings(vendor: Sandbox, meaning: str, day: int) -> None:
    subscribe(vendor, commitmentTerm={"term": "1-Year", "endDate": "2027-03-14"})
    (charge,) = charges(vendor, commitment_end_is=meaning)
    assert charge.can_reduce_from == dt.date(2027, 3, day)


@pytest.mark.parametrize(("meaning", "months"), [("billing term", 36), ("month", 1)])
def test_the_partner_cost_has_two_meanings(vendor: Sandbox, meaning: str, months: int) -> None:
    subscribe(vendor, billingTerm="3-Year")
    (charge,) = charges(vendor, partner_cost_is_for=meaning)
    assert (charge.unit_cost, charge.cost_months) == (D("17.6"), months)


@pytest.mark.parametrize(("meaning", "counts"), [("counts on", 5), ("counts zero", 0)])
def test_a_pending_cancellation_past_its_end_has_two_meanings(vendor: Sandbox, meaning: str, counts: int) -> None:
    subscribe(vendor, status="PendingCancel", endDate="2026-11-20")
    subscribe(vendor, 8, status="PendingCancel", endDate="2026-12-20")
    assert sorted(int(c.quantity or 0) for c in charges(vendor, pending_cancel_past_its_end=meaning)) == [counts, 8]


@pytest.mark.parametrize(("end", "rows"), [("2025-10-27", 1), ("2025-10-25", 0), (None, 1)])
def test_what_ended_long_ago_is_left_out(vendor: Sandbox, end: str | None, rows: int) -> None:
    subscribe(vendor, status="Cancelled", endDate=end)
    assert len(charges(vendor)) == rows


@pytest.mark.parametrize("term", ["One-Time", "Trial", "Activation"])
def test_what_does_not_recur_is_not_counted(vendor: Sandbox, term: str) -> None:
    subscribe(vendor, billingTerm=term)
    assert charges(vendor) == []


def test_a_product_that_is_no_longer_listed_keeps_its_own_id(vendor: Sandbox) -> None:
    subscribe(vendor, productName="Retired")
    vendor.service.products.clear()
    (charge,) = charges(vendor)
    assert (charge.vendor_service_id, charge.vendor_service, charge.sku) == ("p-1 | Monthly", "Retired", None)


def test_a_subscription_of_a_company_that_is_not_listed_is_a_problem(vendor: Sandbox) -> None:
    subscribe(vendor, companyId="c-9")
    (problem,) = vendor.read().problems
    assert "c-9" in problem.message


def test_a_token_is_asked_for_once_and_again_when_it_has_ended(vendor: Sandbox) -> None:
    with vendor.connect() as connection:
        connection.read(NOW)
        connection.read(NOW)
        assert len(vendor.service.tokens) == 1
        vendor.clock.move(days=2)  # the API's clock alone: ours does not know
        connection.read(NOW)
        assert len(vendor.service.tokens) == 2


def test_a_token_is_renewed_before_it_ends() -> None:
    now = [0.0]
    auth = Token({"client_id": "a", "client_secret": "b"}, clock=lambda: now[0])
    auth._token, auth._ends = "first", 86100.0
    flow = auth.sync_auth_flow(httpx.Request("GET", "https://api.pax8.com/v1/companies"))
    assert next(flow).headers["Authorization"] == "Bearer first"
    now[0] = 86100.0
    flow = auth.sync_auth_flow(httpx.Request("GET", "https://api.pax8.com/v1/companies"))
    assert next(flow).url.path == "/v1/token"


def test_a_wrong_secret_is_named(vendor: Sandbox) -> None:
    with pytest.raises(FixCredentials, match="client id or secret"):
        vendor.read(values={"client_secret": "wrong"})
