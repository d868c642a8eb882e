"""The protocol's tables: what a look says of a write, and what the write becomes after each answer and each finding."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from connectors.writing import Outcome, Plain, Sent, Shown
from server.store.write_records import PlannedWrite, WriteKind, WriteState
from server.write_back.planning import blank_write
from server.write_back.protocol import (
    TRIES,
    WAITS,
    Finding,
    Look,
    Timing,
    after_sending,
    after_settling,
    before_sending,
    in_the_way,
    looked,
)

NOW = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)
TIMING = Timing()
PATH = "/finance/agreements/871/additions"
NEW_LINE: Mapping[str, Plain] = {"product": "BP", "quantity": "28", "effectiveDate": "2026-12-01"}

SET = replace(
    blank_write(1, 0, "871", "28 seats"), method="PATCH", path=f"{PATH}/3589", before={"quantity": "25"}, after={"quantity": "28"},
    version="v1",
)  # fmt: skip
CREATE = replace(SET, kind=WriteKind.CREATE, method="POST", path=PATH, before={}, after=NEW_LINE, version=None, known=("3589",))
REMOVE = replace(SET, kind=WriteKind.REMOVE, method="DELETE", before=NEW_LINE, after={})
KINDS = {write.kind: write for write in (SET, CREATE, REMOVE)}

DONE, CONFLICT, REFUSED, ASKED = WriteState.DONE, WriteState.CONFLICT, WriteState.REFUSED, WriteState.ASKED
PLANNED, UNKNOWN = WriteState.PLANNED, WriteState.UNKNOWN
NEW, OLD, OTHER, SEVERAL = Finding


def line(number: str = "3589", version: str = "v1", **values: Plain) -> Shown:
    usual = {"product": "BP", "quantity": "25", "unitPrice": "22", "effectiveDate": "2026-01-01", "cancelledDate": None}
    return Shown(number, usual | values, version)


def sending(write: PlannedWrite, **changes: Any) -> PlannedWrite:
    return replace(write, state=WriteState.SENDING, attempts=1, sent_at=NOW, **changes)


@pytest.mark.parametrize(
    ("write", "shown", "finding"),
    [
        (SET, line(), OLD),
        (SET, line(quantity="28"), NEW),
        (SET, line(quantity="28", version="v2"), NEW),
        (SET, line(quantity="30"), OTHER),
        (SET, line(version="v2"), OTHER),
        (SET, None, OTHER),
        (replace(SET, version=None), line(version="v2"), OLD),
        (REMOVE, line(**NEW_LINE), OLD),
        (REMOVE, line(**NEW_LINE, version="v2"), OTHER),
        (REMOVE, line(quantity="5"), OTHER),
        (REMOVE, None, NEW),
    ],
)
def test_what_a_record_says_of_a_write(write: PlannedWrite, shown: Shown | None, finding: Finding) -> None:
    assert looked(write, write.version, shown, ()).finding is finding


@pytest.mark.parametrize(
    ("lines", "finding"),
    [
        ([], OLD),
        ([line()], OLD),
        ([line("3589", **NEW_LINE)], OLD),  # it was there before
        ([line(), line("3601", **NEW_LINE)], NEW),
        ([line("3601", **NEW_LINE), line("3602", **NEW_LINE)], SEVERAL),
        ([line("3601", **{**NEW_LINE, "quantity": "5"})], OLD),
        ([line("3601", **{**NEW_LINE, "product": "EXO"})], OLD),
        ([line("3601", **{**NEW_LINE, "effectiveDate": "2026-12-15"})], OLD),
    ],
)
def test_what_a_list_says_of_a_new_line(lines: list[Shown], finding: Finding) -> None:
    assert looked(CREATE, None, None, lines).finding is finding


@pytest.mark.parametrize(
    ("lines", "finding"),
    [([], OTHER), ([line()], OLD), ([line("3601", **NEW_LINE)], NEW), ([line("3602", **{**NEW_LINE, "quantity": "5"})], OTHER)],
)
def test_a_line_that_may_have_gone_with_those_beside_it_is_not_called_unwritten(lines: list[Shown], finding: Finding) -> None:
    found = looked(sending(CREATE), None, None, lines)
    assert found.finding is finding
    if finding is OTHER:
        assert after_settling(sending(CREATE), found, NOW, TIMING).state is ASKED
        assert before_sending(sending(CREATE), found) is not None
        assert before_sending(sending(CREATE), found).state is ASKED  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("other", "stands"),
    [
        (line("3601"), True),
        (line("3589"), False),
        (line("3601", product="EXO"), False),
        (line("3601", cancelledDate="2026-11-30"), False),
        (line("3601", cancelledDate="2026-12-31"), True),
        (line("3601", quantity="-2"), False),
    ],
)
def test_an_open_line_of_the_same_service_that_nobody_knew_of_stands_in_the_way(other: Shown, stands: bool) -> None:
    assert (in_the_way(CREATE, [other]) is not None) is stands


@pytest.mark.parametrize("write", KINDS.values(), ids=str)
@pytest.mark.parametrize(("finding", "state"), [(NEW, DONE), (OLD, None), (OTHER, CONFLICT), (SEVERAL, CONFLICT)])
def test_only_what_is_as_it_was_decided_on_is_sent(write: PlannedWrite, finding: Finding, state: WriteState | None) -> None:
    step = before_sending(write, Look(finding, "seen"))
    assert (step.state if step else None) is state


def test_a_value_that_is_there_already_is_only_then_called_unsent_when_it_was() -> None:
    fresh, tried = (before_sending(w, Look(NEW, "seen")) for w in (SET, replace(SET, attempts=1)))
    assert fresh is not None
    assert "nothing was sent" in fresh.said
    assert tried is not None
    assert "nothing was sent" not in tried.said


AFTER_SENDING = [
    # outcome, finding, state
    (Outcome.ANSWERED, NEW, DONE),
    (Outcome.ANSWERED, OLD, UNKNOWN),
    (Outcome.ANSWERED, OTHER, ASKED),
    (Outcome.ANSWERED, SEVERAL, ASKED),
    (Outcome.ANSWERED, None, UNKNOWN),
    (Outcome.REFUSED, NEW, DONE),
    (Outcome.REFUSED, OLD, REFUSED),
    (Outcome.REFUSED, OTHER, CONFLICT),
    (Outcome.REFUSED, SEVERAL, ASKED),
    (Outcome.REFUSED, None, UNKNOWN),
    (Outcome.GONE, NEW, DONE),
    (Outcome.GONE, OLD, CONFLICT),
    (Outcome.GONE, OTHER, CONFLICT),
    (Outcome.GONE, SEVERAL, ASKED),
    (Outcome.GONE, None, UNKNOWN),
    *((Outcome.UNCLEAR, finding, UNKNOWN) for finding in (*Finding, None)),
    *((Outcome.BUSY, finding, PLANNED) for finding in (*Finding, None)),
    *((Outcome.NOT_SENT, finding, PLANNED) for finding in (*Finding, None)),
]


@pytest.mark.parametrize("kind", WriteKind)
@pytest.mark.parametrize(("outcome", "finding", "state"), AFTER_SENDING)
def test_what_a_write_becomes_after_its_answer(
    kind: WriteKind, outcome: Outcome, finding: Finding | None, state: WriteState
) -> None:
    look = None if finding is None else Look(finding, "seen")
    step = after_sending(sending(KINDS[kind]), Sent(outcome, "said"), look, NOW, TIMING)
    assert step.state is state
    assert (step.settle_until is not None) is (state is UNKNOWN)
    assert step.answered is (state is UNKNOWN and outcome is Outcome.ANSWERED)


@pytest.mark.parametrize(("kind", "state"), [(WriteKind.SET, PLANNED), (WriteKind.CREATE, PLANNED), (WriteKind.REMOVE, REFUSED)])
def test_missing_rights_refuse_nothing_but_a_deletion(kind: WriteKind, state: WriteState) -> None:
    step = after_sending(sending(KINDS[kind]), Sent(Outcome.NOT_ALLOWED, "403"), None, NOW, TIMING)
    assert (step.state, step.attempts, step.waits) == (state, 0, 1)


AFTER_SETTLING = [
    # finding, answered, set, create, remove
    (NEW, False, DONE, DONE, DONE),
    (NEW, True, DONE, DONE, DONE),
    (OLD, False, PLANNED, PLANNED, PLANNED),
    (OLD, True, REFUSED, ASKED, ASKED),
    (OTHER, False, ASKED, ASKED, ASKED),
    (OTHER, True, ASKED, ASKED, ASKED),
    (SEVERAL, False, ASKED, ASKED, ASKED),
    (SEVERAL, True, ASKED, ASKED, ASKED),
]


@pytest.mark.parametrize(
    ("finding", "answered", "kind", "state"),
    [
        (finding, answered, kind, state)
        for finding, answered, *states in AFTER_SETTLING
        for kind, state in zip(WriteKind, states, strict=True)
    ],
)
def test_what_a_write_becomes_after_settling(finding: Finding, answered: bool, kind: WriteKind, state: WriteState) -> None:
    write = sending(KINDS[kind], answered=answered)
    assert after_settling(write, Look(finding, "seen"), NOW, TIMING).state is state


def test_a_conflict_after_a_request_says_that_one_was_sent() -> None:
    unclear = after_settling(sending(SET), Look(OTHER, "seen"), NOW, TIMING)
    answered = after_sending(sending(SET), Sent(Outcome.ANSWERED, "200"), Look(OTHER, "seen"), NOW, TIMING)
    assert "sent without a clear answer" in unclear.said
    assert "it was written" in answered.said


@pytest.mark.parametrize(("attempts", "state"), [(TRIES - 1, PLANNED), (TRIES, ASKED)])
def test_after_so_many_requests_without_an_effect_a_person_is_asked(attempts: int, state: WriteState) -> None:
    write = replace(sending(CREATE), attempts=attempts)
    assert after_settling(write, Look(OLD, "seen"), NOW, TIMING).state is state


@pytest.mark.parametrize(("waits", "state"), [(WAITS - 1, PLANNED), (WAITS, ASKED)])
def test_a_psa_that_never_has_time_is_given_up_at_last(waits: int, state: WriteState) -> None:
    write = sending(SET, waits=waits)
    assert after_sending(write, Sent(Outcome.BUSY, "429", 7.0), None, NOW, TIMING).state is state


def test_the_psa_is_left_alone_for_as_long_as_it_says_and_the_attempt_does_not_count() -> None:
    step = after_sending(sending(SET), Sent(Outcome.BUSY, "429", 7.0), None, NOW, TIMING)
    assert (step.attempts, step.waits, step.not_before) == (0, 1, NOW + dt.timedelta(seconds=7))
    unsaid = after_sending(sending(SET), Sent(Outcome.BUSY, "409"), None, NOW, TIMING)
    assert unsaid.not_before == NOW + TIMING.busy
