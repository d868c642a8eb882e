"""Both engines, each once; the example workbook; and a service on loopback with one run."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from addin.machine import Machine
from tests.addin.commands.world import Desk, issued_to, opened, served, signed_in
from tests.addin.conftest import Made
from tests.addin.engines.excel_like import Engine, activated
from tests.addin.engines.libreoffice_files import LibreOfficeFiles, bridge
from tests.addin.engines.openpyxl_files import OpenpyxlFiles
from tests.components import MARK
from tests.connectors.api.sandboxes import Address
from tests.connectors.api.sandboxes import kept as contents
from tests.server.api.site import Kept, Person, Site, make_site
from tests.workbooks.example import example
from tests.workbooks.lean import write_lean
from tests.workbooks.office import Office
from workbooks.layout_costs import COSTS

NOVEMBERS = "november.xlsx"


@pytest.fixture(scope="session", autouse=True)
def _no_keyring() -> Iterator[None]:
    """Secrets of these services lie beside their stores."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TIEOUT_KEYRING", "off")
        yield


@pytest.fixture(scope="session")
def openpyxl_app() -> Any:
    return activated(Engine("openpyxl", OpenpyxlFiles()))


@pytest.fixture(scope="session")
def libreoffice_app(office: Office) -> Any:
    try:
        bridge()
    except ImportError:
        message = f"{MARK}LibreOffice's bridge for this Python"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    return activated(Engine("libreoffice", LibreOfficeFiles(office.pipe)))


@pytest.fixture
def app(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The program that has the workbook open, and xlwings' active one: the one over openpyxl, unless a test wants both."""
    import xlwings

    name = getattr(request, "param", "openpyxl")
    found = request.getfixturevalue(f"{name}_app")
    xlwings.engines[name].activate()
    yield found
    xlwings.engines.active = None


@pytest.fixture
def computer(machine: Made) -> Machine:
    return machine()


@pytest.fixture(scope="session")
def northwind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, with the sheets that are decided on. Nobody writes to it."""
    path = tmp_path_factory.mktemp("northwind") / "northwind & 100% = ok.xlsx"
    write_lean(example(), path, COSTS)
    return path


@pytest.fixture
def desk(app: Any, computer: Machine, northwind: Path) -> Iterator[Desk]:
    """A month of three vendors, open and never sent anywhere."""
    with opened(app, computer, northwind) as made:
        yield made


@pytest.fixture(scope="session")
def issued_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A run of one line (25 billed, 28 counted), and its workbook as Anna got it."""
    folder = tmp_path_factory.mktemp("issued")
    with Address().open() as address:
        with make_site(folder, address=address) as made:
            issued_to(made, made.person("Anna"), made.run(), folder / NOVEMBERS)
            kept = Kept(folder, made.loop.time(), address, contents(made.loop.model))
        yield kept


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """An empty one; for who asks for `live`, the one of `issued_once`."""
    kept = request.getfixturevalue("issued_once") if "live" in request.fixturenames else None
    with make_site(tmp_path, kept) as made:
        yield made


@pytest.fixture
def anna(site: Site) -> Person:
    return site.person("Anna")


@pytest.fixture
def signed(site: Site, anna: Person, computer: Machine) -> Iterator[Machine]:
    """Anna's computer, signed in to the service."""
    with served(site) as address:
        signed_in(computer, address, anna)
        yield computer


@pytest.fixture
def live(app: Any, site: Site, signed: Machine, tmp_path: Path) -> Iterator[Desk]:
    """A run of one line (25 billed, 28 counted), issued to Anna and open."""
    with opened(app, signed, tmp_path / NOVEMBERS) as made:
        yield made
