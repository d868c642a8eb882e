"""Fixtures of the server's tests."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.store import Store, open_store
from tests.databases import Server
from tests.server.month import KEY, Made, Month, copied, make_month


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


@pytest.fixture(autouse=True)
def _installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A key, and a home of the test's own."""
    monkeypatch.setenv("TIEOUT_KEY", KEY.decode())
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TIEOUT_KEYRING", "off")
    monkeypatch.delenv("TIEOUT_STORE", raising=False)
    monkeypatch.delenv("TIEOUT_SECRETS_KEY", raising=False)


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, str]:
    """The month, reconciled into a SQLite store that nobody changes."""
    folder = tmp_path_factory.mktemp("month")
    location = str(folder / "store" / "tieout.sqlite")
    return make_month(folder, location), location


@pytest.fixture(scope="session")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgresql_server: Server) -> tuple[Made, str]:
    """The month, reconciled into a PostgreSQL database to make others from."""
    postgresql_server.execute("CREATE DATABASE month TEMPLATE template0")
    return make_month(tmp_path_factory.mktemp("month"), postgresql_server.url("month")), "month"


@pytest.fixture
def month(on_sqlite: tuple[Made, str], tmp_path: Path) -> Iterator[Month]:
    """A fresh copy of the month on SQLite."""
    with copied(*on_sqlite, None, tmp_path) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Month]:
    """A fresh copy of the month on each database in turn."""
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else None
    made, source = request.getfixturevalue(f"on_{request.param}")
    with copied(made, source, server, tmp_path) as month:
        yield month
