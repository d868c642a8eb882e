"""Jobs on DBOS: reads of connections, and submissions driven to their ends, in one process on SQLite or by workers on PostgreSQL.

The engine gives turns, waits and starts again; it retries nothing. A job is one step, and its argument an id or a name. A wait is
no sleep in a thread: the job ends, and the next one of its kind begins when the time has come.
"""

import datetime as dt
import logging
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from dbos import DBOS
from sqlalchemy import Engine

from server.house import House, open_house
from server.jobs.desk import SYNC, WAKE, WRITE, Desk
from server.jobs.engine import client_of, config_of, engine_of, is_sqlite, migrate, system_url
from server.jobs.protocol import JobStatus
from server.jobs.settings import JobSettings
from server.jobs.slots import Slot, take_slot
from server.jobs.work import Outcome, Stopping, Work

log = logging.getLogger("tieout.jobs")

SWEEP, READS = "sweep", "reads"
STARTS = 20
"""How often one job is begun again after crashes before it is given up; for a lane the next sweep begins another."""

NOTED_WITHIN = 5
"""Seconds in which the engine notes the end of a job that was just finished; what it does not note is done again, harmlessly."""

_at_work: Work | None = None
"""The work of this process: the engine knows its jobs by name, one of each in a process."""


def _work() -> Work:
    if _at_work is None or _at_work.stop.is_set():
        raise Stopping
    return _at_work


# jobs, by the names that stand in the engine's tables


@DBOS.step(name="drive")
def _drive(submission_id: str, lane: str) -> str | None:
    again = _work().drive(submission_id, lane)
    return again.isoformat() if again else None


@DBOS.workflow(name=WRITE, max_recovery_attempts=STARTS)
def _write(submission_id: str, lane: str, number: int) -> None:
    work = _work()
    with work.at_work():
        again = _drive(submission_id, lane)
        if again is not None:
            work.drive_on(submission_id, lane, number + 1, dt.datetime.fromisoformat(again))


@DBOS.step(name="begin")
def _begin() -> str:
    return _work().mark


@DBOS.step(name="read")
def _read(name: str, full: bool, by: str, asked: str, begun_in: str) -> Outcome:
    return _work().read(name, full, by, asked, begun_in)


@DBOS.workflow(name=SYNC, max_recovery_attempts=STARTS)
def _sync(name: str, full: bool, by: str, asked: str) -> Outcome:
    with _work().at_work():
        return _read(name, full, by, asked, _begin())


@DBOS.workflow(name=WAKE, max_recovery_attempts=STARTS)
def _wake(submission_id: str) -> None:
    with _work().at_work():
        _work().wake(submission_id)


@DBOS.workflow(name=SWEEP, max_recovery_attempts=STARTS)
def _sweep(_at: Any, _context: Any) -> None:
    with _work().at_work():
        _work().sweep()


@DBOS.workflow(name=READS, max_recovery_attempts=STARTS)
def _reads(_at: Any, _context: Any) -> None:
    with _work().at_work():
        _work().read_all()


# starting and stopping


@dataclass
class RunningJobs:
    """Jobs as the service asks for them (server.jobs.protocol.Jobs), until `stop`."""

    desk: Desk
    work: Work | None
    engine: Engine | None

    def start_sync(self, name: str, full: bool, by: str) -> str:
        return self.desk.start_sync(name, full, by)

    def wake(self, submission_id: str) -> None:
        self.desk.wake(submission_id)

    def status(self, job_id: str) -> JobStatus:
        return self.desk.status(job_id)

    def __enter__(self) -> "RunningJobs":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Finishes the requests that are on their way; what is left is driven on by the next worker."""
        if self.work is not None:
            _stop(self.work)
        self.desk.close()
        if self.engine is not None:
            self.engine.dispose()


def launch(house: House, *, worker: bool, slot: str = "0", settings: JobSettings | None = None) -> RunningJobs:
    """The jobs of an installation. worker: this process does them too; SlotTaken where another one runs in the slot.

    A process that only asks, such as one that answers the web beside workers, never runs any. The engine's tables are made
    or upgraded first, before anything is served.
    """
    url = system_url(house.location)
    migrate(house.location)
    engine = engine_of(url) if is_sqlite(url) else None
    desk = Desk(client_of(url, engine), house.store, house.store.writes.clock)
    jobs = RunningJobs(desk, None, engine)
    if not worker:
        return jobs
    try:
        held = take_slot(house.location, slot)
        jobs.work = Work(house, desk, held, settings or JobSettings())
        _start(jobs.work, house.location, engine, held)
    except BaseException:
        jobs.stop()
        raise
    return jobs


def _start(work: Work, location: str, engine: Engine | None, slot: Slot) -> None:
    global _at_work
    if _at_work is not None:
        raise RuntimeError("the jobs of another store run in this process")
    _at_work = work
    DBOS(config=config_of(system_url(location), engine, slot.executor))
    DBOS.launch()
    every, most = work.settings.looks_every, work.settings.jobs_at_once
    lanes = work.settings.lanes_at_once
    DBOS.register_queue(WRITE, partition_concurrency=lanes, worker_concurrency=most, polling_interval_sec=every)
    DBOS.register_queue(SYNC, partition_concurrency=1, worker_concurrency=most, polling_interval_sec=every)
    for name in (WAKE, SWEEP):  # no limit over all workers: what a dead one holds would stop the others
        DBOS.register_queue(name, worker_concurrency=1, polling_interval_sec=every)
    _schedule(SWEEP, _sweep, work.settings.sweep)
    _schedule(READS, _reads, work.settings.reads)


def _schedule(name: str, job: Callable[[Any, Any], None], cron: str | None) -> None:
    if cron is None:
        DBOS.delete_schedule(name)
        return
    DBOS.apply_schedules([{"schedule_name": name, "workflow_fn": job, "schedule": cron, "context": None, "queue_name": SWEEP}])


def _stop(work: Work) -> None:
    global _at_work
    was_busy = work.finish()
    if _at_work is work:
        DBOS.destroy(workflow_completion_timeout_sec=NOTED_WITHIN if was_busy else 0)
        _at_work = None
    work.slot.leave()


def run_worker(
    location: str,
    slot: str = "0",
    *,
    settings: JobSettings | None = None,
    loopback: bool = False,
    logging_of: Callable[[House], AbstractContextManager[object]] = nullcontext,
) -> None:
    """Does the jobs of the store there until SIGTERM or Ctrl-C. logging_of: what takes the log while it does."""
    with open_house(location, loopback=loopback) as house, logging_of(house):
        work_until_told(house, slot, settings)


def work_until_told(
    house: House, slot: str = "0", settings: JobSettings | None = None, ready: Callable[[], None] = lambda: None
) -> None:
    """Does jobs until SIGTERM or Ctrl-C, in the main thread of a process. ready: called when it has begun."""
    # Putting is safe within a signal handler; setting an Event waits for ever where its own wait holds the lock.
    told: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: told.put(number))
    jobs = launch(house, worker=True, slot=slot, settings=settings)
    try:
        ready()
        told.get()
    finally:
        jobs.stop()
