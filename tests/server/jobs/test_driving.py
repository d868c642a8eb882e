"""A submission is driven to its end by whoever runs, once, and by the sweep where no job knows of it."""

import datetime as dt
import time

from connectors.sandbox.faults import Fault
from server.jobs.desk import RUNNING
from server.store.write_records import WriteState
from tests.connectors.api.sandboxes import connectwise
from tests.databases import Server
from tests.server.jobs.running import jobs_of, running
from tests.server.jobs.site import FIRST, OFTEN, Site, made, site_at, until
from tests.server.jobs.workers import workers


def changed(site: Site) -> int:
    """How many requests arrived that could change something."""
    return sum(method != "GET" for method, _ in site.psa.faults.seen)


def test_a_submission_is_driven_to_its_end(site: Site) -> None:
    sent = site.submission(made(site.model).agreement(FIRST).agreement(FIRST + 1).changes)
    with running(site) as jobs:
        jobs.wake(sent.id)
        until(site.at_end(sent))
        assert site.outcomes(sent) == ["done"] * 8
        assert site.store.verify_activity() is None


def test_woken_twice_it_is_driven_once(site: Site) -> None:
    sent = site.submission(made(site.model).quantity(FIRST).quantity(FIRST + 1).changes)
    with running(site, worker=False) as web:
        web.wake(sent.id)
        web.wake(sent.id)
        assert len(jobs_of(web)) == 1
    with running(site) as jobs:
        until(site.at_end(sent))
        jobs.wake(sent.id)
        until(lambda: set(jobs_of(jobs, "wake:").values()) == {"SUCCESS"})
        assert changed(site) == 2
        assert len(jobs_of(jobs, "write:")) == 2


def test_what_no_job_knows_of_is_driven_by_the_sweep(site: Site) -> None:
    sent = site.submission(made(site.model).agreement(FIRST).changes)
    with running(site, OFTEN):
        until(site.at_end(sent))
    assert site.outcomes(sent) == ["done"] * 4


def test_an_unclear_answer_is_waited_for_without_a_thread(site: Site) -> None:
    sent = site.submission(made(site.model).quantity(FIRST).changes)
    site.psa.faults.add(Fault("drop after", "PATCH"))
    with running(site) as jobs:
        jobs.wake(sent.id)
        until(lambda: "DELAYED" in jobs_of(jobs, "write:").values())
        assert RUNNING not in jobs_of(jobs, "write:").values()
        until(site.at_end(sent))
        assert list(jobs_of(jobs, "write:")) == [f"{next(iter(jobs_of(jobs, 'write:'))).rpartition(':')[0]}:{n}" for n in (1, 2)]
    assert (site.outcomes(sent), changed(site)) == (["done"], 1)


def test_what_a_person_holds_makes_no_jobs_and_is_driven_once_it_is_resumed(site: Site) -> None:
    sent = site.submission(made(site.model).quantity(FIRST).changes)
    site.store.writes.pause(sent.id, "ann")
    with running(site, OFTEN) as jobs:
        jobs.wake(sent.id)
        until(lambda: set(jobs_of(jobs, "wake:").values()) == {"SUCCESS"})
        time.sleep(1.5)
        assert jobs_of(jobs, "write:") == {}
        site.store.writes.resume(sent.id, "ann")
        jobs.wake(sent.id)
        until(site.at_end(sent))
    assert site.outcomes(sent) == ["done"]


def test_a_paused_connection_is_left_alone_until_it_is_resumed(site: Site) -> None:
    sent = site.submission(made(site.model).quantity(FIRST).changes)
    before = len(site.psa.faults.seen)
    site.store.pause_connection("psa", "the keys were refused", None, "tieout")
    with running(site, OFTEN) as jobs:
        jobs.wake(sent.id)
        time.sleep(1.5)
        assert (len(site.psa.faults.seen), jobs_of(jobs, "write:")) == (before, {})
        site.store.resume_connection("psa", "ann")
        until(site.at_end(sent))
    assert site.outcomes(sent) == ["done"]


def test_a_connection_that_cannot_be_opened_is_paused_with_its_reason(site: Site) -> None:
    sent = site.submission(made(site.model).quantity(FIRST).changes)
    site.house.vault.remove("psa", ("private_key",), "ann")
    with running(site) as jobs:
        jobs.wake(sent.id)
        until(lambda: site.store.connection("psa").paused_why is not None)
    assert "is empty" in str(site.store.connection("psa").paused_why)
    assert site.store.writes.of_submission(sent.id)[0].state is WriteState.PLANNED


def test_a_worker_that_is_told_to_stop_finishes_its_request(location: str) -> None:
    with connectwise() as psa, site_at(location, psa) as site, workers(location, "a") as (worker,):
        decided = made(site.model)
        for number in range(8):
            decided.quantity(FIRST + number)
        sent = site.submission(decided.changes)
        psa.faults.add(Fault("delay", "PATCH", times=100, seconds=0.5))
        until(lambda: changed(site) > 0)
        assert worker.stop() == 0
        states = {w.state for w in site.store.writes.of_submission(sent.id)}
        assert states <= {WriteState.DONE, WriteState.PLANNED}
        assert WriteState.PLANNED in states
        worker.start()
        until(site.at_end(sent))
        assert site.outcomes(sent) == ["done"] * 8


def test_what_a_worker_leaves_that_never_comes_back_another_takes_over(postgresql_server: Server, migrated: str) -> None:
    with postgresql_server.database(migrated) as url, connectwise() as psa, site_at(url, psa) as site:
        decided = made(site.model)
        for number in range(8):
            decided.quantity(FIRST + number)
        sent = site.submission(decided.changes)
        psa.faults.add(Fault("delay", "PATCH", times=4, seconds=1.0))
        with workers(url, "a") as (first,):
            until(lambda: changed(site) >= 4)
            first.kill()
            with running(site, worker=False) as web:
                assert list(jobs_of(web, "write:").values()).count(RUNNING) == 4
            begun = dt.datetime.now(dt.UTC)
            with workers(url, "b"):
                until(site.at_end(sent))
        assert site.outcomes(sent) == ["done"] * 8
        assert dt.datetime.now(dt.UTC) - begun < dt.timedelta(seconds=25)
        assert site.store.verify_activity() is None
