"""The pace of a connection holds over all processes together, and asks nothing of the store where there is none."""

import datetime as dt
import multiprocessing
import time
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from server.pace import Paces, SharedPace
from server.store import Store, open_store
from server.store.pace import reserve
from server.store.sync_records import KeptConnection
from server.store.tables_pace import paces
from tests.connectors.api.sandboxes import Sandbox
from tests.server.jobs.site import Site, made, site_at

NOW = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)
GAP = dt.timedelta(milliseconds=100)
PER_MINUTE, SECONDS = 1_200, 3.0


class Time:
    """A clock that moves by what is slept."""

    def __init__(self) -> None:
        self.now = NOW
        self.went: list[dt.datetime] = []

    def __call__(self) -> dt.datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)

    def go(self, pace: SharedPace) -> None:
        pace.wait()
        self.went.append(self.now)


def process(store: Store, clock: Time) -> SharedPace:
    return SharedPace(600, lambda now, span: reserve(store.writes.engines, "psa", now, span), clock, clock.sleep)


def test_a_busy_process_goes_one_gap_after_the_other_and_asks_for_several_at_once(store: Store) -> None:
    clock, asked = Time(), []

    def take(now: dt.datetime, span: dt.timedelta) -> dt.datetime:
        asked.append(span)
        return reserve(store.writes.engines, "psa", now, span)

    pace = SharedPace(2_400, take, clock, clock.sleep)
    for _ in range(100):
        clock.go(pace)
    assert {later - one for one, later in pairwise(clock.went)} == {GAP / 4}
    assert asked[:5] == [GAP / 2, GAP, 2 * GAP, 2.5 * GAP, 2.5 * GAP]


def test_two_processes_never_get_the_same_slot_and_leave_none_out(store: Store) -> None:
    clock = Time()
    one, other = process(store, clock), process(store, clock)
    turns = [(one._next(), other._next()) for _ in range(50)]
    of_both = [list(mine) for mine in zip(*turns, strict=True)]
    slots = _before_one_ends(*of_both)
    assert len(slots) >= 50
    assert {later - first for first, later in pairwise(slots)} == {GAP}


def test_time_that_nobody_used_is_not_made_up_for(store: Store) -> None:
    clock = Time()
    pace = process(store, clock)
    for _ in range(20):
        clock.go(pace)
    clock.sleep(600)
    quiet = clock.now
    for _ in range(20):
        clock.go(pace)
    assert clock.went[20] >= quiet
    assert {later - one for one, later in pairwise(clock.went[20:])} == {GAP}


def test_connections_do_not_wait_for_one_another(store: Store) -> None:
    engines = store.writes.engines
    assert reserve(engines, "psa", NOW, 600 * GAP) == NOW
    assert reserve(engines, "pax8", NOW, GAP) == NOW
    assert reserve(engines, "psa", NOW, GAP) == NOW + 600 * GAP


def test_without_a_limit_the_store_is_left_alone(store: Store) -> None:
    kept = KeptConnection("psa", "connectwise", "PSA", {}, None, NOW, "ann", None, None, None)
    assert Paces().of(store.writes.engines, kept, Time()) is None


def test_reads_and_writes_of_a_connection_keep_to_it(location: str, psa: Sandbox) -> None:
    with site_at(location, psa, per_minute=600) as site:
        begun, before = time.monotonic(), len(psa.faults.seen)
        site.submission(made(site.model).agreement(1000).changes)
        with site.house.writer() as writer:
            for _ in range(10):
                writer.look("/finance/agreements/1000/additions/1")
        arrived = len(psa.faults.seen) - before
        assert time.monotonic() - begun >= (arrived - 2) * 0.1
        assert kept_paces(site) == ["psa"]


def kept_paces(site: Site) -> list[str]:
    with site.store.writes.engines.reading() as connection:
        return list(connection.scalars(select(paces.c.connection)))


def test_two_processes_hold_the_rate_together(location: str) -> None:
    open_store(location).close()
    context: Any = multiprocessing.get_context("forkserver")
    results, ready = context.Queue(), context.Barrier(2)
    both = [context.Process(target=_go, args=(location, results, ready), daemon=True) for _ in range(2)]
    for each in both:
        each.start()
    times = [results.get(timeout=60) for _ in both]
    for each in both:
        each.join()
    went = _before_one_ends(*times)
    rate = 60 * (len(went) - 1) / (went[-1] - went[0])
    assert abs(rate - PER_MINUTE) <= 0.05 * PER_MINUTE
    assert min(map(len, times)) >= 0.3 * len(went), "one got almost all"


def _before_one_ends(*of_each: list[Any]) -> list[Any]:
    """What all used, in order, while none had come to its end."""
    begin, end = max(mine[0] for mine in of_each), min(mine[-1] for mine in of_each)
    return sorted(moment for mine in of_each for moment in mine if begin <= moment <= end)


def _go(location: str, results: Any, ready: Any) -> None:
    """Asks as often as it is let, for some seconds."""
    went = []
    with open_store(location) as store:
        kept = KeptConnection("psa", "connectwise", "PSA", {}, PER_MINUTE, NOW, "ann", None, None, None)
        pace = Paces().of(store.writes.engines, kept, store.writes.clock)
        assert pace is not None
        ready.wait()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            pace.wait()
            went.append(time.time())
    results.put(went)
