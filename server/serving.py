"""Serves the API with waitress: on this machine alone, unless it is said that TLS stands in front of it."""

import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Any

from waitress import create_server

from server.api.app import LARGEST, make_app
from server.api.scrubbing import Scrubber, known_secrets
from server.errors import Refused, refuse
from server.house import House, open_house
from server.jobs.protocol import Jobs
from server.progress import Say

HOST, PORT, THREADS = "127.0.0.1", 8470, 8
LOGGERS = ("tieout", "waitress")

log = logging.getLogger("tieout.serving")


def serve(
    location: str,
    jobs_of: Callable[[House], AbstractContextManager[Jobs]],
    say: Say,
    *,
    host: str = HOST,
    port: int = PORT,
    behind_tls: bool = False,
    threads: int = THREADS,
    loopback: bool = False,
) -> None:
    """Serves the installation at that location until SIGTERM or SIGINT; requests that run then have a few seconds to end.

    behind_tls: a proxy with TLS stands in front, so that another address than this machine's own may be bound. Refused without.
    loopback: connections may lead to this machine (the demo). port 0: one that is free; the URL is said.
    """
    check_address(host, behind_tls)
    with open_house(location, loopback=loopback) as house, jobs_of(house) as jobs, logging_to_stderr(house) as scrubber:
        server = _bound(make_app(house, jobs, scrubber.learn), host, port, threads)
        with _stopped_by_signals():
            say(f"serving on {_url(server)}; stop it with Ctrl+C")
            try:
                server.run()
            finally:
                server.close()
                say("stopped")


def _bound(app: Any, host: str, port: int, threads: int) -> Any:
    """The server on a socket of its own, which is bound before anything else is made; Refused where it cannot be."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _not_bound(host, port, error) from error
    try:
        if sys.platform != "win32":  # there it would let two servers share the port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise _not_bound(host, port, error) from error
    return create_server(
        app, sockets=[bound], threads=threads, max_request_body_size=LARGEST, ident="", clear_untrusted_proxy_headers=True
    )


def _not_bound(host: str, port: int, error: OSError) -> Refused:
    said = f"nothing can be served there ({error}): stop what listens there, or choose another with --host and --port"
    return refuse(f"address {host}, port {port}", said)


def check_address(host: str, behind_tls: bool) -> None:
    """Tokens must not cross a network in the open."""
    if not behind_tls and not _is_loopback(host):
        said = (
            "other machines could reach it, and read tokens on the way: bind 127.0.0.1, or put a proxy with TLS in front and say so"
        )
        raise refuse(f"address {host}", said)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _url(server: Any) -> str:
    host, port = (
        server.effective_listen[0] if hasattr(server, "effective_listen") else (server.effective_host, server.effective_port)
    )
    return f"http://{f'[{host}]' if ':' in str(host) else host}:{port}/api/v1"


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """SIGTERM ends it as Ctrl+C does."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def logging_to_stderr(house: House) -> Iterator[Scrubber]:
    """Logs of the service, without the secrets of the connections there are, and of those that the scrubber is told of."""
    scrubber = Scrubber()
    scrubber.learn(known_secrets(house))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(scrubber)
    loggers = [logging.getLogger(name) for name in LOGGERS]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield scrubber
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
