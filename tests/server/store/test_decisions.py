import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from core.decisions import Judged, Status
from core.records import Action, Decision, Problem, Step
from server.store import Store
from server.store.errors import UnknownCopy
from server.store.types import NotExact
from tests.server.store.samples import reconciliation

FULL = Decision(
    "k1",
    "f1",
    Action.APPROVE,
    Decimal("12.5"),
    dt.date(2026, 12, 1),
    "Managed [7]",
    Decimal("19.990001"),
    "other",
    "nötiz",
    "zoë",
    "a.xlsx, Pax8!K12",
    (
        Step(Decimal("12.5"), dt.date(2026, 12, 1), "as agreed", "a.xlsx, Dated steps!D7"),
        Step(Decimal("99999999999999.9999"), dt.date(2027, 1, 1), None, "a.xlsx, Dated steps!D6"),
    ),
)


def judged(key: str = "k1", by: str = "zoë", status: Status = Status.ACCEPTED, action: Action = Action.ASK) -> Judged:
    return Judged(Decision(key, "f", action, by=by), status)


@pytest.fixture
def run_id(store: Store) -> str:
    return store.save_run(reconciliation(), by="ann")


def copy_of(store: Store, number: int) -> str:
    return store.save_copy(None, f"{number}.xlsx", f"{number:064d}", by="ann")[0]


def test_a_decision_is_read_back_as_the_copy_held_it(store: Store, run_id: str) -> None:
    refused = Judged(FULL, Status.REFUSED, Problem(FULL.place, "the period is locked"))
    assert store.save_decisions(copy_of(store, 1), run_id, 1, [refused], by="ann") == 1
    (kept,) = store.decisions_of_run(run_id)
    assert kept.decision == FULL
    assert [(step.note, step.place) for step in kept.steps] == [(step.note, step.place) for step in FULL.steps]
    assert (kept.status, kept.problem, kept.run_id, kept.revision) == (Status.REFUSED, "the period is locked", run_id, 1)
    assert kept.action is Action.APPROVE


def test_the_same_copy_read_again_adds_nothing(store: Store, run_id: str) -> None:
    copy_id = copy_of(store, 1)
    store.save_decisions(copy_id, run_id, 1, [judged("k1"), judged("k2")], by="ann")
    lines = len(store.activity())
    assert store.save_decisions(copy_id, run_id, 1, [judged("k1"), judged("k2")], by="ann") == 0
    assert store.save_decisions(copy_id, run_id, 1, [judged("k1", status=Status.LINE_GONE)], by="ann") == 1
    assert (len(store.decisions_of_run(run_id)), len(store.activity())) == (3, lines + 1)


def test_other_steps_are_another_decision_and_other_notes_are_not(store: Store, run_id: str) -> None:
    copy_id = copy_of(store, 1)
    one = Judged(FULL, Status.ACCEPTED)
    noted = replace(FULL, steps=tuple(replace(step, note="?", place="") for step in FULL.steps))
    moved = replace(FULL, steps=FULL.steps[:1])
    found = [store.save_decisions(copy_id, run_id, 1, [replace(one, decision=d)], by="ann") for d in (FULL, noted, moved)]
    assert found == [1, 0, 1]


def test_a_step_that_cannot_be_kept_exactly_keeps_its_decision_out(store: Store, run_id: str) -> None:
    odd = replace(FULL, steps=(Step(Decimal("0.00001"), dt.date(2026, 12, 1)),))
    with pytest.raises(NotExact, match="4 decimal places"):
        store.save_decisions(copy_of(store, 1), run_id, 1, [Judged(odd, Status.ACCEPTED)], by="ann")


def test_the_newest_arrival_of_a_person_counts_and_other_persons_stand_beside(store: Store, run_id: str) -> None:
    store.save_decisions(copy_of(store, 1), run_id, 1, [judged(), judged("k2"), judged("k3")], by="ann")
    later = [judged(action=Action.DISMISS), judged("k2", by="ben"), judged("k3", status=Status.SUSPENDED)]
    store.save_decisions(copy_of(store, 2), run_id, 1, later, by="ann")
    assert [(kept.key, kept.by, kept.action) for kept in store.decisions(run_id)] == [
        ("k2", "zoë", Action.ASK),
        ("k1", "zoë", Action.DISMISS),
        ("k2", "ben", Action.ASK),
    ]
    assert [kept.key for kept in store.decisions_of_run(run_id)] == ["k1", "k2", "k3", "k1", "k2", "k3"]


def test_decisions_need_their_copy(store: Store, run_id: str) -> None:
    with pytest.raises(UnknownCopy, match="nowhere"):
        store.save_decisions("nowhere", run_id, 1, [judged()], by="ann")


def test_one_decision_that_cannot_be_kept_keeps_the_others_out(store: Store, run_id: str) -> None:
    odd = Judged(Decision("k9", "f", Action.APPROVE, quantity=Decimal("0.00001")), Status.ACCEPTED)
    with pytest.raises(NotExact, match="4 decimal places"):
        store.save_decisions(copy_of(store, 1), run_id, 1, [judged(), odd], by="ann")
    assert store.decisions_of_run(run_id) == []
    assert store.activity(1)[0].action == "copy received"
