"""Connections to a PSA and vendors: added with what a person typed, opened with their secrets, removed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, available_timezones

from connectors.addresses import Resolve, resolve_name
from connectors.client import Patience
from connectors.engine import Connection, Connector, Setting
from connectors.pace import Waits
from connectors.registry import CONNECTORS
from core.records import Problem
from server.errors import Refused, refuse
from server.secrets import ENVIRONMENT, Vault
from server.store import Store
from server.store.sync_records import KeptConnection

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")

TIME_ZONE = Setting("time_zone", "Time zone", "Whose days the data is as of, such as Europe/Berlin; empty: this machine's.", "")
FEWER_PERCENT = Setting(
    "held_below_percent",
    "Held below",
    "A read that gives less than so many per cent of the last one's rows waits for a person.",
    "50",
)
FEWER_ROWS = Setting("held_from_rows", "Held from", "It waits only if so many rows or more are missing.", "10")
SCHEDULE = Setting(
    "scheduled_reads",
    "Scheduled reads",
    "When the service reads by itself: everything at night, and what changed every hour.",
    "hourly and nightly",
    choices=("hourly and nightly", "nightly", "off"),
)
OWN = (TIME_ZONE, FEWER_PERCENT, FEWER_ROWS, SCHEDULE)
"""Settings that every connection has, whatever it connects to."""


@dataclass(frozen=True, slots=True)
class Watch:
    """From when on a read that gives less than the last one is held back."""

    percent: int
    rows: int

    def is_far_less(self, rows: int, last: int) -> bool:
        return rows * 100 < last * self.percent and last - rows >= self.rows


def add_connection(
    store: Store, vault: Vault, name: str, connector_name: str, values: Mapping[str, str], by: str, per_minute: int | None = None
) -> KeptConnection:
    """Keeps a connection, and its secrets in the vault. Refused names every setting that is wrong; nothing is asked of it yet."""
    connector = _connector(connector_name)
    given = {setting: value.strip() for setting, value in values.items()}
    _refuse(name, (*_problems(name, connector, given), *_missing(vault, name, connector, given)), per_minute)
    plain, secret = _sorted(connector, given)
    kept = store.add_connection(name, connector.name, connector.role, plain, per_minute, by)
    try:
        for setting, value in secret.items():
            vault.set_secret(name, setting, value, by)
    except BaseException:
        store.remove_connection(name, by)
        raise
    return kept


def change_connection(
    store: Store, vault: Vault, name: str, values: Mapping[str, str], by: str, per_minute: int | None = None
) -> KeptConnection:
    """Gives a connection other settings; a secret that is not typed stays. The next read of it is a full one.

    values: all settings that are no secrets, for those left out return to their defaults.
    """
    connector = _connector(store.connection(name).connector)
    given = {setting: value.strip() for setting, value in values.items()}
    kept = {s.name: "kept" for s in connector.settings if s.secret and not given.get(s.name) and vault.place(name, s.name)}
    _refuse(name, (*_problems(name, connector, given), *_missing(vault, name, connector, given | kept)), per_minute)
    plain, secret = _sorted(connector, given)
    for setting, value in secret.items():
        vault.set_secret(name, setting, value, by)
    return store.change_connection(name, plain, per_minute, by)


def open_connection(
    store: Store,
    vault: Vault,
    name: str,
    *,
    loopback: bool,
    patience: Patience | None = None,
    resolve: Resolve = resolve_name,
    pace: Waits | None = None,
) -> Connection:
    """The connection, its address checked anew, to be closed by the caller; FixAddress or FixCredentials where it cannot be.

    loopback: allows this machine, for the simulators. pace: None: by the connection's own requests per minute.
    """
    kept = store.connection(name)
    connector = _connector(kept.connector)
    own = {s.name for s in OWN}
    values = {setting: value for setting, value in kept.settings.items() if setting not in own}
    for setting in connector.settings:
        if setting.secret and (secret := vault.get_secret(name, setting.name)):
            values[setting.name] = secret.reveal()
    patience = patience or Patience(per_minute=kept.per_minute)
    return Connection(connector, values, patience=patience, loopback=loopback, resolve=resolve, pace=pace)


def connections(store: Store) -> list[KeptConnection]:
    """Every connection, the PSA first; no secrets."""
    return store.connections()


def remove_connection(store: Store, vault: Vault, name: str, by: str) -> None:
    """Forgets the secrets, then the connection; what was read stays with the runs made of it."""
    connector = _connector(store.connection(name).connector)
    vault.remove(name, tuple(s.name for s in connector.settings if s.secret), by)
    store.remove_connection(name, by)


def zone_of(kept: KeptConnection) -> ZoneInfo | None:
    """The MSP's time zone; None: this machine's."""
    name = kept.settings.get(TIME_ZONE.name)
    return ZoneInfo(name) if name else None


def scheduled(kept: KeptConnection, night: bool) -> bool:
    """Whether the service reads it by itself at this hour."""
    wanted = kept.settings.get(SCHEDULE.name) or SCHEDULE.default
    return wanted == "hourly and nightly" or (night and wanted == "nightly")


def watch_of(kept: KeptConnection) -> Watch:
    """From when on its reads are held back."""
    percent, rows = (int(kept.settings.get(s.name) or s.default or 0) for s in (FEWER_PERCENT, FEWER_ROWS))
    return Watch(percent, rows)


def _connector(name: str) -> Connector:
    if name not in CONNECTORS:
        raise refuse(f"connector {name}", f"there is none of this name; known: {', '.join(sorted(CONNECTORS))}")
    return CONNECTORS[name]


def _sorted(connector: Connector, given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed: settings for the table, and secrets for the vault."""
    secret = {s.name for s in connector.settings if s.secret}
    filled = {setting: value for setting, value in given.items() if value}
    return {s: v for s, v in filled.items() if s not in secret}, {s: v for s, v in filled.items() if s in secret}


