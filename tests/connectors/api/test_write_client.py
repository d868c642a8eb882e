"""A write is sent once, and what is said afterwards is what is known."""

import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.client import SHOWN, Patience, PinnedTransport, said_by
from connectors.connectwise import ApiKeys
from connectors.exact_json import exact_json
from connectors.sandbox.faults import Fault
from connectors.write_client import WriteClient
from connectors.writing import Outcome, Request, Sent
from tests.connectors.api.sandboxes import SECRETS, Sandbox, add_line, connectwise
from tests.connectors.api.wire import KEYS, SHORT, Talk, answer, change, sent_over, well, wire

D = Decimal


@pytest.fixture
def psa() -> Iterator[Sandbox]:
    with connectwise() as running:
        yield running


def quantity_of(psa: Sandbox, line: int) -> Decimal:
    found: Decimal = psa.service.model.additions[line]["quantity"]
    return found


@pytest.mark.parametrize(
    ("kind", "outcome", "applied", "said"),
    [
        ("drop before", Outcome.UNCLEAR, False, "no answer"),
        ("drop after", Outcome.UNCLEAR, True, "no answer"),
        ("late", Outcome.UNCLEAR, False, "no answer"),
        ("500 before", Outcome.UNCLEAR, False, "500 An error has occurred"),
        ("500 after", Outcome.UNCLEAR, True, "500 An error has occurred"),
        ("no JSON", Outcome.UNCLEAR, True, "200, but the answer is not JSON"),
        ("503 without a word", Outcome.UNCLEAR, False, "503"),
        ("429", Outcome.BUSY, False, "429 Too many requests"),
        ("409", Outcome.BUSY, False, "409 The record is in use"),
        ("503", Outcome.BUSY, False, "503 Down for maintenance"),
        ("redirect", Outcome.REFUSED, False, "redirects are not followed"),
    ],
)
def test_what_goes_wrong_on_the_way_is_told_and_the_request_arrived_once(
    psa: Sandbox, kind: str, outcome: Outcome, applied: bool, said: str
) -> None:
    line = add_line(psa.service.model, quantity=D(25))
    psa.faults.add(Fault(kind, method="PATCH", seconds=7))
    with psa.connect() as connection:
        client = connection.write_client()
        sent = client.send(change(line))
        client.close()
    assert sent.outcome is outcome
    assert said in sent.said
    assert sent.retry_after == (7.0 if kind in ("429", "503") else None)
    assert quantity_of(psa, line) == (28 if applied else 25)
    assert psa.arrived("PATCH") == 1


def test_an_answer_that_comes_too_late_is_unclear_and_the_write_may_have_happened(psa: Sandbox) -> None:
    line = add_line(psa.service.model, quantity=D(25))
    psa.faults.add(Fault("delay", method="PATCH", seconds=0.6))
    with psa.connect(SHORT) as connection:
        client = connection.write_client()
        assert client.send(change(line)) == Sent(Outcome.UNCLEAR, "no answer (ReadTimeout)")
        client.close()
    assert psa.arrived("PATCH") == 1


@pytest.mark.parametrize(
    ("request_", "outcome", "said"),
    [
        (change(1), Outcome.ANSWERED, "200"),
        (Request("DELETE", "/finance/agreements/871/additions/1", None), Outcome.ANSWERED, "204"),
        (change(99), Outcome.GONE, "404 Addition 99 not found"),
        (change(1, "many"), Outcome.REFUSED, "400 addition object is invalid; quantity must be of kind number"),
        (Request("PUT", "/company/companies", {}), Outcome.REFUSED, "405"),
        (Request("PATCH", "https://evil.example/", []), Outcome.REFUSED, "would have gone to evil.example"),
        (Request("PATCH", "/finance/\x00", []), Outcome.REFUSED, "nothing was sent"),
    ],
)
def test_what_the_psa_answers_is_told_in_its_own_words(psa: Sandbox, request_: Request, outcome: Outcome, said: str) -> None:
    add_line(psa.service.model, quantity=D(25))
    with psa.connect() as connection:
        client = connection.write_client()
        sent = client.send(request_)
        client.close()
    assert sent.outcome is outcome
    assert said in sent.said
    assert "evil" in request_.path or "\x00" in request_.path or psa.arrived(request_.method) == 1


