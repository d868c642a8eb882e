"""Reads of connections as jobs: asked for, followed, joined, planned, and begun again after a crash."""

import datetime as dt
from dataclasses import replace

import pytest

from connectors.sandbox.faults import Fault
from server.jobs.protocol import JobState, UnknownJob
from server.jobs.work import NIGHT, due_reads
from server.store.errors import UnknownConnection
from server.store.sync_records import KeptConnection, ReadKind, ReadState
from tests.server.jobs.running import SELDOM, running
from tests.server.jobs.site import Site, made, until
from tests.server.jobs.workers import workers

ENDED = (JobState.DONE, JobState.FAILED)
SLOW = Fault("delay", "GET", "*/additions*", times=10, seconds=1.0)


def test_a_read_is_asked_for_and_followed(site: Site) -> None:
    made(site.model).agreement(1000)
    with running(site, worker=False) as web:
        job = web.start_sync("psa", True, "ann")
        assert web.status(job).state is JobState.WAITING
    site.psa.faults.add(SLOW)
    with running(site) as jobs:
        until(lambda: jobs.status(job).state is JobState.RUNNING)
        until(lambda: (found := site.store.running_read("psa")) is not None and found.rows_read > 0)
        until(lambda: jobs.status(job).state in ENDED)
        assert jobs.status(job).state is JobState.DONE
    (read,) = site.store.reads("psa")
    assert (read.state, read.kind, read.by, read.rows) == (ReadState.GOOD, ReadKind.FULL, "ann", 3)


def test_a_second_request_joins_the_first_and_a_full_one_only_a_full_one(site: Site) -> None:
    with running(site, worker=False) as web:
        quick = web.start_sync("psa", False, "ann")
        assert web.start_sync("psa", False, "ben") == quick
        full = web.start_sync("psa", True, "ben")
        assert full != quick
        assert web.start_sync("psa", True, "ann") == full
    with running(site) as jobs:
        until(lambda: {jobs.status(job).state for job in (quick, full)} == {JobState.DONE})
        assert [r.by for r in site.store.reads("psa")] == ["ben", "ann"]
        assert jobs.start_sync("psa", False, "ann") not in (quick, full)


def test_a_read_that_fails_says_why(site: Site) -> None:
    site.psa.faults.add(Fault("redirect", "GET"))
    with running(site) as jobs:
        job = jobs.start_sync("psa", True, "ann")
        until(lambda: jobs.status(job).state in ENDED)
        assert jobs.status(job).state is JobState.FAILED
        assert "leads to another" in jobs.status(job).said


def test_what_there_is_not_is_said(site: Site) -> None:
    with running(site, worker=False) as web:
        with pytest.raises(UnknownConnection):
            web.start_sync("pax8", True, "ann")
        with pytest.raises(UnknownJob):
            web.status("sync:psa:1")


def test_a_read_whose_worker_was_killed_is_begun_again(location: str, site: Site) -> None:
    made(site.model).agreement(1000)
    with running(site) as jobs:
        first = jobs.start_sync("psa", True, "ann")
        until(lambda: jobs.status(first).state is JobState.DONE)
    site.psa.faults.add(SLOW)
    with running(site, worker=False) as web:
        job = web.start_sync("psa", True, "ann")
        with workers(location, "a") as (worker,):
            until(lambda: (found := site.store.running_read("psa")) is not None and found.rows_read > 0)
            worker.kill()
            assert site.store.reads("psa")[0].state is ReadState.RUNNING
            site.psa.faults.clear()
            worker.start()
            until(lambda: web.status(job).state in ENDED)
        assert web.status(job).state is JobState.DONE
    again, broken, _ = site.store.reads("psa")
    assert (broken.state, broken.problem) == (ReadState.FAILED, "interrupted")
    assert (again.state, again.kind) == (ReadState.GOOD, ReadKind.QUICK)


@pytest.mark.parametrize(
    ("wanted", "hour", "asked"),
    [
        ("", NIGHT, ["full"]),
        ("", NIGHT + 1, ["quick"]),
        ("nightly", NIGHT, ["full"]),
        ("nightly", NIGHT + 1, []),
        ("off", NIGHT, []),
    ],
)
def test_each_connection_is_read_as_it_is_set(wanted: str, hour: int, asked: list[str]) -> None:
    """Hours are those of the MSP's own clock."""
    settings = {"time_zone": "Pacific/Auckland", "scheduled_reads": wanted}
    now = dt.datetime(2026, 6, 10, hour, 20, tzinfo=dt.timezone(dt.timedelta(hours=12)))  # without summer time
    kept = KeptConnection("psa", "connectwise", "PSA", settings, None, now, "ann", None, None, None)
    assert ["full" if full else "quick" for _, full in due_reads([kept], now.astimezone(dt.UTC))] == asked
    assert due_reads([replace(kept, paused_why="keys")], now) == []


def test_planned_reads_are_asked_for_by_the_engine(site: Site) -> None:
    with running(site, replace(SELDOM, reads="* * * * * *")):
        until(lambda: any(read.by == "tieout" and read.finished_at for read in site.store.reads("psa")))
