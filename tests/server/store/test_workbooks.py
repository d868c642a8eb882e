import pytest

from server.store import Store, Workbook, new_id
from server.store.errors import UnknownCopy, UnknownRevision, UnknownRun, UnknownWorkbook
from tests.server.store.samples import reconciliation


def issue(store: Store, run_id: str, workbook_id: str = "wb1", revision: int = 1) -> Workbook:
    return store.save_workbook(
        workbook_id,
        run_id,
        revision,
        scope="vendor Pax8",
        recipient="zoë@example.com",
        sha256="c" * 64,
        file_name="2026-11 Pax8.xlsx",
        layout_version=3,
        by="ann",
    )


def test_an_issued_workbook_is_found_again(store: Store) -> None:
    run_id = store.save_run(reconciliation(), by="ann")
    issued = issue(store, run_id)
    assert store.workbook("wb1") == issued
    assert store.workbooks(run_id) == [issued]
    assert store.activity(1)[0].workbook == "wb1"


def test_a_workbook_needs_its_run_and_revision(store: Store) -> None:
    with pytest.raises(UnknownRun):
        issue(store, "2026-11-1")
    run_id = store.save_run(reconciliation(), by="ann")
    with pytest.raises(UnknownRevision):
        issue(store, run_id, revision=2)
    with pytest.raises(UnknownWorkbook, match="the store has no workbooks yet"):
        store.workbook("wb1")


def test_the_same_bytes_twice_are_the_same_copy(store: Store) -> None:
    issue(store, store.save_run(reconciliation(), by="ann"))
    first, new = store.save_copy("wb1", "back.xlsx", "d" * 64, by="zoë")
    assert new
    assert store.save_copy("wb1", "back (1).xlsx", "d" * 64, by="ann") == (first, False)
    assert [copy.id for copy in store.copies("wb1")] == [first]
    assert [line.action for line in store.activity()] == ["copy received", "workbook issued", "run saved"]


def test_a_copy_of_a_workbook_that_is_not_known_is_kept_and_told_of(store: Store) -> None:
    copy_id, _ = store.save_copy("elsewhere", "back.xlsx", "d" * 64, by="zoë")
    assert store.copy(copy_id).workbook_id is None
    assert store.activity(1)[0].detail == "back.xlsx: names workbook elsewhere, which is not known here"
    with pytest.raises(UnknownCopy, match="nowhere"):
        store.copy("nowhere")


def test_ids_are_short_and_differ() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(i) for i in ids} == {10}
