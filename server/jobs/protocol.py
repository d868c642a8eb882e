"""What the service asks of whatever runs its long work: reads of connections, and the lanes of submissions."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"  # for its turn
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # it stopped, and `said` tells why


@dataclass(frozen=True, slots=True)
class JobStatus:
    """What is known of a job."""

    id: str
    state: JobState
    said: str = ""  # of a failed one; without secrets


class UnknownJob(LookupError):  # noqa: N818 - named for what happened
    """There is no job of that id."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no job {job_id!r}")


class Jobs(Protocol):
    """Work that goes on after the request is answered, and after a restart."""

    def start_sync(self, name: str, full: bool, by: str) -> str:
        """Reads a connection soon; the job's id. Asked again before it ended, the same job may be given."""

    def wake(self, submission_id: str) -> None:
        """Drives the lanes of a submission on, now. Harmless where there is nothing to do, and when repeated."""

    def status(self, job_id: str) -> JobStatus:
        """Where a job stands; UnknownJob where there is none."""
