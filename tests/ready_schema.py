"""Makes the tables of new SQLite stores from what the migrations made once: they take a tenth of a second each time."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from server.store import schema
from server.store.engine import connect

BY_MIGRATIONS = schema.upgrade
"""The real way, for the tests of the migrations themselves."""


@pytest.fixture(scope="session", autouse=True)
def _ready_schema() -> Iterator[None]:
    """Stores that are no SQLite, or not new, are upgraded as always."""
    folder = Path(tempfile.mkdtemp(prefix="tieout-schema-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "upgrade", _upgrade(folder / "made.sqlite"))
        yield
    shutil.rmtree(folder)


def _upgrade(made: Path) -> Callable[[Connection], None]:
    statements: list[str] = []

    def upgrade(connection: Connection) -> None:
        if connection.dialect.name != "sqlite" or connection.exec_driver_sql("SELECT 1 FROM sqlite_master").first():
            BY_MIGRATIONS(connection)
            return
        if not statements:
            statements.extend(_made_by_migrations(made))
        for statement in statements:
            connection.exec_driver_sql(statement)

    return upgrade


def _made_by_migrations(made: Path) -> list[str]:
    engines = connect(str(made))
    with engines.writing() as connection:
        BY_MIGRATIONS(connection)
    engines.close()
    with sqlite3.connect(made) as kept:
        found = list(kept.iterdump())
    kept.close()
    return [statement for statement in found if statement not in ("BEGIN TRANSACTION;", "COMMIT;")]
