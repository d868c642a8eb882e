"""Everything that a command or a request works with, wired in one place: store, secrets, keys and the way to the PSA."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from connectors.client import Patience
from connectors.engine import Connection
from connectors.writing import Writer
from server.checked import Checks
from server.connecting import open_connection
from server.errors import refuse
from server.pace import Paces
from server.secrets import Vault, open_vault
from server.signing import signing_key
from server.store import Store, open_store
from server.store.store import Clock, now
from server.store.sync_records import PSA, KeptConnection
from server.write_back.protocol import Timing


@dataclass(frozen=True, slots=True)
class House:
    """One installation. `loopback`: connections may lead to this machine, as those of the demo do."""

    store: Store
    vault: Vault
    key: bytes  # signs workbooks
    location: str
    loopback: bool = False
    patience: Patience | None = None
    timing: Timing = field(default_factory=Timing)
    paces: Paces = field(default_factory=Paces)
    checks: Checks = field(default_factory=Checks)

    def psa(self) -> KeptConnection:
        """The connection to the PSA; Refused where there is none."""
        found = next((c for c in self.store.connections() if c.role == PSA), None)
        if found is None:
            raise refuse("connections", "there is no connection to a PSA: add one with tieout connect connectwise")
        return found

    def connect(self, name: str) -> Connection:
        """The connection of that name, to be closed by the caller."""
        writes = self.store.writes
        pace = self.paces.of(writes.engines, self.store.connection(name), writes.clock)
        return open_connection(self.store, self.vault, name, loopback=self.loopback, patience=self.patience, pace=pace)

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """The PSA, to be looked at and written to."""
        psa = self.psa()
        connection = self.connect(psa.name)
        make = connection.connector.writer
        if make is None:
            connection.close()
            raise refuse(
                f"connection {psa.name}", f"{connection.connector.title} is read only: use the change list of tieout changes"
            )
        writer = make(connection)
        try:
            yield writer
        finally:
            writer.close()


@contextmanager
def open_house(location: str, *, loopback: bool = False, clock: Clock = now, patience: Patience | None = None) -> Iterator[House]:
    """The installation whose store is at that location."""
    with open_store(location, clock) as store:
        yield House(store, open_vault(store, location), signing_key(location), location, loopback, patience)
