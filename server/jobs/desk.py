"""Asks for jobs and says where they stand, from any process. Every job's id follows from what is asked: asked twice, it is one.

sync:{connection}:{number}                          one read of a connection
write:{submission}:{hash of the lane}:{number}      one drive of a lane, to where it must wait; the next number drives on then
wake:{submission}:{number}                          begins the drives of a submission
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dbos import DBOSClient, WorkflowStatus

from server.jobs.protocol import JobState, JobStatus, UnknownJob
from server.store import Store
from server.store.moving import Lane

SYNC, WRITE, WAKE = "sync", "write", "wake"
"""Jobs, and the queues that they wait in."""

WAITING, DELAYED, RUNNING = "ENQUEUED", "DELAYED", "PENDING"
ALIVE = (WAITING, DELAYED, RUNNING)
STATES = {
    WAITING: JobState.WAITING,
    DELAYED: JobState.WAITING,
    RUNNING: JobState.RUNNING,
    "SUCCESS": JobState.DONE,
}


@dataclass(frozen=True, slots=True)
class _Known:
    """The newest job of one thing."""

    id: str
    number: int
    status: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The engine's client (server.jobs.protocol.Jobs)."""

    client: DBOSClient
    store: Store
    clock: Callable[[], dt.datetime]

    def start_sync(self, name: str, full: bool, by: str) -> str:
        """Reads a connection soon; the job's id. One that waits or runs is given again, a quick one not for a full read."""
        self.store.connection(name)
        known = self._known([f"{SYNC}:{name}:"], load_input=True)
        joined = next((k for k, given in known if k.status in ALIVE and (given[1] or not full)), None)
        if joined is not None:
            return joined.id
        job = f"{SYNC}:{name}:{_next(k for k, _ in known)}"
        self._ask(SYNC, job, name, name, full, by, self.clock().isoformat())
        return job

    def wake(self, submission_id: str) -> None:
        """Drives the lanes of a submission on, now. Harmless where there is nothing to do, and when repeated."""
        self.store.writes.submission(submission_id)
        known = [k for k, _ in self._known([f"{WAKE}:{submission_id}:"])]
        if not any(k.status == WAITING for k in known):
            self._ask(WAKE, f"{WAKE}:{submission_id}:{_next(known)}", None, submission_id)

    def status(self, job_id: str) -> JobStatus:
        """Where a job stands; UnknownJob where there is none."""
        found = self.client.list_workflows(workflow_ids=[job_id], load_input=False)
        if not found:
            raise UnknownJob(job_id)
        state = STATES.get(found[0].status, JobState.FAILED)
        if state is JobState.DONE and isinstance(found[0].output, dict):
            said = str(found[0].output.get("said", ""))
            return JobStatus(job_id, JobState.FAILED if found[0].output.get("failed") else state, said)
        return JobStatus(job_id, state, _error(found[0]) if state is JobState.FAILED else "")

    def drive(self, lanes: Iterable[Lane]) -> int:
        """Sees to it that each of these lanes is being driven, or waits for its turn; how many were not."""
        lanes = list(lanes)
        known = {k.id.rpartition(":")[0]: k for k, _ in self._known({f"{WRITE}:{lane.submission_id}:" for lane in lanes})}
        return sum(self._driven(lane, known.get(_prefix(lane.submission_id, lane.lane))) for lane in lanes)

    def _driven(self, lane: Lane, newest: _Known | None) -> bool:
        if newest is not None and newest.status in (WAITING, RUNNING):
            return False
        if newest is not None and newest.status == DELAYED:  # it is due earlier than was thought, as after a resumption
            self.client.set_workflow_delay(newest.id, delay_seconds=0)
            return True
        self.drive_lane(lane.submission_id, lane.lane, lane.connection, newest.number + 1 if newest else 1)
        return True

    def drive_lane(self, submission_id: str, lane: str, connection: str, number: int, at: dt.datetime | None = None) -> None:
        """Asks for one drive of a lane, from a moment on. The wait is the engine's, and outlives every process."""
        delay = max(0.0, (at - self.clock()).total_seconds()) if at else 0.0
        self._ask(WRITE, f"{_prefix(submission_id, lane)}:{number}", connection, submission_id, lane, number, delay=delay)

    def give_back(self, is_dead: Callable[[str], bool]) -> int:
        """Puts jobs of workers that will not come back into their queues again; how many."""
        running = self.client.list_workflows(status=RUNNING, load_input=False, load_output=False)
        dead = {executor for executor in {w.executor_id for w in running} if executor and is_dead(executor)}
        left = [w for w in running if w.executor_id in dead]
        for queue in {w.queue_name for w in left}:
            self.client.resume_workflows([w.workflow_id for w in left if w.queue_name == queue], queue_name=queue)
        return len(left)

    def forget(self, before: dt.datetime) -> None:
        """Removes jobs that ended before that moment."""
        ended = self.client.list_workflows(
            completed_before=before.isoformat(), status="SUCCESS", limit=1_000, load_input=False, load_output=False
        )
        if ended:
            self.client.delete_workflows([w.workflow_id for w in ended])

    def close(self) -> None:
        self.client.destroy()

    def _known(self, prefixes: Iterable[str], *, load_input: bool = False) -> list[tuple[_Known, Sequence[Any]]]:
        """The jobs whose ids begin so, by number; with their arguments where they are asked for."""
        wanted = sorted(prefixes)
        if not wanted:
            return []
        found = self.client.list_workflows(workflow_id_prefix=wanted, load_input=load_input, load_output=False)
        known = [(_Known(w.workflow_id, int(w.workflow_id.rpartition(":")[2]), w.status), _arguments(w)) for w in found]
        return sorted(known, key=lambda each: each[0].number)

    def _ask(self, what: str, job: str, partition: str | None, *given: Any, delay: float = 0.0) -> None:
        options: Any = {"workflow_name": what, "queue_name": what, "workflow_id": job}
        if partition is not None:
            options["queue_partition_key"] = partition
        if delay:
            options["delay_seconds"] = delay
        self.client.enqueue(options, *given)


def _prefix(submission_id: str, lane: str) -> str:
    return f"{WRITE}:{submission_id}:{hashlib.sha256(lane.encode()).hexdigest()[:16]}"


def _next(known: Iterable[_Known]) -> int:
    return max((k.number for k in known), default=0) + 1


def _arguments(status: WorkflowStatus) -> Sequence[Any]:
    return status.input["args"] if status.input else ()


def _error(status: WorkflowStatus) -> str:
    return str(status.error) if status.error is not None else f"it was given up ({status.status.lower().replace('_', ' ')})"
