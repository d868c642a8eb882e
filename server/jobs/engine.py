"""Where the job engine (DBOS) keeps its own tables: a file beside a SQLite store, a schema of its own in a PostgreSQL database.

What stands there only drives; the store's tables are the truth. It holds ids, never a secret, as JSON: the engine's default is
pickle, by which whoever writes to the database runs code.
"""

import logging
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy import URL, Connection, Engine, create_engine, event

from server.store.engine import BUSY, url_of

APPLICATION = "tieout"
VERSION = "1"
"""Of the jobs, not of the product: another one leaves the jobs of this one alone. It moves when a job's steps change."""

SCHEMA = "tieout_jobs"


log = logging.getLogger("tieout.jobs")


class _Forwarding(logging.Handler):
    """What the engine says goes where ours goes, through whatever keeps secrets out of it."""

    def emit(self, record: logging.LogRecord) -> None:
        if log.isEnabledFor(record.levelno):
            log.handle(record)


def forward_log() -> None:
    """The engine writes to the terminal by itself only where its logger has no handler."""
    said = logging.getLogger("dbos")
    if not any(isinstance(handler, _Forwarding) for handler in said.handlers):
        said.handlers[:] = [_Forwarding()]
        said.propagate = False


def system_url(location: str) -> URL:
    """The engine's database, for the location of a store."""
    url = url_of(location)
    return url.set(database=f"{url.database}.jobs.sqlite") if is_sqlite(url) else url


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def migrate(location: str) -> None:
    """Creates or upgrades the engine's tables. Every process does it before it serves; one after the other, and one of them."""
    url = system_url(location)
    forward_log()
    DBOS.migrate(url.render_as_string(hide_password=False), schema=SCHEMA)


def engine_of(url: URL) -> Engine:
    """Our own way into a SQLite file: a writer queues from its first statement on, and what is committed is on the disk."""
    engine = create_engine(url, connect_args={"timeout": BUSY.total_seconds()}, pool_size=10, max_overflow=10)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def config_of(url: URL, engine: Engine | None, executor: str) -> DBOSConfig:
    """How a worker runs the engine."""
    config = DBOSConfig(
        name=APPLICATION,
        application_version=VERSION,
        executor_id=executor,
        serializer=DBOSPortableJSONSerializer(),
        run_migrations=False,
        log_level="WARNING",
        dbos_system_schema=SCHEMA,
    )
    if engine is not None:
        config["system_database_engine"] = engine
    else:
        config["system_database_url"] = url.render_as_string(hide_password=False)
        config["sys_db_pool_size"] = 10
    return config


def client_of(url: URL, engine: Engine | None) -> DBOSClient:
    """What asks for jobs and looks after them, in workers and in processes that run none."""
    return DBOSClient(
        system_database_url=None if engine is not None else url.render_as_string(hide_password=False),
        system_database_engine=engine,
        dbos_system_schema=SCHEMA,
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION,
    )
