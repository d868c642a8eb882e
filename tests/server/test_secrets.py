"""Where secrets are kept, in which order they are found, and that they show themselves nowhere."""

import copy
import json
import pickle
import stat
from dataclasses import asdict, dataclass
from pathlib import Path

import keyring
import keyring.backends.fail
import keyring.backends.null
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from server.errors import Refused
from server.secrets import ENVIRONMENT, STORE, SYSTEM_KEYRING, Secret, Vault, open_vault, system_keyring, variable
from server.store import Store
from server.store.tables_sync import secrets

CANARY = "canary-7f3a!äß"
NAME = "TIEOUT_SECRET_PAX8_CLIENT_SECRET"


class FakeKeyring:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._open()
        del self.kept[service, username]

    def _open(self) -> None:
        if self.locked:
            raise RuntimeError(f"locked, and it says {CANARY}")


@pytest.fixture
def location(tmp_path: Path) -> str:
    return str(tmp_path / "store" / "tieout.sqlite")


@pytest.fixture
def vault(store: Store, location: str) -> Vault:
    store.add_connection("pax8", "pax8", "Pax8", {}, None, "ann")
    return Vault(store, location)


def given(vault: Vault, setting: str = "client_secret") -> str | None:
    found = vault.get_secret("pax8", setting)
    return found.reveal() if found else None


def test_a_secret_is_kept_encrypted_and_comes_back(vault: Vault, store: Store) -> None:
    assert (given(vault), vault.place("pax8", "client_secret")) == (None, None)
    vault.set_secret("pax8", "client_secret", f" {CANARY}\n", "ann")
    assert (given(vault), vault.place("pax8", "client_secret")) == (CANARY, STORE)
    vault.set_secret("pax8", "client_secret", "another", "ann")
    assert given(vault) == "another"
    vault.remove("pax8", ("client_id", "client_secret"), "ann")
    assert (given(vault), store.secrets()) == (None, {})


def test_the_key_lies_beside_the_store_for_its_user_alone(vault: Vault, location: str) -> None:
    vault.set_secret("pax8", "client_secret", CANARY, "ann")
    path = Path(location).parent / "secrets.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Fernet(path.read_bytes())


def test_no_table_and_no_line_of_the_activity_holds_a_secret(vault: Vault, store: Store) -> None:
    vault.set_secret("pax8", "client_secret", CANARY, "ann")
    with store._engines.reading() as connection:
        rows = str(connection.execute(select(secrets)).all())
    assert len(rows) > 100
    assert "canary" not in rows + str(store.activity())


def test_a_secret_shows_itself_nowhere_and_is_not_copied() -> None:
    @dataclass
    class Holder:
        inside: Secret

    secret = Secret(CANARY)
    shown = f"{secret} {secret!r} {secret!s} {secret:>20} {Holder(secret)} %s {[secret]}" % secret
    assert "canary" not in shown
    assert shown.count("***") == 7
    for leak in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps, lambda s: asdict(Holder(s)), hash):
        with pytest.raises(TypeError):
            leak(secret)
    assert not hasattr(secret, "__dict__")
    assert (secret == Secret(CANARY), secret == Secret("x"), secret == CANARY) == (True, False, False)


