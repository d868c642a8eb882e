"""Copies of several people, again and again, in any order, through a crash: R17 and R19."""

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.standing import standing
from server.store import Store
from server.taken import Taken
from tests.server.month import (
    ALDER,
    APPROVE,
    DISMISS,
    DUNMORE,
    FOXGLOVE,
    GANNET_ACCOUNT,
    Made,
    Month,
    bucket,
    copied,
    statuses,
)  # fmt: skip

TYPED = {"decision": "Approve", "quantity": 27, "reason": "corrected next month"}
OTHER = {"decision": "Map", "target": ALDER}


def told(taken: Taken) -> tuple[object, ...]:
    return taken.changes, taken.problems, [(j.decision, j.status) for j in taken.judged], taken.tally


def kept(month: Month) -> list[tuple[str, str, str]]:
    with month.store() as store:
        return sorted((k.key, str(k.status), k.place) for k in store.decisions_of_run(month.made.run))


def stands(month: Month, customer: str = ALDER) -> list[str]:
    """The actions and quantities that stand for a customer."""
    with month.store() as store:
        rows = store.result(month.made.run, "comparisons")
        keys = set(rows[rows["customer"] == customer]["key"])
        found = standing(store, month.made.run)
        return [f"{d.action} {d.quantity or ''}".strip() for key, d in found.items() if key in keys]


def test_the_same_copy_twice_adds_nothing_and_says_the_same(month: Month) -> None:
    copy = month.made.copy("mapped", {ALDER: APPROVE, GANNET_ACCOUNT: {"decision": "Map"}})
    first, before = month.take(copy), kept(month)
    with month.store() as store:
        lines = len(store.activity(1000))
    again = month.take(copy)
    assert (again.changes, again.problems, again.tally) == (first.changes, first.problems, first.tally)
    assert (first.remapped, again.remapped, again.revision) == (1, 0, 2)
    with month.store() as store:
        assert (kept(month), len(store.activity(1000))) == (before, lines)


def test_one_file_named_twice_is_one_copy(month: Month) -> None:
    copy = month.made.copy("alder", {ALDER: APPROVE})
    assert len(month.take(copy, copy).judged) == 1


def test_two_copies_that_differ_on_a_line_are_a_conflict_and_neither_is_used(month: Month) -> None:
    dana = month.made.copy("alder", {ALDER: APPROVE})
    bert = month.made.copy("bert-dismisses", {ALDER: DISMISS, FOXGLOVE: {"decision": "End line"}}, "bert")
    taken = month.take(dana, bert)
    assert (
        statuses(taken) == {ALDER: "conflict", FOXGLOVE: "accepted"} or [str(j.status) for j in taken.judged].count("conflict") == 2
    )
    assert [c.customer for c in taken.changes] == [FOXGLOVE]
    assert {p.message.split(",")[0] for p in taken.problems} == {"Approve by dana", "Dismiss by bert"}
    assert bucket(taken, "approved") == bucket(taken, "dismissed") == 0
    assert stands(month) == []


def test_equal_decisions_of_two_people_are_one_change_and_both_are_kept(month: Month) -> None:
    taken = month.take(month.made.copy("alder", {ALDER: APPROVE}), month.made.copy("bert-too", {ALDER: APPROVE}, "bert"))
    assert (len(taken.changes), taken.problems) == (1, [])
    assert [status for _, status, _ in kept(month)] == ["accepted", "accepted"]
    assert bucket(taken, "approved") == 1


CASES = [
    # first, then: (name, entry, recipient); --replace; status of the second; what stands at the end
    (("alder", APPROVE, "dana"), ("bert-dismisses-alder", DISMISS, "bert"), False, "conflict", ["Approve"]),
    (("alder", APPROVE, "dana"), ("bert-too", APPROVE, "bert"), False, "accepted", ["Approve"]),
    (("alder", APPROVE, "dana"), ("dana-again", TYPED, "dana"), False, "accepted", ["Approve 27.0000"]),
    (("alder", APPROVE, "dana"), ("bert-dismisses-alder", DISMISS, "bert"), True, "accepted", ["Dismiss"]),
    (("nobody", APPROVE, ""), ("nobody-again", TYPED, ""), False, "conflict", ["Approve"]),
    (("nobody", APPROVE, ""), ("nobody-again", TYPED, ""), True, "accepted", ["Approve 27.0000"]),
]


@pytest.mark.parametrize(("first", "second", "replacing", "status", "end"), CASES)
def test_a_later_copy(
    month: Month, first: tuple[str, dict[str, str], str], second: tuple[str, dict[str, str], str], replacing: bool, status: str,
    end: list[str],
) -> None:  # fmt: skip
    for name, entry, recipient in (first, second):
        taken = month.take(month.made.copy(name, {ALDER: entry}, recipient), replacing=replacing and name == second[0])
    assert statuses(taken) == {ALDER: status}
    assert (stands(month), bool(taken.problems)) == (end, status == "conflict")
    if status == "accepted" and second[2] == "dana":
        assert taken.judged[0].warnings[-1].startswith("replaces Approve by dana")


