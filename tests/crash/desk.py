"""The PSA's side, in the parent, so that it outlives every kill: answers, faults, people, a clock, and a journal of it all."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.connectwise_server import PREFIX, ConnectWise
from connectors.sandbox.faults import Dropped, Fault, Faults
from connectors.sandbox.service import Call, Reply

HOST = "http://127.0.0.1:8801"
CALL = dt.timedelta(milliseconds=200)
GIVEN_UP = dt.timedelta(seconds=30)
"""After which a caller that hears nothing stops waiting."""

LATE = 100.0
"""Seconds that a late request takes: less than the settling time."""

REFUSED = Reply(400, {"code": "InvalidObject", "message": "agreement is locked"})
NOT_ALLOWED = Reply(403, {"code": "Forbidden", "message": "You do not have permission: Agreements, Edit"})

WRITE_FAULTS = (
    "never sent", "drop before", "drop after", "500 before", "500 after", "429", "409", "503", "refused", "not allowed", "late",
    "no JSON", "delay",
)  # fmt: skip
READ_FAULTS = ("never sent", "drop before", "500 before", "429", "not allowed")

Answer = tuple[str, int, dict[str, str], bytes]
"""What a caller gets: the name of an httpx error or nothing; status, headers and body."""


class Clock:
    """The simulated time, which moves by what happens."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def until(self, moment: dt.datetime) -> None:
        self.now = max(self.now, moment)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened at the PSA."""

    what: str  # look, sent, applied, edit
    path: str
    method: str = ""
    body: str = ""
    at: dt.datetime | None = None  # of what comes over the wire


@dataclass
class Desk:
    """One PSA, what goes wrong on the way to it, and what people do meanwhile. Calls are counted from 1."""

    psa: ConnectWise
    clock: Clock
    faults: Mapping[tuple[str, int], str] = field(default_factory=dict)  # by "read" or "write" and number
    people: Mapping[int, Callable[["Desk"], None]] = field(default_factory=dict)  # what they do before the call of that number
    journal: list[Entry] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"call": 0, "read": 0, "write": 0})

    def __post_init__(self) -> None:
        self._through = Faults(self.clock.seconds, lambda seconds: self.clock.until(self.clock() + dt.timedelta(seconds=seconds)))

    def answer(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Answer:
        call = Call(method, path, {k.lower(): v for k, v in query.items()}, headers, body, HOST)
        self.clock.now += CALL
        kind = "read" if method == "GET" else "write"
        self.counts = {k: n + (k in ("call", kind)) for k, n in self.counts.items()}
        if act := self.people.get(self.counts["call"]):
            act(self)
        fault = self.faults.get((kind, self.counts[kind]))
        try:
            return self._answered(call, kind, fault)
        except Dropped:
            self.clock.now += GIVEN_UP
            return ("ReadTimeout", 0, {}, b"")

    def _answered(self, call: Call, kind: str, fault: str | None) -> Answer:
        if fault == "never sent":
            return ("ConnectError", 0, {}, b"")
        if kind == "write":
            self._note("sent", call)
        if fault in ("refused", "not allowed"):
            return _packed(REFUSED if fault == "refused" else NOT_ALLOWED)
        if fault is not None:
            self._through.add(Fault(fault, seconds=LATE if fault == "late" else 20.0))
        reply = self._through.through(call.method, call.path, lambda: self._apply(call))
        return _packed(reply if isinstance(reply, Reply) else Reply(*reply))

    def _apply(self, call: Call) -> Reply:
        reply = self.psa.answer(call)
        if call.method == "GET":
            self._note("look", call)
        elif reply.status < 300:
            self._note("applied", call)
        return reply

    def _note(self, what: str, call: Call) -> None:
        self.journal.append(Entry(what, call.path.removeprefix(PREFIX), call.method, call.body.decode(), self.clock()))

    def close(self) -> None:
        """Lets everything arrive that is still on its way; from now on nothing goes wrong."""
        self.faults, self.people = {}, {}
        self.clock.now += dt.timedelta(hours=1)
        self._through.settle()


def _packed(reply: Reply) -> Answer:
    if reply.body is None:
        body = b""
    elif isinstance(reply.body, str):
        body = reply.body.encode()
    else:
        body = json.dumps(reply.body, default=float).encode()
    return ("", reply.status, dict(reply.headers), body)


def line_path(agreement: Any, line: Any) -> str:
    return f"/finance/agreements/{agreement}/additions/{line}"
