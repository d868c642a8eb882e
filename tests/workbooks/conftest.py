"""The example workbook, written once, and LibreOffice, started once."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.run import Reconciliation
from tests.components import require
from tests.workbooks.example import IDENTITY, example
from tests.workbooks.judges import Sdk, assert_valid
from tests.workbooks.office import PYTHON, Office, running
from workbooks.writer import write_workbook


@pytest.fixture(scope="session")
def reconciliation() -> Reconciliation:
    return example()


@pytest.fixture(scope="session")
def issued(reconciliation: Reconciliation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as issued. Nobody writes to it."""
    path = tmp_path_factory.mktemp("issued") / "northwind.xlsx"
    write_workbook(reconciliation, path, IDENTITY)
    assert_valid(path)
    return path


@pytest.fixture(scope="session")
def sdk() -> Sdk:
    """Microsoft's validator."""
    return Sdk(require("ooxml-validator"))


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    programs = require("libreoffice")
    bridge = subprocess.run([PYTHON, "-c", "import uno"], capture_output=True, check=False)
    if bridge.returncode:
        message = "component is missing: LibreOffice"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    with running(programs, tmp_path_factory.mktemp("office")) as made:
        yield made
