"""Forty kills of the full service: two workers on PostgreSQL, and one process on SQLite, beside a PSA on a bad day."""

import random
import time
from collections.abc import Callable
from pathlib import Path

from server.jobs.running import launch
from tests.databases import Server
from tests.server.jobs.judge import Verdict, judge
from tests.server.jobs.site import FIRST, made, site_at, until
from tests.server.jobs.trouble import troubled
from tests.server.jobs.workers import Worker, workers

SEED = 20261124


def kill(chosen: list[Worker], kills: int, open_: Callable[[], bool], arrived: Callable[[], int]) -> int:
    """Kills one of the workers at a random moment after some of its requests, starts it again, and so on; how many kills."""
    dice = random.Random(SEED)  # noqa: S311 -- no secret
    done = 0
    while done < kills and open_():
        worker = dice.choice(chosen)
        before, end = arrived(), time.monotonic() + 2
        while arrived() < before + 3 and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(dice.uniform(0.0, 0.2))
        worker.kill()
        worker.start()
        done += 1
    return done


def day(location: str, slots: str, agreements: int, kills: int) -> tuple[Verdict, int]:
    """Four changes of each agreement are sent, by workers in these slots; what is wrong in the end, and how many kills."""
    with troubled(SEED) as psa, site_at(location, psa) as site:
        decided = made(site.model)
        for number in range(agreements):
            decided.agreement(FIRST + number)
        sent = site.submission(decided.changes)
        assert len(site.store.writes.changes(sent.id)) == 4 * agreements
        with launch(site.house, worker=False) as web:
            web.wake(sent.id)
        ended = site.at_end(sent)
        with workers(location, *slots) as chosen:
            done = kill(chosen, kills, lambda: not ended(), lambda: len(psa.faults.seen))
            until(ended, 60)
        psa.faults.settle()
        return judge(site, [sent]), done


def test_two_workers_on_postgresql_are_killed_34_times(postgresql_server: Server, migrated: str) -> None:
    with postgresql_server.database(migrated) as url:
        assert day(url, "ab", 30, 34) == (Verdict(), 34)


def test_one_process_on_sqlite_is_killed_6_times(tmp_path: Path) -> None:
    assert day(str(tmp_path / "tieout.sqlite"), "a", 6, 6) == (Verdict(), 6)
