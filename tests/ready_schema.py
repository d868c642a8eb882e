"""Gives new SQLite stores a copy of the tables that the migrations made once: they take a tenth of a second each time."""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.store import schema
from server.store.engine import Engines, connect

BY_MIGRATIONS = schema.prepare
"""The real way, for the tests of the migrations themselves."""

ONE_AT_A_TIME = threading.Lock()


@pytest.fixture(scope="session", autouse=True)
def _ready_schema() -> Iterator[None]:
    """Stores that are no SQLite, or not new, are prepared as always."""
    folder = Path(tempfile.mkdtemp(prefix="tieout-schema-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "prepare", _prepare(folder / "made.sqlite"))
        yield
    shutil.rmtree(folder)


def _prepare(made: Path) -> Callable[[Engines], None]:
    def prepare(engines: Engines) -> None:
        if engines.url.get_backend_name() == "sqlite" and _copy(_made(made), Path(str(engines.url.database))):
            return
        BY_MIGRATIONS(engines)

    return prepare


def _made(made: Path) -> Path:
    with ONE_AT_A_TIME:
        if not made.exists():
            engines = connect(str(made))
            BY_MIGRATIONS(engines)
            engines.close()
    return made


def _copy(made: Path, new: Path) -> bool:
    """Where there is no file yet; of two that are asked for at once, one is made. Whether it is this one."""
    if new.exists():
        return False
    beside = Path(shutil.copyfile(made, new.with_name(f"{new.name}.{os.urandom(4).hex()}")))
    try:
        os.link(beside, new)
    except FileExistsError:
        return False
    finally:
        beside.unlink()
    return True
