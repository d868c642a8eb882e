"""An installation beside a simulated PSA, on each database in turn."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import client
from server.store import Store, open_store
from tests.connectors.api.sandboxes import NOW, Sandbox, connectwise
from tests.crash.wire import Wire
from tests.databases import Server
from tests.server.write_back.driving_desk import Driven
from tests.server.write_back.loop import Loop, Time, loop_of


@pytest.fixture
def psa() -> Iterator[Sandbox]:
    with connectwise() as sandbox:
        yield sandbox


@pytest.fixture
def here(psa: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loop]:
    """On SQLite only. The clock of the store and of the drivers is one, and moves only with them."""
    monkeypatch.setenv("TIEOUT_KEYRING", "off")
    time, location = Time(NOW + dt.timedelta(hours=1)), str(tmp_path / "tieout.sqlite")
    with open_store(location, time) as store, loop_of(psa, store, location, time) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def loop(request: pytest.FixtureRequest, psa: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loop]:
    """The same on each database in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("here")
        return
    monkeypatch.setenv("TIEOUT_KEYRING", "off")
    time = Time(NOW + dt.timedelta(hours=1))
    server: Server = request.getfixturevalue("postgresql_server")
    with (
        server.database(request.getfixturevalue("migrated")) as url,
        open_store(url, time) as store,
        loop_of(psa, store, url, time) as made,
    ):
        yield made


@pytest.fixture
def driven(store: Store, monkeypatch: pytest.MonkeyPatch) -> Driven:
    monkeypatch.setattr(client, "PinnedTransport", lambda *_: Wire())
    made = Driven(store)
    monkeypatch.setattr(Wire, "ask", staticmethod(made.desk.answer), raising=False)
    return made
