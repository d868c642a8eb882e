"""What the jobs do. Each can be done again after a crash, or twice at once: the store's tables hold what happened."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from connectors.errors import ConnectorError, TryLater
from server.connecting import scheduled, zone_of
from server.errors import Refused
from server.house import House
from server.jobs.alerts import alerts, tell
from server.jobs.desk import Desk
from server.jobs.lanes import due_lanes
from server.jobs.settings import JobSettings
from server.jobs.slots import Slot
from server.jobs.writers import Writers
from server.store import Store
from server.store.errors import ReadRunning, StoreError
from server.store.moving import MACHINE
from server.store.reads import INTERRUPTED
from server.store.sync_records import KeptConnection, KeptRead, ReadState
from server.syncing import sync
from server.write_back.driving import Driver

NIGHT = 4
"""The hour of the MSP's night in which everything is read; clocks are changed before it."""

Outcome = dict[str, object]


class Stopping(BaseException):
    """This worker stops: the job stays as one that runs, and is given to the next worker in its slot. No error of the job."""


@dataclass
class Work:
    """The work of one process."""

    house: House
    desk: Desk
    slot: Slot
    settings: JobSettings
    stop: threading.Event = field(default_factory=threading.Event)
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)  # of this process

    def __post_init__(self) -> None:
        self.writers = Writers(self.house)
        self._busy, self._changed = 0, threading.Condition()

    @property
    def store(self) -> Store:
        return self.house.store

    @property
    def clock(self) -> Callable[[], dt.datetime]:
        return self.store.writes.clock

    # stopping

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Around a job: it is not begun where the worker stops, and is waited for where it was."""
        if self.stop.is_set():
            raise Stopping
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def finish(self) -> bool:
        """Begins nothing more, and waits for the requests that are on their way; whether there were any."""
        self.stop.set()
        with self._changed:
            was_busy = self._busy > 0
            self._changed.wait_for(lambda: not self._busy, self.settings.stops_within.total_seconds())
        self.writers.close()
        return was_busy

    def _count(self, more: int) -> None:
        with self._changed:
            self._busy += more
            self._changed.notify_all()

    # jobs

    def drive(self, submission_id: str, lane: str) -> dt.datetime | None:
        """Drives a lane as far as it goes now; when to come again."""
        writes = self.store.writes
        connection = writes.submission(submission_id).connection
        try:
            with self.writers.lent(connection) as writer:
                if writer is None:
                    return None
                driver = Driver(writes, writer, submission_id, self.clock, self.house.timing, self.stop.is_set)
                return driver.lane(lane)
        except (ConnectorError, Refused) as error:  # there is no way into the PSA
            until = self.clock() + self.house.timing.again if isinstance(error, TryLater) else None
            with suppress(StoreError):
                writes.pause_connection(connection, str(error), until)
            return until

    def drive_on(self, submission_id: str, lane: str, number: int, at: dt.datetime) -> None:
        """Drives the lane on at that moment."""
        connection = self.store.writes.submission(submission_id).connection
        self.desk.drive_lane(submission_id, lane, connection, number, at)

    def wake(self, submission_id: str) -> None:
        """Begins to drive what can move of a submission."""
        self.desk.drive(lane for lane in due_lanes(self.store, self.clock()) if lane.submission_id == submission_id)

    def read(self, name: str, full: bool, by: str, asked: str, begun_in: str) -> Outcome:
        """Reads a connection. begun_in: the process that began the job; where that one died, it reads quickly, from the last good
        read on.
        """
        again = begun_in != self.mark
        if again:
            self._close_broken(name, dt.datetime.fromisoformat(asked), by)
        try:
            with self.house.connect(name) as connection:
                wanted = full and not again
                kept = sync(self.store, connection, name, full=wanted, by=by, clock=self.clock, progress=self._go_on)
        except ReadRunning as error:
            return {"failed": False, "said": str(error)}
        except (ConnectorError, Refused, StoreError) as error:
            return {"failed": True, "said": str(error)}
        return _outcome(kept)

    def _close_broken(self, name: str, asked: dt.datetime, by: str) -> None:
        running = self.store.running_read(name)
        if running is not None and running.started_at >= asked:
            self.store.fail_read(running.id, INTERRUPTED, by)

    def _go_on(self, _what: str, _pages: int, _rows: int) -> None:
        if self.stop.is_set():
            raise Stopping

    def read_all(self) -> None:
        """Asks for the reads of this hour: of each connection everything at night, and else what changed, as it is set."""
        now = self.clock()
        for name, full in due_reads(self.store.connections(), now):
            self.desk.start_sync(name, full, MACHINE)
        self.desk.forget(now - self.settings.kept)

    def sweep(self) -> None:
        """Sees to everything that nobody drives, whatever the reason, and tells what stands still."""
        now = self.clock()
        self.slot.keep()
        self.writers.close_old()
        self.desk.give_back(self.slot.is_dead)
        self.desk.drive(due_lanes(self.store, now))
        self._close_dead_reads()
        tell(self.store, now, alerts(self.store, now, self.settings.overdue_after))

    def _close_dead_reads(self) -> None:
        """Reads that gave no sign of life for long."""
        for kept in self.store.connections():
            newest = next(iter(self.store.reads(kept.name, 1)), None)
            if newest is not None and newest.state is ReadState.RUNNING and self.store.running_read(kept.name) is None:
                self.store.fail_read(newest.id, INTERRUPTED, MACHINE)


def due_reads(connections: Iterable[KeptConnection], now: dt.datetime) -> list[tuple[str, bool]]:
    """What is to be read in this hour of the MSP's day: connections, and whether everything of them."""
    nights = [(kept, now.astimezone(zone_of(kept)).hour == NIGHT) for kept in connections if not kept.paused(now)]
    return [(kept.name, night) for kept, night in nights if scheduled(kept, night)]


def _outcome(kept: KeptRead) -> Outcome:
    failed = kept.state is ReadState.FAILED
    return {"failed": failed, "said": kept.problem or "", "read": kept.id}
