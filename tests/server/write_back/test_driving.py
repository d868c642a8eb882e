"""Drivers on a lane: two at once, held, stopped in the middle, beside another submission; and what takes half a change back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from connectors.writing import Request, Sent, Writer
from server.store.write_records import Pause, WriteState
from server.write_back.undoing import plan_undo
from tests.crash.kinds import NEW, PAIR, SET, amend
from tests.crash.people import IN_THE_PSA
from tests.crash.play import PSA
from tests.server.write_back.driving_desk import LANE, OTHER_LANE, Driven

DONE, CONFLICT, REFUSED, ASKED = WriteState.DONE, WriteState.CONFLICT, WriteState.REFUSED, WriteState.ASKED
PLANNED, CANCELLED = WriteState.PLANNED, WriteState.CANCELLED
OTHER = amend(3600, agreement_id="872")


@dataclass(frozen=True)
class Interrupted:
    """A writer during whose requests something else happens."""

    writer: Writer
    meanwhile: Callable[[], Any]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.writer, name)

    def send(self, request: Request) -> Sent:
        sent = self.writer.send(request)
        self.meanwhile()
        return sent


def test_a_second_driver_leaves_alone_what_the_first_is_sending(driven: Driven) -> None:
    made, again = driven.submit(SET), []
    second = driven.driver(made)
    driven.driver(made, Interrupted(driven.writer(), lambda: again.append(second.lane(LANE)))).lane(LANE)
    assert again[0] is not None
    assert again[0] > driven.clock()
    assert (driven.states(made), driven.applied()) == ([DONE], ["PATCH"])


def test_a_driver_that_slept_while_another_settled_its_write_moves_nothing(driven: Driven) -> None:
    made = driven.submit(NEW)

    def held_up() -> None:
        driven.clock.now += timedelta(minutes=10)
        driven.through(made)

    assert driven.driver(made, Interrupted(driven.writer(), held_up)).lane(LANE) is not None
    assert (driven.states(made), driven.applied()) == ([DONE], ["POST"])
    assert [line for line in driven.told("write ") if line.startswith("sending")] == ["sending to done"]


def test_two_submissions_never_have_a_write_of_one_agreement_on_its_way(driven: Driven) -> None:
    first, second, again = driven.submit(SET), driven.submit(NEW), []
    other = driven.driver(second)
    driven.driver(first, Interrupted(driven.writer(), lambda: again.append(other.lane(LANE)))).lane(LANE)
    assert again[0] is not None
    assert driven.applied() == ["PATCH"]
    driven.through(second)
    assert (driven.ended(first), driven.ended(second)) == ([DONE], [DONE])


def test_paused_in_the_middle_nothing_more_begins_until_it_is_resumed(driven: Driven) -> None:
    made = driven.submit(SET, NEW)
    driven.at_call(3, lambda desk: driven.writes.pause(made.id, "bob"))
    driven.through(made)
    assert driven.states(made) == [DONE, PLANNED]
    driven.writes.resume(made.id, "bob")
    driven.through(made)
    assert driven.states(made) == [DONE, DONE]


def test_cancelled_in_the_middle_what_was_sent_is_told_and_the_rest_is_not_sent(driven: Driven) -> None:
    made = driven.submit(SET, NEW)
    driven.at_call(3, lambda desk: driven.writes.cancel(made.id, "bob"))
    driven.through(made)
    assert (driven.states(made), driven.applied()) == ([DONE, CANCELLED], ["PATCH"])
    assert driven.told(f"write {driven.of(made)[1].id}") == ["planned to cancelled"]


@pytest.mark.parametrize("fault", ["drop before", "drop after", "late", "500 after"])
def test_a_change_half_done_when_it_is_cancelled_is_seen_to_its_end(driven: Driven, fault: str) -> None:
    made = driven.submit(PAIR)
    driven.fails(("write", 2, fault))
    driven.at_call(4, lambda desk: driven.writes.cancel(made.id, "bob"))
    driven.through(made)
    assert (driven.states(made), driven.applied()) == ([DONE, DONE], ["POST", "PATCH"])


def test_what_did_not_arrive_before_it_was_cancelled_is_not_sent_again(driven: Driven) -> None:
    made = driven.submit(PAIR)
    driven.fails(("write", 1, "drop before"))
    driven.at_call(3, lambda desk: driven.writes.cancel(made.id, "bob"))
    driven.through(made)
    assert (driven.states(made), driven.ended(made), driven.applied()) == ([CANCELLED, CANCELLED], [CANCELLED], [])


def test_a_busy_psa_is_left_alone_by_every_submission(driven: Driven) -> None:
    first, second = driven.submit(SET), driven.submit(OTHER)
    driven.fails(("write", 1, "429"))
    again = driven.driver(first).lane(LANE)
    assert again is not None
    calls = driven.desk.counts["call"]
    assert driven.driver(second).lane(OTHER_LANE) == again
    assert driven.desk.counts["call"] == calls
    driven.clock.until(again)
    driven.through(second, OTHER_LANE)
    driven.through(first)
    assert (driven.states(first), driven.states(second)) == ([DONE], [DONE])


def test_missing_rights_hold_everything_until_a_person_resumes_and_refuse_nothing(driven: Driven) -> None:
    first, second = driven.submit(SET), driven.submit(OTHER)
    driven.fails(("write", 1, "not allowed"))
    driven.through(first)
    driven.clock.now += timedelta(days=1)
    driven.through(second, OTHER_LANE)
    assert (driven.states(first), driven.states(second), driven.applied()) == ([PLANNED], [PLANNED], [])
    assert driven.of(first)[0].attempts == 0
    pause = driven.writes.standing(first.id, driven.clock())[1]
    assert isinstance(pause, Pause)
    assert "permission" in pause.why
    driven.store.resume_connection(PSA, "bob")
    driven.through(first)
    driven.through(second, OTHER_LANE)
    assert (driven.states(first), driven.states(second)) == ([DONE], [DONE])


def test_where_the_second_write_is_refused_the_first_is_taken_back(driven: Driven) -> None:
    made, before = driven.submit(PAIR), driven.quantities()
    driven.fails(("write", 2, "refused"))
    driven.through(made)
    assert (driven.states(made), driven.ended(made)) == ([DONE, REFUSED, DONE], [REFUSED])
    assert (driven.applied(), driven.quantities()) == (["POST", "DELETE"], before)


@pytest.mark.parametrize("fault", ["refused", "not allowed"])
def test_where_that_fails_too_a_person_is_asked_and_has_a_reversal(driven: Driven, fault: str) -> None:
    made = driven.submit(PAIR)
    driven.fails(("write", 2, "refused"), ("write", 3, fault))
    driven.through(made)
    assert (driven.states(made), driven.ended(made)) == ([DONE, REFUSED, REFUSED], [ASKED])
    driven.fails()
    undo = plan_undo(driven.store, driven.writer(), made.id).plan
    assert [w.method for w in undo.writes] == ["DELETE"]


def test_a_new_line_that_somebody_changed_before_it_was_found_is_asked_about_and_not_sent_again(driven: Driven) -> None:
    made = driven.submit(NEW)
    driven.fails(("write", 1, "drop after"))
    driven.at_call(4, IN_THE_PSA["new line changed"])
    driven.through(made)
    assert (driven.states(made), driven.applied()) == ([ASKED], ["POST"])
    assert "may be ours" in driven.of(made)[0].said


def test_an_agreement_that_was_deleted_is_a_conflict_and_holds_nobody_up(driven: Driven) -> None:
    gone, other = driven.submit(SET), driven.submit(OTHER)
    IN_THE_PSA["agreement deleted"](driven.desk)
    driven.through(gone)
    assert driven.ended(gone) == [CONFLICT]
    assert driven.writes.standing(other.id, driven.clock())[1] is None


def test_an_agreement_invoiced_while_a_busy_psa_was_waited_for_is_a_conflict(driven: Driven) -> None:
    made = driven.submit(SET)
    driven.fails(("write", 1, "429"))
    driver = driven.driver(made)
    again = driver.lane(LANE)
    assert again is not None
    IN_THE_PSA["invoiced"](driven.desk)
    driven.clock.until(again)
    assert driver.lane(LANE) is None
    assert (driven.states(made), driven.applied()) == ([CONFLICT], [])


def test_what_a_person_did_while_a_busy_psa_was_waited_for_is_not_taken_back_as_ours(driven: Driven) -> None:
    made = driven.submit(SET)
    driven.fails(("write", 1, "429"))
    again = driven.driver(made).lane(LANE)
    assert again is not None
    IN_THE_PSA["quantity to 28"](driven.desk)
    driven.clock.until(again)
    driven.through(made)
    assert (driven.states(made), driven.of(made)[0].sent_at) == ([DONE], None)
    assert not plan_undo(driven.store, driven.writer(), made.id).plan.writes


def test_a_line_that_moved_after_it_was_decided_on_is_left_alone(driven: Driven) -> None:
    made = driven.submit(SET)
    IN_THE_PSA["price"](driven.desk)
    driven.through(made)
    assert (driven.states(made), driven.applied()) == ([CONFLICT], [])


def test_every_step_and_every_write_that_was_not_sent_is_in_the_activity(driven: Driven) -> None:
    made = driven.submit(PAIR)
    driven.fails(("write", 1, "refused"))
    driven.through(made)
    first, second = driven.of(made)
    assert driven.told(f"write {first.id}") == ["sending to refused", "planned to sending"]
    assert driven.told(f"write {second.id}") == ["planned to cancelled"]
    assert driven.store.verify_activity() is None
