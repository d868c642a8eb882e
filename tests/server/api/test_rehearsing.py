"""A store that keeps nothing: what a check runs on."""

from collections.abc import Callable
from typing import Any

import pytest

from server.rehearsing import Rehearsal
from server.store import Store
from server.store.tokens import Scope
from tests.server.store.samples import MAPPING, reconciliation

NOT_ALLOWED: list[Callable[[Store], Any]] = [
    lambda store: store.save_run(reconciliation(), "ann"),
    lambda store: store.add_connection("pax8", "pax8", "Pax8", {}, None, "ann"),
    lambda store: store.tokens.create("Ann", [Scope.READ], "ann"),
    lambda store: store.writes.cancel("none", "ann"),
    lambda store: store.close(),
]


@pytest.mark.parametrize("write", NOT_ALLOWED)
def test_what_a_check_has_no_answer_for_is_refused_and_not_kept(store: Store, write: Callable[[Store], Any]) -> None:
    store.save_run(reconciliation(), "ann")
    before = store.activity()
    with pytest.raises(AssertionError):
        write(Rehearsal(store))
    assert store.activity() == before


def test_a_copy_is_known_to_the_check_alone(store: Store) -> None:
    rehearsal, run_id = Rehearsal(store), store.save_run(reconciliation(), "ann")
    workbook = store.save_workbook(
        "abcdefghij", run_id, 1, scope="all", recipient="", sha256="a" * 64, file_name="a.xlsx", layout_version=1, by="ann"
    )
    copy_id, _ = rehearsal.save_copy(workbook.id, "back.xlsx", "b" * 64, "zoë")
    assert rehearsal.save_copy(workbook.id, "back.xlsx", "b" * 64, "zoë")[0] == copy_id
    assert [copy.id for copy in rehearsal.copies(workbook.id)] == [copy_id]
    assert store.copies(workbook.id) == []
    assert rehearsal.save_mapping(MAPPING, "zoë", "a copy") == store.mapping_version()
    assert store.mapping_history() == []
