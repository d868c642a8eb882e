"""An approved write that stays open is told, once; and no longer once it has ended, or a person holds it."""

import datetime as dt
import logging
from dataclasses import replace

import pytest

from server.jobs.alerts import alerts, tell
from server.store.overdue import OVERDUE
from tests.server.jobs.running import running
from tests.server.jobs.site import FIRST, OFTEN, Site, made, until

LATER = dt.timedelta(minutes=31)


def found(site: Site, later: dt.timedelta = LATER) -> list[str]:
    return [alert.lane for alert in alerts(site.store, dt.datetime.now(dt.UTC) + later)]


def test_a_lane_that_stays_open_is_an_alert_until_it_ends(site: Site) -> None:
    sent = site.submission(made(site.model).quantity(FIRST).quantity(FIRST + 1).changes)
    assert found(site, dt.timedelta(minutes=29)) == []
    assert found(site) == ["agreement 1000", "agreement 1001"]
    with running(site, OFTEN):
        until(site.at_end(sent))
    assert found(site) == []


def test_what_waits_for_an_approval_is_none(site: Site) -> None:
    decided = [replace(change, warnings=("large change",)) for change in made(site.model).quantity(FIRST).changes]
    sent = site.submission(decided)
    assert sent.large
    assert found(site) == []
    site.store.writes.approve(sent.id, "ben")
    assert found(site) == ["agreement 1000"]


def test_what_a_person_holds_is_none_and_counts_anew_from_its_resumption(site: Site) -> None:
    sent = site.submission(made(site.model).quantity(FIRST).changes)
    submitted = dt.datetime.now(dt.UTC)
    site.store.writes.pause(sent.id, "ann")
    assert found(site) == []
    site.store.writes.resume(sent.id, "ann")
    now = dt.datetime.now(dt.UTC)
    assert alerts(site.store, now, now - submitted) == []
    assert found(site) == ["agreement 1000"]


def test_a_connection_that_pauses_by_itself_again_and_again_is_told_and_one_that_waits_for_a_person_is_not(site: Site) -> None:
    site.submission(made(site.model).quantity(FIRST).changes)
    now = dt.datetime.now(dt.UTC)
    site.store.pause_connection("psa", "busy", now + 2 * LATER, "tieout")
    assert found(site) == ["agreement 1000"]
    site.store.pause_connection("psa", "the keys were refused", None, "tieout")
    assert found(site) == []


def test_it_is_logged_and_written_to_the_activity_once(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    sent = site.submission(made(site.model).quantity(FIRST).quantity(FIRST + 1).changes)
    later = dt.datetime.now(dt.UTC) + LATER
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            tell(site.store, later, alerts(site.store, later))
    (line,) = [line for line in site.store.activity() if line.action == OVERDUE]
    assert line.subject == f"submission {sent.id}"
    assert "2 agreements still open" in str(line.detail)
    assert [r.levelname for r in caplog.records if "overdue" in r.message] == ["ERROR"]
    assert "See that a worker runs" in caplog.text


def test_the_sweep_tells(site: Site) -> None:
    sent = site.submission(made(site.model).quantity(FIRST).changes)
    site.psa.faults.clear()
    site.store.pause_connection("psa", "busy", dt.datetime.now(dt.UTC) + LATER, "tieout")
    with running(site, replace(OFTEN, overdue_after=dt.timedelta(0))):
        until(lambda: any(line.action == OVERDUE for line in site.store.activity(20, run=sent.run_id)))
