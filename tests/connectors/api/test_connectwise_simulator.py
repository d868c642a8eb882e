"""The ConnectWise simulator over HTTP: it refuses what the real one refuses, and does what the real one does."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from connectors.client import NOBODY
from connectors.sandbox.connectwise_server import PREFIX
from connectors.sandbox.faults import KINDS, Fault, Faults
from tests.connectors.api.sandboxes import D, Sandbox, add_company, add_line, add_product, connectwise

ADDITIONS = "/finance/agreements/871/additions"
NEW = {"product": {"id": 412}, "billCustomer": "Billable", "quantity": 3, "effectiveDate": "2026-12-01T00:00:00Z"}


class Http:
    """A client with the right keys, of paths below the API's base."""

    def __init__(self, psa: Sandbox) -> None:
        keys = psa.keys
        self.psa, self.model = psa, psa.service.model
        self.client = httpx.Client(
            base_url=psa.url + PREFIX,
            auth=(f"{keys['company']}+{keys['public_key']}", keys["private_key"]),
            headers={"clientId": keys["client_id"]},
            trust_env=False,
            verify=NOBODY,
        )

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        content = None if body is None else json.dumps(body, default=float)
        return self.client.request(method, path, content=content, **options)

    def patch(self, line: int, *operations: Any) -> httpx.Response:
        made = [dict(zip(("op", "path", "value"), operation, strict=False)) for operation in operations]
        return self("PATCH", f"{ADDITIONS}/{line}", made)


@pytest.fixture
def http() -> Iterator[Http]:
    with connectwise() as psa:
        made = Http(psa)
        with made.client:
            yield made


@pytest.mark.parametrize(
    ("auth", "client_id", "status"),
    [(("northbridge+x", "y"), None, 401), (("sandboxPublicKey01", "sandboxPrivateKey1"), None, 401), (None, "", 403)],
)
def test_a_caller_needs_company_keys_and_client_id(http: Http, auth: Any, client_id: str | None, status: int) -> None:
    options: dict[str, Any] = {"auth": auth} if auth else {}
    answer = http("GET", "/company/companies", headers={} if client_id is None else {"clientId": client_id}, **options)
    assert answer.status_code == status
    assert {"code", "message"} <= answer.json().keys()


def test_company_info_needs_no_keys(http: Http) -> None:
    for company, found in (("northbridge", "v4_6_release/"), ("nobody", None)):
        answer = httpx.get(f"{http.psa.url}/login/companyinfo/{company}", trust_env=False, verify=NOBODY).json()
        assert (answer or {}).get("Codebase") == found


def test_pages_have_25_rows_unless_more_are_asked_for_and_a_page_past_the_end_is_empty(http: Http) -> None:
    for number in range(300, 360):
        add_company(http.model, number, f"C{number}")
    first = http("GET", "/company/companies")
    assert len(first.json()) == 25
    assert first.links["next"]["url"].endswith("page=2")
    assert first.links["last"]["url"].endswith("page=3")
    last = http("GET", first.links["last"]["url"].removeprefix(http.psa.url + PREFIX))
    assert len(last.json()) == 11
    assert last.links.keys() == {"first", "prev"}
    assert http("GET", "/company/companies?page=9").json() == []
    assert len(http("GET", "/company/companies?PAGESIZE=9999&orderBy=name desc").json()) == 61
    assert http("GET", "/company/companies?page=0").status_code == 400
    assert http("GET", "/company/companies/count").json() == {"count": 61}


