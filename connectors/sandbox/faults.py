"""What goes wrong between a caller and an API: told beforehand, happens once or so often, then all is well again."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

KINDS = (
    "drop before",  # the connection breaks, and nothing was applied
    "drop after",  # it breaks after the request was applied
    "500 before",
    "500 after",
    "429",
    "409",  # the record is in use
    "503",  # down, and says until when
    "503 without a word",  # down, and does not say
    "redirect",  # leads to another address
    "no JSON",  # applied, and answered with a page for people
    "delay",  # applied and answered, but only after some seconds
    "late",  # the connection breaks, and the request is applied some seconds later
)

REFUSALS: Mapping[str, tuple[int, Any]] = {
    "429": (429, {"error": "ConnectWiseAPI", "message": "Too many requests"}),
    "409": (409, {"code": "Conflict", "message": "The record is in use"}),
    "503": (503, {"message": "Down for maintenance"}),
    "503 without a word": (503, None),
    "redirect": (302, None),
}
"""What is answered without applying the request."""

Apply = Callable[[], Any]


class Text(str):
    """A body that is sent as it is, not as JSON."""


def _headers(fault: "Fault") -> dict[str, str]:
    if fault.kind == "redirect":
        return {"Location": "https://elsewhere.example/"}
    return {"Retry-After": str(round(fault.seconds))} if fault.kind in ("429", "503") else {}


class Dropped(Exception):  # noqa: N818 -- named for what happens
    """The connection is to be broken without an answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the next requests that fit."""

    kind: str
    method: str = "*"
    path: str = "*"
    times: int = 1
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is not a fault; one of {', '.join(KINDS)}")


class Faults:
    """The faults still to come, and the requests still to arrive."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clock, self._sleep, self._lock = clock, sleep, threading.RLock()
        self._faults: list[Fault] = []
        self._late: list[tuple[float, Apply]] = []
        self.seen: list[tuple[str, str]] = []  # method and path of every request, faulty or not

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def _take(self, method: str, path: str) -> Fault | None:
        with self._lock:
            self.seen.append((method, path))
            for at, fault in enumerate(self._faults):
                if fnmatchcase(method, fault.method) and fnmatchcase(path, fault.path):
                    self._faults[at : at + 1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    return fault
        return None

    def settle(self) -> None:
        """Applies what has arrived by now."""
        with self._lock:
            now = self._clock()
            due = [apply for at, apply in self._late if at <= now]
            self._late = [(at, apply) for at, apply in self._late if at > now]
        for apply in due:
            apply()

    def through(self, method: str, path: str, apply: Apply) -> Any:
        """The reply, or what the fault makes of it: Dropped, or a status with a body and headers."""
        self.settle()
        fault = self._take(method, path)
        if fault is None:
            return apply()
        if fault.kind in REFUSALS:
            status, body = REFUSALS[fault.kind]
            return status, body, _headers(fault)
        if fault.kind == "late":
            with self._lock:
                self._late.append((self._clock() + fault.seconds, apply))
            raise Dropped
        if fault.kind == "delay":
            self._sleep(fault.seconds)
            return apply()
        if fault.kind in ("drop after", "500 after", "no JSON"):
            apply()
        if fault.kind.startswith("drop"):
            raise Dropped
        if fault.kind == "no JSON":
            return 200, Text("<html>Please sign in</html>"), {}
        return 500, {"message": "An error has occurred: timeout"}, {}
