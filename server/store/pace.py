"""Slots of a connection's pace: whoever is to send takes the next ones, in one statement, whatever process asks."""

import datetime as dt
from typing import Any

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite

from server.store.engine import Engines, told
from server.store.tables_pace import paces

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


def reserve(engines: Engines, name: str, now: dt.datetime, span: dt.timedelta) -> dt.datetime:
    """Takes the next `span` of a connection's time: its beginning, now or later.

    It holds no lock of the other writers, which may keep theirs for as long as it takes to save a run.
    """
    moment, length = (now - EPOCH) // MICROSECOND, span // MICROSECOND
    insert: Any = postgresql.insert if engines.url.get_backend_name() == "postgresql" else sqlite.insert
    begun = case((paces.c.next_at > moment, paces.c.next_at), else_=moment)
    taken = (
        insert(paces)
        .values(connection=name, next_at=moment + length)
        .on_conflict_do_update(index_elements=[paces.c.connection], set_={"next_at": begun + length})
        .returning(paces.c.next_at)
    )
    with told(engines.url), engines.writes.begin() as connection:
        return EPOCH + (int(connection.execute(taken).scalar_one()) - length) * MICROSECOND