def test_forward_only_pages_end_with_an_empty_link(http: Http) -> None:
    for number in range(300, 304):
        add_company(http.model, number, f"C{number}")
    seen, query = [], "pageSize=2"
    while query:
        answer = http("GET", f"/company/companies?{query}", headers={"pagination-type": "forward-only"})
        seen += [row["id"] for row in answer.json()]
        query = answer.links["next"]["url"].partition("?")[2] if answer.links else ""
    assert seen == [250, 300, 301, 302, 303]
    assert answer.headers["Link"] == ""


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ("id=250", [250]), ("id!=250", [251, 252]), ("id in (250,252)", [250, 252]), ("id not in (250,252)", [251]),
        ('name="acme"', [250]), ('name like "%b%"', [251]), ('name contains "ee"', [251]), ("deletedFlag=true", [252]),
        ("deletedFlag=false AND id>250", [251]), ('(id=250 or id=251) and not name like "A%"', [251]),
        ("status/id=1", [250, 251, 252]),
        ("lastUpdated>[2026-11-26T08:59:59Z]", [250, 251, 252]), ("lastUpdated>[2026-11-26T09:00:00Z]", []),
        ("lastUpdated>[2026-11-25]", [250, 251, 252]), ("id<251.5 and id>=250", [250, 251]),
        ("accountNumber=null", [250, 251, 252]),
    ],
)  # fmt: skip
def test_conditions_select(http: Http, conditions: str, found: list[int]) -> None:
    add_company(http.model, 251, "Bee")
    add_company(http.model, 252, "Gone", deletedFlag=True)
    answer = http("GET", "/company/companies", params={"conditions": conditions})
    assert [row["id"] for row in answer.json()] == found


@pytest.mark.parametrize(
    "conditions",
    ["colour=1", "name=Acme", "name='Acme'", "id==250", "id=", "(id=1", "id=1 id=2", "lastUpdated>[yesterday]", "id in 1", "and",
     "id not 3", "name/first=1", 'id=1;drop', "id=1)", "Name=\"x\""],
)  # fmt: skip
def test_conditions_that_cannot_be_read_are_refused(http: Http, conditions: str) -> None:
    answer = http("GET", "/company/companies", params={"conditions": conditions})
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidConditions")


@pytest.mark.parametrize("query", ["colour=1", "orderBy=colour", "fields=colour", "pageSize=x"])
def test_other_parameters_are_refused_too(http: Http, query: str) -> None:
    assert http("GET", f"/company/companies?{query}").status_code == 400


def test_fields_are_chosen_and_info_is_dropped(http: Http) -> None:
    assert http("GET", "/company/companies?fields=id,name").json() == [{"id": 250, "name": "Acme"}]


@pytest.mark.parametrize("path", ["quantity", "/quantity"])
def test_a_patch_changes_at_once_and_moves_the_time_and_the_audit_trail(http: Http, path: str) -> None:
    line = add_line(http.model, quantity=25)
    before = http("GET", f"{ADDITIONS}/{line}").json()
    answer = http.patch(line, ("replace", path, 28))
    assert answer.status_code == 200
    after = answer.json()
    assert (after["quantity"], after["billedQuantity"], after["extPrice"]) == (28, 28, 616)
    assert after["_info"]["lastUpdated"] > before["_info"]["lastUpdated"]
    entries = http("GET", "/system/audittrail?type=Agreement&id=871").json()
    assert f"Addition {line} quantity 25 -> 28" in [entry["text"] for entry in entries]


@pytest.mark.parametrize(
    "operation",
    [
        ("replace", "Quantity", 1), ("replace", "colour", 1), ("replace", "id", 1), ("replace", "extPrice", 1),
        ("move", "quantity", 1),
        ("replace", "quantity", "28"), ("replace", "quantity", True), ("replace", "cancelledDate", "2026-11-30"),
        ("replace", "billCustomer", "Sometimes"), ("remove", "product"), ("replace", "product", {"id": 999}),
        ("replace", "product", {"identifier": "BP"}), ("replace", "product/identifier", "BP"),
        ("replace", "serialNumber", "x" * 51),
        ("replace", "cancelledDate", "2025-01-01T00:00:00Z"),
    ],
)  # fmt: skip
def test_a_patch_that_the_api_refuses_changes_nothing(http: Http, operation: tuple[Any, ...]) -> None:
    line = add_line(http.model, quantity=25)
    before = http("GET", f"{ADDITIONS}/{line}").json()
    answer = http.patch(line, ("replace", "unitPrice", 99), operation)
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidObject")
    assert answer.json()["errors"][0].keys() == {"code", "message", "resource", "field"}
    assert http("GET", f"{ADDITIONS}/{line}").json() == before


def test_a_path_into_a_reference_may_answer_200_and_change_nothing(http: Http) -> None:
    http.model.switches.path_into_reference_answers_200 = True
    line = add_line(http.model)
    assert http.patch(line, ("replace", "product/identifier", "X")).status_code == 200
    assert http("GET", f"{ADDITIONS}/{line}").json()["product"]["identifier"] == "BP"


