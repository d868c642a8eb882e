"""Changes of more than two writes, as dated steps need them: seen to their end, taken back whole, and undone."""

from collections.abc import Callable

import pytest

from server.store.write_records import Submission, WriteState
from server.write_back.planning import submission_of
from server.write_back.undoing import plan_undo
from tests.crash.desk import Desk
from tests.crash.kinds import STEPS
from tests.crash.people import IN_THE_PSA
from tests.crash.play import PSA
from tests.server.write_back.driving_desk import Driven

DONE, CONFLICT, REFUSED, ASKED, CANCELLED = (
    WriteState.DONE, WriteState.CONFLICT, WriteState.REFUSED, WriteState.ASKED, WriteState.CANCELLED,
)  # fmt: skip
ADDED = {3601: 1, 3602: 28, 3603: 31}


def dates(driven: Driven) -> dict[int, tuple[str, str | None]]:
    rows = driven.desk.psa.model.additions.items()
    return {n: (row["effectiveDate"][:10], (row["cancelledDate"] or "")[:10] or None) for n, row in rows}


def undone(driven: Driven, made: Submission) -> Submission:
    found = plan_undo(driven.store, driven.writer(), made.id).plan
    key = f"undo {len(driven.writes.submissions())}"
    saved = driven.writes.save(
        submission_of(found, key, PSA, driven.run_id, driven.clock(), "ann", made.id), found.changes, found.writes
    )
    assert saved is not None
    driven.through(saved)
    return saved


def test_steps_are_added_each_beside_the_lines_of_the_others_and_the_old_line_is_changed_last(driven: Driven) -> None:
    made = driven.submit(STEPS)
    driven.through(made)
    assert (driven.applied(), driven.states(made), driven.ended(made)) == (["POST"] * 3 + ["PATCH"], [DONE] * 4, [DONE])
    assert driven.quantities() == {3589: 26, 3600: 25, **ADDED}
    assert dates(driven) == {
        3589: ("2026-01-01", "2026-12-14"), 3600: ("2026-01-01", None), 3601: ("2026-11-10", "2026-11-30"),
        3602: ("2026-12-15", "2026-12-31"), 3603: ("2027-01-01", None),
    }  # fmt: skip


@pytest.mark.parametrize("broken", [2, 3, 4])
def test_where_one_is_refused_those_before_it_are_taken_back(driven: Driven, broken: int) -> None:
    made, before = driven.submit(STEPS), (driven.quantities(), dates(driven))
    driven.fails(("write", broken, "refused"))
    driven.through(made)
    done = broken - 1
    assert driven.states(made) == [DONE] * done + [REFUSED] + [CANCELLED] * (4 - broken) + [DONE] * done
    assert (driven.applied(), driven.ended(made)) == (["POST"] * done + ["DELETE"] * done, [REFUSED])
    assert (driven.quantities(), dates(driven)) == before


@pytest.mark.parametrize("fault", ["refused", "not allowed"])
def test_where_one_cannot_be_taken_back_the_others_are_and_a_person_is_asked_who_has_a_reversal(driven: Driven, fault: str) -> None:
    made = driven.submit(STEPS)
    driven.fails(("write", 4, "refused"), ("write", 5, fault))
    driven.through(made)
    assert driven.states(made) == [DONE, DONE, DONE, REFUSED, REFUSED, DONE, DONE]
    assert (driven.ended(made), driven.quantities()) == ([ASKED], {3589: 25, 3600: 25, 3603: 31})
    driven.fails()
    assert driven.ended(undone(driven, made)) == [DONE]
    assert driven.quantities() == {3589: 25, 3600: 25}


@pytest.mark.parametrize(
    ("call", "act", "left"),
    [
        (8, IN_THE_PSA["line added"], {3589: 25, 3600: 25}),  # of the same service, while ours are being added
        (8, IN_THE_PSA["quantity to 99"], {3589: 99, 3600: 25}),
    ],
    ids=["line added", "old line changed"],
)
def test_what_a_person_does_in_between_is_a_conflict_and_takes_the_steps_back(
    driven: Driven, call: int, act: Callable[[Desk], None], left: dict[int, int]
) -> None:
    made = driven.submit(STEPS)
    driven.at_call(call, act)
    driven.through(made)
    assert driven.ended(made) == [CONFLICT]
    assert {n: q for n, q in driven.quantities().items() if n in left} == left
    assert [row["quantity"] for row in driven.desk.psa.model.additions.values() if row["quantity"] in ADDED.values()] in ([], [3])


def test_an_unclear_answer_in_between_is_settled_and_nothing_is_doubled(driven: Driven) -> None:
    made = driven.submit(STEPS)
    driven.fails(("write", 2, "drop after"), ("write", 3, "drop before"))
    driven.through(made)
    assert (driven.ended(made), driven.quantities()) == ([DONE], {3589: 26, 3600: 25, **ADDED})
    assert driven.applied() == ["POST"] * 3 + ["PATCH"]


def test_an_undo_gives_the_old_line_back_and_deletes_every_step(driven: Driven) -> None:
    made, before = driven.submit(STEPS), (driven.quantities(), dates(driven))
    driven.through(made)
    assert driven.ended(undone(driven, made)) == [DONE]
    assert (driven.quantities(), dates(driven)) == before
    assert driven.applied()[4:] == ["PATCH", "DELETE", "DELETE", "DELETE"]


def test_an_undo_that_breaks_off_once_a_line_is_deleted_asks_and_goes_on_when_it_is_undone_again(driven: Driven) -> None:
    made = driven.submit(STEPS)
    driven.through(made)
    driven.fails(("write", driven.desk.counts["write"] + 3, "refused"))
    broken = undone(driven, made)
    assert (driven.states(broken), driven.ended(broken)) == ([DONE, DONE, REFUSED, CANCELLED], [ASKED])
    driven.fails()
    assert driven.ended(undone(driven, made)) == [DONE]
    assert driven.quantities() == {3589: 25, 3600: 25}
