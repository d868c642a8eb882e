"""A server that does to its connections exactly what a test says, and keeps every byte that came."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.addresses import Address
from connectors.client import Patience
from connectors.connectwise import ApiKeys
from connectors.write_client import WriteClient
from connectors.writing import Request
from tests.connectors.api.sandboxes import SECRETS


def answer(body: bytes = b"{}", status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


KEYS = {"company": "northbridge", "public_key": SECRETS[0], "private_key": SECRETS[1]}
SHORT = Patience(timeout=0.3)
MORE = Decimal(28)

Conduct = Callable[["Talk"], None]
"""What happens on a connection; when it comes back, the connection is closed."""


@dataclass
class Wire:
    """What came: a list of requests for each connection that was made."""

    address: Address
    connections: list[list[bytes]] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)  # a connection has been closed by us

    @property
    def requests(self) -> list[bytes]:
        return [request for connection in self.connections for request in connection]


@dataclass
class Talk:
    """One connection, from our side."""

    connection: socket.socket
    requests: list[bytes]

    def read(self) -> None:
        """Takes in one whole request."""
        came = b""
        while b"\r\n\r\n" not in came:
            came += self._more()
        head, _, body = came.partition(b"\r\n\r\n")
        lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        while len(body) < sum(lengths):
            body += self._more()
        self.requests.append(head + b"\r\n\r\n" + body)

    def _more(self) -> bytes:
        part = self.connection.recv(65536)
        if not part:
            raise ConnectionError("the caller closed")
        return part

    def say(self, content: bytes) -> None:
        self.connection.sendall(content)


@contextmanager
def wire(*conducts: Conduct) -> Iterator[Wire]:
    """Treats the first connection as the first says, and so on; there is none to make after the last."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        host, port = listening.getsockname()
        made = Wire(Address("http", host, port, "/v4_6_release/apis/3.0", host))

        def serve() -> None:
            for conduct in conducts:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                talk = Talk(connection, [])
                made.connections.append(talk.requests)
                with connection, suppress(OSError):
                    conduct(talk)
                made.closed.set()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield made
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def change(line: int, quantity: Any = MORE) -> Request:
    """A change of an addition's quantity."""
    body = [{"op": "replace", "path": "quantity", "value": quantity}]
    return Request("PATCH", f"/finance/agreements/871/additions/{line}", body)


def sent_over(*conducts: Conduct, patience: Patience = SHORT, requests: int = 1) -> tuple[list[Any], Wire]:
    """So many changes sent by one client, to a server that treats its connections so."""
    with wire(*conducts) as server:
        client = WriteClient(server.address, ApiKeys(KEYS), {}, patience, SECRETS)
        sent = []
        for number in range(requests):
            if number:
                server.closed.wait(0.05)
            sent.append(client.send(change(number)))
        client.close()
    return sent, server


def well(talk: Talk) -> None:
    """Answers as long as it is asked."""
    while True:
        talk.read()
        talk.say(answer())
