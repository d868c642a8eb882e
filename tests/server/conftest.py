"""Fixtures of the server's tests."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.store import Store, open_store
from tests.databases import Server


class Clock:
    """A clock that a test sets; it moves one second with every look."""

    def __init__(self) -> None:
        self.moment = dt.datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        self.moment += dt.timedelta(seconds=1)
        return self.moment


@pytest.fixture(scope="session")
def migrated(postgresql_server: Server) -> str:
    """The name of a PostgreSQL database with an empty store in it, to make others from."""
    postgresql_server.execute("CREATE DATABASE migrated TEMPLATE template0")
    open_store(postgresql_server.url("migrated")).close()
    return "migrated"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An open, empty store on each database in turn."""
    if request.param == "sqlite":
        with open_store(tmp_path / "tieout.sqlite", Clock()) as opened:
            yield opened
        return
    server: Server = request.getfixturevalue("postgresql_server")
    with server.database(request.getfixturevalue("migrated")) as url, open_store(url, Clock()) as opened:
        yield opened
