"""Where the store is, and the two ways into it: reads see one moment, writes follow one another.

On SQLite a transaction that reads before it writes must begin IMMEDIATE, or concurrent updates are lost; readers on such a
connection would queue behind the writer, so they have an engine of their own. On PostgreSQL a transaction lock gives writers the
same order, which the hash chain of the activity and the numbering of runs rest on.
"""

import datetime as dt
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from server.store.errors import DriverMissing, StoreBusy, StoreUnavailable

LOCATION = "TIEOUT_STORE"
BUSY = dt.timedelta(seconds=30)
CACHE_KIB = 65_536
"""Page cache of a SQLite connection: the default of 2 MB is written out again and again while a run is saved."""

DAMAGED = ("not a database", "malformed")
"""How SQLite says that a file is none of its own, or is damaged."""

WRITERS_LOCK = 8_437_001
"""The PostgreSQL advisory lock that every writing transaction of a store holds."""


@dataclass(frozen=True, slots=True)
class Engines:
    """The two engines of one store."""

    url: URL
    reads: Engine
    writes: Engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment of the store and cannot write."""
        with told(self.url), self.reads.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer runs beside."""
        with told(self.url), self.writes.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
            yield connection

    def close(self) -> None:
        self.reads.dispose()
        self.writes.dispose()


def default_location() -> str:
    """TIEOUT_STORE (a path or a URL), else a file in the user's data folder."""
    return os.environ.get(LOCATION) or str(data_folder() / "tieout.sqlite")


def data_folder() -> Path:
    """The folder in which this system keeps a user's application data."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "tieout"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "tieout"
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "tieout"


def url_of(location: str) -> URL:
    """The database URL of a location: a URL, or the path of a SQLite file."""
    if "://" not in location:
        return URL.create("sqlite", database=str(Path(location).expanduser().absolute()))
    try:
        url = make_url(location)
    except (ArgumentError, ValueError):
        raise StoreUnavailable("The store's URL cannot be read; write it as postgresql://user@host/database") from None
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreUnavailable(f"{shown(url)}: the store is a SQLite file or a PostgreSQL database")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise StoreUnavailable("The store needs a file: one in memory could not be shared by its readers and writers")
    return url


def shown(url: URL) -> str:
    """The URL without its password."""
    return url.render_as_string(hide_password=True)


def connect(location: str) -> Engines:
    """The engines of a location; the folder of a SQLite file is made where it is missing."""
    url = url_of(location)
    return _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)


def _sqlite(url: URL) -> Engines:
    folder = Path(str(url.database)).parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"{shown(url)}: its folder cannot be made: {error.strerror}") from error
    return Engines(url, _sqlite_engine(url, "BEGIN", read_only=True), _sqlite_engine(url, "BEGIN IMMEDIATE", read_only=False))


def _sqlite_engine(url: URL, begin: str, read_only: bool) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY.total_seconds()})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late to keep a read and its write together
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql(url: URL) -> Engines:
    if importlib.util.find_spec("psycopg") is None:
        raise DriverMissing(f"{shown(url)} needs the PostgreSQL driver: pip install 'tieout[postgresql]'")
    writes = create_engine(url, pool_pre_ping=True)
    reads = writes.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(url, reads, writes)


@contextmanager
def told(url: URL) -> Iterator[None]:
    """Turns the driver's errors about the database itself into ours, which say where and never show a password."""
    try:
        yield
    except OperationalError as error:
        if "locked" in str(error.orig):
            raise StoreBusy(f"{shown(url)} is busy; try again later, nothing was saved") from error
        raise StoreUnavailable(f"{shown(url)}: {_first_line(error)}; check the location and the rights") from error
    except DBAPIError as error:
        if not any(said in str(error.orig) for said in DAMAGED):
            raise
        raise StoreUnavailable(f"{shown(url)}: {_first_line(error)}; choose another file, or put back a backup") from error


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]
