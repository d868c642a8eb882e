"""The small workbook as issued and as decided, lean and whole, once."""

from pathlib import Path

import pytest

from core.run import Reconciliation
from tests.workbooks.example import IDENTITY
from tests.workbooks.lean import write_lean
from tests.workbooks.office import Office
from tests.workbooks.survival.stages import Bench
from tests.workbooks.survival.world import Said, decide, said, small
from workbooks.writer import write_workbook


@pytest.fixture(scope="session")
def month() -> Reconciliation:
    return small()


@pytest.fixture(scope="session")
def fresh(month: Reconciliation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As issued, with the sheets that are decided on; nobody writes to it."""
    path = tmp_path_factory.mktemp("lean") / "fresh.xlsx"
    write_lean(month, path)
    return path


@pytest.fixture(scope="session")
def lean(fresh: Path) -> Path:
    """The same with a decision of every kind; nobody writes to it."""
    return decide(fresh, fresh.with_name("decided.xlsx"))


@pytest.fixture(scope="session")
def decided(month: Reconciliation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole workbook with the same decisions; nobody writes to it."""
    path = tmp_path_factory.mktemp("whole") / "fresh.xlsx"
    write_workbook(month, path, IDENTITY)
    return decide(path, path.with_name("decided.xlsx"))


@pytest.fixture(scope="session")
def truth(decided: Path, month: Reconciliation) -> Said:
    """What was decided."""
    found = said(decided, month)
    assert (len(found.decisions), found.problems, found.notices) == (12, (), ())
    return found


@pytest.fixture(scope="session")
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    def office() -> Office:
        found: Office = request.getfixturevalue("office")
        return found

    return Bench(tmp_path_factory.mktemp("copies"), office)
