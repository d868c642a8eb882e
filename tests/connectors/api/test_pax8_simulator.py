"""The Pax8 simulator over HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from connectors.client import NOBODY
from tests.connectors.api.sandboxes import Sandbox, pax8

ASKED = {
    "client_id": "sandboxPax8Client01",
    "client_secret": "sandboxPax8Secret1",
    "audience": "https://api.pax8.com",
    "grant_type": "client_credentials",
}


@pytest.fixture
def vendor() -> Iterator[Sandbox]:
    with pax8() as running:
        yield running


@pytest.fixture
def http(vendor: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=vendor.url + "/v1", trust_env=False, verify=NOBODY) as client:
        given = client.post("/token", json=ASKED).json()
        assert (given["expires_in"], given["token_type"]) == (86400, "Bearer")
        client.headers["Authorization"] = f"Bearer {given['access_token']}"
        yield client


@pytest.mark.parametrize("change", [{"client_secret": "x"}, {"audience": "api://usage"}, {"grant_type": "password"}, {"more": 1}])
def test_a_token_needs_the_right_request(vendor: Sandbox, change: dict[str, Any]) -> None:
    answer = httpx.post(f"{vendor.url}/v1/token", json=ASKED | change, trust_env=False, verify=NOBODY)
    assert (answer.status_code, answer.json()["error"]) == (401, "access_denied")


def test_a_token_ends(vendor: Sandbox, http: httpx.Client) -> None:
    assert http.get("/companies").status_code == 200
    vendor.clock.move(seconds=86400)
    answer = http.get("/companies")
    assert (answer.status_code, answer.json()["type"]) == (401, "UNAUTHORIZED")


def test_pages_start_at_0_and_hold_ten_rows_unless_more_are_asked_for(vendor: Sandbox, http: httpx.Client) -> None:
    vendor.fill(25)
    first = http.get("/subscriptions").json()
    assert len(first["content"]) == 10
    assert first["page"] == {"size": 10, "totalElements": 25, "totalPages": 3, "number": 0}
    assert len(http.get("/subscriptions?page=2").json()["content"]) == 5
    assert http.get("/subscriptions?page=3").json()["content"] == []
    assert len(http.get("/subscriptions?size=200").json()["content"]) == 25


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("size=201", 400), ("size=0", 400), ("page=-1", 400), ("colour=red", 400), ("status=Paused", 400), ("sort=colour", 400),
        ("sort=quantity,up", 400), ("companyId=5", 403), ("status=Active", 200), ("billingTerm=Monthly&sort=quantity,desc", 200),
        ("companyId=19e83ea9-41a1-43fc-91a1-6fee03337d91", 200),
    ],
)  # fmt: skip
def test_parameters_are_checked(http: httpx.Client, query: str, status: int) -> None:
    assert http.get(f"/subscriptions?{query}").status_code == status


def test_filters_and_orders_select(vendor: Sandbox, http: httpx.Client) -> None:
    vendor.fill(3)
    vendor.service.subscribe("c-1", "p-1", 9, status="Trial")
    found = http.get("/subscriptions?status=active&sort=quantity,desc")
    assert found.status_code == 400  # the words have their case
    found = http.get("/subscriptions?status=Active&sort=quantity,desc")
    assert [row["quantity"] for row in found.json()["content"]] == [3, 2, 1]
    assert len(http.get("/products?search=business").json()["content"]) == 1


def test_the_history_keeps_every_change(vendor: Sandbox, http: httpx.Client) -> None:
    row = vendor.service.subscribe("c-1", "p-1", 5)
    vendor.service.change(row["id"], quantity=8)
    assert [each["quantity"] for each in http.get(f"/subscriptions/{row['id']}/history").json()["content"]] == [5, 8]
    assert http.get(f"/subscriptions/{row['id']}").json()["quantity"] == 8


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("GET", "/subscriptions/x", 404), ("PUT", "/companies", 405)]
)
def test_other_requests_are_refused(http: httpx.Client, method: str, path: str, status: int) -> None:
    answer = http.request(method, path)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
