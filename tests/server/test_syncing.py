"""Reading and keeping, over the simulators: a good read is never replaced by a worse one."""

import datetime as dt
import logging
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from connectors.engine import Taken
from connectors.sandbox.faults import Fault
from core.frames import records
from core.records import AgreementLine
from server.errors import Refused
from server.packing import packed, unpacked
from server.secrets import Vault
from server.store import Store
from server.store.errors import ReadRunning
from server.store.sync_records import KeptRead, ReadKind, ReadState
from server.syncing import sync
from tests.connectors.api.sandboxes import SECRETS, D, add_agreement, add_company, add_line, add_product
from tests.server.synced_sandbox import Synced, connected

GOOD, FAILED, HELD = ReadState.GOOD, ReadState.FAILED, ReadState.HELD


@pytest.fixture
def vault(store: Store, tmp_path: Path) -> Vault:
    return Vault(store, str(tmp_path / "tieout.sqlite"))


@pytest.fixture
def psa(store: Store, vault: Vault) -> Iterator[Synced]:
    with connected(store, vault, "connectwise") as running:
        yield running


@pytest.fixture
def pax8(store: Store, vault: Vault) -> Iterator[Synced]:
    with connected(store, vault, "pax8") as running:
        yield running


def lines(synced: Synced, read: KeptRead) -> list[AgreementLine]:
    return records(AgreementLine, synced.store.read_parts(read.id).lines)


def same(synced: Synced, one: KeptRead, other: KeptRead) -> None:
    first, second = (synced.store.read_parts(read.id) for read in (one, other))
    pd.testing.assert_frame_equal(first.lines, second.lines)
    pd.testing.assert_frame_equal(first.charges, second.charges)
    assert (first.services, first.agreements) == (second.services, second.agreements)


def paths(synced: Synced) -> list[str]:
    return [path for _, path in synced.sandbox.faults.seen]


def test_a_full_read_is_kept_with_what_it_gave(psa: Synced) -> None:
    add_line(psa.sandbox.service.model, quantity=5)
    read = psa.sync(full=True)
    assert (read.state, read.kind, read.rows, read.as_of, read.by) == (GOOD, ReadKind.FULL, 1, dt.date(2026, 11, 26), "ann")
    assert [(line.customer, line.quantity) for line in lines(psa, read)] == [("Acme", 5)]
    with psa.open() as connection:
        there = connection.read(psa.sandbox.clock())
    kept = psa.store.read_parts(read.id)
    pd.testing.assert_frame_equal(kept.lines, there.frame)
    assert (kept.services, kept.agreements) == (there.services, there.agreements)
    assert len(kept.charges) == 0


def test_a_quick_read_after_changes_says_the_same_as_a_full_one(psa: Synced) -> None:
    model = psa.sandbox.service.model
    add_line(model, quantity=5)
    assert psa.sync().kind is ReadKind.FULL  # there is nothing before it
    psa.sandbox.clock.move(days=1)
    add_company(model, 251, "New Ltd")
    add_agreement(model, 872, company=251)
    add_line(model, 872, quantity=7)
    add_product(model, 413, "NEW", price=None)
    model.companies[250]["name"] = "Acme Ltd"
    model.touch(model.companies[250])
    quick = psa.sync()
    full = psa.sync(full=True)
    assert (quick.kind, full.kind) == (ReadKind.QUICK, ReadKind.FULL)
    assert [(line.customer, line.quantity) for line in lines(psa, quick)] == [("Acme Ltd", 5), ("New Ltd", 7)]
    same(psa, quick, full)


def test_a_quick_read_asks_only_for_changes_also_after_quick_reads(psa: Synced) -> None:
    add_line(psa.sandbox.service.model)
    psa.sync()
    for _ in range(2):
        told: dict[str, int] = {}
        psa.sync(progress=lambda what, pages, rows, told=told: told.update({what: rows}), hours=1)  # type: ignore[misc]
        assert (told["company"], told["product"], told["addition"]) == (0, 0, 1)


def test_after_its_settings_were_changed_a_connection_is_read_whole(psa: Synced) -> None:
    psa.sync()
    psa.store.change_connection("connectwise", psa.store.connection("connectwise").settings, 6000, "ann")
    assert [psa.sync().kind, psa.sync().kind] == [ReadKind.FULL, ReadKind.QUICK]


def test_a_company_deleted_since_vanishes_from_a_quick_read(psa: Synced) -> None:
    model = psa.sandbox.service.model
    add_line(model)
    psa.sync()
    psa.sandbox.clock.move(days=1)
    model.companies[250]["deletedFlag"] = True
    model.touch(model.companies[250])
    quick = psa.sync()
    assert (quick.state, quick.kind, quick.rows) == (GOOD, ReadKind.QUICK, 0)
    same(psa, quick, psa.sync(full=True))


def test_an_agreement_that_is_gone_altogether_makes_a_quick_read_a_full_one(psa: Synced) -> None:
    model = psa.sandbox.service.model
    add_line(model)
    add_agreement(model, 872)
    psa.sync()
    psa.sandbox.clock.move(days=1)
    del model.agreements[872]
    read = psa.sync()
    assert (read.state, read.kind) == (GOOD, ReadKind.FULL)
    assert [a.agreement_id for a in psa.store.read_parts(read.id).agreements] == ["871"]


