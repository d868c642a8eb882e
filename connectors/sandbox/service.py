"""What the simulators share: a call and its reply as plain data, a Flask app around them, and a server on this machine."""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from connectors.sandbox.faults import Dropped, Fault, Faults, Text

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
CONTROL = "_sandbox/faults"
"""Where faults are told to a simulator that runs as a program of its own."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request. Names of headers and of query parameters are in small letters: they have no case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    host: str  # as the caller named us: http://127.0.0.1:8801

    def json(self) -> Any:
        """The body with exact numbers; ValueError where it is not JSON."""
        return json.loads(self.body, parse_float=Decimal)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. A body of None is an empty one."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


NULL = object()
"""The body that is JSON's null, which None is not."""

Answer = Callable[[Call], Reply]


def app_of(answer: Answer, faults: Faults) -> Flask:
    """The app that answers, unless a fault is to happen first, or after."""
    app = Flask("sandbox", static_folder=None)

    @app.route(f"/{CONTROL}", methods=["POST", "DELETE"])
    def control() -> Response:
        if request.method == "DELETE":
            faults.clear()
        else:
            faults.add(Fault(**json.loads(request.get_data())))
        return Response(status=204)

    @app.route("/", defaults={"path": ""}, methods=METHODS)
    @app.route("/<path:path>", methods=METHODS)
    def everything(path: str) -> Response:
        call = Call(
            request.method,
            request.path,
            {name.lower(): value for name, value in request.args.items()},
            {name.lower(): value for name, value in request.headers.items()},
            request.get_data(),
            request.host_url.rstrip("/"),
        )
        try:
            reply = faults.through(call.method, call.path, lambda: answer(call))
        except Dropped:
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return Response(status=500)
        if not isinstance(reply, Reply):
            reply = Reply(*reply)
        return _response(reply)

    return app


def _response(reply: Reply) -> Response:
    if isinstance(reply.body, Text):
        return Response(reply.body, reply.status, dict(reply.headers), content_type="text/html")
    content = None if reply.body is None else "null" if reply.body is NULL else json.dumps(reply.body, default=float)
    return Response(content, reply.status, dict(reply.headers), content_type="application/json" if content else None)


class _Quiet(WSGIRequestHandler):
    """Says nothing: requests hold keys, and a test's output is read by people."""

    def log(self, type: str, message: str, *args: Any) -> None:
        return


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers on this machine until it is stopped."""

    url: str
    server: BaseWSGIServer
    thread: threading.Thread

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class PortTaken(Exception):  # noqa: N818 -- named for what is wrong
    """The port cannot be listened at."""


def serve(app: Flask, port: int = 0) -> Running:
    """Serves the app on loopback, at a free port where none is named. PortTaken where the named one cannot be had."""
    if port not in range(2**16):
        raise PortTaken(f"port {port} cannot be used: choose another port, up to 65535")
    try:
        listening = socket.create_server(("127.0.0.1", port), backlog=128)
    except OSError as error:
        reason = f"port {port} cannot be used ({error.strerror})"
        raise PortTaken(f"{reason}: stop what listens there, or choose another port") from None
    with listening:  # the server keeps a copy of it
        server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet, fd=listening.fileno())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    return Running(f"http://127.0.0.1:{server.server_address[1]}", server, thread)
