"""Reads in the store: what they gave comes back as it was, one runs at a time, and none is kept by halves."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.frames import records
from core.records import Agreement, AgreementLine, Charge, Service, Source
from server.store import Store
from server.store import reads as store_reads
from server.store.errors import NotHeld, ReadRunning, UnknownConnection, UnknownRead
from server.store.reads import SILENT
from server.store.sync_records import Finished, KeptRead, ReadKind, ReadParts, ReadState
from server.store.tables import lists
from server.store.tables_sync import reads
from tests.server.store.samples import awkward

DAY = dt.date(2026, 11, 26)
SOURCE = Source("Pax8", "Pax8", "pax8", "ab" * 32, 12, True, DAY, ("one", "zwei, drei"))


@pytest.fixture(autouse=True)
def _connections(store: Store) -> None:
    store.add_connection("pax8", "pax8", "Pax8", {}, None, "ann")
    store.add_connection("psa", "connectwise", "PSA", {}, None, "ann")


def parts(rows: int = 12) -> ReadParts:
    services, agreements = records(Service, awkward(Service, 5)), records(Agreement, awkward(Agreement, 3))
    return ReadParts(awkward(AgreementLine, rows), awkward(Charge), tuple(services), tuple(agreements))


def finished(state: ReadState = ReadState.GOOD, taken: bytes | None = b"rows", rows: int = 12) -> Finished:
    return Finished(
        ReadKind.FULL, state, None if state is ReadState.GOOD else "why", replace(SOURCE, rows=rows), parts(rows), taken
    )


def begin(store: Store, name: str = "pax8") -> KeptRead:
    return store.begin_read(name, ReadKind.QUICK, "ann")


def keep(store: Store, state: ReadState = ReadState.GOOD, taken: bytes | None = b"rows") -> KeptRead:
    return store.finish_read(begin(store).id, finished(state, taken), "ann")


def later(store: Store, **time: float) -> None:
    store._clock.moment += dt.timedelta(**time)  # type: ignore[attr-defined]


def test_what_a_read_gave_comes_back_as_it_was(store: Store) -> None:
    kept = keep(store)
    assert (kept.state, kept.kind, kept.rows, kept.as_of, kept.source) == (ReadState.GOOD, ReadKind.FULL, 12, DAY, SOURCE)
    found, given = store.read_parts(kept.id), parts()
    pd.testing.assert_frame_equal(found.lines, given.lines)
    pd.testing.assert_frame_equal(found.charges, given.charges)
    assert (found.services, found.agreements) == (given.services, given.agreements)
    assert store.read_taken(kept.id) == b"rows"
    assert store.read(kept.id) == kept == store.newest_good_read("pax8")
    assert [line.action for line in store.activity(2)] == ["read good", "read begun"]


def test_equal_records_are_kept_once_however_often_they_are_read(store: Store) -> None:
    keep(store)
    with store._engines.reading() as connection:
        before = connection.scalar(select(func.count()).select_from(lists))
    keep(store)
    with store._engines.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(lists)) == before


def test_a_connection_is_read_once_at_a_time_and_others_beside_it(store: Store) -> None:
    first = begin(store)
    store.tell_read(first.id, "subscription", 3, 600)
    with pytest.raises(ReadRunning, match=r"'pax8' is being read \(subscription; begun by ann\): wait for it, or cancel it"):
        begin(store)
    begin(store, "psa")
    with pytest.raises(UnknownConnection):
        begin(store, "nothing")


def test_the_database_itself_refuses_a_second_running_read(store: Store) -> None:
    begin(store)
    done = keep_other(store)
    with pytest.raises(IntegrityError), store._engines.writing() as connection:
        connection.execute(reads.update().where(reads.c.id == done.id).values(state=ReadState.RUNNING, connection="pax8"))


def keep_other(store: Store) -> KeptRead:
    return store.finish_read(begin(store, "psa").id, finished(), "ann")


def test_how_far_a_read_is_can_be_shown(store: Store) -> None:
    read = begin(store)
    assert store.tell_read(read.id, "subscription", 3, 600)
    shown = store.running_read("pax8")
    assert shown is not None
    assert (shown.what, shown.pages, shown.rows_read) == ("subscription", 3, 600)
    assert shown.told_at > read.told_at
    store.finish_read(read.id, finished(), "ann")
    assert store.running_read("pax8") is None


def test_a_read_whose_process_died_gives_way_after_a_while_and_its_result_is_not_kept(store: Store) -> None:
    dead = begin(store)
    later(store, seconds=SILENT.total_seconds() - 60)
    store.tell_read(dead.id, "company", 1, 1)
    later(store, seconds=SILENT.total_seconds() - 60)
    with pytest.raises(ReadRunning):
        begin(store)
    later(store, seconds=60)
    assert store.running_read("pax8") is None
    following = begin(store)
    assert (store.read(dead.id).state, store.read(dead.id).problem) == (ReadState.FAILED, "interrupted")
    assert not store.tell_read(dead.id, "company", 2, 2)
    assert store.finish_read(dead.id, finished(), "ann").state is ReadState.FAILED
    with pytest.raises(UnknownRead):
        store.read_parts(dead.id)
    assert store.running_read("pax8") == following


def test_a_cancelled_read_stops_and_is_not_kept(store: Store) -> None:
    read = begin(store)
    assert store.cancel_read(read.id, "zoë").problem == "cancelled by zoë"
    assert store.finish_read(read.id, finished(), "ann").state is ReadState.FAILED
    good = keep(store)
    assert store.cancel_read(good.id, "zoë") == good


def test_a_read_that_fails_or_is_held_leaves_the_good_one_in_its_place(store: Store) -> None:
    good = keep(store)
    store.fail_read(begin(store).id, "the API is down", "ann")
    partial, held = keep(store, ReadState.FAILED, None), keep(store, ReadState.HELD)
    assert store.newest_good_read("pax8") == good
    assert store.newest_partial_read("pax8") == partial
    assert [r.state for r in store.reads("pax8")] == [held.state, ReadState.FAILED, ReadState.FAILED, ReadState.GOOD]
    assert store.reads("pax8", 1) == [held]
    assert store.read_taken(good.id) == b"rows"


def test_a_held_read_is_accepted_once_and_then_is_the_good_one(store: Store) -> None:
    good, held = keep(store), keep(store, ReadState.HELD)
    accepted = store.accept_read(held.id, "zoë")
    assert (accepted.state, accepted.accepted_by) == (ReadState.GOOD, "zoë")
    assert store.newest_good_read("pax8") == accepted
    assert (store.read_taken(good.id), store.read_taken(held.id)) == (None, b"rows")
    assert store.activity(1)[0].action == "read accepted"
    with pytest.raises(NotHeld, match="it is good"):
        store.accept_read(held.id, "zoë")


def test_a_held_read_with_a_good_one_after_it_is_past(store: Store) -> None:
    keep(store)
    held = keep(store, ReadState.HELD)
    keep(store)
    with pytest.raises(NotHeld, match="a later read is good"):
        store.accept_read(held.id, "zoë")
    with pytest.raises(UnknownRead):
        store.accept_read(99, "zoë")


def test_only_the_newest_good_read_keeps_what_a_quick_read_is_laid_over(store: Store) -> None:
    first, second = keep(store, taken=b"old"), keep(store, taken=b"new")
    assert (store.read_taken(first.id), store.read_taken(second.id)) == (None, b"new")
    pd.testing.assert_frame_equal(store.read_parts(first.id).lines, parts().lines)


def test_a_crash_while_a_read_is_saved_keeps_nothing_of_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    real, kept = store_reads.keep, []

    def keep_some(*arguments: Any) -> int:
        kept.append(arguments)
        if len(kept) == 3:
            raise RuntimeError("cut")
        return real(*arguments)

    read = begin(store)
    monkeypatch.setattr(store_reads, "keep", keep_some)
    with pytest.raises(RuntimeError, match="cut"):
        store.finish_read(read.id, finished(), "ann")
    assert store.read(read.id).state is ReadState.RUNNING
    with store._engines.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(lists)) == 0
    with pytest.raises(UnknownRead):
        store.read_parts(read.id)