@pytest.mark.parametrize("full", [False, True])
def test_a_read_that_fails_in_the_middle_keeps_the_good_one(psa: Synced, full: bool) -> None:
    add_line(psa.sandbox.service.model, quantity=5)
    good = psa.sync()
    psa.sandbox.service.model.touch(psa.sandbox.service.model.products[412])
    psa.sandbox.faults.add(Fault("500 before", path="*/procurement/catalog", times=9))
    failed = psa.sync(full=full)
    assert failed.state is FAILED
    assert failed.problem is not None
    assert failed.problem.startswith("/procurement/catalog: the API is busy or down: 500")
    assert "Read again later" in failed.problem
    assert psa.store.newest_good_read("connectwise") == good
    assert psa.store.activity(1)[0].detail == failed.problem
    psa.sandbox.faults.clear()
    again = psa.sync()
    assert (again.state, again.kind) == (GOOD, ReadKind.QUICK)
    same(psa, good, again)


def test_a_read_with_a_record_that_cannot_be_read_has_failed_and_names_it(psa: Synced) -> None:
    model = psa.sandbox.service.model
    add_line(model)
    good = psa.sync()
    bad = add_line(model, quantity=5)
    model.additions[bad]["billCustomer"] = "Sometimes"
    read = psa.sync()
    assert read.state is FAILED
    assert read.problem is not None
    assert read.problem.startswith("1 record could not be read; ConnectWise PSA, addition")
    assert psa.store.newest_good_read("connectwise") == good
    assert psa.store.newest_partial_read("connectwise") == read


def test_far_fewer_rows_than_last_time_are_held_back_until_somebody_accepts(pax8: Synced) -> None:
    pax8.sandbox.fill(20)
    good = pax8.sync()
    keep_only(pax8, 9)
    held = pax8.sync()
    assert (held.state, held.rows) == (HELD, 9)
    assert held.problem == "it gave 9 rows, the last good read 20: accept it, or read everything once more"
    assert pax8.store.newest_good_read("pax8") == good
    accepted = pax8.store.accept_read(held.id, "zoë")
    assert (accepted.state, pax8.store.newest_good_read("pax8")) == (GOOD, accepted)
    assert pax8.sync().state is GOOD


@pytest.mark.parametrize(("before", "after", "state"), [(20, 10, GOOD), (20, 9, HELD), (12, 3, GOOD), (18, 8, HELD), (20, 0, HELD)])
def test_less_than_half_and_ten_fewer_is_far_fewer(pax8: Synced, before: int, after: int, state: ReadState) -> None:
    pax8.sandbox.fill(before)
    pax8.sync()
    keep_only(pax8, after)
    assert pax8.sync().state is state


def test_from_when_on_a_read_is_held_is_a_setting(store: Store, vault: Vault) -> None:
    with connected(store, vault, "pax8", held_below_percent="90", held_from_rows="2") as pax8:
        pax8.sandbox.fill(10)
        pax8.sync()
        keep_only(pax8, 8)
        assert pax8.sync().state is HELD


def test_the_next_full_read_with_the_same_count_confirms_and_another_does_not(pax8: Synced) -> None:
    pax8.sandbox.fill(30)
    pax8.sync()
    keep_only(pax8, 5)
    assert pax8.sync(full=True).state is HELD
    assert pax8.sync().state is HELD  # a quick one confirms nothing
    keep_only(pax8, 4)
    assert pax8.sync(full=True).state is HELD
    assert pax8.sync(full=True).state is GOOD
    assert pax8.sync(full=True).state is GOOD


def keep_only(pax8: Synced, number: int) -> None:
    subscriptions = pax8.sandbox.service.subscriptions
    for key in list(subscriptions)[number:]:
        del subscriptions[key]


