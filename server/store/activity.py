"""The append-only log. Each line's hash covers its own content and the line before, so a change anywhere shows."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from server.store.plain import canonical
from server.store.records import Activity, BrokenLine, Event
from server.store.tables import activity

START = "0" * 64
"""What stands for the line before the first."""

READ_AT_ONCE = 1_000

_LAST = select(activity.c.id, activity.c.hash).order_by(activity.c.id.desc()).limit(1)
_ADD = insert(activity)


def append(connection: Connection, at: dt.datetime, by: str, event: Event) -> None:
    """Adds one line; call it in the transaction of the change that it tells of."""
    last = connection.execute(_LAST).first()
    number, previous = (last.id + 1, last.hash) if last else (1, START)
    line = {"id": number, "at": at, "by": by, **asdict(event), "previous": previous}
    connection.execute(_ADD, {**line, "hash": line_hash(line)})


def lines(
    connection: Connection, limit: int, run: str | None, since: dt.datetime | None, before: int | None = None
) -> list[Activity]:
    """The newest lines first."""
    query = select(activity).order_by(activity.c.id.desc()).limit(limit)
    if run is not None:
        query = query.where(activity.c.run == run)
    if since is not None:
        query = query.where(activity.c.at >= since)
    if before is not None:
        query = query.where(activity.c.id < before)
    return [Activity(**row._mapping) for row in connection.execute(query)]


def verify(connection: Connection) -> BrokenLine | None:
    """The first line that is not as it was written; None where the whole chain holds."""
    ordered = select(activity).order_by(activity.c.id)
    with connection.execute(ordered, execution_options={"yield_per": READ_AT_ONCE}) as rows:
        return _first_broken(rows)


def _first_broken(rows: Iterable[Row[Any]]) -> BrokenLine | None:
    expected, previous = 1, START
    for row in rows:
        line = dict(row._mapping)
        found = line.pop("hash")
        if line["id"] != expected:
            return BrokenLine(expected, "is missing")
        if line["previous"] != previous:
            return BrokenLine(expected, "does not follow from the line before")
        if line_hash(line) != found:
            return BrokenLine(expected, "was changed after it was written")
        expected, previous = expected + 1, found
    return None


def line_hash(line: dict[str, Any]) -> str:
    """The hash of a line without its own hash; `previous` is part of it."""
    text = canonical({**line, "at": line["at"].astimezone(dt.UTC).isoformat(timespec="microseconds")})
    return hashlib.sha256(text.encode()).hexdigest()