def test_the_environment_comes_before_the_keyring_and_the_keyring_before_the_rows(
    vault: Vault, store: Store, location: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    vault.set_secret("pax8", "client_secret", "from a row", "ann")
    ring = FakeKeyring()
    both = Vault(store, location, ring)
    assert given(both) == "from a row"
    ring.set_password(both._service, "pax8 client_secret", "from the keyring")
    assert (given(both), both.place("pax8", "client_secret")) == ("from the keyring", SYSTEM_KEYRING)
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    assert (given(both), both.place("pax8", "client_secret")) == ("from a file", ENVIRONMENT)
    monkeypatch.setenv(NAME, "from the environment")
    assert given(both) == "from the environment"
    with pytest.raises(Refused, match=f"{NAME}: is set and comes first"):
        both.set_secret("pax8", "client_secret", "typed", "ann")
    assert variable("pax8-europe", "client_secret") == "TIEOUT_SECRET_PAX8_EUROPE_CLIENT_SECRET"


def test_what_is_typed_goes_to_the_keyring_where_there_is_one_and_leaves_no_row(vault: Vault, store: Store, location: str) -> None:
    vault.set_secret("pax8", "client_secret", "older", "ann")
    ring = FakeKeyring()
    both = Vault(store, location, ring)
    both.set_secret("pax8", "client_secret", CANARY, "ann")
    assert (store.secrets(), list(ring.kept.values()), given(both)) == ({}, [CANARY], CANARY)
    both.remove("pax8", ("client_id", "client_secret"), "ann")
    assert (ring.kept, given(both)) == ({}, None)


def test_a_keyring_that_is_locked_is_told_without_what_it_says(vault: Vault, store: Store, location: str) -> None:
    ring = FakeKeyring()
    ring.locked = True
    for attempt in (given, lambda v: v.set_secret("pax8", "client_secret", CANARY, "ann")):
        with pytest.raises(
            Refused, match=r"keyring: it does not answer \(RuntimeError\): unlock it, or set TIEOUT_KEYRING=off"
        ) as told:
            attempt(Vault(store, location, ring))
        assert "canary" not in str(told.value)
        assert told.value.__suppress_context__


def test_a_keyring_that_keeps_nothing_does_not_count_and_one_that_is_switched_off_is_not_asked(
    store: Store, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def found() -> object:
        asked.append("asked")
        return backend

    class Plain(FakeKeyring):
        priority = 0.5

    class Real(FakeKeyring):
        priority = 5

    monkeypatch.setattr(keyring, "get_keyring", found)
    backend: object = Real()
    assert system_keyring() is None
    assert asked == []
    monkeypatch.delenv("TIEOUT_KEYRING")
    assert system_keyring() is backend
    assert open_vault(store, location)._keyring is backend
    for backend in (keyring.backends.fail.Keyring(), keyring.backends.null.Keyring(), Plain()):  # noqa: B007
        assert system_keyring() is None


def test_a_wrong_key_is_told_with_what_to_do_and_never_the_value(
    vault: Vault, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.set_secret("pax8", "client_secret", CANARY, "ann")
    path = Path(location).parent / "secrets.key"
    kept = path.read_bytes()
    path.write_bytes(Fernet.generate_key())
    said = r"client_secret: the secret is encrypted under another key than the one in .*secrets\.key: put the key back"
    with pytest.raises(Refused, match=said) as told:
        given(vault)
    with pytest.raises(Refused, match="another key"):
        vault.rotate("ann")
    assert "canary" not in str(told.value)
    path.write_bytes(b"not a key")
    with pytest.raises(Refused, match=r"secrets\.key: the key that opens secrets is none: put the old one back"):
        given(vault)
    monkeypatch.setenv("TIEOUT_SECRETS_KEY", "short")
    with pytest.raises(Refused, match="TIEOUT_SECRETS_KEY: the key that opens secrets is none"):
        given(vault)
    monkeypatch.setenv("TIEOUT_SECRETS_KEY", kept.decode())
    assert given(vault) == CANARY


def test_keys_are_rotated_and_then_the_old_one_opens_nothing(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    monkeypatch.setenv("TIEOUT_SECRETS_KEY", old)
    vault.set_secret("pax8", "client_secret", CANARY, "ann")
    vault.set_secret("pax8", "client_id", "id", "ann")
    monkeypatch.setenv("TIEOUT_SECRETS_KEY", f"{new},{old}")
    assert given(vault) == CANARY
    assert vault.rotate("ann") == 2
    monkeypatch.setenv("TIEOUT_SECRETS_KEY", new)
    assert (given(vault), given(vault, "client_id")) == (CANARY, "id")
    monkeypatch.setenv("TIEOUT_SECRETS_KEY", old)
    with pytest.raises(Refused, match="another key"):
        given(vault)


def test_a_row_moved_to_another_setting_is_not_given_out(vault: Vault, store: Store) -> None:
    vault.set_secret("pax8", "client_secret", CANARY, "ann")
    store.keep_secret("pax8", "client_id", store.secret("pax8", "client_secret"), "the store", "mallory")
    with pytest.raises(Refused, match="holds the secret of another setting"):
        given(vault, "client_id")


def test_files_and_values_without_a_secret_are_refused(vault: Vault, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="the secret is empty"):
        vault.set_secret("pax8", "client_secret", "  ", "ann")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "missing"))
    with pytest.raises(Refused, match=rf"{NAME}_FILE: .*missing cannot be read"):
        given(vault)
    (tmp_path / "missing").write_text("\n")
    with pytest.raises(Refused, match="is empty: put the secret into it"):
        given(vault)
