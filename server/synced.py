"""What is compared, from the newest good read of every connection, with the files of vendors that have none.

Nothing is compared over a read that runs. Where the newest read failed or is held back, the one before it is used, and the cover
says so.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import pyarrow as pa

from core.frames import column, frame, values
from core.periods import Period
from core.records import AgreementLine, Charge, Problem, Source
from core.run import Inputs
from core.scope import short_date
from core.settings import Settings
from server.connecting import zone_of
from server.errors import Refused, refuse
from server.store import Store
from server.store.sync_records import PSA, KeptConnection, KeptRead, ReadParts, ReadState


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The read of a connection that is to be compared, and the newest one, which may be another."""

    connection: KeptConnection
    read: KeptRead
    source: Source
    newest: KeptRead


@dataclass(frozen=True, slots=True)
class _Used:
    """The read of a connection that is compared, with its source as the cover shows it."""

    connection: KeptConnection
    source: Source
    parts: ReadParts


def synced_inputs(
    store: Store,
    period: Period,
    today: dt.date,
    settings: Settings,
    *,
    charges: pd.DataFrame | None = None,
    sources: Sequence[Source] = (),
) -> Inputs:
    """The inputs of a run over what was read, with the mapping as it stands.

    charges, sources: of files of vendors that no connection reads. Refused names every connection that is being read or was
    never read, and every file that would count a vendor twice.
    """
    kept = store.connections()
    if not any(connection.role == PSA for connection in kept):
        raise refuse("connections", "there is none to a PSA: add it, then sync")
    extra = charges if charges is not None else frame(Charge, [])
    found = [_choose(store, connection) for connection in kept]
    problems = [f for f in found if isinstance(f, Problem)]
    problems += _counted_twice(kept, extra, sources)
    if problems:
        raise Refused(problems)
    used = _named([_used(store, f, period) for f in found if isinstance(f, _Chosen)])
    return Inputs(
        period,
        today,
        _joined(AgreementLine, [u.parts.lines for u in used]),
        _joined(Charge, [*(u.parts.charges for u in used), extra]),
        (*(u.source for u in used), *sources),
        tuple(service for u in used for service in u.parts.services),
        tuple(agreement for u in used for agreement in u.parts.agreements),
        store.mapping(),
        settings,
        store.earlier(period),
    )


def _choose(store: Store, connection: KeptConnection) -> _Chosen | Problem:
    """The newest good read; where there never was one, the newest that lacks only what could not be read; else why none."""
    place = f"connection {connection.name}"
    running = store.running_read(connection.name)
    if running is not None:
        return Problem(
            place, f"a read runs ({running.what or 'just begun'}, {running.rows_read:,} rows): wait for it, or cancel it"
        )
    newest = next(iter(store.reads(connection.name, 1)), None)
    if newest is None:
        return Problem(place, "was never read: sync it first")
    read = store.newest_good_read(connection.name) or store.newest_partial_read(connection.name)
    if read is None or read.source is None:
        return Problem(place, f"has no good read: {_said(connection, newest)}; mend that, then sync it")
    return _Chosen(connection, read, read.source, newest)


def _used(store: Store, chosen: _Chosen, period: Period) -> _Used:
    read, newest, notes = chosen.read, chosen.newest, list(chosen.source.notes)
    if read.as_of and read.as_of >= period.until:
        notes.append(f"read after {period}: its data is that of {short_date(read.as_of)}")
    if newest.id != read.id:
        said = _said(chosen.connection, newest)
        notes.insert(0, f"{said}; data of {short_date(read.as_of) if read.as_of else 'an earlier day'}")
    elif read.state is not ReadState.GOOD:
        notes.insert(0, "no read was ever complete")
    complete = chosen.source.complete and read.state is ReadState.GOOD and newest.id == read.id
    source = replace(chosen.source, complete=complete, notes=tuple(notes))
    return _Used(chosen.connection, source, store.read_parts(read.id))


def _said(connection: KeptConnection, read: KeptRead) -> str:
    """the read of 26 Nov 10:02 failed: ..."""
    begun = read.started_at.astimezone(zone_of(connection))
    what = {ReadState.HELD: "is held back", ReadState.RUNNING: "was interrupted"}.get(read.state, "failed")
    return f"the read of {begun.day} {begun:%b %H:%M} {what}" + (f": {read.problem}" if read.problem else "")


def _counted_twice(kept: Iterable[KeptConnection], charges: pd.DataFrame, sources: Iterable[Source]) -> Iterator[Problem]:
    """A file beside the connection of the same vendor is evidence, and would be added to it (R2)."""
    read = {connection.role: connection.name for connection in kept}
    pairs = charges[["source", "vendor"]].drop_duplicates()
    named = set(zip(values(pairs["source"]), values(pairs["vendor"]), strict=True)) | {(s.name, s.role) for s in sources}
    for source, vendor in sorted(named):
        if vendor in read:
            yield Problem(source, f"{vendor} is read by the connection {read[vendor]}: leave the file out, or it counts twice")


def _named(used: Sequence[_Used]) -> list[_Used]:
    """Two connections to one vendor, told apart by the connection's name."""
    names = [u.source.name for u in used]
    return [_renamed(u, f"{u.source.name} ({u.connection.name})") if names.count(u.source.name) > 1 else u for u in used]


def _renamed(used: _Used, name: str) -> _Used:
    charges = used.parts.charges.assign(source=column([name] * len(used.parts.charges), pa.string()))
    return replace(used, source=replace(used.source, name=name), parts=replace(used.parts, charges=charges))


def _joined(record: type, frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    filled = [data for data in frames if len(data)]
    return pd.concat(filled, ignore_index=True) if filled else frame(record, [])
