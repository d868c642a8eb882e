"""How fast a connection may go: one pace for its reads and its writes."""

import threading
import time
from collections.abc import Callable
from typing import Protocol


class Waits(Protocol):
    """Anything that holds a request until it may go; one that several processes share is as good as ours."""

    def wait(self) -> None:
        """Comes back when the next request may go."""


class Pace:
    """Holds requests to so many a minute; None: as fast as they come."""

    def __init__(
        self,
        per_minute: int | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 60 / per_minute if per_minute else 0.0
        self._clock, self._sleep, self._next, self._lock = clock, sleep, 0.0, threading.Lock()

    def wait(self) -> None:
        with self._lock:
            now = self._clock()
            start = max(now, self._next)
            self._next = start + self._gap
        if start > now:
            self._sleep(start - now)
