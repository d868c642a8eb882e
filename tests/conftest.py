"""What all tests share."""

import gc

import pytest

gc.set_threshold(100_000, 20, 50)
"""Tests load half a gigabyte of modules, which the collector looks through again and again: a twentieth of the time."""

LONG = (
    "crash/test_crash_postgresql", "crash/test_crash_sqlite", "server/jobs/test_kills", "server/jobs/test_driving",
    "workbooks/survival/test_survival", "workbooks/test_every_shape", "server/jobs/", "workbooks/survival/", "server/test_demo",
    "addin/commands/",
)  # fmt: skip
"""Files that take longest, since a file's tests share a process: begun first, so that at the end no process is alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Nothing depends on the order."""

    def place(item: pytest.Item) -> int:
        return next((number for number, part in enumerate(LONG) if f"tests/{part}" in item.path.as_posix()), len(LONG))

    items.sort(key=place)


pytest_plugins = [
    "tests.scratch",
    "tests.components",
    "tests.crash.telling",
    "tests.databases",
    "tests.golden",
    "tests.ready_schema",
    "tests.compiled_once",
    "tests.ready_reader",
    "tests.workbooks.office",
]
