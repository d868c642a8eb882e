"""What we send, and what the simulators answer, is as the APIs' own descriptions say, of which an extract lies beside."""

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any

import pytest

from connectors.connectwise import BASE_PATH
from connectors.connectwise_requests import request_of
from connectors.connectwise_writing import ConnectWiseWriter
from connectors.registry import CONNECTORS
from connectors.sandbox.service import Call
from connectors.writing import Outcome
from tests.connectors.api.recorded import SAMPLES, recorded_pages, served
from tests.connectors.api.sandboxes import NOW, SANDBOXES, Sandbox

FAULTS_OF_THE_DESCRIPTIONS = {
    ("connectwise", "PatchOperation", "value"): "described as an object; every client sends numbers, texts and flags",
    ("pax8", "Subscription", "endDate"): "described as a time; the examples hold dates too",
}
"""Where a description is known to be wrong, and what was seen instead."""

DESCRIPTIONS = {name: json.loads((SAMPLES / f"{name}.description.json").read_text(encoding="utf-8")) for name in CONNECTORS}
BASES = {"connectwise": BASE_PATH, "pax8": "/v1"}
TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float, Decimal),
    "boolean": bool,
    "object": dict,
    "array": list,
}


def faults_in(name: str, schema_name: str, record: Any) -> list[str]:
    """How a record differs from its schema; known faults of the schema are left out."""
    schema = DESCRIPTIONS[name]["schemas"][schema_name]
    found = [f"{schema_name}.{field} is missing" for field in schema.get("required", []) if record.get(field) is None]
    for field, rule in schema["properties"].items():
        value = record.get(field)
        if value is None or (name, schema_name, field) in FAULTS_OF_THE_DESCRIPTIONS:
            continue
        wrong_flag = isinstance(value, bool) and rule.get("type") != "boolean"
        if wrong_flag or not isinstance(value, TYPES[rule.get("type", "object")]):
            found.append(f"{schema_name}.{field} is {value!r}, not {rule.get('type')}")
        elif "enum" in rule and value not in rule["enum"]:
            found.append(f"{schema_name}.{field} is {value!r}, not one of {rule['enum']}")
        elif rule.get("maxLength", 10**9) < len(str(value)):
            found.append(f"{schema_name}.{field} is too long")
        elif rule.get("format") == "date-time" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
            found.append(f"{schema_name}.{field} is {value!r}, not a time")
    return found


def operation_of(name: str, call: Call) -> dict[str, Any]:
    """The described operation that a call is of."""
    path = call.path.removeprefix(BASES[name])
    for described, operations in DESCRIPTIONS[name]["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", r"\\d+", described), path) and call.method.lower() in operations:
            found: dict[str, Any] = operations[call.method.lower()]
            return found
    raise AssertionError(f"{call.method} {path} is not described")


@pytest.mark.parametrize("name", sorted(CONNECTORS))
def test_every_request_is_described_with_every_parameter_and_header(name: str) -> None:
    recorded = recorded_pages(name)
    with served(recorded, CONNECTORS[name]) as connection:
        connection.read(NOW)
    reads = [call for call in recorded.calls if call.method == "GET"]
    assert len(reads) >= 6
    for call in reads:
        described = {p["name"].lower(): p for p in operation_of(name, call)["parameters"]}
        for parameter in described.values():
            if parameter["required"] and parameter["in"] == "header":
                assert call.headers[parameter["name"].lower()]
        for asked, value in call.query.items():
            rule = described[asked]
            assert rule["in"] == "query"
            assert rule["type"] == "string" or value.isdecimal()
            assert value.split(",")[0] in [choice.split(",")[0] for choice in rule.get("enum", [value])]
            assert rule["type"] == "string" or int(value) <= rule.get("maximum", int(value))


def test_a_token_is_asked_for_as_described() -> None:
    recorded = recorded_pages("pax8")
    with served(recorded, CONNECTORS["pax8"]) as connection:
        connection.read(NOW)
    (call,) = [call for call in recorded.calls if call.method == "POST"]
    assert faults_in("pax8", "TokenRequest", call.json()) == []
    assert call.json().keys() == DESCRIPTIONS["pax8"]["schemas"]["TokenRequest"]["properties"].keys()


BODY = {
    "product": "BP", "quantity": Decimal("3"), "lessIncluded": Decimal(1), "unitPrice": Decimal("22.5"),
    "unitCost": Decimal("17.6"), "billCustomer": "Billable", "effectiveDate": dt.date(2026, 11, 10),
    "cancelledDate": dt.date(2026, 11, 30),
}  # fmt: skip


def test_a_planned_line_becomes_an_addition_as_described() -> None:
    sent = request_of("POST", "/finance/agreements/871/additions", BODY, {"BP": 412}.__getitem__)
    assert faults_in("connectwise", "Addition", sent.body) == []
    assert sent.body["product"] == {"id": 412}
    assert sent.body["effectiveDate"] == "2026-11-10T00:00:00Z"
    assert sent.body.keys() <= DESCRIPTIONS["connectwise"]["schemas"]["Addition"]["properties"].keys()


