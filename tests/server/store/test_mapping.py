from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.mapping import AccountMapping, Kind, Mapping, ServiceRule
from server.store import Store, Subject
from tests.server.store.samples import MAPPING


def as_sets(mapping: Mapping) -> Any:
    return set(mapping.accounts), set(mapping.services), set(mapping.rules), set(mapping.ties), mapping.none_expected


def test_an_empty_store_has_mapped_nothing(store: Store) -> None:
    assert (store.mapping(), store.mapping_version(), store.mapping_history()) == (Mapping(), 0, [])


def test_a_mapping_is_read_back_as_it_was_saved(store: Store) -> None:
    assert store.save_mapping(MAPPING, by="ann", origin="mapping.xlsx") == 1
    assert as_sets(store.mapping()) == as_sets(MAPPING)


def test_what_is_there_already_makes_no_version(store: Store) -> None:
    store.save_mapping(MAPPING, by="ann", origin="mapping.xlsx")
    again = replace(MAPPING, accounts=MAPPING.accounts[::-1], services=(replace(MAPPING.services[0], multiplier=Decimal("1.50")),))
    assert store.save_mapping(again, by="ben", origin="again") == 1
    assert store.save_mapping(Mapping(), by="ben", origin="nothing") == 1
    assert store.save_mapping(Mapping(), by="ben", origin="nothing", removals=Mapping(none_expected=frozenset({"NO"}))) == 1
    assert [line.action for line in store.activity()] == ["mapping changed"]


def test_an_account_that_moves_to_another_customer_leaves_the_first(store: Store) -> None:
    store.save_mapping(MAPPING, by="ann", origin="mapping.xlsx")
    moved = AccountMapping("Pax8", "A-2", "Zoë & Co", Kind.MAPPED, "C-5")
    assert store.save_mapping(Mapping(accounts=(moved,)), by="ann", origin="copy 7") == 2
    assert [row for row in store.mapping().accounts if row.account_id == "A-2"] == [moved]


def test_an_earlier_version_is_still_there(store: Store) -> None:
    store.save_mapping(MAPPING, by="ann", origin="mapping.xlsx")
    store.save_mapping(Mapping(), by="ann", origin="cli", removals=replace(MAPPING, accounts=(), none_expected=frozenset()))
    store.save_mapping(Mapping(rules=(ServiceRule("M365", tolerance=Decimal(2)),)), by="ann", origin="cli")
    assert as_sets(store.mapping_at(1)) == as_sets(MAPPING)
    assert as_sets(store.mapping_at(2)) == (set(MAPPING.accounts), set(), set(), set(), MAPPING.none_expected)
    assert store.mapping_at(3).rules == store.mapping().rules == (ServiceRule("M365", tolerance=Decimal(2)),)
    assert store.mapping_at(0) == Mapping()


def test_the_history_says_who_replaced_what(store: Store) -> None:
    ours, gone = Mapping(none_expected=frozenset({"ZIP"})), Mapping(none_expected=frozenset({"ZIP"}))
    store.save_mapping(ours, by="ann", origin="mapping.xlsx")
    store.save_mapping(Mapping(), by="ben", origin="copy 3", removals=gone)
    first, second = store.mapping_history()
    assert (first.subject, first.identity, first.replaces, first.by) == (Subject.NONE_EXPECTED, ("ZIP",), None, "ann")
    assert (second.content, second.replaces, second.by, second.origin) == (None, first.id, "ben", "copy 3")
    assert second.version == first.version + 1
    assert second.at > first.at


def test_a_change_of_the_mapping_is_in_the_activity(store: Store) -> None:
    store.save_mapping(MAPPING, by="ann", origin="mapping.xlsx")
    line = store.activity()[0]
    assert (line.by, line.old, line.new) == ("ann", "version 0", "version 1")
    assert line.detail == "mapping.xlsx: account 2, none expected 2, rule 3, service 1, tie 1"


@pytest.mark.parametrize("odd", ["a|b", 'quote"', "a,b", "漢字", " "])
def test_identities_that_look_alike_stay_apart(store: Store, odd: str) -> None:
    rows = (AccountMapping(odd, "x", "1", Kind.INTERNAL), AccountMapping("", f"{odd}x", "2", Kind.INTERNAL))
    store.save_mapping(Mapping(accounts=rows), by="ann", origin="test")
    assert set(store.mapping().accounts) == set(rows)
