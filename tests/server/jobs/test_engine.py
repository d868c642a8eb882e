"""What the job engine keeps, and who may run as which worker."""

import io
import logging
import os
from pathlib import Path

import pytest
from sqlalchemy import text

from server.jobs import slots
from server.jobs.engine import is_sqlite, system_url
from server.jobs.running import launch
from server.jobs.slots import SlotTaken
from tests.connectors.api.sandboxes import SECRETS, Sandbox
from tests.server.jobs.running import engine_tables, is_json, jobs_of, running
from tests.server.jobs.site import FIRST, OFTEN, Site, made, site_at, until

SERIALIZED = ("inputs", "output", "error", "value", "message", "context")


def test_nothing_is_pickled_and_nothing_secret_is_kept(site: Site) -> None:
    sent = site.submission(made(site.model).agreement(FIRST).changes)
    with running(site, OFTEN) as jobs:
        job = jobs.start_sync("psa", True, "ann")
        jobs.wake(sent.id)
        until(site.at_end(sent))
        until(lambda: jobs.status(job).state == "done")
        tables = engine_tables(site)
    rows = [row for each in tables.values() for row in each]
    kept = [str(row[name]) for row in rows for name in SERIALIZED if row.get(name) is not None]
    assert len(kept) >= 4  # what both were given, and what the sync gave back; the other may still be writing its own
    assert [content for content in kept if not is_json(content)] == []
    assert {row["serialization"] for row in rows if "serialization" in row} <= {"portable_json", None}
    everything = repr(tables)
    assert sent.id in everything
    assert [secret for secret in (*SECRETS, os.environ["TIEOUT_KEY"]) if secret in everything] == []


def test_two_workers_never_share_a_slot(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "TAKEN_WITHIN", 0.2)
    with running(site), pytest.raises(SlotTaken, match="stop it"):
        launch(site.house, worker=True)


def test_a_process_that_only_asks_runs_nothing(site: Site) -> None:
    sent = site.submission(made(site.model).quantity(FIRST).changes)
    with running(site, worker=False) as web:
        web.wake(sent.id)
        assert set(jobs_of(web).values()) == {"ENQUEUED"}
    assert not site.at_end(sent)()


def test_on_postgresql_the_engine_has_a_schema_of_its_own(site: Site) -> None:
    if is_sqlite(system_url(site.house.location)):
        pytest.skip("SQLite has no schemas")
    with running(site, worker=False):
        assert "workflow_status" in engine_tables(site)
    with site.store.writes.engines.reading() as connection:
        names = set(connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
    assert "workflow_status" not in names


def test_on_sqlite_it_has_a_file_beside_the_store_that_is_as_safe(tmp_path: Path, psa: Sandbox) -> None:
    with site_at(str(tmp_path / "tieout.sqlite"), psa) as site, running(site) as jobs:
        assert jobs.engine is not None
        with jobs.engine.connect() as connection:
            found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert found == ["wal", 2]
    assert (tmp_path / "tieout.sqlite.jobs.sqlite").is_file()


def test_what_the_engine_says_goes_where_our_log_goes(site: Site) -> None:
    """To whoever listens to us, once; secrets are kept out there."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger("tieout").addHandler(handler)
    with running(site):
        logging.getLogger("dbos").error("a word of the engine")
    logging.getLogger("tieout").removeHandler(handler)
    assert heard.getvalue().count("a word of the engine") == 1
    assert logging.StreamHandler not in map(type, logging.getLogger("dbos").handlers)
