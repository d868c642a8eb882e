"""Connections of a store to the simulators, with clocks that tests move."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from connectors.engine import Connection, Progress
from server.connecting import add_connection, open_connection
from server.secrets import Vault
from server.store import Store
from server.store.sync_records import KeptRead
from server.syncing import silent, sync
from tests.connectors.api.sandboxes import QUICK, SANDBOXES, Sandbox


@dataclass(frozen=True)
class Synced:
    """One connection of a store to a running simulator."""

    store: Store
    vault: Vault
    name: str
    sandbox: Sandbox

    def sync(self, *, full: bool = False, progress: Progress = silent, **moved: float) -> KeptRead:
        """A read, after the simulator's clock was moved."""
        self.sandbox.clock.move(**(moved or {"minutes": 30}))
        with self.open() as connection:
            return sync(
                self.store, connection, self.name, full=full, by="ann", clock=self.sandbox.clock, progress=progress
            )  # fmt: skip

    def open(self) -> Connection:
        return open_connection(self.store, self.vault, self.name, loopback=True, patience=QUICK)

    def set_time(self, moment: dt.datetime) -> None:
        self.sandbox.clock.now = moment


@contextmanager
def connected(store: Store, vault: Vault, connector: str, name: str = "", **values: str) -> Iterator[Synced]:
    """A simulator, and the store's connection to it."""
    with SANDBOXES[connector]() as sandbox:
        yield connect(store, vault, sandbox, name or connector, **values)


def connect(store: Store, vault: Vault, sandbox: Sandbox, name: str, **values: Any) -> Synced:
    asked = {"address": sandbox.url, **sandbox.keys, "time_zone": "UTC", **values}
    add_connection(store, vault, name, sandbox.connector.name, asked, "ann")
    return Synced(store, vault, name, sandbox)
