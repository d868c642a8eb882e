"""What all tests share."""

import gc

gc.set_threshold(100_000, 20, 50)
"""Tests load half a gigabyte of modules, which the collector looks through again and again: a twentieth of the time."""

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
