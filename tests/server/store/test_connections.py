"""Connections in the store, and the ciphertexts of their secrets."""

import datetime as dt
from collections.abc import Sequence

import pytest
from sqlalchemy.exc import IntegrityError

from server.store import Store
from server.store.connections import listed
from server.store.errors import ConnectionExists, SecondPsa, UnknownConnection
from server.store.sync_records import KeptConnection, ReadKind, ReadState
from server.store.tables_sync import connections

UNTIL = dt.datetime(2026, 11, 26, 12, 0, tzinfo=dt.UTC)


def add(store: Store, name: str = "pax8", role: str = "Pax8", **settings: str) -> KeptConnection:
    return store.add_connection(name, "a connector", role, settings, 60, "ann")


def actions(store: Store, number: int) -> Sequence[str]:
    return [line.action for line in store.activity(number)]


def test_a_connection_is_found_again_with_its_settings_and_the_psa_stands_first(store: Store) -> None:
    added = add(store, currency="EUR")
    psa = add(store, "z-psa", "PSA")
    assert store.connection("pax8") == added
    assert (added.settings, added.per_minute, added.by) == ({"currency": "EUR"}, 60, "ann")
    assert store.connections() == [psa, added]
    assert actions(store, 2) == ["connection added", "connection added"]


def test_a_name_is_given_once_and_an_unknown_one_is_told_with_those_there_are(store: Store) -> None:
    add(store)
    with pytest.raises(ConnectionExists, match="'pax8' already"):
        add(store)
    with pytest.raises(UnknownConnection, match=r"no connection 'pax9'; known connections: pax8"):
        store.connection("pax9")


def test_an_installation_has_one_psa(store: Store) -> None:
    add(store, "first", "PSA")
    with pytest.raises(SecondPsa, match="this store's PSA is 'first'"):
        add(store, "second", "PSA")
    store.remove_connection("first", "ann")
    add(store, "second", "PSA")
    assert [c.name for c in store.connections()] == ["second"]


def test_the_database_itself_refuses_a_second_psa(store: Store) -> None:
    add(store, "first", "PSA")
    add(store, "other", "Pax8")
    with pytest.raises(IntegrityError), store._engines.writing() as connection:
        connection.execute(connections.update().values(role="PSA"))


def test_a_pause_lasts_until_its_moment_or_until_somebody_resumes(store: Store) -> None:
    add(store)
    store.pause_connection("pax8", "429: too many requests", UNTIL, "writes")
    paused = store.connection("pax8")
    assert (paused.paused_why, paused.paused_until) == ("429: too many requests", UNTIL)
    assert [paused.paused(UNTIL + dt.timedelta(seconds=s)) for s in (-1, 0)] == [True, False]
    store.pause_connection("pax8", "the keys were refused", None, "writes")
    assert store.connection("pax8").paused(UNTIL + dt.timedelta(days=999))
    store.resume_connection("pax8", "ann")
    assert not store.connection("pax8").paused(UNTIL)
    store.resume_connection("pax8", "ann")
    assert actions(store, 4) == ["connection resumed", "connection paused", "connection paused", "connection added"]


def test_a_removed_connection_is_gone_with_its_secrets_and_its_read_stops(store: Store) -> None:
    add(store)
    store.keep_secret("pax8", "client_secret", "sealed", "the store", "ann")
    read = store.begin_read("pax8", ReadKind.FULL, "ann")
    store.remove_connection("pax8", "ann")
    assert (store.connections(), store.secrets()) == ([], {})
    assert store.read(read.id).state is ReadState.FAILED
    assert not store.tell_read(read.id, "company", 1, 1)
    with store._engines.reading() as connection:
        assert listed(connection) == []


def test_added_again_under_its_old_name_its_old_reads_count_no_more(store: Store) -> None:
    add(store)
    old = store.begin_read("pax8", ReadKind.FULL, "ann")
    assert [r.id for r in store.reads("pax8")] == [old.id]
    store.remove_connection("pax8", "ann")
    again = add(store, currency="EUR")
    assert store.connection("pax8") == again
    assert again.removed_at is None
    assert store.reads("pax8") == []


def test_a_ciphertext_is_replaced_forgotten_and_renewed_unless_it_changed_meanwhile(store: Store) -> None:
    add(store)
    store.keep_secret("pax8", "client_id", "one", "the store", "ann")
    store.keep_secret("pax8", "client_id", "two", "the store", "ann")
    store.keep_secret("pax8", "client_secret", "three", "the store", "ann")
    renewed = {("pax8", "client_id"): ("one", "stale"), ("pax8", "client_secret"): ("three", "four")}
    assert store.renew_secrets(renewed, "ann") == 1
    assert store.secrets() == {("pax8", "client_id"): "two", ("pax8", "client_secret"): "four"}
    store.keep_secret("pax8", "client_id", None, "the keyring", "ann")
    assert store.secret("pax8", "client_id") is None
    store.forget_secrets("pax8", "ann")
    assert store.secrets() == {}
    assert store.verify_activity() is None
