"""Which worker is which. A worker has a slot; the job engine gives its jobs back to whoever starts in the same slot again.

So two must never share one, and a worker that never comes back must be known for dead. The slot is a lock that the system itself
gives back when the process ends, however it ends: an advisory lock of PostgreSQL, or a file beside a SQLite store.
"""

import hashlib
import socket
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import URL, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from server.jobs.engine import is_sqlite, system_url

TAKEN_WITHIN = 5.0
"""Seconds that a slot is asked for again: another worker may just be looking whether it is free."""

EMBEDDED = "embedded"
"""The executor of a SQLite store: there is one."""


class SlotTaken(Exception):  # noqa: N818 - named for what is wrong
    """Another worker runs in this slot: stop it, or choose another slot with --slot."""


class Slot(Protocol):
    """A slot that is held."""

    executor: str  # as the job engine names it, the same after a restart

    def keep(self) -> None:
        """Takes the slot again if the lock was lost, as with a restart of the database."""

    def is_dead(self, executor: str) -> bool:
        """Whether nobody runs in that one's slot."""

    def leave(self) -> None:
        """Gives the slot back."""


def take_slot(location: str, slot: str) -> Slot:
    """The slot of this worker; SlotTaken where another one runs in it.

    By default slots are counted on each machine: its name, and 0. A second worker on one machine needs another slot.
    """
    url = system_url(location)
    made: Slot = FileSlot(f"{url.database}-slot") if is_sqlite(url) else DatabaseSlot(url, f"{socket.gethostname()}-{slot}")
    return made


@dataclass
class FileSlot:
    """The only slot of a SQLite store."""

    path: str
    executor: str = EMBEDDED

    def __post_init__(self) -> None:
        self._lock = sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)
        if not _within(TAKEN_WITHIN, self._taken):
            self._lock.close()
            raise SlotTaken(f"another process runs the jobs of this store ({self.path} is locked): stop it first")

    def _taken(self) -> bool:
        try:
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return False
        return True

    def keep(self) -> None:
        """A file's lock is not lost."""

    def is_dead(self, executor: str) -> bool:
        return executor != self.executor

    def leave(self) -> None:
        self._lock.close()


class DatabaseSlot:
    """One of the slots of a PostgreSQL database, held by a connection of its own."""

    def __init__(self, url: URL, executor: str) -> None:
        self.executor = executor
        alive = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
        self._engine: Engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=alive)
        self._lock = self._engine.connect()
        if not _within(TAKEN_WITHIN, self._taken):
            self.leave()
            raise SlotTaken(f"another worker runs as {executor}: stop it, or choose another slot with --slot")

    def _taken(self) -> bool:
        return bool(self._lock.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _key(self.executor)}))

    def keep(self) -> None:
        try:
            self._lock.scalar(text("SELECT 1"))
        except DBAPIError:
            self._lock.close()
            self._lock = self._engine.connect()
            self._taken()

    def is_dead(self, executor: str) -> bool:
        if executor == self.executor:
            return False
        with self._engine.connect() as connection:
            return bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _key(executor)}))

    def leave(self) -> None:
        self._lock.close()
        self._engine.dispose()


def _key(executor: str) -> int:
    digest = hashlib.sha256(f"tieout worker {executor}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _within(seconds: float, done: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
