"""The jobs of one process while a test looks at them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import create_engine, text

from server.jobs.engine import SCHEMA, is_sqlite, system_url
from server.jobs.running import RunningJobs, launch
from server.jobs.settings import JobSettings
from tests.server.jobs.site import OFTEN, Site

SELDOM = replace(OFTEN, sweep="0 0 1 1 *")
"""No sweep comes while a test runs."""


@contextmanager
def running(site: Site, settings: JobSettings = SELDOM, *, worker: bool = True) -> Iterator[RunningJobs]:
    jobs = launch(site.house, worker=worker, settings=settings)
    try:
        yield jobs
    finally:
        jobs.stop()


def jobs_of(jobs: RunningJobs, prefix: str = "") -> dict[str, str]:
    """Every job whose id begins so, and its status."""
    found = jobs.desk.client.list_workflows(workflow_id_prefix=prefix or None)
    return {w.workflow_id: w.status for w in found if not w.workflow_id.startswith("sched-")}


def engine_tables(site: Site) -> dict[str, list[dict[str, Any]]]:
    """Everything that the engine keeps."""
    url = system_url(site.house.location)
    listing = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    if not is_sqlite(url):
        listing = f"SELECT tablename FROM pg_tables WHERE schemaname = '{SCHEMA}'"  # noqa: S608
    engine = create_engine(url)
    with engine.connect() as connection:
        names = list(connection.scalars(text(listing)))
        place = "" if is_sqlite(url) else f"{SCHEMA}."
        rows = {n: [dict(r._mapping) for r in connection.execute(text(f"SELECT * FROM {place}{n}"))] for n in names}  # noqa: S608
    engine.dispose()
    return rows


def is_json(content: str) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True