def test_remove_empties_a_field(http: Http) -> None:
    line = add_line(http.model, cancelledDate="2026-12-31T00:00:00Z")
    assert http.patch(line, ("remove", "cancelledDate")).json()["cancelledDate"] is None


def test_a_post_takes_what_is_left_out_from_the_catalogue(http: Http) -> None:
    answer = http("POST", ADDITIONS, NEW)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["unitPrice"], made["unitCost"], made["description"], made["quantity"]) == (22, 17.6, "BP licence", 3)
    assert http("POST", ADDITIONS, {**NEW, "unitPrice": 0}).json()["unitPrice"] == 0
    assert len(http("GET", ADDITIONS).json()) == 2  # nothing keeps the same line from being added twice


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"product": None}, "product"), ({"billCustomer": None}, "billCustomer"), ({"product": {"id": 999}}, "product"),
        ({"product": {"id": 413}}, "product"), ({"product": {"id": 414}}, "product"), ({"colour": 1}, "colour"),
        ({"quantity": "3"}, "quantity"), ({"effectiveDate": "2026-12-01"}, "effectiveDate"),
        ({"cancelledDate": "2026-11-30T00:00:00Z"}, "cancelledDate"), ({"invoiceDescription": "x" * 6001}, "invoiceDescription"),
    ],
)  # fmt: skip
def test_a_post_that_the_api_refuses_adds_nothing(http: Http, fields: dict[str, Any], named: str) -> None:
    add_product(http.model, 413, "BUNDLE", productClass="Bundle")
    add_product(http.model, 414, "OLD", inactiveFlag=True)
    answer = http("POST", ADDITIONS, {**NEW, **fields})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == named
    assert http("GET", ADDITIONS).json() == []


def test_a_put_empties_what_it_leaves_out(http: Http) -> None:
    line = add_line(http.model, quantity=25, cancelledDate="2026-12-31T00:00:00Z", unitCost=D("9"))
    whole = http("GET", f"{ADDITIONS}/{line}").json()
    assert http("PUT", f"{ADDITIONS}/{line}", {**whole, "quantity": 26}).json()["unitCost"] == 9
    left = http("PUT", f"{ADDITIONS}/{line}", NEW).json()
    assert (left["quantity"], left["unitPrice"], left["unitCost"], left["cancelledDate"]) == (3, None, None, None)
    assert http("PUT", f"{ADDITIONS}/{line}", {"quantity": 3}).status_code == 400


def test_a_delete_answers_204_and_then_404(http: Http) -> None:
    line = add_line(http.model)
    assert http("DELETE", f"{ADDITIONS}/{line}").status_code == 204
    assert http("DELETE", f"{ADDITIONS}/{line}").status_code == 404


@pytest.mark.parametrize("path", [f"{ADDITIONS}/99", "/finance/agreements/999/additions", "/company/companies/9", "/no/such"])
def test_what_is_not_there_is_404(http: Http, path: str) -> None:
    assert http("GET", path).status_code == 404


def test_an_addition_belongs_to_its_agreement(http: Http) -> None:
    line = add_line(http.model)
    http.model.agreements[872] = {**http.model.agreements[871], "id": 872}
    assert http("GET", f"/finance/agreements/872/additions/{line}").status_code == 404


@pytest.mark.parametrize(
    ("module", "level", "method", "path", "body"),
    [
        ("Agreements", "Inquire", "GET", ADDITIONS, None),
        ("Agreements", "Add", "POST", ADDITIONS, NEW),
        ("Agreements", "Edit", "PATCH", f"{ADDITIONS}/1", [{"op": "replace", "path": "quantity", "value": 1}]),
        ("Agreements", "Delete", "DELETE", f"{ADDITIONS}/1", None),
        ("Product Catalog", "Edit", "PATCH", "/procurement/catalog/412", [{"op": "replace", "path": "cost", "value": 1}]),
        ("Company Maintenance", "Inquire", "GET", "/company/companies", None),
        ("Table Setup", "Inquire", "GET", "/finance/billingCycles", None),
        ("Invoicing", "Add", "POST", "/finance/agreements/871/invoice", None),
    ],
)
def test_a_role_without_the_permission_is_refused_with_403(
    http: Http, module: str, level: str, method: str, path: str, body: Any
) -> None:
    line = add_line(http.model)
    assert line == 1
    http.model.role[module].discard(level)
    answer = http(method, path, body)
    assert answer.status_code == 403
    assert module in answer.json()["message"]
    http.model.role[module].add(level)
    assert http(method, path, body).status_code < 300


