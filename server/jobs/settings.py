"""What can be set of the jobs of an installation."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JobSettings:
    """How much runs at once, and when. Schedules are cron lines; None: off."""

    lanes_at_once: int = 4  # of one connection, over all workers: a PSA dislikes more
    jobs_at_once: int = 8  # of each kind in one worker
    sweep: str = "* * * * *"  # drives on whatever is due, and looks for what stands still
    reads: str | None = "20 * * * *"  # when connections are read, each as it is set
    overdue_after: dt.timedelta = dt.timedelta(minutes=30)  # that a lane may be open before it is an alert
    looks_every: float = 0.25  # seconds between looks for new jobs
    stops_within: dt.timedelta = dt.timedelta(seconds=45)  # longer than one request: it is finished before a worker stops
    kept: dt.timedelta = dt.timedelta(days=30)  # that ended jobs are remembered
