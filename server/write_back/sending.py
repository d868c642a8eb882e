"""Sends a submission from one process, to its end or until a person must act: the lanes side by side, each in its order."""

import datetime as dt
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from connectors.writing import Writer
from server.store import Store
from server.write_back.driving import Driver
from server.write_back.protocol import Timing

SIDE_BY_SIDE = 4
"""Requests on their way at once; a PSA dislikes more."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a submission has come."""

    ended: int  # writes
    writes: int
    waits_until: dt.datetime | None  # nothing moves before


Tell = Callable[[Progress], None]


def send(
    store: Store,
    writer: Writer,
    submission_id: str,
    timing: Timing,
    *,
    tell: Tell = lambda progress: None,
    clock: Callable[[], dt.datetime] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Drives every lane until nothing is left that time alone moves; whether all is at its end.

    Another process may drive the same lanes; killed, it is given again, and the end is the same.
    """
    now = clock or store.writes.clock
    driver = Driver(store.writes, writer, submission_id, now, timing)
    told = _Told(store, submission_id, tell)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        due: dict[str, dt.datetime | None] = dict.fromkeys(_open_lanes(store, submission_id))
        while due:
            moment = now()
            moving = {pool.submit(driver.lane, lane): lane for lane, at in due.items() if at is None or at <= moment}
            for done in as_completed(moving):
                again = done.result()
                due |= {moving[done]: again}
                if again is None:
                    del due[moving[done]]
                told.maybe(moving=True)
            waits = min((at for at in due.values() if at is not None), default=None)
            told.maybe(waits)
            if waits is not None and waits > now():
                sleep((waits - now()).total_seconds())
    return not _open_lanes(store, submission_id)


@dataclass
class _Told:
    """Tells how far it is: while lanes move not more than once a second, and whenever all of them rest."""

    store: Store
    submission_id: str
    tell: Tell
    last: float = 0.0

    def maybe(self, waits: dt.datetime | None = None, *, moving: bool = False) -> None:
        now = time.monotonic()
        if moving and now - self.last < 1:
            return
        self.last = now
        ended, count = self.store.writes.count(self.submission_id)
        self.tell(Progress(ended, count, waits))


def _open_lanes(store: Store, submission_id: str) -> list[str]:
    return list(dict.fromkeys(w.lane for w in store.writes.of_submission(submission_id) if w.open))
