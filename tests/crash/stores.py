"""A store that is put back to what it held, in no time: a file that is copied, or rows that are put back."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import event, insert, select, text

from server.store import open_store
from server.store.tables import activity
from server.store.tables_sync import connections
from server.store.tables_write_back import changes, submissions, writes
from tests.crash.desk import Clock

CHANGING = (connections, submissions, changes, writes, activity)
"""The tables that write-back writes to, each after those that it refers to."""


class SqliteStore:
    """A SQLite file. SIGKILL of a process loses nothing that it gave to the system, so that it need not be synced to the disk."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._file, self._kept = folder / "tieout.sqlite", folder
        self.store = open_store(self._file, clock)
        self.store.writes.engines.close()
        for engine in (self.store.writes.engines.writes, self.store.writes.engines.reads):
            event.listen(engine, "connect", _unsynced)

    def keep(self, name: str) -> str:
        """Keeps what the store holds, to go back to."""
        self.store.close()
        shutil.copy(self._file, self._kept / name)
        return name

    def rest(self) -> None:
        """Before a fork: a connection that is open over one loses its locks."""
        self.store.close()

    def forked(self) -> None:
        """In the new process: nothing is open here."""

    def back(self, kept: str) -> None:
        """Goes back. No connection is open afterwards."""
        self.store.close()
        for beside in ("-wal", "-shm"):
            Path(f"{self._file}{beside}").unlink(missing_ok=True)
        shutil.copy(self._kept / kept, self._file)


def _unsynced(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


class PostgresqlStore:
    """A PostgreSQL database, whose triggers rest only while its rows are put back."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.store = open_store(url, clock)

    def keep(self, name: str) -> Mapping[Any, Sequence[Mapping[str, Any]]]:
        with self.store.writes.engines.reading() as connection:
            return {table: [dict(row._mapping) for row in connection.execute(select(table))] for table in CHANGING}

    def rest(self) -> None:
        """Before a fork: the parent keeps its connection, which is slow to make."""

    def forked(self) -> None:
        """In the new process: the parent's connection is left alone, and not closed."""
        self.store.writes.engines.writes.dispose(close=False)

    def back(self, kept: Mapping[Any, Sequence[Mapping[str, Any]]]) -> None:
        with self.store.writes.engines.writes.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for table in reversed(CHANGING):
                connection.execute(text(f"DELETE FROM {table.name}"))  # noqa: S608
            for table, rows in kept.items():
                if rows:
                    connection.execute(insert(table), list(rows))


AnyStore = SqliteStore | PostgresqlStore


def open_any(location: str, clock: Clock) -> AnyStore:
    """The store at a URL, or in a folder."""
    return PostgresqlStore(location, clock) if "://" in location else SqliteStore(Path(location), clock)
