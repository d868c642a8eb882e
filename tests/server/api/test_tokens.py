"""Tokens in the store: who gets in, until when, and what is kept of them."""

import datetime as dt

import pytest

from server.store import Store
from server.store.errors import NoToken, OtherSpelling, UnknownToken
from server.store.tables_access import tokens
from server.store.tokens import Scope
from tests.server.conftest import Clock


def rows(store: Store) -> list[str]:
    with store.writes.engines.reading() as connection:
        return [str(value) for row in connection.execute(tokens.select()) for value in row]


def move(store: Store, **time: float) -> None:
    clock = store.tokens.clock
    assert isinstance(clock, Clock)
    clock.moment += dt.timedelta(**time)


def test_a_token_is_its_person_and_scopes_and_only_its_hash_is_kept(store: Store) -> None:
    made, text = store.tokens.create("  Anna   Berg ", [Scope.READ, Scope.SYNC], "root")
    found = store.tokens.verify(text)
    assert found is not None
    assert (found.id, found.person, found.scopes) == (made.id, "Anna Berg", {Scope.READ, Scope.SYNC})
    assert text.startswith(f"tieout_{made.id}_")
    secret = text.rpartition("_")[2]
    assert len(secret) == 64
    assert secret not in " ".join([*rows(store), *(str(line) for line in store.activity())])
    assert [line.action for line in store.activity()] == ["token made"]


@pytest.mark.parametrize(
    "wrong", ["", "tieout", "tieout__", "bearer", "tieout_2222222222_" + "0" * 64, "{id}", "{other}", "{text}0"]
)
def test_no_other_text_gets_in(store: Store, wrong: str) -> None:
    made, text = store.tokens.create("Anna", [Scope.READ], "root")
    _, other = store.tokens.create("Ben", [Scope.READ], "root")
    swapped = f"tieout_{made.id}_{other.rpartition('_')[2]}"
    assert store.tokens.verify(wrong.format(id=f"tieout_{made.id}_", other=swapped, text=text)) is None


def test_a_token_ends_when_it_expires(store: Store) -> None:
    _, text = store.tokens.create("Anna", [Scope.READ], "root")
    move(store, days=89, hours=23)
    assert store.tokens.verify(text) is not None
    move(store, hours=2)
    assert store.tokens.verify(text) is None


def test_a_token_ends_when_it_is_revoked_and_that_is_told_once(store: Store) -> None:
    made, text = store.tokens.create("Anna", [Scope.READ], "root")
    first = store.tokens.revoke(made.id, "ben")
    assert store.tokens.revoke(made.id, "ben") == first
    assert store.tokens.verify(text) is None
    assert [line.action for line in store.activity()] == ["token revoked", "token made"]
    with pytest.raises(UnknownToken, match=f"known tokens: {made.id}"):
        store.tokens.revoke("nobody", "ben")


def test_the_last_use_is_written_at_most_once_a_minute(store: Store) -> None:
    made, text = store.tokens.create("Anna", [Scope.READ], "root")
    seen = []
    for seconds in (0, 20, 20, 40):
        move(store, seconds=seconds)
        store.tokens.verify(text)
        seen.append(store.tokens.listed()[0].last_used_at)
    assert seen[0] is not None
    assert seen[0] == seen[1] == seen[2] != seen[3]
    assert made.last_used_at is None


@pytest.mark.parametrize(("person", "scopes", "days"), [(" ", [Scope.READ], 90), ("Anna", [], 90), ("Anna", [Scope.READ], 0)])
def test_a_token_names_a_person_and_a_scope_and_lasts(store: Store, person: str, scopes: list[Scope], days: int) -> None:
    with pytest.raises(NoToken):
        store.tokens.create(person, scopes, "root", dt.timedelta(days=days))


def test_one_person_is_not_two_by_another_spelling(store: Store) -> None:
    store.tokens.create("Anna", [Scope.SUBMIT], "root")
    with pytest.raises(OtherSpelling, match="'anna' is written 'Anna'"):
        store.tokens.create("anna", [Scope.APPROVE], "root")
    store.tokens.create("Anna", [Scope.APPROVE], "root")
