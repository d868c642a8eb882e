"""Notes once, in the activity, that a submission stands still."""

import datetime as dt

from sqlalchemy import select

from server.store import activity as log
from server.store.engine import Engines
from server.store.moving import MACHINE
from server.store.records import Event
from server.store.tables import activity

OVERDUE = "submission overdue"


def note_once(engines: Engines, at: dt.datetime, submission_id: str, run_id: str, detail: str) -> bool:
    """Whether this was the first time; whatever process asks, one of them is."""
    subject = f"submission {submission_id}"
    with engines.writing() as connection:
        there = select(activity.c.id).where(activity.c.action == OVERDUE, activity.c.subject == subject).limit(1)
        if connection.scalar(there) is not None:
            return False
        log.append(connection, at, MACHINE, Event(OVERDUE, subject, run_id, detail=detail))
        return True