def test_progress_is_stored_about_once_a_second(psa: Synced, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(900, 905):
        add_agreement(psa.sandbox.service.model, number)
    real, stored, pages = psa.store.tell_read, [], []

    def tell(read_id: int, what: str, pages: int, rows: int) -> bool:
        stored.append(what)
        return real(read_id, what, pages, rows)

    def progress(what: str, number: int, rows: int) -> None:
        pages.append(what)
        psa.sandbox.clock.move(seconds=0.4)

    monkeypatch.setattr(psa.store, "tell_read", tell)
    read = psa.sync(progress=progress)
    assert len(pages) == 10
    assert (len(stored), stored[0]) == (4, "company")
    assert read.what == stored[-1]


def test_a_read_that_is_cancelled_stops_and_keeps_nothing(psa: Synced) -> None:
    def progress(what: str, pages: int, rows: int) -> None:
        running = psa.store.running_read("connectwise")
        if running is not None and running.state is ReadState.RUNNING:
            psa.store.cancel_read(running.id, "zoë")

    read = psa.sync(progress=progress)
    assert (read.state, read.problem, read.has_parts) == (FAILED, "cancelled by zoë", False)
    assert psa.sandbox.lists.removeprefix("*") not in "".join(paths(psa))


def test_two_reads_of_one_connection_do_not_run_beside_each_other(psa: Synced) -> None:
    told: list[str] = []

    def progress(what: str, pages: int, rows: int) -> None:
        if not told:
            told.append(what)
            with pytest.raises(ReadRunning, match="wait for it, or cancel it"):
                psa.sync()

    assert psa.sync(progress=progress).state is GOOD
    assert told == ["company"]


def test_a_fault_of_ours_ends_the_read_and_is_raised(psa: Synced) -> None:
    def progress(what: str, pages: int, rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        psa.sync(progress=progress)
    (read,) = psa.store.reads("connectwise")
    assert (read.state, read.problem) == (FAILED, "stopped (KeyboardInterrupt)")


def test_after_a_crash_a_quick_read_starts_from_the_last_good_one(psa: Synced) -> None:
    add_line(psa.sandbox.service.model, quantity=5)
    good = psa.sync()
    dead = psa.store.begin_read("connectwise", ReadKind.QUICK, "a process that is no more")
    with pytest.raises(ReadRunning):
        psa.sync()
    psa.store._clock.moment += dt.timedelta(minutes=31)  # type: ignore[attr-defined]
    again = psa.sync()
    assert (again.kind, psa.store.read(dead.id).problem) == (ReadKind.QUICK, "interrupted")
    same(psa, good, again)


def test_a_paused_connection_is_not_asked(psa: Synced) -> None:
    psa.store.pause_connection("connectwise", "429: too many requests", psa.sandbox.clock() + dt.timedelta(hours=1), "writes")
    with pytest.raises(Refused, match=r"connection connectwise: is paused until 26 Nov 10:00: 429: too many requests"):
        psa.sync(minutes=1)
    assert (psa.store.reads("connectwise"), paths(psa)) == ([], [])
    assert psa.sync(hours=1).state is GOOD
    psa.store.pause_connection("connectwise", "the keys were refused", None, "writes")
    with pytest.raises(Refused, match="is paused until it is resumed: the keys were refused"):
        psa.sync()


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Pacific/Auckland", (26, 12), 27),
        ("America/Los_Angeles", (26, 5), 25),
        ("UTC", (26, 23), 26),
        ("Europe/Berlin", (26, 23), 27),
    ],
)
def test_the_data_is_as_of_the_day_in_the_msps_time_zone(
    store: Store, vault: Vault, zone: str, moment: tuple[int, int], day: int
) -> None:
    with connected(store, vault, "pax8", time_zone=zone) as pax8:
        pax8.set_time(dt.datetime(2026, 11, *moment, 30, tzinfo=dt.UTC))
        assert pax8.sync(minutes=0).as_of == dt.date(2026, 11, day)


def test_what_was_taken_is_unpacked_exactly() -> None:
    row = {
        "price": D("22.10"),
        "many": D("0.000001"),
        "none": None,
        "yes": True,
        "name": "Zoë\n漢字",
        "types": [{"id": 1}],
        "n": 2**53 + 1,
    }
    at = dt.datetime(2026, 11, 26, 9, 0, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=13)))
    taken = Taken(at, {"product": {"412": row}})
    assert unpacked(packed(taken)) == taken
    assert str(unpacked(packed(taken)).rows["product"]["412"]["price"]) == "22.10"


def test_a_connection_to_something_else_is_a_fault_of_the_caller(psa: Synced, pax8: Synced) -> None:
    with pax8.open() as connection, pytest.raises(ValueError, match="is one to connectwise, not to pax8"):
        sync(psa.store, connection, "connectwise", full=True, by="ann", clock=psa.sandbox.clock)


def test_secrets_stand_in_no_table_log_or_message(psa: Synced, pax8: Synced, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    add_line(psa.sandbox.service.model)
    pax8.sandbox.fill(3)
    psa.sandbox.service.model.companies[250]["name"] = "Acme " + psa.sandbox.keys["company"]
    said = [psa.sync(), pax8.sync(), psa.sync()]
    psa.sandbox.service.model.role["Agreements"].clear()
    pax8.sandbox.service.keys = type(pax8.sandbox.service.keys)("another", "pair")
    pax8.sandbox.service.tokens.clear()
    said += [psa.sync(full=True), pax8.sync(full=True)]
    assert [read.state for read in said] == [GOOD, GOOD, GOOD, FAILED, FAILED]
    everything = f"{said} {psa.store.activity()} {psa.store.connections()} {caplog.text} {rows_of(psa.store)}"
    assert "Acme northbridge" in everything
    assert [secret for secret in SECRETS if secret in everything] == []


def rows_of(store: Store) -> str:
    """Everything that the tables hold, with what is packed unpacked."""
    from server.store.tables import metadata

    with store._engines.reading() as connection:
        tables = [[tuple(row) for row in connection.execute(table.select())] for table in metadata.sorted_tables]
    taken = [store.read_taken(read.id) for name in ("connectwise", "pax8") for read in store.reads(name)]
    return str(tables) + str([unpacked(data) for data in taken if data])
