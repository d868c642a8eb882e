"""The pace of a connection, held by all processes of an installation together (connectors.pace.Waits).

Slots are moments, one gap apart, and each is given once. A process takes one slot at a time; while it uses every slot it was
given, it takes twice as many at once, up to a quarter of a second's worth: few questions to the database, and no long turn.
A slot that passed unused is lost: made up for much later, it would be a burst.
"""

import datetime as dt
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from server.store.engine import Engines
from server.store.pace import reserve
from server.store.sync_records import KeptConnection

Clock = Callable[[], dt.datetime]
Reserve = Callable[[dt.datetime, dt.timedelta], dt.datetime]


BLOCKS = 240
"""Into which a minute is cut at the least."""

LATEST = dt.timedelta(seconds=1)
"""How long after its moment a slot may still be used."""


class SharedPace:
    """Gives so many slots a minute to the threads of this process, out of those that all processes share."""

    def __init__(self, per_minute: int, take: Reserve, clock: Clock, sleep: Callable[[float], None] = time.sleep) -> None:
        self._gap, self._most = dt.timedelta(minutes=1) / per_minute, max(1, per_minute // BLOCKS)
        self._take, self._clock, self._sleep = take, clock, sleep
        self._slots: deque[dt.datetime] = deque()
        self._at_once, self._lock = 1, threading.Lock()

    def wait(self) -> None:
        """Comes back when the next slot of ours has come."""
        with self._lock:
            slot = self._next()
        left = (slot - self._clock()).total_seconds()
        if left > 0:
            self._sleep(left)

    def _next(self) -> dt.datetime:
        now, missed = self._clock(), False
        while self._slots and self._slots[0] + max(self._gap, LATEST) < now:
            self._slots.popleft()
            missed = True
        if not self._slots:
            self._at_once = 1 if missed else min(2 * self._at_once, self._most)
            first = self._take(now, self._at_once * self._gap)
            self._slots.extend(first + number * self._gap for number in range(self._at_once))
        return self._slots.popleft()


@dataclass(frozen=True, slots=True)
class Paces:
    """The pace of each connection, one for all threads of this process."""

    _paces: dict[tuple[str, int], SharedPace] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, engines: Engines, kept: KeptConnection, clock: Clock) -> SharedPace | None:
        """None where the connection goes as fast as it can: then no table is touched."""
        name, per_minute = kept.name, kept.per_minute
        if per_minute is None:
            return None
        with self._lock:
            if (name, per_minute) not in self._paces:
                self._paces[name, per_minute] = SharedPace(per_minute, lambda now, span: reserve(engines, name, now, span), clock)
            return self._paces[name, per_minute]