def test_an_early_copy_that_comes_again_does_not_undo_a_later_one(month: Month) -> None:
    early, late = month.made.copy("alder", {ALDER: APPROVE}), month.made.copy("dana-again", {ALDER: TYPED})
    month.take(early)
    month.take(late)
    again = month.take(early)
    assert (again.changes, again.problems) == ([], [])
    assert "a later copy decides differently (dana-again.xlsx" in again.notices[0].message
    assert stands(month) == ["Approve 27.0000"]


def test_a_copy_of_an_older_revision_is_judged_against_the_newest(month: Month) -> None:
    month.take(month.made.copy("map", {GANNET_ACCOUNT: {"decision": "Map"}}))
    taken = month.take(month.made.copy("alder", {ALDER: APPROVE}))
    assert (taken.revision, statuses(taken)) == (2, {ALDER: "accepted"})


def test_a_decision_on_old_numbers_ends_up_suspended_also_when_it_came_before_the_mapping(month: Month) -> None:
    month.take(month.made.copy("gannet", {"Gannet Wharf Chandlery": {"decision": "Ask", "note": "still with us?"}}))
    taken = month.take(month.made.copy("map", {GANNET_ACCOUNT: {"decision": "Map"}}))
    assert (bucket(taken, "suspended"), bucket(taken, "asked")) == (1, 0)


def test_two_people_who_map_differently_are_told_and_the_first_mapping_stays(month: Month) -> None:
    month.take(month.made.copy("map", {GANNET_ACCOUNT: {"decision": "Map"}}))
    taken = month.take(month.made.copy("bert-maps", {GANNET_ACCOUNT: OTHER}, "bert"))
    (problem,) = taken.problems
    assert "it is already mapped to Gannet Wharf Chandlery: change that in the mapping workbook" in problem.message
    assert problem.place.startswith("bert-maps.xlsx, Unmapped accounts!")
    assert taken.revision == 2
    together = month.take(month.made.copy("map", {}), month.made.copy("bert-maps", {}, "bert"))
    assert [p.message for p in together.problems if "agree on one" in p.message]


def test_a_copy_in_which_nothing_is_decided_changes_nothing(month: Month) -> None:
    taken = month.take(month.made.workbook("dana"))
    assert (taken.judged, taken.changes, taken.problems, taken.notices) == ([], [], [], [])
    assert bucket(taken, "open") == bucket(taken, "in")


@pytest.mark.parametrize("breaks_at", ["save_mapping", "save_revision", "save_decisions"])
def test_after_a_crash_the_same_copy_comes_to_the_same_end(
    on_sqlite: tuple[Made, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks_at: str
) -> None:
    entries = {ALDER: APPROVE, DUNMORE: APPROVE, GANNET_ACCOUNT: {"decision": "Map"}}

    def fail(*_: object, **__: object) -> None:
        raise OSError("the power went")

    ends = []
    for name in ("smooth", "crashed"):
        (tmp_path / name).mkdir()
        with copied(*on_sqlite, None, tmp_path / name) as month:
            copy = month.made.copy("crash", entries)
            if name == "crashed":
                with monkeypatch.context() as patched:
                    patched.setattr(Store, breaks_at, fail)
                    with pytest.raises(OSError, match="the power went"):
                        month.take(copy)
            ends.append((told(month.take(copy)), kept(month), stands(month)))
    assert ends[0] == ends[1]


COPIES = {
    "dana-all": ({ALDER: APPROVE, DUNMORE: APPROVE, GANNET_ACCOUNT: {"decision": "Map"}}, "dana"),
    "bert-dismisses": ({ALDER: DISMISS, FOXGLOVE: {"decision": "End line"}}, "bert"),
    "bert-foxglove": ({FOXGLOVE: {"decision": "End line"}, DUNMORE: {**APPROVE, "note": "yes"}}, "bert"),
}


@pytest.fixture(scope="session")
def in_order(on_sqlite: tuple[Made, str], tmp_path_factory: pytest.TempPathFactory) -> object:
    with copied(*on_sqlite, None, tmp_path_factory.mktemp("order")) as month:
        return told(month.take(*(month.made.copy(name, *COPIES[name]) for name in COPIES))), kept(month)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.sampled_from([tuple(reversed(COPIES)), *itertools.permutations(COPIES)]))
def test_the_order_in_which_files_are_named_does_not_matter(
    on_sqlite: tuple[Made, str], in_order: object, tmp_path_factory: pytest.TempPathFactory, order: tuple[str, ...]
) -> None:
    with copied(*on_sqlite, None, tmp_path_factory.mktemp("order")) as month:
        taken = month.take(*(month.made.copy(name, *COPIES[name]) for name in order))
        assert (told(taken), kept(month)) == in_order
