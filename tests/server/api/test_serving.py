"""A real server on this machine: answers over a socket, says where it is, keeps secrets out of its log, and ends cleanly."""

import http.client
import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.api.app import HEADERS
from server.api.scrubbing import Scrubber, known_secrets
from server.errors import Refused
from server.serving import check_address, logging_to_stderr
from server.store import open_store
from server.store.tokens import Scope
from tests.connectors.api.sandboxes import SECRETS
from tests.server.api.site import Person, Site

PROGRAM = """
import sys
from contextlib import nullcontext
from server.serving import serve
serve(sys.argv[1], lambda house: nullcontext(None), lambda text: print(text, flush=True), port=0)
"""


@contextmanager
def served(location: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The program, and the port it says it is on."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, location], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)/api/v1", process.stdout.readline())
        assert found, process.stderr and process.stderr.read()
        yield process, int(found[1])
    finally:
        process.kill()
        process.communicate()


def asked(port: int, path: str, token: str = "") -> tuple[int, dict[str, str], Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    return answer.status, dict(answer.getheaders()), body


def test_it_serves_until_it_is_told_to_stop_and_its_log_holds_no_secret(tmp_path: Path) -> None:
    location = str(tmp_path / "tieout.sqlite")
    with open_store(location) as store:
        _, token = store.tokens.create("Anna", [Scope.READ], "root")
    with served(location) as (process, port):
        status, headers, body = asked(port, "/api/v1/health")
        assert (status, body) == (200, {"status": "ok", "overdue": 0})
        assert "Server" not in headers
        assert {name: headers[name] for name in HEADERS} == HEADERS
        assert asked(port, f"/api/v1/whoami?token={token}")[0] == 401
        assert asked(port, f"/api/v1/runs?customer={token}", token)[0] == 422
        assert asked(port, "/api/v1/whoami", token)[2]["person"] == "Anna"
        process.send_signal(signal.SIGTERM)
        said, log = process.communicate(timeout=20)
    assert process.returncode == 0
    assert said.strip() == "stopped"
    assert "Anna GET /api/v1/whoami 200" in log
    assert "- GET /api/v1/whoami 401" in log
    assert token.rpartition("_")[2] not in log
    assert "customer" not in log


def test_another_address_wants_it_said_that_tls_stands_in_front() -> None:
    for host in ("127.0.0.1", "::1", "localhost"):
        check_address(host, behind_tls=False)
    for host in ("0.0.0.0", "::", "192.168.1.4", "tieout.example"):  # noqa: S104 - it is refused
        with pytest.raises(Refused, match="TLS in front"):
            check_address(host, behind_tls=False)
        check_address(host, behind_tls=True)


TOKEN = "tieout_abcdefghij_" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        (f"got {TOKEN}.", "got tieout_abcdefghij_***."),
        ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer ***"),
        ("basic QWxhZGRpbjpvcGVu", "basic ***"),
        ("key hunter2-hunter2!", "key ***!"),
        ("one\ntwo\rthree", "one\\ntwo\\rthree"),
        ("a tieout_x of no secret", "a tieout_x of no secret"),
    ],
)
def test_a_log_line_holds_no_secret_and_stays_one_line(said: str, logged: str) -> None:
    scrubber = Scrubber("%(message)s")
    scrubber.learn(["hunter2-hunter2", "key"])
    record = logging.LogRecord("tieout", logging.INFO, "", 0, "%s", (said,), None)
    assert scrubber.format(record) == logged


def test_a_traceback_holds_no_secret() -> None:
    scrubber = Scrubber("%(message)s")
    try:
        raise ValueError(TOKEN)
    except ValueError:
        record = logging.LogRecord("tieout", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    assert TOKEN not in scrubber.format(record)
    assert "ValueError: tieout_abcdefghij_***" in scrubber.format(record)


def test_the_secrets_of_connections_are_known_before_the_first_line(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    psa = site.loop.psa
    secrets = [psa.keys["public_key"], psa.keys["private_key"], psa.keys["client_id"]]
    assert {secret for secret in secrets if secret in SECRETS} <= set(known_secrets(site.loop.house))
    with logging_to_stderr(site.loop.house):
        logging.getLogger("tieout.access").info("a line with %s", psa.keys["private_key"])
    assert "a line with ***" in capsys.readouterr().err


def test_no_answer_holds_a_secret_and_every_one_that_comes_in_is_learnt(site: Site, anna: Person) -> None:
    psa = site.loop.psa
    canary = "canary-secret-93c1"
    anna.ask("DELETE", "/connections/psa")
    keys = {**psa.keys, "private_key": canary}
    answers = [
        anna.ask("POST", "/connections", json={"name": "psa", "connector": "connectwise", "settings": {"address": psa.url, **keys}})
    ]
    answers += [
        anna.ask("POST", "/connections", json={"name": "no", "connector": "pax8", "settings": {"client_secret": canary, "x": "y"}})
    ]
    answers += [
        anna.ask("POST", f"/connections/psa/{what}", json=body)
        for what, body in (("reads", {"full": True}), ("pause", {"why": "x"}))
    ]
    answers += [anna.ask("POST", "/connections/psa/try"), anna.ask("POST", "/connections/psa/resume")]
    paths = (
        "/connections",
        "/connections/psa",
        "/connections/psa/reads",
        "/activity?limit=1000",
        "/connectors",
        "/jobs/sync:psa:1",
    )
    answers += [anna.ask("GET", path) for path in paths]
    assert [answer.status_code for answer in answers] == [201, 422, 202, 200, 200, 200, *[200] * len(paths)]
    assert not [answer.request.path for answer in answers if canary in answer.get_data(as_text=True)]
    assert site.learnt.count(canary) == 2
    assert [job["state"] for job in (answers[-1].get_json(),)] == ["failed"]
