"""Connections and the ciphertexts of their secrets. A removed connection stays known; added again, its old reads count no more."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from server.store import activity
from server.store.errors import ConnectionExists, SecondPsa, UnknownConnection
from server.store.plain import canonical
from server.store.records import Event
from server.store.sync_records import PSA, KeptConnection
from server.store.tables_sync import connections, reads, secrets


def add(connection: Connection, at: dt.datetime, new: KeptConnection) -> KeptConnection:
    """Keeps a new connection; ConnectionExists, or SecondPsa where the installation has its PSA."""
    standing = {c.name: c for c in listed(connection)}
    if new.name in standing:
        raise ConnectionExists(new.name)
    psa = next((name for name, c in standing.items() if c.role == PSA), None)
    if new.role == PSA and psa is not None:
        raise SecondPsa(new.name, psa)
    values = {c.name: getattr(new, c.name) for c in connections.c} | {"settings": canonical(dict(new.settings)), "created_at": at}
    removed = connection.scalar(select(connections.c.name).where(connections.c.name == new.name))
    if removed is None:
        connection.execute(insert(connections).values(values))
    else:
        connection.execute(update(connections).where(connections.c.name == new.name).values(values))
    activity.append(
        connection, at, new.by, Event("connection added", subject(new.name), new=new.connector, detail=values["settings"])
    )
    return require(connection, new.name)


def listed(connection: Connection) -> list[KeptConnection]:
    """Those that are not removed, by name, the PSA first."""
    query = select(connections).where(connections.c.removed_at.is_(None)).order_by(connections.c.name)
    found = [_kept(dict(row._mapping)) for row in connection.execute(query)]
    return sorted(found, key=lambda c: c.role != PSA)


def require(connection: Connection, name: str) -> KeptConnection:
    """The connection; UnknownConnection, which lists those there are, where there is none or it was removed."""
    standing = listed(connection)
    found = next((c for c in standing if c.name == name), None)
    if found is None:
        raise UnknownConnection(name, [c.name for c in standing])
    return found


def change(
    connection: Connection, at: dt.datetime, name: str, settings: Mapping[str, str], per_minute: int | None, by: str
) -> KeptConnection:
    """Gives it other settings. What it may point at now is another system: the next read of it is a full one."""
    old = require(connection, name)
    _change(connection, name, settings=canonical(dict(settings)), per_minute=per_minute)
    connection.execute(update(reads).where(reads.c.connection == name).values(taken=None))
    before, after = (canonical({**dict(s), "per_minute": n}) for s, n in ((old.settings, old.per_minute), (settings, per_minute)))
    activity.append(connection, at, by, Event("connection changed", subject(name), old=before, new=after))
    return require(connection, name)


def remove(connection: Connection, at: dt.datetime, name: str, by: str) -> None:
    """Marks it as removed, and forgets its secrets."""
    require(connection, name)
    connection.execute(delete(secrets).where(secrets.c.connection == name))
    _change(connection, name, removed_at=at, paused_until=None, paused_why=None)
    activity.append(connection, at, by, Event("connection removed", subject(name)))


def pause(connection: Connection, at: dt.datetime, name: str, why: str, until: dt.datetime | None, by: str) -> None:
    """Nothing is asked of it until that moment; without one, until a person resumes it."""
    require(connection, name)
    _change(connection, name, paused_until=until, paused_why=why)
    new = f"until {until.astimezone(dt.UTC).isoformat(timespec='seconds')}" if until else "until it is resumed"
    activity.append(connection, at, by, Event("connection paused", subject(name), new=new, detail=why))


def resume(connection: Connection, at: dt.datetime, name: str, by: str) -> None:
    """Takes a pause back; where there is none, nothing changes."""
    standing = require(connection, name)
    if standing.paused_why is not None:
        _change(connection, name, paused_until=None, paused_why=None)
        activity.append(connection, at, by, Event("connection resumed", subject(name), old=standing.paused_why))


def keep_secret(
    connection: Connection, at: dt.datetime, name: str, setting: str, ciphertext: str | None, place: str, by: str
) -> None:
    """Keeps a secret's ciphertext; None: it is kept elsewhere, and what stood here goes."""
    require(connection, name)
    connection.execute(delete(secrets).where(_of(name, setting)))
    if ciphertext is not None:
        connection.execute(insert(secrets).values(connection=name, setting=setting, ciphertext=ciphertext))
    activity.append(connection, at, by, Event("secret set", f"{subject(name)}, {setting}", detail=f"kept in {place}"))


def secret(connection: Connection, name: str, setting: str) -> str | None:
    """The ciphertext of a setting."""
    return connection.scalar(select(secrets.c.ciphertext).where(_of(name, setting)))


def all_secrets(connection: Connection) -> dict[tuple[str, str], str]:
    """Every ciphertext by connection and setting."""
    rows = connection.execute(select(secrets).order_by(secrets.c.connection, secrets.c.setting))
    return {(row.connection, row.setting): row.ciphertext for row in rows}


def forget_secrets(connection: Connection, at: dt.datetime, name: str, by: str) -> None:
    """Removes every ciphertext of a connection."""
    connection.execute(delete(secrets).where(secrets.c.connection == name))
    activity.append(connection, at, by, Event("secrets removed", subject(name)))


def renew_secrets(connection: Connection, at: dt.datetime, renewed: Mapping[tuple[str, str], tuple[str, str]], by: str) -> int:
    """Replaces ciphertexts, each given with the one it was made from; one that changed meanwhile stays. The number replaced."""
    count = 0
    for (name, setting), (old, new) in renewed.items():
        changed = update(secrets).where(_of(name, setting), secrets.c.ciphertext == old).values(ciphertext=new)
        count += connection.execute(changed).rowcount
    activity.append(connection, at, by, Event("secrets encrypted anew", "all connections", detail=f"{count} secrets"))
    return count


def subject(name: str) -> str:
    """How the activity names a connection."""
    return f"connection {name}"


def _of(name: str, setting: str) -> Any:
    return (secrets.c.connection == name) & (secrets.c.setting == setting)


def _change(connection: Connection, name: str, **values: Any) -> None:
    connection.execute(update(connections).where(connections.c.name == name).values(values))


def _kept(row: dict[str, Any]) -> KeptConnection:
    return KeptConnection(**{**row, "settings": json.loads(row["settings"])})
