"""Shows the crash suite's table at the end of a test run, also where it passed and whichever worker ran it."""

from pathlib import Path

import pytest

HERE = f"tests/{Path(__file__).parent.name}/test_crash_"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("passed", []):
        if HERE in report.nodeid:
            terminalreporter.write(report.capstdout)
