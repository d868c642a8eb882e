"""Errors as problem documents: the status, the place, what to do, and nothing that is nobody's business."""

import logging
from typing import Any

import pytest

from connectors import errors as connectors
from core.records import Problem
from server.api import problems
from server.api.app import LARGEST
from server.errors import Refused
from server.store import errors as store
from server.store.types import NotExact
from tests.server.api.site import Person, Site, places

BASE = {"type", "title", "status", "detail"}


def raised(site: Site, person: Person, monkeypatch: pytest.MonkeyPatch, error: Exception) -> Any:
    """What is answered where the store raises that."""

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(type(site.loop.store), "runs", fail)
    return person.ask("GET", "/runs")


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (connectors.FixAddress("/a", "m"), 409, "fix-address"),
        (connectors.FixSettings("/a", "m"), 409, "fix-settings"),
        (connectors.FixCredentials("/a", "m"), 409, "fix-credentials"),
        (connectors.GrantPermission("/a", "m", "Finance"), 409, "grant-permission"),
        (connectors.TryLater("/a", "m", "7", retry_after=31.0), 503, "try-later"),
        (connectors.WillNotHelp("/a", "m"), 502, "will-not-help"),
        (store.UnknownRun("x", ["2026-11-1"]), 404, "unknown"),
        (store.KeyReused("k", "s"), 409, "key-reused"),
        (store.ReadRunning("psa", "w", "b"), 409, "busy"),
        (store.StoreBusy("sqlite:////secret/path is busy"), 409, "busy"),
        (store.StoreUnavailable("sqlite:////secret/path"), 500, "unexpected"),
        (Refused([Problem("a.xlsx, Pax8!K12", "m")]), 422, "refused"),
        (NotExact("too many digits"), 422, "refused"),
        (ValueError("a detail of /secret/path"), 500, "unexpected"),
    ],
)
def test_each_error_has_its_status_and_kind(
    site: Site, anna: Person, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, kind: str
) -> None:
    answer = raised(site, anna, monkeypatch, error)
    body = answer.get_json()
    assert (answer.status_code, body["status"], body["type"]) == (status, status, f"{problems.TYPE}{kind}")
    assert answer.mimetype == "application/problem+json"
    assert BASE <= set(body) <= {*BASE, "instance", "problems"}
    assert "secret" not in answer.get_data(as_text=True)


def test_every_connector_error_is_told() -> None:
    assert set(problems.CONNECTORS) == set(connectors.ConnectorError.__subclasses__())