def _refuse(name: str, problems: Iterable[Problem], per_minute: int | None) -> None:
    found = list(problems)
    if per_minute is not None and per_minute < 1:
        found.append(Problem(f"connection {name}, requests per minute", "a number from 1 was expected; empty: no limit"))
    if found:
        raise Refused(found)


def _missing(vault: Vault, name: str, connector: Connector, given: Mapping[str, str]) -> Iterator[Problem]:
    for setting in connector.settings if NAME.fullmatch(name) else ():
        empty = not given.get(setting.name) and setting.default is None
        if empty and not (setting.secret and vault.place(name, setting.name) == ENVIRONMENT):
            yield Problem(f"connection {name}, {setting.name}", f"is empty: {setting.title}. {setting.help}")


def _problems(name: str, connector: Connector, given: Mapping[str, str]) -> Iterator[Problem]:
    if not NAME.fullmatch(name):
        yield Problem(f"connection {name!r}", "a name is a letter, then letters, digits and hyphens, all small: pax8-europe")
        return
    known = {s.name: s for s in (*connector.settings, *OWN)}
    for unknown in sorted(given.keys() - known.keys()):
        yield Problem(f"connection {name}, {unknown}", f"there is no such setting; known: {', '.join(known)}")
    for setting in known.values():
        value = given.get(setting.name, "")
        if value and setting.choices and value not in setting.choices:
            yield Problem(f"connection {name}, {setting.name}", f"{value!r} is none of its choices: {', '.join(setting.choices)}")
    yield from _own_problems(name, given)


def _own_problems(name: str, given: Mapping[str, str]) -> Iterator[Problem]:
    zone = given.get(TIME_ZONE.name)
    if zone and zone not in available_timezones():
        yield Problem(f"connection {name}, {TIME_ZONE.name}", f"{zone!r} is no time zone; write it as Europe/Berlin")
    for setting in (FEWER_PERCENT, FEWER_ROWS):
        value = given.get(setting.name)
        if value and not (value.isascii() and value.isdigit()):
            yield Problem(f"connection {name}, {setting.name}", f"{value!r} is no whole number")
