"""With a safeguard taken out, the suite says that it is."""

import pytest

from tests.crash.program import crash, found

ENOUGH = "300"
"""Scenarios, if it is not noticed before."""


@pytest.mark.parametrize(
    ("broken", "shows"),
    [("no-look", ("doubled", "wrongly told")), ("no-settling", ("doubled",)), ("no-commit", ("wrongly told",))],
)
def test_a_safeguard_that_is_missing_is_noticed(broken: str, shows: tuple[str, ...]) -> None:
    until = [part for name in shows for part in ("--until", name)]
    told = crash("--on", "sqlite", "--scenarios", ENOUGH, "--broken", broken, *until)
    assert told.returncode == 1, told.stdout + told.stderr
    assert all(found(told.stdout)[kind] > 0 for kind in shows), told.stdout


def test_a_commit_at_which_nobody_was_killed_is_noticed() -> None:
    told = crash("--on", "sqlite", "--scenarios", "1")
    assert told.returncode == 1
    assert "never killed: before commit submitted" in told.stdout
