"""What a look at the PSA says of a write, and what the write becomes. Pure: what was seen comes in, the next state goes out.

A PSA has no idempotency keys and no conditional writes, and silence says nothing. So each write is preceded by a look and
followed by one; after an unclear answer the look waits until the request can no longer arrive; and what cannot be told is
given to a person. Nothing is ever sent again on a guess.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from connectors.writing import Outcome, Plain, Sent, Shown
from server.store.moving import Step
from server.store.write_records import PlannedWrite, WriteKind, WriteState

TRIES = 3
"""Requests that may leave for one write: after so many without an effect a person is asked."""

WAITS = 50
"""Times that a busy PSA is waited for."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things may take."""

    settle: dt.timedelta = dt.timedelta(seconds=120)  # longer than a request can be on its way, or wait inside the PSA
    call: dt.timedelta = dt.timedelta(seconds=40)  # longer than a request may take by our client's own limits
    busy: dt.timedelta = dt.timedelta(seconds=30)  # where the PSA asks to wait and does not say how long
    again: dt.timedelta = dt.timedelta(seconds=60)  # after a read that failed


class Finding(StrEnum):
    """What the PSA shows, compared with what a write was decided on and what it is to bring about."""

    NEW = "new"  # as it is to be
    OLD = "old"  # as it was decided on, and not touched since
    OTHER = "other"  # neither
    SEVERAL = "several"  # more than one record that could be ours, or one that is not wholly as it was sent


@dataclass(frozen=True, slots=True)
class Look:
    """What was found, in words, and the record that shows it."""

    finding: Finding
    said: str
    shown: Shown | None = None


def looked(write: PlannedWrite, version: str | None, shown: Shown | None, lines: Sequence[Shown]) -> Look:
    """The finding after a look at the record (SET, REMOVE) or at its list (CREATE); `version` is what the record should have."""
    if write.kind is WriteKind.CREATE:
        return _created(write, lines)
    if shown is None:
        gone = Finding.NEW if write.kind is WriteKind.REMOVE else Finding.OTHER
        return Look(gone, "the record is not there any more")
    if write.kind is WriteKind.SET and _shows(shown, write.after):
        return Look(Finding.NEW, f"the PSA shows {told(write.after)}", shown)
    if not _shows(shown, write.before):
        return Look(Finding.OTHER, f"decided on {told(write.before)}, the PSA shows {_seen(write, shown)}", shown)
    if version is not None and shown.version != version:
        return Look(Finding.OTHER, f"the record was changed ({version} to {shown.version}), {_seen(write, shown)} as before", shown)
    return Look(Finding.OLD, f"the PSA shows {_seen(write, shown)}", shown)


def in_the_way(write: PlannedWrite, lines: Sequence[Shown], ours: Collection[str] = ()) -> Shown | None:
    """An open line of the same service that was not there when the new one was decided on: somebody added it meanwhile.

    ours: lines that decisions on other rows of the run added.
    """
    start = write.after.get("effectiveDate")
    for line in lines:
        same = line.values.get("product") == write.after.get("product") and line.id not in (*write.known, *ours)
        ended = line.values.get("cancelledDate")
        negative = (line.values.get("quantity") or "").startswith("-")
        if same and not negative and not (ended and start and ended < start):
            return line
    return None


def _created(write: PlannedWrite, lines: Sequence[Shown]) -> Look:
    """Records of the list that are new since the intent and as ours was to be."""
    marks = {name: value for name, value in write.after.items() if name in ("product", "effectiveDate", "quantity")}
    ours = [line for line in lines if line.id not in write.known and _shows(line, marks)]
    if len(ours) > 1:
        return Look(Finding.SEVERAL, f"{len(ours)} new lines could be it: {', '.join(line.id for line in ours)}")
    gone = [known for known in write.known if known not in {line.id for line in lines}]
    if not ours and gone and write.attempts:
        said = f"the PSA shows no such line, and line {gone[0]}, which stood beside it, is gone as well"
        return Look(Finding.OTHER, said)  # ours may have been there and have gone with it
    if not ours:
        return Look(Finding.OLD, "the PSA shows no such line")
    if not _shows(ours[0], write.after):
        found = told({name: ours[0].values.get(name) for name in write.after})
        return Look(Finding.SEVERAL, f"line {ours[0].id} could be it, but shows {found}, not {told(write.after)}", ours[0])
    return Look(Finding.NEW, f"the PSA shows line {ours[0].id} with {told(marks)}", ours[0])


def _shows(shown: Shown, values: Mapping[str, Plain]) -> bool:
    return all(shown.values.get(name) == value for name, value in values.items())


def _seen(write: PlannedWrite, shown: Shown) -> str:
    return told({name: shown.values.get(name) for name in write.before or write.after})


def told(values: Mapping[str, Plain]) -> str:
    """Values in words: quantity 28, cancelledDate none."""
    return ", ".join(f"{name} {'none' if value is None else value}" for name, value in values.items()) or "it"


