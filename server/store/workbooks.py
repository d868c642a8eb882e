"""Issued workbooks and the copies that come back."""

import datetime as dt
import json
import secrets
from collections.abc import Iterable
from dataclasses import fields

from sqlalchemy import Connection, insert, select, update

from core.records import Problem
from server.store import activity, runs
from server.store.errors import UnknownCopy, UnknownWorkbook
from server.store.plain import canonical
from server.store.records import Copy, Event, Workbook
from server.store.tables import copies, workbooks

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""What ids are made of: nothing that is misread for something else."""


OF_COPY = tuple(copies.c[f.name] for f in fields(Copy))


def new_id() -> str:
    """A short id that says nothing and is never given twice."""
    return "".join(secrets.choice(LETTERS) for _ in range(10))


def save(connection: Connection, at: dt.datetime, workbook: Workbook) -> None:
    """Keeps what was issued to whom."""
    runs.require_revision(connection, workbook.run_id, workbook.revision)
    connection.execute(insert(workbooks).values({c.name: getattr(workbook, c.name) for c in workbooks.c}))
    event = Event(
        "workbook issued",
        f"workbook {workbook.id}",
        run=workbook.run_id,
        workbook=workbook.id,
        new=f"revision {workbook.revision}",
        detail=f"{workbook.file_name}: {workbook.scope}, to {workbook.recipient or 'anybody'}",
    )
    activity.append(connection, at, workbook.issued_by, event)


def find(connection: Connection, workbook_id: str) -> Workbook | None:
    """The workbook, or None where the store never issued it."""
    row = connection.execute(select(workbooks).where(workbooks.c.id == workbook_id)).first()
    return Workbook(**row._mapping) if row else None


def require(connection: Connection, workbook_id: str) -> Workbook:
    """The workbook; UnknownWorkbook, which lists those there are, where there is none."""
    found = find(connection, workbook_id)
    if found is None:
        known = connection.scalars(select(workbooks.c.id).order_by(workbooks.c.issued_at.desc()))
        raise UnknownWorkbook(workbook_id, known)
    return found


def issued(connection: Connection, run_id: str) -> list[Workbook]:
    """The workbooks issued from a run, oldest first."""
    query = select(workbooks).where(workbooks.c.run_id == run_id).order_by(workbooks.c.issued_at, workbooks.c.id)
    return [Workbook(**row._mapping) for row in connection.execute(query)]


def save_copy(connection: Connection, at: dt.datetime, named: str | None, file_name: str, sha256: str, by: str) -> tuple[str, bool]:
    """The id of the copy with these bytes, and whether it is new. A workbook that the store does not know is only told of."""
    known = connection.scalar(select(copies.c.id).where(copies.c.sha256 == sha256))
    if known is not None:
        return known, False
    workbook = find(connection, named) if named else None
    copy = Copy(new_id(), workbook.id if workbook else None, file_name, sha256, at, by)
    connection.execute(insert(copies).values({f.name: getattr(copy, f.name) for f in fields(copy)}))
    detail = file_name if workbook or not named else f"{file_name}: names workbook {named}, which is not known here"
    run = workbook.run_id if workbook else None
    event = Event("copy received", f"copy {copy.id}", run=run, workbook=copy.workbook_id, new=sha256, detail=detail)
    activity.append(connection, at, by, event)
    return copy.id, True


def require_copy(connection: Connection, copy_id: str) -> Copy:
    """The copy; UnknownCopy where there is none."""
    row = connection.execute(select(*OF_COPY).where(copies.c.id == copy_id)).first()
    if row is None:
        raise UnknownCopy(copy_id)
    return Copy(**row._mapping)


def keep_problems(connection: Connection, copy_id: str, problems: Iterable[Problem]) -> None:
    """Notes what could not be used of a copy when it was last taken, in place of what was noted before."""
    text = canonical([[problem.place, problem.message] for problem in problems])
    connection.execute(update(copies).where(copies.c.id == copy_id).values(problems=text))


def problems_of(connection: Connection, copy_id: str) -> list[Problem]:
    """What could not be used of a copy when it was last taken."""
    require_copy(connection, copy_id)
    text = connection.scalar(select(copies.c.problems).where(copies.c.id == copy_id))
    return [Problem(place, message) for place, message in json.loads(text or "[]")]


def copies_of(connection: Connection, workbook_id: str) -> list[Copy]:
    """The copies of a workbook that came back, in the order of their arrival."""
    query = select(*OF_COPY).where(copies.c.workbook_id == workbook_id).order_by(copies.c.received_at, copies.c.id)
    return [Copy(**row._mapping) for row in connection.execute(query)]
