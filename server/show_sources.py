"""What the terminal shows of connections and what was read through them."""

import datetime as dt
from collections.abc import Iterator

from server.connecting import zone_of
from server.show import table
from server.store import Store
from server.store.sync_records import KeptConnection, KeptRead, ReadState
from server.words import counted


def connections(store: Store) -> Iterator[str]:
    """A line each: when it was read, as of which day, and what is wrong."""
    listed = store.connections()
    if not listed:
        yield "no connections yet: add the PSA with  tieout connect connectwise"
        return
    found = [("Connection", "Is", "Last read", "Data as of", "Rows", "State")]
    for connection in listed:
        newest = next(iter(store.reads(connection.name, 1)), None)
        good = store.newest_good_read(connection.name)
        as_of = good.as_of.isoformat() if good and good.as_of else ""
        rows = f"{good.rows:,}" if good and good.rows is not None else ""
        found.append((connection.name, connection.role, _when(connection, newest), as_of, rows, _state(connection, newest)))
    yield from table(found, right=(4,))


def _when(connection: KeptConnection, read: KeptRead | None) -> str:
    return f"{read.started_at.astimezone(zone_of(connection)):%Y-%m-%d %H:%M}" if read else "never"


def _state(connection: KeptConnection, newest: KeptRead | None) -> str:
    if connection.paused(dt.datetime.now(dt.UTC)):
        until = (
            f" until {connection.paused_until:%H:%M} UTC"
            if connection.paused_until
            else f"; end it with --resume {connection.name}"
        )
        return f"paused{until}: {connection.paused_why}"
    if newest is None:
        return f"read it with: tieout sync {connection.name}"
    if newest.state is ReadState.HELD:
        return f"held back: {newest.problem}; if it is right: tieout sync --accept {newest.id}"
    return f"{newest.state}: {newest.problem}" if newest.problem else str(newest.state)


def read(store: Store, found: KeptRead) -> Iterator[str]:
    """What one read came to."""
    as_of = f", data as of {found.as_of}" if found.as_of else ""
    yield f"{found.connection}: {found.state}, {counted(found.rows or 0, 'row')}{as_of} ({found.kind})"
    if found.problem:
        yield f"  {found.problem}"
    if found.state is ReadState.HELD:
        yield f"  the last good read stays in use; if this one is right: tieout sync --accept {found.id}"
    for note in found.source.notes if found.source else ():
        yield f"  {note}"
