"""What was read through each connection. One read of a connection runs at a time, and a read is kept whole or not at all."""

import datetime as dt
import json
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Select, insert, select, update

from core.frames import frame, records
from core.records import Agreement, Service, Source
from server.store import activity
from server.store.connections import require as require_connection
from server.store.connections import subject
from server.store.errors import NotHeld, ReadRunning, UnknownRead
from server.store.inputs import KEPT
from server.store.plain import canonical
from server.store.records import Event
from server.store.sync_records import Finished, KeptRead, ReadKind, ReadParts, ReadState
from server.store.tables import Part
from server.store.tables_sync import connections, read_parts, reads
from server.store.versions import keep, kept_frame, next_id

SILENT = dt.timedelta(minutes=30)
"""A read that gave no sign of life for so long is dead: longer than a connection waits for an API that asks to wait."""

INTERRUPTED = "interrupted"


def begin(connection: Connection, at: dt.datetime, name: str, kind: ReadKind, by: str) -> KeptRead:
    """A new read that runs. One that runs already is ReadRunning, unless it is dead: then it has failed."""
    require_connection(connection, name)
    standing = _running(connection, name)
    if standing is not None and _alive(standing, at):
        raise ReadRunning(name, standing.what or "the first page", standing.by)
    if standing is not None:
        fail(connection, at, standing.id, INTERRUPTED, by)
    number = next_id(connection, reads)
    connection.execute(
        insert(reads).values(
            id=number, connection=name, kind=kind, state=ReadState.RUNNING, started_at=at, told_at=at, by=by, what="", pages=0,
            rows_read=0, has_parts=False,
        )
    )  # fmt: skip
    activity.append(connection, at, by, Event("read begun", subject(name), new=f"read {number}", detail=str(kind)))
    return require(connection, number)


def tell(connection: Connection, at: dt.datetime, read_id: int, what: str, pages: int, rows: int) -> bool:
    """Notes how far a read is; False where it is to stop, because it was cancelled or taken for dead."""
    told = _open(read_id).values(told_at=at, what=what, pages=pages, rows_read=rows)
    return bool(connection.execute(told).rowcount)


def finish(connection: Connection, at: dt.datetime, read_id: int, done: Finished, by: str) -> KeptRead:
    """Keeps what a read gave. Where it runs no more, because it was cancelled or taken for dead, nothing is kept."""
    source = done.source
    values = {
        "kind": done.kind, "state": done.state, "told_at": at, "finished_at": at, "rows": source.rows, "as_of": source.as_of,
        "problem": done.problem, "has_parts": True, "source_name": source.name, "source_role": source.role,
        "source_layout": source.layout, "source_sha256": source.sha256, "source_complete": source.complete,
        "source_notes": canonical(list(source.notes)), "taken": done.taken,
    }  # fmt: skip
    if not connection.execute(_open(read_id).values(values)).rowcount:
        return require(connection, read_id)
    kept = {part: keep(connection, KEPT[part], data) for part, data in _frames(done.parts).items()}
    rows = [{"read_id": read_id, "part": part, "list_id": number} for part, number in kept.items()]
    connection.execute(insert(read_parts), rows)
    read = require(connection, read_id)
    if read.state is ReadState.GOOD:
        _forget_taken(connection, read)
    _log(connection, at, read, by, f"{source.rows} rows")
    return read


def fail(connection: Connection, at: dt.datetime, read_id: int, problem: str, by: str) -> KeptRead:
    """Ends a running read in failure; one that has ended stays as it is."""
    values = {"state": ReadState.FAILED, "finished_at": at, "problem": problem}
    if connection.execute(_open(read_id).values(values)).rowcount:
        _log(connection, at, require(connection, read_id), by, None)
    return require(connection, read_id)


def fail_running(connection: Connection, at: dt.datetime, name: str, problem: str, by: str) -> None:
    """Ends the read of a connection that runs, where one does."""
    standing = _running(connection, name)
    if standing is not None:
        fail(connection, at, standing.id, problem, by)


def accept(connection: Connection, at: dt.datetime, read_id: int, by: str) -> KeptRead:
    """Takes a held read for right; NotHeld where it is not held, or a good read came after it."""
    read = require(connection, read_id)
    good = newest_good(connection, read.connection)
    if read.state is not ReadState.HELD or (good is not None and good.id > read.id):
        raise NotHeld(read_id, str(read.state))
    connection.execute(update(reads).where(reads.c.id == read_id).values(state=ReadState.GOOD, accepted_by=by))
    read = require(connection, read_id)
    _forget_taken(connection, read)
    event = Event("read accepted", subject(read.connection), old="held", new=f"read {read_id}: good", detail=read.problem)
    activity.append(connection, at, by, event)
    return read


