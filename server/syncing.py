"""One read of a connection, kept: everything, or what changed since the last good read. A good read is never replaced by a worse.

What fails, and what holds records that could not be read, is kept as failed with its words. What gives far less than the last good
read is held back until a person accepts it or the next full read says the same. After a crash the next read starts from the last
good one; nothing is kept by halves.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connectors.engine import Connection, Progress, Read, Taken
from connectors.errors import ConnectorError, TryLater
from core.frames import frame
from core.records import AgreementLine, Charge, Problem
from server.connecting import Watch, watch_of, zone_of
from server.errors import refuse
from server.packing import packed, unpacked
from server.store import Store
from server.store.sync_records import Finished, KeptConnection, KeptRead, ReadKind, ReadParts, ReadState
from server.words import counted

Clock = Callable[[], dt.datetime]

TOLD_EVERY = dt.timedelta(seconds=1)
SHOWN = 5
"""Records that could not be read which the words of a failed read name."""


class Stopped(Exception):  # noqa: N818 -- named for what happened to the read
    """The read was cancelled, or taken for dead."""


def silent(what: str, pages: int, rows: int) -> None:
    """Progress that nobody follows."""


def sync(
    store: Store, connection: Connection, name: str, *, full: bool, by: str, clock: Clock, progress: Progress = silent
) -> KeptRead:
    """Reads a connection once and keeps it: the read, good, held or failed with its words.

    `clock` gives the moment, in any time zone; the data is as of its day in the MSP's. ReadRunning where a read runs that gave a
    sign of life lately; Refused where the connection is paused.
    """
    kept = _ready(store, connection, name, clock())
    earlier = None if full else _earlier(store, name)
    begun = store.begin_read(name, ReadKind.QUICK if earlier else ReadKind.FULL, by)
    told = _Told(store, begun.id, clock, progress)
    try:
        kind, read = _read(connection, clock().astimezone(zone_of(kept)), earlier, told)
        state, problem = _judged(store, name, kind, read, watch_of(kept))
        taken = None if state is ReadState.FAILED else packed(read.taken)
        done = Finished(kind, state, problem, read.source, _parts(connection.connector.fills, read), taken)
        return store.finish_read(begun.id, done, by)
    except ConnectorError as error:
        return store.fail_read(begun.id, _words(error), by)
    except Stopped:
        return store.read(begun.id)
    except BaseException as error:
        store.fail_read(begun.id, f"stopped ({type(error).__name__})", by)
        raise


def _ready(store: Store, connection: Connection, name: str, now: dt.datetime) -> KeptConnection:
    kept = store.connection(name)
    if kept.connector != connection.connector.name:
        raise ValueError(f"connection {name} is one to {kept.connector}, not to {connection.connector.name}")
    if kept.paused(now):
        until = f"until {kept.paused_until.astimezone(zone_of(kept)):%d %b %H:%M}" if kept.paused_until else "until it is resumed"
        raise refuse(f"connection {name}", f"is paused {until}: {kept.paused_why}")
    return kept


def _earlier(store: Store, name: str) -> Taken | None:
    """What the last good read took; without it a quick read is a full one."""
    good = store.newest_good_read(name)
    data = store.read_taken(good.id) if good else None
    return unpacked(data) if data else None


def _read(connection: Connection, now: dt.datetime, earlier: Taken | None, told: Progress) -> tuple[ReadKind, Read]:
    """The read, and what it came to be: a record that is gone and does not show among the changes needs everything read."""
    if earlier is not None:
        try:
            return ReadKind.QUICK, connection.read(now, earlier, told)
        except TryLater as error:
            if error.at_once:
                raise
    return ReadKind.FULL, connection.read(now, None, told)


def _judged(store: Store, name: str, kind: ReadKind, read: Read, watch: Watch) -> tuple[ReadState, str | None]:
    """Whether the read is good, and else why not."""
    if read.problems:
        return ReadState.FAILED, _unread(read.problems)
    good, rows = store.newest_good_read(name), read.source.rows
    if (
        good is None
        or not watch.is_far_less(rows, good.rows or 0)
        or (kind is ReadKind.FULL and _confirms(store, name, good, rows))
    ):
        return ReadState.GOOD, None
    said = f"it gave {counted(rows, 'row')}, the last good read {good.rows:,}: accept it, or read everything once more"
    return ReadState.HELD, said


def _confirms(store: Store, name: str, good: KeptRead, rows: int) -> bool:
    """Whether the newest read held since the last good one gave the same count."""
    held = (r for r in store.reads(name) if r.state is ReadState.HELD and r.id > good.id)
    newest = next(held, None)
    return newest is not None and newest.rows == rows


def _parts(fills: type, read: Read) -> ReadParts:
    lines = read.frame if fills is AgreementLine else frame(AgreementLine, [])
    charges = read.frame if fills is Charge else frame(Charge, [])
    return ReadParts(lines, charges, read.services, read.agreements)


def _unread(problems: Sequence[Problem]) -> str:
    more = [f"and {len(problems) - SHOWN:,} more"] if len(problems) > SHOWN else []
    return _printable("; ".join([f"{counted(len(problems), 'record')} could not be read", *map(str, problems[:SHOWN]), *more]))


def _words(error: ConnectorError) -> str:
    return _printable(f"{error} ({(type(error).__doc__ or '').strip()})")


def _printable(text: str) -> str:
    """An API's words may hold what no database takes."""
    return text.replace("\x00", "")


@dataclass
class _Told:
    """Progress: told to who asked for it at every page, and to the store about once a second."""

    store: Store
    read_id: int
    clock: Clock
    progress: Progress
    last: dt.datetime | None = None

    def __call__(self, what: str, pages: int, rows: int) -> None:
        self.progress(what, pages, rows)
        now = self.clock()
        if self.last is not None and now - self.last < TOLD_EVERY:
            return
        self.last = now
        if not self.store.tell_read(self.read_id, what, pages, rows):
            raise Stopped
