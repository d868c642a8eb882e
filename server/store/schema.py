"""Brings a store's tables to the state this program knows, and refuses one that is ahead of it."""

import threading
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from server.store.engine import Engines, shown
from server.store.errors import StoreTooNew

MIGRATIONS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps the migration that runs in a global of its module."""


def prepare(engines: Engines) -> None:
    """Creates or upgrades the schema in one transaction, beside which no other process writes."""
    with ONE_AT_A_TIME:
        scripts = _scripts()
        with engines.reading() as connection:
            if _known_version(connection, scripts, engines) == scripts.get_current_head():
                return
        with engines.writing() as connection:
            _known_version(connection, scripts, engines)  # another process may have upgraded it meanwhile
            upgrade(connection)


@cache
def _scripts() -> ScriptDirectory:
    """The migrations of this program, read once: they do not change while it runs."""
    return ScriptDirectory.from_config(_config())


def upgrade(connection: Connection) -> None:
    """Runs the migrations that the database has not seen, in the connection's transaction."""
    command.upgrade(migration_config(connection), "head")


def migration_config(connection: Connection) -> Config:
    """Alembic's configuration for one connection."""
    config = _config()
    config.attributes["connection"] = connection
    return config


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _known_version(connection: Connection, scripts: ScriptDirectory, engines: Engines) -> str | None:
    version = MigrationContext.configure(connection).get_current_revision()
    if version is not None and version not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreTooNew(f"{shown(engines.url)} was written by a newer Tieout (schema {version}): install that version or later")
    return version
