"""Approved writes that are still open after a time in which they should have ended: somebody must look, whatever the reason."""

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from server.jobs.lanes import unheld_lanes
from server.store import Store
from server.store.moving import Lane
from server.store.overdue import note_once
from server.store.write_records import Submission
from server.words import counted

log = logging.getLogger("tieout.jobs")

AFTER = dt.timedelta(minutes=30)
RESUMED = ("submission resumed", "connection resumed")
SEEN_BACK = 100_000
"""Lines of the activity that are looked through for a resumption."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A lane that is open for too long."""

    connection: str
    submission_id: str
    run_id: str
    lane: str
    since: dt.datetime  # when it was submitted, or approved

    def __str__(self) -> str:
        return f"submission {self.submission_id}, {self.lane}: open since {self.since.astimezone(dt.UTC):%d %b %H:%M} UTC"


def alerts(store: Store, now: dt.datetime, after: dt.timedelta = AFTER) -> list[Alert]:
    """Lanes open for longer than that, the oldest first; not those that wait for an approval, or that a person holds."""
    found = [alert for lane in unheld_lanes(store) for alert in _overdue(store, lane, now - after)]
    if not found:
        return []
    lines = store.activity(SEEN_BACK, since=now - after)
    resumed = {line.subject for line in lines if line.action in RESUMED}
    return [a for a in found if not resumed & {f"submission {a.submission_id}", f"connection {a.connection}"}]


def tell(store: Store, now: dt.datetime, found: Iterable[Alert]) -> None:
    """Logs each submission that stands still, and notes it in the activity; once."""
    for submission_id, mine in groupby(sorted(found, key=lambda a: a.submission_id), key=lambda a: a.submission_id):
        lanes = list(mine)
        detail = f"{counted(len(lanes), 'agreement')} still open: {lanes[0]}. {what_to_do(lanes[0])}"
        if note_once(store.writes.engines, now, submission_id, lanes[0].run_id, detail):
            log.error("overdue: %s", detail)


def what_to_do(alert: Alert) -> str:
    """The help text."""
    return f"See that a worker runs and that connection {alert.connection} answers; pause or cancel the submission if it is to wait"


def _overdue(store: Store, lane: Lane, before: dt.datetime) -> list[Alert]:
    if lane.oldest > before:
        return []
    submission: Submission = store.writes.submission(lane.submission_id)
    since = max(submission.created_at, submission.approved_at or submission.created_at)
    return [Alert(lane.connection, submission.id, submission.run_id, lane.lane, since)] if since <= before else []