@pytest.mark.parametrize("moves", [False, True])
def test_a_catalogue_cost_moves_the_additions_only_where_the_psa_does_that(http: Http, moves: bool) -> None:
    http.model.switches.cost_updates_additions = moves
    http.model.products[412]["autoUpdateUnitCostFlag"] = True
    line = add_line(http.model)
    assert http("PATCH", "/procurement/catalog/412", [{"op": "replace", "path": "cost", "value": 18.25}]).json()["cost"] == 18.25
    assert http("GET", f"{ADDITIONS}/{line}").json()["unitCost"] == (18.25 if moves else 17.6)


@pytest.mark.parametrize("moves", [False, True])
def test_a_changed_addition_moves_its_agreement_only_where_the_psa_does_that(http: Http, moves: bool) -> None:
    line = add_line(http.model)
    http.model.switches.addition_moves_agreement = moves
    before = http("GET", "/finance/agreements/871").json()["_info"]["lastUpdated"]
    http.patch(line, ("replace", "quantity", 2))
    assert (http("GET", "/finance/agreements/871").json()["_info"]["lastUpdated"] > before) is moves


def test_an_invoice_moves_the_next_invoice_date_and_is_listed(http: Http) -> None:
    add_line(http.model, quantity=10)
    assert http("POST", "/finance/agreements/871/invoice").json()["total"] == 220
    assert http("GET", "/finance/agreements/871").json()["nextInvoiceDate"] == "2027-01-01T00:00:00Z"
    assert len(http("GET", "/finance/invoices?conditions=agreement/id=871").json()) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_does_what_its_name_says_once(http: Http, kind: str) -> None:
    line = add_line(http.model, quantity=25)
    slept: list[float] = []
    now = [0.0]
    http.psa.faults._clock, http.psa.faults._sleep = lambda: now[0], slept.append
    httpx.post(
        http.psa.url + "/_sandbox/faults", json={"kind": kind, "method": "PATCH", "seconds": 5}, trust_env=False, verify=NOBODY
    )
    status: int | None = None
    try:
        answer = http.patch(line, ("replace", "quantity", 28))
        status = answer.status_code
        assert status not in (429, 503) or kind == "503 without a word" or answer.headers["Retry-After"] == "5"
    except (httpx.RemoteProtocolError, httpx.ReadError):
        pass
    assert status == {
        "500 before": 500, "500 after": 500, "429": 429, "delay": 200, "409": 409, "503": 503, "503 without a word": 503,
        "redirect": 302, "no JSON": 200,
    }.get(kind)  # fmt: skip
    applied = kind in ("drop after", "500 after", "delay", "no JSON")
    assert http("GET", f"{ADDITIONS}/{line}").json()["quantity"] == (28 if applied else 25)
    now[0] = 5
    assert http("GET", f"{ADDITIONS}/{line}").json()["quantity"] == (28 if applied or kind == "late" else 25)
    assert slept == ([5] if kind == "delay" else [])
    assert http.patch(line, ("replace", "quantity", 28)).status_code == 200


def test_faults_fit_by_method_and_path_and_can_be_cleared(http: Http) -> None:
    with pytest.raises(ValueError, match="is not a fault"):
        Fault("explode")
    faults = Faults()
    faults.add(Fault("500 before", method="POST", path="*/additions", times=2))
    assert [faults.through("GET", "/a/additions", lambda: "ok"), faults.through("POST", "/b", lambda: "ok")] == ["ok", "ok"]
    assert faults.through("POST", "/a/additions", lambda: "ok")[0] == 500
    http.psa.faults.add(Fault("500 before", times=9))
    assert http.client.delete(http.psa.url + "/_sandbox/faults").status_code == 204
    assert http("GET", "/company/companies").status_code == 200
