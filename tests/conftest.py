"""What all tests share."""

import gc

import pytest

gc.set_threshold(100_000, 20, 50)
"""Tests load half a gigabyte of modules, which the collector looks through again and again: a twentieth of the time."""

SURVIVAL = "workbooks/survival"

LONG = ("crash/test_crash_postgresql", "crash/test_crash_sqlite", "server/jobs/test_kills", "server/jobs/", SURVIVAL)
"""Where a test takes a minute, or waits: begun first, so that at the end no process is alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Nothing depends on the order. What wants a LibreOffice runs in two processes of xdist's, which each start one."""

    def place(item: pytest.Item) -> int:
        return next((number for number, part in enumerate(LONG) if f"tests/{part}" in item.path.as_posix()), len(LONG))

    def of_office(item: pytest.Item) -> bool:
        app = getattr(item, "callspec", None) and item.callspec.params.get("app")  # type: ignore[attr-defined]
        return app == "libreoffice" or "office" in getattr(item, "fixturenames", ())

    for item in items:
        if f"tests/{SURVIVAL}/" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("survival"), append=False)
        elif of_office(item):
            item.add_marker(pytest.mark.xdist_group("office"), append=False)
    items.sort(key=lambda item: (place(item), not of_office(item)))


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
