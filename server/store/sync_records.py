"""What the store tells of connections to a PSA or a vendor, and of what was read through them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from core.records import Agreement, Service, Source

PSA = "PSA"
"""The role of which an installation has one connection (R17)."""


class ReadKind(StrEnum):
    """How much was asked for."""

    QUICK = "quick"  # what changed since the last good read, laid over it
    FULL = "full"


class ReadState(StrEnum):
    """Where one read stands. Only a good one is compared without a word on the cover."""

    RUNNING = "running"  # or its process died: then it gives no sign of life any more
    GOOD = "good"
    FAILED = "failed"  # stopped, or records in it could not be read
    HELD = "held"  # far fewer rows than before: waits for a person or for the next full read


@dataclass(frozen=True, slots=True)
class KeptConnection:
    """A PSA or vendor that is read, without its secrets."""

    name: str
    connector: str
    role: str  # "PSA", or the vendor
    settings: Mapping[str, str]  # those that are no secrets
    per_minute: int | None  # requests; None: as many as it takes
    created_at: dt.datetime
    by: str
    removed_at: dt.datetime | None
    paused_until: dt.datetime | None  # None with a reason: until a person resumes it
    paused_why: str | None

    def paused(self, at: dt.datetime) -> bool:
        """Whether nothing is to be asked of it at that moment."""
        return self.paused_why is not None and (self.paused_until is None or at < self.paused_until)


@dataclass(frozen=True, slots=True)
class KeptRead:
    """One read of a connection and what became of it."""

    id: int
    connection: str
    kind: ReadKind
    state: ReadState
    started_at: dt.datetime
    told_at: dt.datetime  # its last sign of life
    finished_at: dt.datetime | None
    by: str
    what: str  # that is read at the moment, or was at last
    pages: int  # of it
    rows_read: int  # of it
    rows: int | None  # that the read gave
    as_of: dt.date | None  # in the MSP's time zone
    problem: str | None  # why it failed or is held
    accepted_by: str | None  # who took a held read for right
    has_parts: bool  # what it gave is kept
    source: Source | None


@dataclass(frozen=True, slots=True)
class ReadParts:
    """The records that a read gave."""

    lines: pd.DataFrame  # AgreementLine
    charges: pd.DataFrame  # Charge
    services: tuple[Service, ...]
    agreements: tuple[Agreement, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """A read that came to its end, as it is to be kept."""

    kind: ReadKind
    state: ReadState
    problem: str | None
    source: Source
    parts: ReadParts
    taken: bytes | None  # what the next quick read is laid over
