"""Reads of connections: begun, followed, cancelled, accepted."""

from typing import Any

from apiflask import Schema
from marshmallow import fields

from server.api.fields import Switch, count
from server.api.registry import NUMBER, Asked, Route
from server.api.shapes import answer, page
from server.api.sources import ReadShape
from server.errors import refuse
from server.jobs.protocol import JobStatus
from server.store.errors import ReadRunning
from server.store.tokens import Scope

JobShape = answer(JobStatus, "Job")


class SyncIn(Schema):
    """How much is read: what changed since the last good read, or everything."""

    full = Switch(load_default=False)


class SyncStarted(Schema):
    """The job that reads."""

    job_id = fields.String(required=True)


class ReadsQuery(Schema):
    """How many of the newest reads."""

    limit = count(20, 200)


def sync_started(asked: Asked, name: str, body: dict[str, Any]) -> Any:
    """Begins a read of a connection; its progress is in the connection's newest read."""
    store = asked.house.store
    kept = store.connection(name)
    if kept.paused(store.writes.clock()):
        raise refuse(f"connection {name}", f"is paused: {kept.paused_why}; resume it first")
    running = store.running_read(name)
    if running is not None:
        raise ReadRunning(name, running.what or "the first page", running.by)
    return {"job_id": asked.jobs.start_sync(name, body["full"], asked.by)}


def job(asked: Asked, job_id: str) -> Any:
    """Where a job stands."""
    return asked.jobs.status(job_id)


def reads(asked: Asked, name: str, query: dict[str, Any]) -> Any:
    """The reads of a connection, newest first."""
    store = asked.house.store
    store.connection(name)
    return {"reads": store.reads(name, query["limit"])}


def read(asked: Asked, read_id: int) -> Any:
    """One read with its progress, and why it failed or is held back."""
    return asked.house.store.read(read_id)


def read_cancelled(asked: Asked, read_id: int) -> Any:
    """Stops a read within its next page; one that has ended stays as it is."""
    return asked.house.store.cancel_read(read_id, asked.by)


def read_accepted(asked: Asked, read_id: int) -> Any:
    """Takes a read that is held back for right."""
    return asked.house.store.accept_read(read_id, asked.by)


ONE = f"/reads/{NUMBER.format('read_id')}"
ROUTES = (
    Route("POST", "/connections/<name>/reads", sync_started, Scope.SYNC, SyncStarted, 202, body=SyncIn, fails=(409,)),
    Route("GET", "/connections/<name>/reads", reads, Scope.READ, page("reads", ReadShape), query=ReadsQuery),
    Route("GET", "/jobs/<job_id>", job, Scope.READ, JobShape),
    Route("GET", ONE, read, Scope.READ, ReadShape),
    Route("POST", f"{ONE}/cancel", read_cancelled, Scope.SYNC, ReadShape),
    Route("POST", f"{ONE}/accept", read_accepted, Scope.SYNC, ReadShape, fails=(409,)),
)
