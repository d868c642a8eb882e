"""Which permissions are named before anything is written, under every answer that ConnectWise may give about them."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.errors import FixCredentials
from connectors.sandbox.connectwise_server import ConnectWise
from connectors.sandbox.service import NULL, Call, Reply
from connectors.writing import Request
from tests.connectors.api.sandboxes import D, Sandbox, add_line, connectwise, writing

ADDITIONS = "/finance/agreements/871/additions"
EDIT, ADD, DELETE = "Finance > Agreements: Edit", "Finance > Agreements: Add", "Finance > Agreements: Delete"
EDIT_CATALOGUE = "Procurement > Product Catalog and Products: Edit"
NEEDS = {
    EDIT: ("Agreements", "Edit"), ADD: ("Agreements", "Add"), DELETE: ("Agreements", "Delete"),
    EDIT_CATALOGUE: ("Product Catalog", "Edit"),
}  # fmt: skip


@pytest.fixture
def psa() -> Iterator[Sandbox]:
    with connectwise() as running:
        yield running


def planned(line: int) -> list[Request]:
    return [
        Request("PATCH", f"{ADDITIONS}/{line}", [{"op": "replace", "path": "quantity", "value": D(99)}]),
        Request("PATCH", f"{ADDITIONS}/{line}", [{"op": "replace", "path": "quantity", "value": D(98)}]),
        Request("POST", ADDITIONS, {"product": {"id": 412}, "quantity": D(3), "billCustomer": "Billable"}),
        Request("DELETE", f"{ADDITIONS}/{line}", None),
        Request("PATCH", "/procurement/catalog/412", [{"op": "replace", "path": "cost", "value": D(99)}]),
    ]


def told(psa: Sandbox, requests: list[Request]) -> list[str]:
    """What is missing; nothing may have changed by asking."""
    model = psa.service.model
    before = (repr(model.additions), repr(model.products), len(model.audit))
    with writing(psa) as writer:
        found = writer.missing(iter(requests))
    assert (repr(model.additions), repr(model.products), len(model.audit)) == before
    return found


@pytest.mark.parametrize("my_own", [False, True], ids=["none", "my"])
@pytest.mark.parametrize("lacking", [*NEEDS, None])
def test_what_the_role_lacks_is_named_from_its_own_list_without_a_write(psa: Sandbox, lacking: str | None, my_own: bool) -> None:
    if lacking:
        module, level = NEEDS[lacking]
        if my_own:
            psa.service.model.only_my_own.add((module, level))
        else:
            psa.service.model.role[module].discard(level)
    assert told(psa, planned(add_line(psa.service.model))) == ([lacking] if lacking else [])
    assert psa.arrived("PATCH") == psa.arrived("POST") == psa.arrived("DELETE") == 0


@pytest.mark.parametrize("switch", ["my_security_answers_403", "my_security_has_other_names"])
@pytest.mark.parametrize("lacking", [*NEEDS, None])
def test_where_the_list_says_nothing_an_empty_change_finds_what_it_can(psa: Sandbox, switch: str, lacking: str | None) -> None:
    setattr(psa.service.model.switches, switch, True)
    if lacking:
        module, level = NEEDS[lacking]
        psa.service.model.role[module].discard(level)
    found = told(psa, planned(add_line(psa.service.model)))
    assert found == ([lacking] if lacking in (EDIT, EDIT_CATALOGUE) else [])
    assert (psa.arrived("PATCH"), psa.arrived("POST"), psa.arrived("DELETE")) == (2, 0, 0)


@pytest.mark.parametrize(
    "rows",
    [
        Reply(404, {"message": "no such path"}), Reply(400, {}), Reply(200, NULL), Reply(200, {"a": 1}), Reply(200, ["x"]),
        Reply(200, [{"id": 1, "moduleName": "Finance", "moduleFunctionName": "Agreement Sales", "editLevel": "All"}]),
        Reply(200, [{"id": 1, "moduleName": "Finance", "moduleFunctionName": "Agreements", "editLevel": None}]),
    ],
)  # fmt: skip
def test_an_unusable_list_is_as_good_as_none(psa: Sandbox, monkeypatch: pytest.MonkeyPatch, rows: Reply) -> None:
    monkeypatch.setattr(ConnectWise, "_security", lambda self, call: rows)
    psa.service.model.role["Agreements"].discard("Edit")
    line = add_line(psa.service.model)
    assert told(psa, planned(line)[:1]) == [EDIT]
    assert psa.arrived("PATCH") == 1


@pytest.mark.parametrize(
    ("names", "level", "missing"),
    [
        ({"moduleFunctionName": "AGREEMENTS"}, "None", True), ({"moduleFunctionName": "Agreement"}, "My", True),
        ({"moduleFunctionName": "F7", "moduleFunctionDescription": "Agreements"}, "None", True),
        ({"moduleFunctionName": "agreements", "moduleName": "finance"}, "All", False),
        ({"moduleFunctionIdentifier": "Agreements"}, "None", True),
    ],
)  # fmt: skip
def test_names_are_compared_loosely(
    psa: Sandbox, monkeypatch: pytest.MonkeyPatch, names: dict[str, Any], level: str, missing: bool
) -> None:
    others = {
        "id": 2,
        "moduleName": "Company",
        "moduleFunctionName": "Agreement Sales",
        "editLevel": "My" if level == "All" else "All",
    }
    monkeypatch.setattr(ConnectWise, "_security", lambda self, call: Reply(200, [{"id": 1, **names, "editLevel": level}, others]))
    assert told(psa, planned(add_line(psa.service.model))[:1]) == ([EDIT] if missing else [])
    assert psa.arrived("PATCH") == 0


@pytest.mark.parametrize(("finance", "project"), [("All", "None"), ("None", "All")])
def test_a_function_of_the_same_name_in_another_module_does_not_count(
    psa: Sandbox, monkeypatch: pytest.MonkeyPatch, finance: str, project: str
) -> None:
    levels = {"Finance": finance, "Project": project}
    rows = [
        {"id": number, "moduleName": module, "moduleFunctionName": "Agreements", "editLevel": level}
        for number, (module, level) in enumerate(levels.items())
    ]
    monkeypatch.setattr(ConnectWise, "_security", lambda self, call: Reply(200, rows))
    assert told(psa, planned(add_line(psa.service.model))[:1]) == ([EDIT] if finance == "None" else [])


def test_only_what_the_requests_need_is_asked_for(psa: Sandbox) -> None:
    for module, levels in psa.service.model.role.items():
        psa.service.model.role[module] = levels & {"Inquire"}
    requests = planned(add_line(psa.service.model))
    assert told(psa, []) == []
    assert psa.arrived("GET") == 0
    assert told(psa, requests[2:3]) == [ADD]
    assert told(psa, requests) == [EDIT, ADD, DELETE, EDIT_CATALOGUE]


def test_wrong_keys_are_not_a_missing_permission(psa: Sandbox) -> None:
    with writing(psa, public_key="wrong") as writer, pytest.raises(FixCredentials):
        writer.missing(planned(1))


def test_the_list_of_the_role_is_a_list_of_the_api(psa: Sandbox) -> None:
    psa.service._authenticate = lambda call: None
    reply = psa.service.answer(Call("GET", "/v4_6_release/apis/3.0/system/mySecurity", {"pagesize": "3"}, {}, b"", ""))
    assert len(reply.body) == 3
    assert reply.body[1] | {"id": 2} == {
        "id": 2, "moduleName": "Finance", "moduleFunctionName": "Agreements", "addLevel": "All", "editLevel": "All",
        "deleteLevel": "All", "inquireLevel": "All",
    }  # fmt: skip
