"""What the store tells of the things it keeps."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.decisions import Status
from core.periods import Period
from core.records import Action, Decision, Step
from core.settings import Settings


class Subject(StrEnum):
    """What an entry of the mapping is about."""

    ACCOUNT = "account"
    SERVICE = "service"
    RULE = "rule"
    TIE = "tie"
    NONE_EXPECTED = "none expected"


@dataclass(frozen=True, slots=True)
class Run:
    """One frozen comparison of one period."""

    id: str  # the period and the run's number in it: 2026-11-3
    period: Period
    today: dt.date
    created_at: dt.datetime
    created_by: str
    settings: Settings
    note: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One comparison of a run's frozen records under one mapping."""

    run_id: str
    number: int
    mapping_version: int | None  # None: a mapping that the store never held
    created_at: dt.datetime
    created_by: str
    cause: str


@dataclass(frozen=True, slots=True)
class Workbook:
    """One issued file."""

    id: str
    run_id: str
    revision: int
    scope: str
    recipient: str
    issued_at: dt.datetime
    issued_by: str
    sha256: str
    file_name: str
    layout_version: int


@dataclass(frozen=True, slots=True)
class Copy:
    """One returned file; the same bytes are the same copy."""

    id: str
    workbook_id: str | None  # None: it names no workbook that the store knows
    file_name: str
    sha256: str
    received_at: dt.datetime
    by: str


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """A judged decision as it arrived: `id` is the order of arrival."""

    id: int
    copy_id: str
    run_id: str
    revision: int
    key: str
    fingerprint: str
    action: Action
    quantity: Decimal | None
    effective_date: dt.date | None
    agreement: str | None
    new_price: Decimal | None
    reason: str | None
    note: str | None
    by: str
    place: str
    status: Status
    problem: str | None
    steps: tuple[Step, ...] = ()
    own_too: bool = False

    @property
    def person(self) -> str:
        """Whose decision it is: where the copy names nobody, each copy is somebody else's."""
        return self.by or f"copy {self.copy_id}"

    @property
    def decision(self) -> Decision:
        """The decision as the copy held it."""
        return Decision(
            self.key,
            self.fingerprint,
            self.action,
            self.quantity,
            self.effective_date,
            self.agreement,
            self.new_price,
            self.reason,
            self.note,
            self.by,
            self.place,
            self.steps,
            self.own_too,
        )


@dataclass(frozen=True, slots=True)
class MappingEntry:
    """One step in the history of the mapping; no content: the entry was removed."""

    id: int
    version: int
    subject: Subject
    identity: tuple[str, ...]
    content: str | None
    replaces: int | None
    by: str
    at: dt.datetime
    origin: str


@dataclass(frozen=True, slots=True)
class Event:
    """What a line of the activity says, beside when and by whom."""

    action: str
    subject: str
    run: str | None = None
    workbook: str | None = None
    old: str | None = None
    new: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of the append-only log; its hash covers the line before."""

    id: int
    at: dt.datetime
    by: str
    action: str
    subject: str
    run: str | None
    workbook: str | None
    old: str | None
    new: str | None
    detail: str | None
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """The first line of the activity that is not as it was written."""

    id: int
    what: str

    def __str__(self) -> str:
        return f"activity line {self.id}: {self.what}"