def test_a_refusal_names_every_place(site: Site, anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Refused([Problem("a.xlsx, Pax8!K12", "one"), Problem("b.xlsx", "two")])
    body = raised(site, anna, monkeypatch, refused).get_json()
    assert body["problems"] == [{"place": "a.xlsx, Pax8!K12", "message": "one"}, {"place": "b.xlsx", "message": "two"}]


def test_what_can_be_tried_later_says_when(site: Site, anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = raised(site, anna, monkeypatch, connectors.TryLater("/a", "m", retry_after=31.0))
    assert answer.headers["Retry-After"] == "31"


def test_an_unexpected_error_is_told_by_a_name_that_the_log_knows(
    site: Site, anna: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "tieout.api"):
        body = raised(site, anna, monkeypatch, ValueError("a detail")).get_json()
    name = body["instance"].rpartition(":")[2]
    assert name in body["detail"]
    assert f"unexpected error {name}" in caplog.text
    assert "ValueError: a detail" in caplog.text


PAUSE = "/connections/psa/pause"
DECISION = {"key": "k", "fingerprint": "f", "action": "Approve"}


def decisions(**changes: Any) -> tuple[str, Any]:
    return "/decisions", {"workbook_id": "abcdefghij", "decisions": [DECISION | changes]}


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        (PAUSE, {}, "json, why"),
        (PAUSE, {"why": 1}, "json, why"),
        (PAUSE, {"why": "a\x00b"}, "json, why"),
        (PAUSE, {"why": "\ud800"}, "json, why"),
        (PAUSE, {"why": "x" * 201}, "json, why"),
        (PAUSE, {"why": "x", "until": "2026-12-01"}, "json, until"),
        (PAUSE, [], "json, _schema"),
        (*decisions(quantity=28), "json, decisions, 0, quantity"),
        (*decisions(quantity=2.5), "json, decisions, 0, quantity"),
        (*decisions(quantity="1e3"), "json, decisions, 0, quantity"),
        (*decisions(quantity="28\n"), "json, decisions, 0, quantity"),
        (*decisions(quantity="NaN"), "json, decisions, 0, quantity"),
        (*decisions(quantity="٣"), "json, decisions, 0, quantity"),
        (*decisions(new_price="1.1234567"), "json, decisions, 0, new_price"),
        (*decisions(action="approve"), "json, decisions, 0, action"),
        (*decisions(effective_date="2026-02-30"), "json, decisions, 0, effective_date"),
        (*decisions(effective_date="0001-01-01"), "json, decisions, 0, effective_date"),
        (*decisions(place="a.xlsx"), "json, decisions, 0, place"),
        ("/connections", {"name": "A", "connector": "pax8"}, "json, name"),
        ("/connections", {"name": "a", "connector": "pax8", "per_minute": 60.0}, "json, per_minute"),
        ("/connections", {"name": "a", "connector": "pax8", "per_minute": True}, "json, per_minute"),
        ("/connections", {"name": "a", "connector": "pax8", "per_minute": "60"}, "json, per_minute"),
        ("/connections/psa/reads", {"full": 1}, "json, full"),
        ("/connections/psa/reads", {"full": "true"}, "json, full"),
        ("/runs", {"period": "2026-13"}, "json, period"),
        ("/runs", {"period": "2026-11\n"}, "json, period"),
    ],
)
def test_a_body_that_is_not_as_documented_names_the_field(anna: Person, path: str, body: Any, place: str) -> None:
    refused = anna.post(path, body, 422)
    assert (refused["type"], places(refused)) == ("urn:tieout:problem:input", [place])


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/runs?limit=0", "query, limit"),
        ("/runs?limit=1e3", "query, limit"),
        ("/runs?limti=5", "query, limti"),
        ("/mapping?limit=5", "query, limit"),
        ("/activity?before=99999999999999999999", "query, before"),
        ("/activity?run=%00", "query, run"),
    ],
)
def test_a_parameter_that_is_not_as_documented_is_named(anna: Person, path: str, place: str) -> None:
    assert places(anna.ask("GET", path, expect=422).get_json()) == [place]


@pytest.mark.parametrize("path", ["/runs/%00", "/runs/..", "/runs/a%2Fb", "/reads/99999999999999999999", "/reads/-1", "/jobs/%ff"])
def test_a_name_that_cannot_be_one_names_nothing(anna: Person, path: str) -> None:
    assert anna.ask("GET", path, expect=404).mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/runs/2026-11-9", "/reads/77", "/jobs/none", "/submissions/none", "/submissions/none/receipts", "/connections/none"]
)
def test_what_is_not_there_is_not_found(anna: Person, path: str) -> None:
    assert anna.ask("GET", path, expect=404).get_json()["type"] == "urn:tieout:problem:unknown"


def test_a_body_of_another_kind_or_too_large_is_refused_before_it_is_read(anna: Person) -> None:
    assert anna.ask("POST", PAUSE, data="why=x", content_type="text/plain", expect=415).mimetype == "application/problem+json"
    anna.ask("POST", PAUSE, data="{", content_type="application/json", expect=400)
    anna.ask("POST", "/copies", data="{}", content_type="application/json", expect=415)
    stated = {"CONTENT_LENGTH": str(LARGEST + 1)}
    anna.ask("POST", PAUSE, data="{}", content_type="application/json", environ_overrides=stated, expect=413)


def test_a_submission_wants_its_sender_s_key(site: Site, anna: Person) -> None:
    run_id = site.run()
    body = {"digest": "0" * 64}
    for key in (None, "short", "with blanks in it", "x" * 201):
        headers = {"Idempotency-Key": key} if key else {}
        refused = anna.ask("POST", f"/runs/{run_id}/submissions", json=body, headers=headers, expect=422).get_json()
        assert places(refused) == ["headers, Idempotency-Key"]


def test_a_row_that_is_decided_twice_in_one_request_is_refused(site: Site, anna: Person) -> None:
    run_id = site.run()
    decision = site.decision(run_id)
    body = {"workbook_id": site.issued(anna, run_id), "decisions": [decision, decision]}
    assert "2 times" in anna.post("/decisions", body, 422)["problems"][0]["message"]
