"""What the service answers, as what the person is told; and the key under which decisions are sent."""

import json
from typing import Any

import httpx
import pytest

from addin import service as asking
from addin.errors import AddInError, Declined, NotReady, Unreachable
from addin.machine import Machine
from addin.outbox import FILE, MOST, act_of, remember
from addin.service import Service
from tests.addin.conftest import Made

ADDRESS, TOKEN = "https://tieout.example.com", "tieout_secret"
PROBLEM = {"detail": "Nothing was saved.", "problems": [{"place": "decision 1", "message": "mend it"}]}


def answering(status: int, body: object, seen: list[httpx.Request] | None = None) -> Service:
    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return httpx.Response(status, **({"text": body} if isinstance(body, str) else {"json": body}))

    return Service(ADDRESS, TOKEN, httpx.Client(transport=httpx.MockTransport(answer)))


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (401, {"detail": "no"}, NotReady, "press Sign in"),
        (403, {"detail": "wants the scope submit"}, NotReady, "Your token does not allow this (wants the scope submit)"),
        (422, PROBLEM, Declined, "The service declined: Nothing was saved.\ndecision 1: mend it"),
        (409, {"detail": "The store is busy."}, Declined, "The service declined: The store is busy."),
        (502, "<html>Bad Gateway</html>", Unreachable, "is the address in the settings right?"),
        (302, "", Unreachable, "answered 302"),
        (500, [], Unreachable, "answered 500"),
    ],
)
def test_each_answer_is_told_by_what_to_do(status: int, body: object, kind: type[AddInError], said: str) -> None:
    with answering(status, body) as service, pytest.raises(kind) as raised:
        service.get("/whoami")
    assert said in str(raised.value)
    assert TOKEN not in str(raised.value)


def test_the_token_and_the_key_go_to_the_address_that_was_set() -> None:
    seen: list[httpx.Request] = []
    with answering(200, {"copies": []}, seen) as service:
        service.post("/decisions", {"decisions": []}, "key-0001")
    (request,) = seen
    assert str(request.url) == f"{ADDRESS}/api/v1/decisions"
    assert (request.headers["Authorization"], request.headers["Idempotency-Key"]) == (f"Bearer {TOKEN}", "key-0001")


@pytest.mark.parametrize(("key", "asked"), [("key-0001", 2), ("", 1)])
def test_only_what_has_a_key_is_sent_again_without_being_asked(monkeypatch: pytest.MonkeyPatch, key: str, asked: int) -> None:
    monkeypatch.setattr(asking, "WAIT", 0.0)
    seen: list[httpx.Request] = []

    def silent(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        raise httpx.ReadTimeout("no answer")

    with Service(ADDRESS, TOKEN, httpx.Client(transport=httpx.MockTransport(silent))) as service, pytest.raises(Unreachable):
        service.post("/submissions/1/undo", {}, key)
    assert len(seen) == asked


def key_for(machine: Machine, workbook_id: str, decisions: list[dict[str, Any]]) -> str:
    """The key under which they are sent."""
    act = act_of(machine, workbook_id, decisions)
    remember(machine, act)
    return act.key


def test_the_same_decisions_have_the_same_key_until_others_were_sent(machine: Made) -> None:
    first, second = [{"key": "line:1", "action": "Approve"}], [{"key": "line:1", "action": "Dismiss"}]
    key = key_for(machine(), "W-1", first)
    assert key_for(machine(), "W-1", [dict(reversed(first[0].items()))]) == key
    assert key_for(machine(), "W-2", first) != key
    changed = key_for(machine(), "W-1", second)
    assert len({key, changed, key_for(machine(), "W-1", first)}) == 3


def test_what_was_sent_is_forgotten_oldest_first_and_a_damaged_file_stops_nothing(machine: Made) -> None:
    for number in range(MOST + 5):
        key_for(machine(), f"W-{number}", [])
    path = machine().settings_folder / FILE
    kept = json.loads(path.read_text())
    assert (len(kept), "W-4" in kept, "W-5" in kept) == (MOST, False, True)
    for damaged in ("{", "[]", '{"W-1": 1}'):
        path.write_text(damaged)
        assert len(key_for(machine(), "W-1", [])) == 32
