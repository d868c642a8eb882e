"""The example workbook, written once."""

from pathlib import Path

import pytest

from core.run import Reconciliation
from tests.components import require
from tests.workbooks.example import IDENTITY, example
from tests.workbooks.judges import Sdk, assert_valid
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
