"""A PSA and an installation on each database in turn. The jobs of a process are one store's, so that tests stop what they start."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.api.sandboxes import Sandbox, connectwise
from tests.databases import Server
from tests.server.jobs.site import Site, site_at


@pytest.fixture
def psa() -> Iterator[Sandbox]:
    with connectwise() as sandbox:
        yield sandbox


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where an empty store is."""
    if request.param == "sqlite":
        yield str(tmp_path / "tieout.sqlite")
        return
    server: Server = request.getfixturevalue("postgresql_server")
    with server.database(request.getfixturevalue("migrated")) as url:
        yield url


@pytest.fixture
def site(location: str, psa: Sandbox) -> Iterator[Site]:
    with site_at(location, psa) as made:
        yield made
