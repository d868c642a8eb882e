"""What the store tells of writes to the PSA: submissions, the changes in them, and each change's ordered writes."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class WriteState(StrEnum):
    """Where one write stands. Those after `unknown` are final."""

    PLANNED = "planned"  # approved and not sent
    SENDING = "sending"  # a request is on its way, or its sender died
    UNKNOWN = "unknown"  # it was sent, and no answer says what became of it
    DONE = "done"  # the PSA shows the new values
    CONFLICT = "conflict"  # the PSA showed something else than was decided on; left alone
    REFUSED = "refused"  # the PSA would not do it
    ASKED = "asked"  # it cannot be told what happened: a person must look
    CANCELLED = "cancelled"  # a person stopped it before it was sent


OPEN = (WriteState.PLANNED, WriteState.SENDING, WriteState.UNKNOWN)
IN_FLIGHT = (WriteState.SENDING, WriteState.UNKNOWN)


COST, UNDO = "Cost", "Undo"
"""What a change is that no decision on a row asked for."""


class WriteKind(StrEnum):
    """What a write does to its record; by this its effect is found again after a lost answer."""

    SET = "set"  # gives fields of a record new values
    CREATE = "create"  # adds a record
    REMOVE = "remove"  # deletes a record that a write of ours added


class SubmissionState(StrEnum):
    """Where a submission stands."""

    WAITING = "waiting"  # for a second person's approval: all that is left are large changes
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"  # what was sent stays told
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Pause:
    """A connection that is left alone."""

    why: str
    until: dt.datetime | None  # None: until a person resumes it


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """One request to the PSA, what it was decided on, and what became of it. Values are in plain form (connectors.writing)."""

    id: int
    change_id: int
    submission_id: str
    lane: str  # writes of one lane are sent one after another
    agreement_id: str  # of which the PSA gets one write at a time, whoever sends it
    position: int  # within the change
    kind: WriteKind
    method: str
    path: str
    request: str  # the body as JSON, exactly as it is sent; empty: none
    before: Mapping[str, str | None]  # SET, REMOVE: the values that it was decided on
    after: Mapping[str, str | None]  # the values that the record is to have
    version: str | None  # of the record when it was decided; None: not known
    known: tuple[str, ...]  # CREATE: ids on the list that are not ours: at first those decided on, once sent all that were there
    says: str
    withdraws: bool  # takes back an earlier write of the same change
    state: WriteState
    attempts: int  # requests that may have left
    waits: int  # times that the PSA asked to wait, or could not be reached
    not_before: dt.datetime | None
    sent_at: dt.datetime | None
    settle_until: dt.datetime | None  # an unclear answer may still come true until then
    answered: bool  # the PSA said that it did it
    record_id: str | None  # of the record that was written
    seen: Mapping[str, str | None] | None  # what the PSA showed of it afterwards
    seen_version: str | None
    said: str  # why it ended as it did, with the PSA's own words
    finished_at: dt.datetime | None

    @property
    def open(self) -> bool:
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One approved line: what is written for it and what that does to the money (core.changes.Change), kept for good."""

    id: int
    submission_id: str
    key: str  # run, content and generation: the same approval twice is one change
    run_id: str
    row_key: str
    customer: str
    service: str
    agreement_id: str
    agreement: str
    line_id: str | None
    action: str  # Approve, Add line or End line; COST, UNDO
    what: str
    effective_date: dt.date
    old_quantity: Decimal | None
    new_quantity: Decimal | None
    old_price: Decimal | None
    new_price: Decimal | None
    effect: Decimal
    next_invoice_before: Decimal
    next_invoice_after: Decimal
    catch_up: Decimal
    currency: str
    reason: str | None
    note: str | None
    by: str
    place: str
    large: bool
    invoiced_through: dt.date | None  # of the agreement when it was decided
    decision_id: int | None  # the decision that it came from; None: a cost or an undo
    needs: int | None  # a change that must be done first
    undoes: int | None

    @property
    def invoices(self) -> bool:
        """Whether it touches what customers are billed; a cost, and the undo of one, has neither quantity nor price."""
        return any(v is not None for v in (self.old_quantity, self.new_quantity, self.old_price, self.new_price))


@dataclass(frozen=True, slots=True)
class Submission:
    """A batch of changes that a person sent."""

    id: str
    key: str  # the sender's: the same again is the same submission
    digest: str  # of its content
    connection: str
    run_id: str
    created_at: dt.datetime
    by: str
    large: bool  # R14: it has changes that wait for a second person
    undoes: str | None
    approved_at: dt.datetime | None
    approved_by: str | None
    paused_at: dt.datetime | None
    cancelled_at: dt.datetime | None

    def holds(self, large: bool) -> bool:
        """Whether a change may not begin. Those that have begun are always seen to their end; small ones wait for nobody."""
        return bool(self.paused_at or self.cancelled_at or (large and not self.approved_at))
