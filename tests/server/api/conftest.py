"""The API over a simulator, fresh for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.api.site import Person, Site, make_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with make_site(tmp_path) as made:
        yield made


@pytest.fixture
def anna(site: Site) -> Person:
    """Somebody who may do everything."""
    return site.person("Anna")
