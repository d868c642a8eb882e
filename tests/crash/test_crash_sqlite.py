"""The fast form on SQLite; `make crash` is the long one."""

from tests.crash.program import FAST, NONE, crash, found, played


def test_nothing_is_lost_doubled_wrongly_told_or_unexplained_on_sqlite() -> None:
    told = crash("--on", "sqlite", "--scenarios", str(FAST))
    assert told.returncode == 0, told.stdout + told.stderr
    assert found(told.stdout) == NONE
    assert played(told.stdout) >= FAST
    print(told.stdout)
