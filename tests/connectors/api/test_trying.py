"""A connection that is tried says what it can read, or what is wrong and what to do."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.sandbox.connectwise_server import ConnectWise
from connectors.sandbox.faults import Fault
from connectors.sandbox.service import Reply
from connectors.trying import try_connection
from tests.connectors.api.sandboxes import SANDBOXES, SECRETS, Sandbox, add_line


@pytest.fixture
def psa() -> Iterator[Sandbox]:
    with SANDBOXES["connectwise"]() as running:
        yield running


@pytest.fixture
def pax8() -> Iterator[Sandbox]:
    with SANDBOXES["pax8"]() as running:
        yield running


def tried(sandbox: Sandbox, **values: str) -> list[str]:
    with sandbox.connect(**values) as connection:
        said = try_connection(connection)
    assert not [secret for secret in SECRETS if secret in "".join(said)]
    assert {method for method, _ in sandbox.faults.seen} <= {"GET", "POST"}
    return said


def test_a_line_for_each_kind_of_record_says_how_many_there_are(psa: Sandbox, pax8: Sandbox) -> None:
    for _ in range(3):
        add_line(psa.service.model)
    assert tried(psa) == [
        "address: the company northbridge is known at 127.0.0.1", "companies: 1", "billing cycles: 5", "agreements: 1",
        "additions: 3 in agreement 871", "products: 1",
    ]  # fmt: skip
    pax8.fill(201)
    assert tried(pax8) == ["companies: 1", "products: 1", "subscriptions: 201"]


def test_more_than_a_page_of_additions_is_said_to_be_more(psa: Sandbox) -> None:
    psa.fill(1001)
    assert "additions: 1,000 or more in agreement 871" in tried(psa)


def test_without_an_agreement_there_are_no_additions_to_try(psa: Sandbox) -> None:
    psa.service.model.agreements.clear()
    assert "additions: not tried: there is no agreement" in tried(psa)


def test_an_unknown_company_is_said_and_the_keys_are_tried_all_the_same(psa: Sandbox) -> None:
    said = tried(psa, company="nobody")
    assert "the company nobody is not known at 127.0.0.1: correct the company, or the region in the address" in said[0]
    assert "the keys were refused: 401" in said[1]
    assert "Correct the connection's keys" in said[1]
    assert len(said) == 2


def test_the_company_is_asked_for_without_keys(psa: Sandbox) -> None:
    headers: list[Any] = []
    real = psa.service._answer
    psa.service._answer = lambda call: headers.append(call.headers) or real(call)
    tried(psa)
    assert "authorization" not in headers[0]
    assert all("authorization" in each for each in headers[1:])


@pytest.mark.parametrize("name", sorted(SANDBOXES))
def test_wrong_keys_are_said_once(name: str) -> None:
    secret = {"connectwise": "private_key", "pax8": "client_secret"}[name]
    with SANDBOXES[name]() as sandbox:
        said = tried(sandbox, **{secret: "wrongValue123"})
    assert "refused" in said[-1]
    assert len([line for line in said if "refused" in line]) == 1


def test_a_missing_permission_is_named_and_the_rest_is_tried(psa: Sandbox) -> None:
    psa.service.model.role["Table Setup"].clear()
    said = tried(psa)
    assert "permission is missing: System > Table Setup: Inquire" in said[2]
    assert "Grant the named permission" in said[2]
    assert said[3] == "agreements: 1"


def test_an_api_that_is_down_is_said_once(psa: Sandbox) -> None:
    psa.faults.add(Fault("503", path="*/company/companies", times=99, seconds=999))
    said = tried(psa)
    assert said[-1].startswith("companies: /company/companies: the API is busy or down: 503 Down for maintenance")
    assert len(said) == 2


def test_an_answer_that_is_no_list_is_said(psa: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConnectWise, "_page", lambda self, call, found: Reply(200, {"no": "list"}))
    said = tried(psa)
    assert "the answer is no list of companies" in said[1]
    assert len(said) == 6