def require(connection: Connection, read_id: int) -> KeptRead:
    """The read of that id; UnknownRead where there is none."""
    row = connection.execute(_select().where(reads.c.id == read_id)).first()
    if row is None:
        raise UnknownRead(read_id)
    return _kept(dict(row._mapping))


def listed(connection: Connection, name: str, limit: int | None = None) -> list[KeptRead]:
    """The reads of a connection since it was added, newest first."""
    query = _of(name).order_by(reads.c.id.desc()).limit(limit)
    return [_kept(dict(row._mapping)) for row in connection.execute(query)]


def newest_good(connection: Connection, name: str) -> KeptRead | None:
    """The newest good read of a connection."""
    return _newest(connection, _of(name).where(reads.c.state == ReadState.GOOD))


def newest_partial(connection: Connection, name: str) -> KeptRead | None:
    """The newest read that came to its end with records that could not be read."""
    return _newest(connection, _of(name).where(reads.c.state == ReadState.FAILED, reads.c.has_parts))


def running(connection: Connection, at: dt.datetime, name: str) -> KeptRead | None:
    """The read of a connection that runs and gives signs of life."""
    found = _running(connection, name)
    return found if found is not None and _alive(found, at) else None


def parts_of(connection: Connection, read_id: int) -> ReadParts:
    """The records that a read gave, as they were; UnknownRead where none are kept."""
    rows = connection.execute(select(read_parts).where(read_parts.c.read_id == read_id))
    kept = {row.part: kept_frame(connection, KEPT[row.part], row.list_id) for row in rows}
    if not kept:
        raise UnknownRead(read_id)
    services, agreements = records(Service, kept[Part.SERVICES]), records(Agreement, kept[Part.AGREEMENTS])
    return ReadParts(kept[Part.LINES], kept[Part.CHARGES], tuple(services), tuple(agreements))


def taken_of(connection: Connection, read_id: int) -> bytes | None:
    """What the next quick read is laid over."""
    found = connection.scalar(select(reads.c.taken).where(reads.c.id == read_id))
    return bytes(found) if found is not None else None


def _frames(parts: ReadParts) -> dict[Part, pd.DataFrame]:
    return {
        Part.LINES: parts.lines,
        Part.CHARGES: parts.charges,
        Part.SERVICES: frame(Service, parts.services),
        Part.AGREEMENTS: frame(Agreement, parts.agreements),
    }


def _open(read_id: int) -> Any:
    return update(reads).where(reads.c.id == read_id, reads.c.state == ReadState.RUNNING)


def _select() -> Select[Any]:
    return select(*(c for c in reads.c if c is not reads.c.taken))


def _of(name: str) -> Select[Any]:
    """Reads of a connection; those of one that was removed and had the same name are another's."""
    query = _select().join(connections, reads.c.connection == connections.c.name)
    return query.where(reads.c.connection == name, reads.c.started_at >= connections.c.created_at)


def _newest(connection: Connection, query: Select[Any]) -> KeptRead | None:
    row = connection.execute(query.order_by(reads.c.id.desc()).limit(1)).first()
    return _kept(dict(row._mapping)) if row else None


def _running(connection: Connection, name: str) -> KeptRead | None:
    return _newest(connection, _select().where(reads.c.connection == name, reads.c.state == ReadState.RUNNING))


def _alive(read: KeptRead, at: dt.datetime) -> bool:
    return at - read.told_at < SILENT


def _forget_taken(connection: Connection, read: KeptRead) -> None:
    """A quick read is only ever laid over the newest good one."""
    older = (reads.c.connection == read.connection) & (reads.c.id < read.id)
    connection.execute(update(reads).where(older).values(taken=None))


def _log(connection: Connection, at: dt.datetime, read: KeptRead, by: str, detail: str | None) -> None:
    event = Event(f"read {read.state}", subject(read.connection), new=f"read {read.id}", detail=read.problem or detail)
    activity.append(connection, at, by, event)


def _kept(row: dict[str, Any]) -> KeptRead:
    source = {name.removeprefix("source_"): row.pop(name) for name in list(row) if name.startswith("source_")}
    if source["name"] is None:
        return KeptRead(**row, source=None)
    notes = tuple(json.loads(source.pop("notes")))
    return KeptRead(**row, source=Source(**source, rows=row["rows"], as_of=row["as_of"], notes=notes))
