"""Keeps the files of a test session in memory where there is room: a slow disk takes far longer to make and to delete them."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108 - what Linux offers
ROOM = 3 * 2**30
"""Free bytes that are asked for: a session needs half a gigabyte, and its databases as much again."""


def in_memory() -> Path | None:
    """A folder that lies in memory; None where there is none, or too little."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM else None


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Before pytest chooses its folders. Workers of xdist have theirs inside the first process's."""
    memory = in_memory()
    if memory is None or hasattr(config, "workerinput") or config.getoption("basetemp", None):
        return
    folder = Path(tempfile.mkdtemp(prefix="tieout-tests-", dir=memory))
    folder.chmod(0o711)  # PostgreSQL runs as another user than root
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    made.append(folder)


made: list[Path] = []


def _given_back() -> None:
    """Memory is given back, also after a failure: `pytest --basetemp FOLDER` keeps the files."""
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


atexit.register(_given_back)  # as early as this, it runs after what others clean up in there