def test_a_planned_change_becomes_operations_as_described() -> None:
    body = {"quantity": Decimal(28), "cancelledDate": dt.date(2026, 11, 30)}
    sent = request_of("PATCH", "/finance/agreements/871/additions/3589", body, {}.__getitem__)
    assert sent.body == [
        {"op": "replace", "path": "quantity", "value": Decimal(28)},
        {"op": "replace", "path": "cancelledDate", "value": "2026-11-30T00:00:00Z"},
    ]
    assert [f for operation in sent.body for f in faults_in("connectwise", "PatchOperation", operation)] == []


def test_a_value_of_none_empties_its_field_in_a_change_and_is_left_out_of_a_new_line() -> None:
    changed = request_of("PATCH", "/finance/agreements/871/additions/3589", {"cancelledDate": None}, {}.__getitem__)
    assert changed.body == [{"op": "replace", "path": "cancelledDate", "value": None}]
    added = request_of("POST", "/finance/agreements/871/additions", {**BODY, "cancelledDate": None}, {"BP": 412}.__getitem__)
    assert "cancelledDate" not in added.body


def test_a_deletion_has_no_body_and_plain_texts_become_numbers_and_times() -> None:
    assert request_of("DELETE", "/finance/agreements/871/additions/3589", {}, {}.__getitem__).body is None
    plain = {"product": "BP", "quantity": "3", "unitPrice": "22.50", "effectiveDate": "2026-11-10", "billCustomer": "Billable"}
    sent = request_of("POST", "/finance/agreements/871/additions", plain, {"BP": 412}.__getitem__).body
    assert (sent["quantity"], sent["unitPrice"], sent["effectiveDate"]) == (Decimal(3), Decimal("22.5"), "2026-11-10T00:00:00Z")


def test_a_product_that_the_catalogue_lacks_is_not_sent() -> None:
    with pytest.raises(KeyError):
        request_of("POST", "/finance/agreements/871/additions", BODY, {}.__getitem__)


def check_parameters(call: Call) -> None:
    """Every parameter of a call is described, and every header that must be there is."""
    described = {p["name"].lower(): p for p in operation_of("connectwise", call)["parameters"]}
    assert all(described[asked]["in"] == "query" for asked in call.query)
    assert all(call.headers[name] for name, rule in described.items() if rule["required"] and rule["in"] == "header")


def test_everything_that_a_writer_sends_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[Call] = []
    with SANDBOXES["connectwise"]() as sandbox:
        sandbox.fill(1)
        real = sandbox.service._answer
        monkeypatch.setattr(sandbox.service, "_answer", lambda call: came.append(call) or real(call))
        sandbox.service.model.agreements[871]["periodType"] = "Current"
        values = {"current_period_is": "in arrears", "next_invoice_date_is": "day of invoicing"}
        writer = ConnectWiseWriter(sandbox.connect(**values))
        additions, item = "/finance/agreements/871/additions", "/procurement/catalog/412"
        requests = [
            writer.request("POST", additions, BODY), writer.request("PATCH", f"{additions}/1", {"quantity": Decimal(2)}),
            writer.request("PATCH", item, {"cost": Decimal(2)}), writer.request("DELETE", f"{additions}/1", {}),
        ]  # fmt: skip
        assert writer.missing(requests) == []
        for request in requests:
            assert writer.look(request.path if request.method != "POST" else f"{additions}/1") is not None
            assert writer.send(request).outcome is Outcome.ANSWERED
        writer.lines(additions)
        writer.invoiced_through("871")
        writer.close()
    for call in came:
        check_parameters(call)
    assert {call.method for call in came} == {"GET", "POST", "PATCH", "DELETE"}
    asked = {call.path.removeprefix(BASE_PATH) for call in came if call.method == "GET"}
    assert asked >= {additions, item, "/system/mySecurity", "/finance/agreements/871", "/finance/billingCycles/1"}


SCHEMAS = {
    "connectwise": {
        "/company/companies": "Company", "/finance/agreements": "Agreement", "/finance/agreements/871/additions": "Addition",
        "/procurement/catalog": "CatalogItem", "/finance/billingCycles": "BillingCycle", "/system/mySecurity": "MySecurity",
    },
    "pax8": {"/companies": "Company", "/products": "Product", "/subscriptions": "Subscription"},
}  # fmt: skip


def calls(sandbox: Sandbox, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    reply = sandbox.service.answer(Call("GET", BASES[sandbox.connector.name] + path, {}, headers, b"", ""))
    body = json.loads(json.dumps(reply.body, default=float))
    rows: list[dict[str, Any]] = body if isinstance(body, list) else body["content"]
    return rows


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, paths in SCHEMAS.items() for path in paths])
def test_the_simulators_and_the_samples_answer_as_described(name: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with SANDBOXES[name]() as sandbox:
        sandbox.fill(2)
        monkeypatch.setattr(type(sandbox.service), "_authenticate", lambda self, call: None)
        rows = calls(sandbox, path, {})
    assert rows
    recorded = [p["body"] for (_, asked, _), p in recorded_pages(name).pages.items() if asked == BASES[name] + path]
    rows += [row for body in recorded for row in (body if isinstance(body, list) else body["content"])]
    assert [fault for row in rows for fault in faults_in(name, SCHEMAS[name][path], row)] == []


def test_every_known_fault_of_a_description_is_still_there() -> None:
    described = DESCRIPTIONS["connectwise"]["schemas"]["PatchOperation"]["properties"]["value"]
    assert described["type"] == "object"
    assert DESCRIPTIONS["pax8"]["schemas"]["Subscription"]["properties"]["endDate"]["format"] == "date-time"
