"""The fast form on PostgreSQL; `make crash` is the long one."""

from tests.crash.program import FAST, NONE, crash, found, played
from tests.databases import Server


def test_nothing_is_lost_doubled_wrongly_told_or_unexplained_on_postgresql(postgresql_server: Server) -> None:
    with postgresql_server.database() as url:
        told = crash("--on", "postgresql", "--server", url, "--scenarios", str(FAST))
    assert told.returncode == 0, told.stdout + told.stderr
    assert found(told.stdout) == NONE
    assert played(told.stdout) >= FAST
    print(told.stdout)