# what a write becomes


def before_sending(write: PlannedWrite, look: Look) -> Step | None:
    """The end of a write that need not or must not be sent; None: send it."""
    if look.finding is Finding.NEW:
        again = "not sent again" if write.attempts else "nothing was sent"
        return _end(write, WriteState.DONE, f"{look.said} already: {again}", look)
    if look.finding is Finding.OLD:
        return None
    if look.finding is Finding.OTHER and write.attempts and write.kind is WriteKind.CREATE:
        return _end(write, WriteState.ASKED, f"sent without a clear answer; {look.said}: it may have been written", look)
    return _end(write, WriteState.CONFLICT, f"{look.said}; left alone", look)


def after_sending(write: PlannedWrite, sent: Sent, look: Look | None, now: dt.datetime, timing: Timing) -> Step:
    """What a write becomes after its answer. `look`: at the PSA afterwards; None where there was none, or it failed."""
    if sent.outcome is Outcome.UNCLEAR:
        return _unknown(write, f"no clear answer ({sent.said})", now, timing)
    if sent.outcome in (Outcome.BUSY, Outcome.NOT_SENT, Outcome.NOT_ALLOWED):
        return _planned_again(write, sent, now, timing)
    if look is None:  # it could not be read back
        return _unknown(write, sent.said, now, timing, answered=sent.outcome is Outcome.ANSWERED)
    if look.finding is Finding.NEW:
        return _end(write, WriteState.DONE, look.said, look)
    if look.finding is Finding.SEVERAL:
        return _end(write, WriteState.ASKED, look.said, look)
    if sent.outcome is Outcome.ANSWERED:
        if look.finding is Finding.OLD:
            return _unknown(write, f"answered {sent.said}, but {look.said}", now, timing, answered=True)
        return _end(write, WriteState.ASKED, f"it was written ({sent.said}), and then changed: {look.said}", look)
    if look.finding is Finding.OTHER or sent.outcome is Outcome.GONE:
        return _end(write, WriteState.CONFLICT, f"{sent.said}; {look.said}; left alone", look)
    return _end(write, WriteState.REFUSED, f"the PSA refused it: {sent.said}", look)


def after_settling(write: PlannedWrite, look: Look, now: dt.datetime, timing: Timing) -> Step:
    """What a write becomes that was sent and whose request can no longer arrive."""
    if look.finding is Finding.NEW:
        return _end(write, WriteState.DONE, f"{look.said}, found after an unclear answer", look)
    if look.finding is Finding.SEVERAL:
        return _end(write, WriteState.ASKED, look.said, look)
    if look.finding is Finding.OTHER:
        return _end(write, WriteState.ASKED, f"sent without a clear answer; {look.said}: it may have been written", look)
    if write.answered and write.kind is WriteKind.SET:
        return _end(write, WriteState.REFUSED, f"the PSA answered that it was done, and did not do it: {look.said}", look)
    if write.answered:
        return _end(write, WriteState.ASKED, f"the PSA answered that it was done, but {look.said}", look)
    if write.attempts >= TRIES:
        return _end(write, WriteState.ASKED, f"sent {write.attempts} times without an effect: {look.said}", look)
    return Step(WriteState.PLANNED, f"it did not arrive: {look.said}", write.attempts, write.waits, not_before=now)


def _end(write: PlannedWrite, state: WriteState, said: str, look: Look) -> Step:
    shown = look.shown
    return Step(
        state, said, write.attempts, write.waits, None, None, write.answered,
        shown.id if shown else None, dict(shown.values) if shown else None, shown.version if shown else None,
    )  # fmt: skip


def _unknown(write: PlannedWrite, said: str, now: dt.datetime, timing: Timing, *, answered: bool = False) -> Step:
    until = now + timing.settle
    return Step(WriteState.UNKNOWN, said, write.attempts, write.waits, settle_until=until, answered=answered)


def _planned_again(write: PlannedWrite, sent: Sent, now: dt.datetime, timing: Timing) -> Step:
    """Nothing happened: the attempt does not count, but a PSA that never has time is given up at last."""
    attempts, waits = write.attempts - 1, write.waits + 1
    if sent.outcome is Outcome.NOT_ALLOWED and write.kind is WriteKind.REMOVE:
        return Step(WriteState.REFUSED, f"the keys may not delete it: {sent.said}", attempts, waits)
    if waits > WAITS and sent.outcome is not Outcome.NOT_ALLOWED:
        return Step(WriteState.ASKED, f"the PSA could not take it {waits} times: {sent.said}", attempts, waits)
    return Step(WriteState.PLANNED, f"{sent.outcome}: {sent.said}", attempts, waits, not_before=now + pause_for(sent, timing))


def pause_for(sent: Sent, timing: Timing) -> dt.timedelta:
    """How long the PSA wants to be left alone."""
    return dt.timedelta(seconds=sent.retry_after) if sent.retry_after is not None else timing.busy
