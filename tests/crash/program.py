"""The suite as a program of its own: it forks, and a test runner has threads, which forks do not take along."""

import re
import subprocess
import sys

FAST = 1_010
"""Scenarios for each of the two databases."""


def crash(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs it with one worker."""
    command = [sys.executable, "-m", "tests.crash", "--workers", "1", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


NONE = {"lost": 0, "doubled": 0, "wrongly told": 0, "unexplained": 0}


def played(told: str) -> int:
    """The number of scenarios."""
    return int(re.findall(r"^scenarios (\d+)", told, re.MULTILINE)[0])


def found(told: str) -> dict[str, int]:
    """What was wrong, by name."""
    return {name: int(count) for name, count in re.findall(r"(lost|doubled|wrongly told|unexplained) (\d+)", told)}
