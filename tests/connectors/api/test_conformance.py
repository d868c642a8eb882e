"""What every connector must do. A new one needs a sample, a golden file and a simulator, and no test of its own."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors import errors
from connectors.client import Patience
from connectors.engine import Connector, Read
from connectors.registry import CONNECTORS
from connectors.sandbox.faults import Fault
from core.frames import check, records
from core.records import Charge
from tests.connectors.api.recorded import SAMPLES, as_text, read_sample, recorded_pages, served
from tests.connectors.api.sandboxes import NOW, QUICK, SANDBOXES, SECRETS, Sandbox

BASES = {name: connector.base_path for name, connector in CONNECTORS.items()}
NOT_TOLD: dict[str, set[str]] = {"connectwise": set(), "pax8": {"assigned", "amount", "start", "until"}}
"""Fields of our records that an API does not tell."""


@pytest.fixture(params=sorted(CONNECTORS))
def connector(request: pytest.FixtureRequest) -> Connector:
    return CONNECTORS[request.param]


@pytest.fixture
def sandbox(connector: Connector) -> Iterator[Sandbox]:
    with SANDBOXES[connector.name]() as running:
        yield running


def test_it_is_registered_under_its_name(connector: Connector) -> None:
    assert CONNECTORS[connector.name] is connector
    assert connector.fills in connector.reads


def test_every_setting_is_documented_and_a_switch_has_its_default_among_its_choices(connector: Connector) -> None:
    for setting in connector.settings:
        assert setting.title
        assert setting.help.endswith(".")
        assert not setting.choices or setting.default in setting.choices
    assert any(setting.secret for setting in connector.settings)


def test_the_recorded_pages_are_asked_for_exactly_and_read_as_the_golden_file_says(
    connector: Connector, golden: Callable[[Path, str], None]
) -> None:
    read, recorded = read_sample(connector)
    assert recorded.other == []
    assert recorded.asked == dict.fromkeys(recorded.pages, 1)
    golden(SAMPLES / f"{connector.name}.expected.json", as_text(read, connector))


def test_every_field_is_filled_and_the_frame_is_as_declared(connector: Connector) -> None:
    read, _ = read_sample(connector)
    check(connector.fills, read.frame)
    found: list[Any] = records(connector.fills, read.frame)
    empty = {f.name for f in fields(connector.fills) if all(getattr(r, f.name) is None for r in found)}
    assert empty == NOT_TOLD[connector.name]


def test_zero_is_kept(connector: Connector) -> None:
    read, _ = read_sample(connector)
    found: list[Any] = records(connector.fills, read.frame)
    assert Decimal(0) in {record.quantity for record in found}


def test_the_same_answers_have_the_same_digest_and_others_another(connector: Connector) -> None:
    first, second = read_sample(connector)[0], read_sample(connector)[0]
    assert first.source.sha256 == second.source.sha256
    recorded = recorded_pages(connector.name)
    body = next(page["body"] for (method, *_), page in recorded.pages.items() if method == "GET")
    (body if isinstance(body, list) else body["content"])[0]["phone"] = "555-0100"
    with served(recorded, connector) as connection:
        assert connection.read(NOW).source.sha256 != first.source.sha256


def test_two_terms_of_one_sku_stay_two() -> None:
    for connector in CONNECTORS.values():
        if connector.fills is Charge:
            charges = records(Charge, read_sample(connector)[0].frame)
            one_sku = {c.vendor_service_id for c in charges if c.sku == charges[0].sku}
            assert len(one_sku) == 2


def test_all_pages_are_read_and_progress_is_told(sandbox: Sandbox) -> None:
    sandbox.fill(2001 if sandbox.connector.name == "connectwise" else 401)
    told: list[tuple[str, int, int]] = []
    read = sandbox.read(progress=lambda what, pages, rows: told.append((what, pages, rows)))
    title = sandbox.connector.reads[sandbox.connector.fills].title
    wanted = 2001 if sandbox.connector.name == "connectwise" else 401
    assert len(read.frame) == read.source.rows == wanted
    assert [(pages, rows) for what, pages, rows in told if what == title][-1] == (3, wanted)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, errors.FixCredentials),
        (403, errors.GrantPermission),
        (404, errors.FixCredentials),
        (302, errors.FixAddress),
        (500, errors.TryLater),
        (503, errors.TryLater),
        (400, errors.WillNotHelp),
    ],
)
def test_a_refusal_is_named_by_what_to_do(connector: Connector, status: int, error: type[errors.ConnectorError]) -> None:
    recorded = recorded_pages(connector.name)
    first = next(endpoint for endpoint in connector.reads.values())
    for (method, path, _), page in recorded.pages.items():
        if method == "GET" and path.endswith(first.path):
            page |= {"status": status, "body": {"message": "so says the API"}}
    with served(recorded, connector) as connection, pytest.raises(error, match=r"so says the API|leads to another") as refusal:
        connection.read(NOW)
    assert first.path in str(refusal.value)
    if isinstance(refusal.value, errors.GrantPermission):
        assert refusal.value.permission == first.permission
        assert first.permission in str(refusal.value)


@pytest.mark.parametrize("body", [b"<html>", b'{"rows": NaN}', b'"text"', b"[1]", b'{"content": 5, "page": {}}'])
def test_an_answer_that_is_no_list_is_named(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    with sandbox.connect() as connection:
        real = connection.client._http.get

        def get(*arguments: object, **options: object) -> object:
            response = real(*arguments, **options)  # type: ignore[arg-type]
            response._content = body
            return response

        monkeypatch.setattr(connection.client._http, "get", get)
        with pytest.raises(errors.WillNotHelp):
            connection.read(NOW)


def test_what_is_refused_for_good_is_not_tried_again(connector: Connector) -> None:
    recorded = recorded_pages(connector.name)
    key = next(key for key in recorded.pages if key[0] == "GET")
    recorded.pages[key]["status"] = 403
    with served(recorded, connector) as connection, pytest.raises(errors.GrantPermission):
        connection.read(NOW)
    assert recorded.asked[key] == 1


@pytest.mark.parametrize("kind", ["500 before", "drop before", "drop after", "429"])
def test_a_passing_fault_is_not_noticed(sandbox: Sandbox, kind: str) -> None:
    sandbox.fill(3)
    sandbox.faults.add(Fault(kind, path=sandbox.lists, times=2, seconds=0))
    assert len(sandbox.read().frame) == 3


@pytest.mark.parametrize("kind", ["500 before", "drop before"])
def test_a_lasting_fault_is_tried_as_often_as_patience_allows(sandbox: Sandbox, kind: str) -> None:
    sandbox.faults.add(Fault(kind, path=sandbox.lists, times=99))
    with pytest.raises(errors.TryLater):
        sandbox.read()
    assert sum(path.endswith(sandbox.lists[1:]) for _, path in sandbox.faults.seen) == QUICK.attempts


def test_a_wait_that_the_api_asks_for_is_kept(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waited.append)
    sandbox.faults.add(Fault("429", path=sandbox.lists, seconds=7))
    sandbox.read()
    assert waited == [7.0]


def test_a_wait_beyond_our_patience_is_handed_on(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("429", path=sandbox.lists, seconds=7))
    with pytest.raises(errors.TryLater) as refusal:
        sandbox.read(patience=Patience(attempts=3, longest_retry_after=5))
    assert refusal.value.retry_after == 7


def test_pages_that_run_in_a_circle_are_noticed(connector: Connector) -> None:
    """A link back to the first page, or the same page under ever new numbers."""
    recorded = recorded_pages(connector.name)
    first = {path: page["body"] for (_, path, query), page in recorded.pages.items() if "page=0" in query}
    for (_, path, _), page in recorded.pages.items():
        page["link"] = page["link"].replace('page=2>; rel="next"', 'page=1>; rel="next"')
        if path in first:
            page["body"] = first[path] | {"page": first[path]["page"] | {"totalPages": 99}}
    with served(recorded, connector) as connection, pytest.raises(errors.WillNotHelp, match="circle"):
        connection.read(NOW)


def test_an_empty_page_that_promises_more_is_a_circle(connector: Connector) -> None:
    recorded = recorded_pages(connector.name)
    path = BASES[connector.name] + next(iter(connector.reads.values())).path
    for (_, asked, _), page in recorded.pages.items():
        if asked == path:
            page["link"] = page["link"] or '<https://x/y?page=1>; rel="next"'
            page["body"] = [] if isinstance(page["body"], list) else page["body"] | {"content": []}
    with served(recorded, connector) as connection, pytest.raises(errors.WillNotHelp, match="circle"):
        connection.read(NOW)


def test_a_total_that_the_rows_do_not_reach_stops_the_read(connector: Connector) -> None:
    recorded = recorded_pages(connector.name)
    for page in recorded.pages.values():
        if isinstance(page["body"], dict) and "count" in page["body"]:
            page["body"]["count"] += 1
        elif isinstance(page["body"], dict) and "page" in page["body"]:
            page["body"]["page"]["totalElements"] += 1
    with served(recorded, connector) as connection, pytest.raises(errors.TryLater, match="states"):
        connection.read(NOW)


def test_a_record_that_cannot_be_read_is_a_problem_with_its_place_and_the_rest_is_kept(connector: Connector) -> None:
    recorded, whole = recorded_pages(connector.name), read_sample(connector)[0]
    endpoint = connector.reads[connector.fills]
    end = endpoint.path.split("/")[-1]
    rows = next(p["body"] for (_, path, _), p in recorded.pages.items() if path.endswith("/" + end))
    row = (rows if isinstance(rows, list) else rows["content"])[0]
    row["quantity"] = "many"
    with served(recorded, connector) as connection:
        read = connection.read(NOW)
    (problem,) = read.problems
    assert str(row["id"]) in problem.place
    assert "quantity is 'many'; a number was expected" in problem.message
    assert len(read.frame) == len(whole.frame) - 1
    assert not read.source.complete
    assert any("quantity" in note for note in read.source.notes)


def test_a_proxy_of_the_machine_is_not_used(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    sandbox.fill(1)
    assert len(sandbox.read().frame) == 1


def test_no_secret_stands_in_a_message_or_a_log(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox.fill(2)
    said: list[object] = [sandbox.read().source]
    secret = next(s.name for s in sandbox.connector.settings if s.secret)
    with sandbox.connect() as connection:
        said.append(repr(connection))
    for values in ({secret: "wrongSecretValue99"}, {}):
        sandbox.faults.add(Fault("500 before", path=sandbox.lists, times=99))
        with pytest.raises(errors.ConnectorError) as refusal:
            sandbox.read(values=values)
        said.append(f"{refusal.value!r} {refusal.value} {refusal.value.__dict__}")
    text = caplog.text + repr(said)
    assert not [s for s in (*SECRETS, "wrongSecretValue99") if s in text]


def test_a_secret_that_the_api_repeats_is_not_passed_on(connector: Connector) -> None:
    recorded = recorded_pages(connector.name)
    secrets = [f"sample-{s.name}" for s in connector.settings if s.secret]
    key = next(key for key in recorded.pages if key[0] == "GET")
    recorded.pages[key] |= {"status": 401, "body": {"message": f"bad keys {' '.join(secrets)}"}}
    with served(recorded, connector) as connection, pytest.raises(errors.FixCredentials, match=r"bad keys \*\*\*") as refusal:
        connection.read(NOW)
    assert not [s for s in secrets if s in str(refusal.value)]


@pytest.mark.parametrize("wrong", ["missing", "unknown", "choice"])
def test_settings_are_checked_before_anything_is_asked(connector: Connector, wrong: str) -> None:
    recorded = recorded_pages(connector.name)
    secret = next(s.name for s in connector.settings if s.secret)
    switch = next(s.name for s in connector.settings if s.choices)
    values, error = {
        "missing": ({secret: ""}, errors.FixCredentials),
        "unknown": ({"colour": "red"}, errors.FixSettings),
        "choice": ({switch: "perhaps"}, errors.FixSettings),
    }[wrong]
    with pytest.raises(error), served(recorded, connector, **values):
        pass
    assert recorded.calls == []


def test_the_golden_files_hold_what_a_person_reviewed(connector: Connector) -> None:
    found = json.loads((SAMPLES / f"{connector.name}.expected.json").read_text(encoding="utf-8"))
    read: Read = read_sample(connector)[0]
    assert len(found[connector.fills.__name__]) == len(read.frame) == read.source.rows