@pytest.mark.parametrize(("values", "said"), [({"private_key": "wrongKey123"}, "401"), ({"client_id": "nobody"}, "403")])
def test_keys_that_are_refused_are_not_allowed(psa: Sandbox, values: dict[str, str], said: str) -> None:
    line = add_line(psa.service.model)
    with psa.connect(**values) as connection:
        client = connection.write_client()
        sent = client.send(change(line))
        client.close()
    assert (sent.outcome, sent.said[:3]) == (Outcome.NOT_ALLOWED, said)


NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
BROKEN = (
    httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError,
    httpx.LocalProtocolError, httpx.ProxyError, httpx.DecodingError,
)  # fmt: skip


@pytest.mark.parametrize("error", [*NOT_SENT, *BROKEN])
def test_only_a_connection_that_was_never_made_is_sure_not_to_have_sent(
    psa: Sandbox, monkeypatch: pytest.MonkeyPatch, error: type[httpx.RequestError]
) -> None:
    def fail(self: PinnedTransport, request: httpx.Request) -> httpx.Response:
        raise error(f"with {SECRETS[0]}")

    monkeypatch.setattr(PinnedTransport, "handle_request", fail)
    with psa.connect() as connection:
        client = connection.write_client()
        sent = client.send(change(1))
        client.close()
    assert sent.outcome is (Outcome.NOT_SENT if error in NOT_SENT else Outcome.UNCLEAR)
    assert error.__name__ in sent.said
    assert SECRETS[0] not in sent.said


@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "409 Conflict", "500 Error"])
def test_no_secret_that_the_psa_repeats_is_passed_on_or_logged(status: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    header = ApiKeys(KEYS)._header

    def repeats(talk: Talk) -> None:
        talk.read()
        errors = [{"message": f"field {SECRETS[1]}"}, {"message": "again"}]
        talk.say(answer(exact_json({"message": f"{header} {SECRETS[0]}", "errors": errors}).encode(), status))

    (sent,), _ = sent_over(repeats)
    told = sent.said + caplog.text
    assert "Basic *** ***; field ***" in sent.said
    assert not [secret for secret in (*SECRETS[:2], header.partition(" ")[2]) if secret in told]


@pytest.mark.parametrize("before", range(SHOWN - len(SECRETS[1]), SHOWN))
def test_words_that_are_cut_short_are_not_cut_within_a_secret(before: int) -> None:
    said = said_by(httpx.Response(400, json={"message": "x" * before + SECRETS[1] + "y" * SHOWN}), SECRETS)
    assert SECRETS[1][:1] not in said
    assert said.startswith("400 " + "x" * before + "***"[: SHOWN - before])


def test_decimals_are_on_the_wire_as_they_are() -> None:
    numbers = {"quantity": D("0.1") + D("22.123456"), "unitPrice": D("1E+2"), "unitCost": D("0.0000001"), "id": 412}
    with wire(well) as server:
        client = WriteClient(server.address, ApiKeys(KEYS), {"clientId": "id-1"}, SHORT)
        client.send(Request("POST", "/finance/agreements/871/additions", {**numbers, "name": 'Ä "b"', "cancelledDate": None}))
        client.close()
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b'"quantity":22.223456,"unitPrice":100,"unitCost":0.0000001,"id":412,' in body
    assert rb'"name":"\u00c4 \"b\"","cancelledDate":null}' in body
    assert head.startswith(b"POST /v4_6_release/apis/3.0/finance/agreements/871/additions HTTP/1.1")
    for header in (b"content-type: application/json", b"clientid: id-1", b"authorization: basic "):
        assert header in head.lower()


@pytest.mark.parametrize("value", [0.1, object(), {1: 2}, {"a": [0.1]}])
def test_what_is_not_exact_is_not_written(value: Any) -> None:
    with pytest.raises(TypeError):
        exact_json(value)


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_what_is_no_number_is_not_written(value: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        exact_json([D(value)])


class Counting:
    """A pace that holds nobody."""

    def __init__(self) -> None:
        self.waited = 0

    def wait(self) -> None:
        self.waited += 1


def test_reads_and_writes_go_at_one_pace_which_may_be_handed_in(psa: Sandbox) -> None:
    line, pace = add_line(psa.service.model), Counting()
    with psa.connect(pace=pace) as connection:
        connection.client.get("/finance/agreements/count", {}, "")
        client = connection.write_client()
        client.ready()
        client.send(change(line))
        client.close()
        assert client._pace is connection.client._pace is connection.pace is pace
    assert pace.waited == 2


def test_a_connection_has_one_pace_of_its_own_where_none_is_handed_in(psa: Sandbox) -> None:
    with psa.connect(Patience(per_minute=60)) as connection:
        client = connection.write_client()
        client.close()
        assert client._pace is connection.client._pace
