"""The mapping with its history: entries are only ever added; the newest of an identity counts, one without content ends it.

An identity is what a mapping is about: an account, a vendor service, a PSA service and customer. Its content is every row about
it, so that mapping an account to another customer replaces its rows, shares included, and never adds a second.
"""

import datetime as dt
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, insert, select

from core.mapping import AccountMapping, Mapping, ServiceMapping, ServiceRule, Tie
from server.store import activity
from server.store.plain import canonical, from_json, to_json
from server.store.records import Event, MappingEntry, Subject
from server.store.tables import MappingRow, mapping_entries, mapping_versions
from server.store.versions import next_id

Identity = tuple[Subject, tuple[str, ...]]
NOTHING = Mapping()


def rows_of(mapping: Mapping) -> list[MappingRow]:
    """Every row of a mapping as plain text, in its order."""
    parts: list[tuple[Subject, Iterable[Any]]] = [
        (Subject.ACCOUNT, mapping.accounts),
        (Subject.SERVICE, mapping.services),
        (Subject.RULE, mapping.rules),
        (Subject.TIE, mapping.ties),
    ]
    rows = [MappingRow(subject, to_json(row)) for subject, part in parts for row in part]
    return rows + [MappingRow(Subject.NONE_EXPECTED, canonical(service_id)) for service_id in sorted(mapping.none_expected)]


def mapping_of(rows: Iterable[MappingRow]) -> Mapping:
    """The mapping that those rows say."""
    texts: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        texts[row.subject].append(row.content)
    return Mapping(
        tuple(from_json(AccountMapping, text) for text in texts[Subject.ACCOUNT]),
        tuple(from_json(ServiceMapping, text) for text in texts[Subject.SERVICE]),
        tuple(from_json(ServiceRule, text) for text in texts[Subject.RULE]),
        tuple(from_json(Tie, text) for text in texts[Subject.TIE]),
        frozenset(json.loads(text) for text in texts[Subject.NONE_EXPECTED]),
    )


def contents(mapping: Mapping) -> dict[Identity, str]:
    """What the mapping says of each identity: the JSON list of its rows, whatever their order."""
    rows: dict[Identity, list[Any]] = defaultdict(list)
    for row in rows_of(mapping):
        value = json.loads(row.content)
        rows[_identity(Subject(row.subject), value)].append(value)
    return {identity: canonical(sorted(values, key=canonical)) for identity, values in rows.items()}


def _identity(subject: Subject, row: Any) -> Identity:
    match subject:
        case Subject.ACCOUNT:
            return subject, (row["vendor"], row["account_id"])
        case Subject.SERVICE:
            return subject, (row["vendor"], row["vendor_service_id"])
        case Subject.RULE:
            return subject, (row["service_id"], row["customer_id"] or "")
        case Subject.TIE:
            return subject, (row["vendor"], row["reference"])
        case Subject.NONE_EXPECTED:
            return subject, (row,)


def digest(mapping: Mapping) -> str:
    """The same for two mappings that say the same."""
    said = [[subject, list(identity), content] for (subject, identity), content in sorted(contents(mapping).items())]
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def newest_version(connection: Connection) -> int:
    """The number of the mapping's newest version; 0: nothing was ever mapped."""
    return connection.scalar(select(func.max(mapping_versions.c.version))) or 0


def version_saying(connection: Connection, mapping: Mapping) -> int | None:
    """The newest version that says what this mapping says."""
    query = select(func.max(mapping_versions.c.version)).where(mapping_versions.c.digest == digest(mapping))
    version: int | None = connection.scalar(query)
    return version


def at_version(connection: Connection, version: int) -> Mapping:
    """The mapping as that version left it."""
    return _mapping({identity: content for identity, (_, content) in _standing(connection, version).items()})


def _standing(connection: Connection, version: int) -> dict[Identity, tuple[int, str]]:
    entries = mapping_entries.c
    query = select(entries.id, entries.subject, entries.identity, entries.content).where(entries.version <= version)
    standing: dict[Identity, tuple[int, str | None]] = {}
    for row in connection.execute(query.order_by(entries.id)):
        standing[Subject(row.subject), tuple(json.loads(row.identity))] = row.id, row.content
    return {identity: (number, content) for identity, (number, content) in standing.items() if content is not None}


def _mapping(said: dict[Identity, str]) -> Mapping:
    return mapping_of(
        MappingRow(subject, canonical(row)) for (subject, _), content in sorted(said.items()) for row in json.loads(content)
    )


def merged(mapping: Mapping, changes: Mapping) -> Mapping:
    """The mapping as `save` would leave it: what `changes` says of an identity replaces what was said of it."""
    return _mapping(contents(mapping) | contents(changes))


def save(connection: Connection, at: dt.datetime, changes: Mapping, removals: Mapping, by: str, origin: str) -> int:
    """Adds the entries that differ from what stands; the version that then holds, which is the old one where nothing did."""
    version = newest_version(connection)
    standing = _standing(connection, version)
    wanted: dict[Identity, str | None] = {identity: None for identity in contents(removals) if identity in standing}
    wanted |= {i: content for i, content in contents(changes).items() if i not in standing or standing[i][1] != content}
    if not wanted:
        return version
    said = {identity: content for identity, (_, content) in standing.items()} | wanted
    after = _mapping({identity: content for identity, content in said.items() if content is not None})
    connection.execute(insert(mapping_versions).values(version=version + 1, at=at, by=by, origin=origin, digest=digest(after)))
    _add(connection, version + 1, wanted, {identity: number for identity, (number, _) in standing.items()})
    activity.append(connection, at, by, _event(version, wanted, origin))
    return version + 1


def _add(connection: Connection, version: int, wanted: dict[Identity, str | None], replaced: dict[Identity, int]) -> None:
    first = next_id(connection, mapping_entries)
    rows = [
        {
            "id": first + index,
            "version": version,
            "subject": str(identity[0]),
            "identity": canonical(list(identity[1])),
            "content": content,
            "replaces": replaced.get(identity),
        }
        for index, (identity, content) in enumerate(wanted.items())
    ]
    connection.execute(insert(mapping_entries), rows)


def _event(version: int, wanted: dict[Identity, str | None], origin: str) -> Event:
    changed = Counter(str(subject) for subject, _ in wanted)
    detail = f"{origin}: " + ", ".join(f"{subject} {count}" for subject, count in sorted(changed.items()))
    return Event("mapping changed", "mapping", old=f"version {version}", new=f"version {version + 1}", detail=detail)


def history(connection: Connection) -> list[MappingEntry]:
    """Every entry that was ever made, oldest first."""
    made = mapping_versions.c
    query = select(mapping_entries, made.by, made.at, made.origin).join(mapping_versions).order_by(mapping_entries.c.id)
    return [_entry(dict(row._mapping)) for row in connection.execute(query)]


def _entry(values: dict[str, Any]) -> MappingEntry:
    subject, identity = Subject(values.pop("subject")), tuple(json.loads(values.pop("identity")))
    return MappingEntry(subject=subject, identity=identity, **values)
