"""The child's side of the wire: the connector's HTTP goes through a pipe to the parent, which tells the time with its answers."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import httpx

from connectors import client
from connectors.client import Patience
from connectors.connectwise_writing import ConnectWiseWriter
from connectors.engine import Connection
from connectors.registry import CONNECTORS
from tests.crash.desk import HOST, Answer, Desk

ONCE = Patience(attempts=1, first_wait=0.0, longest_wait=0.0)
Ask = Callable[..., Answer]


class Wire(httpx.BaseTransport):
    """Hands requests to whoever answers in this process."""

    ask: Ask

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = request.read()
        error, status, answered, content = Wire.ask(
            request.method, request.url.path, dict(request.url.params.items()), headers, body
        )
        if error:
            raise getattr(httpx, error)("broken", request=request)
        return httpx.Response(status, headers=answered, content=content)


def install() -> None:
    """From now on every connection of this process goes over the wire."""
    client.PinnedTransport = lambda *address: Wire()  # type: ignore[assignment, misc]


def open_writer(desk: Desk) -> ConnectWiseWriter:
    """The real writer with the keys of the desk's PSA."""
    keys = desk.psa.keys
    values = {
        "address": HOST, "company": keys.company, "public_key": keys.public_key, "private_key": keys.private_key,
        "client_id": keys.client_id,
    }  # fmt: skip
    return ConnectWiseWriter(Connection(CONNECTORS["connectwise"], values, patience=ONCE, loopback=True))


def over(line: Any, clock: Any) -> tuple[Ask, Callable[[dt.datetime], None]]:
    """Asking and sleeping over a pipe's end."""

    def exchange(*message: Any) -> Any:
        line.send(message)
        answer, now = line.recv()
        clock.until(now)
        return answer

    return lambda *call: exchange("call", *call), lambda moment: exchange("sleep", moment)  # type: ignore[no-any-return]
