"""Open ways into the PSA, lent to one lane at a time: opening one costs a handshake, and a lane is a few requests."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from connectors.writing import Writer
from server.house import House

OLDEST = 60.0
"""Seconds that a way is used: within them, changed keys and addresses are taken up."""


@dataclass(frozen=True, slots=True)
class _Way:
    connection: str
    writer: Writer
    open: ExitStack
    since: float


class Writers:
    """As many ways as lanes are driven at once."""

    def __init__(self, house: House, clock: Callable[[], float] = time.monotonic) -> None:
        self._house, self._clock = house, clock
        self._idle: list[_Way] = []
        self._lock = threading.Lock()

    @contextmanager
    def lent(self, connection: str) -> Iterator[Writer | None]:
        """A way into the PSA of that name; None where the PSA is another one by now."""
        way = self._idle_way(connection) or self._opened()
        if way.connection != connection:
            self._give_back(way)
            yield None
            return
        try:
            yield way.writer
        except BaseException:
            way.open.close()
            raise
        self._give_back(way)

    def close_old(self) -> None:
        """Closes what nobody used for a while."""
        with self._lock:
            old, self._idle = [w for w in self._idle if self._old(w)], [w for w in self._idle if not self._old(w)]
        for way in old:
            way.open.close()

    def close(self) -> None:
        """Closes all that is not lent."""
        with self._lock:
            idle, self._idle = self._idle, []
        for way in idle:
            way.open.close()

    def _idle_way(self, connection: str) -> _Way | None:
        self.close_old()
        with self._lock:
            at = next((i for i, way in enumerate(self._idle) if way.connection == connection), None)
            return None if at is None else self._idle.pop(at)

    def _opened(self) -> _Way:
        name, since = self._house.psa().name, self._clock()
        with ExitStack() as stack:
            writer = stack.enter_context(self._house.writer())
            return _Way(name, writer, stack.pop_all(), since)

    def _give_back(self, way: _Way) -> None:
        with self._lock:
            self._idle.append(way)

    def _old(self, way: _Way) -> bool:
        return self._clock() - way.since > OLDEST
