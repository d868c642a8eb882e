"""Connections as a person adds them."""

import sqlite3
from pathlib import Path

import pytest

from connectors.errors import FixAddress, FixCredentials
from server.connecting import add_connection, change_connection, connections, open_connection, remove_connection
from server.errors import Refused
from server.secrets import Vault
from server.store import Store, open_store
from server.store.errors import SecondPsa
from tests.connectors.api.sandboxes import QUICK, pax8

KEYS = {"client_id": "canary-of-the-id", "client_secret": "canary-of-the-secret"}
PSA = {"address": "https://api-na.myconnectwise.net", "company": "northbridge", "client_id": "an-integration"}
PSA_KEYS = {"public_key": "canary-public", "private_key": "canary-private"}


@pytest.fixture
def vault(store: Store, tmp_path: Path) -> Vault:
    return Vault(store, str(tmp_path / "tieout.sqlite"))


def problems_of(store: Store, vault: Vault, name: str = "pax8", connector: str = "pax8", **values: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        add_connection(store, vault, name, connector, values, "ann")
    assert store.connections() == []
    return [str(problem) for problem in refused.value.problems]


def test_settings_go_to_the_table_and_secrets_to_the_vault(store: Store, vault: Vault) -> None:
    added = add_connection(store, vault, "pax8", "pax8", {**KEYS, "currency": "EUR", "ended_months": ""}, "ann", per_minute=60)
    assert (added.settings, added.role, added.per_minute) == ({"currency": "EUR"}, "Pax8", 60)
    assert connections(store) == [added]
    assert set(store.secrets()) == {("pax8", "client_id"), ("pax8", "client_secret")}
    secret = vault.get_secret("pax8", "client_secret")
    assert secret is not None
    assert secret.reveal() == "canary-of-the-secret"


def test_every_setting_that_is_wrong_is_named_at_once(store: Store, vault: Vault) -> None:
    wrong = {"client_secret": "x", "ended_months": "0", "colour": "red", "time_zone": "Mars/Base", "held_from_rows": "ten"}
    found = problems_of(store, vault, **wrong)
    assert [p.partition(":")[0] for p in found] == [
        f"connection pax8, {name}" for name in ("colour", "ended_months", "time_zone", "held_from_rows", "client_id")
    ]
    assert "is empty: Client id. Under Integrations Hub > API in Pax8." in found[-1]
    assert "known: connectwise, pax8" in " ".join(problems_of(store, vault, connector="pax9"))
    for name in ("", "Pax8", "pax 8", "8pax", "a" * 41, "a_b"):
        assert "a name is a letter" in problems_of(store, vault, name=name, **KEYS)[0]
    with pytest.raises(Refused, match="requests per minute"):
        add_connection(store, vault, "pax8", "pax8", KEYS, "ann", per_minute=0)


def test_a_secret_of_the_environment_need_not_be_typed(store: Store, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_SECRET_PAX8_CLIENT_ID", KEYS["client_id"])
    monkeypatch.setenv("TIEOUT_SECRET_PAX8_CLIENT_SECRET", KEYS["client_secret"])
    with pytest.raises(Refused, match="comes first"):
        add_connection(store, vault, "pax8", "pax8", KEYS, "ann")
    assert store.connections() == []
    add_connection(store, vault, "pax8", "pax8", {}, "ann")
    assert store.secrets() == {}


def test_a_second_psa_is_refused_and_leaves_no_secret(store: Store, vault: Vault) -> None:
    add_connection(store, vault, "psa", "connectwise", PSA | PSA_KEYS, "ann")
    kept = store.secrets()
    with pytest.raises(SecondPsa, match="this store's PSA is 'psa'"):
        add_connection(store, vault, "other", "connectwise", PSA | PSA_KEYS, "ann")
    assert store.secrets() == kept


def test_an_address_is_checked_each_time_and_this_machine_only_where_the_caller_allows_it(store: Store, vault: Vault) -> None:
    with pax8() as sandbox:
        add_connection(store, vault, "pax8", "pax8", {**sandbox.keys, "address": sandbox.url, "time_zone": "Europe/Berlin"}, "ann")
        with pytest.raises(FixAddress):
            open_connection(store, vault, "pax8", loopback=False)
        with open_connection(store, vault, "pax8", loopback=True, patience=QUICK) as connection:
            assert connection.read(sandbox.clock()).source.complete
    add_connection(store, vault, "vendor", "pax8", KEYS, "ann")
    for inside in ("10.0.0.1", "127.0.0.1"):
        with pytest.raises(FixAddress, match="not public"):
            open_connection(store, vault, "vendor", loopback=False, resolve=lambda host, port, ip=inside: [ip])


def test_a_rate_goes_along_and_a_secret_that_is_gone_is_named(store: Store, vault: Vault) -> None:
    add_connection(store, vault, "vendor", "pax8", KEYS, "ann", per_minute=30)
    with open_connection(store, vault, "vendor", loopback=False, resolve=lambda host, port: ["93.184.215.14"]) as connection:
        assert connection.patience.per_minute == 30
        assert "canary" not in f"{connection!r} {vault!r}"
    vault.remove("vendor", ("client_id", "client_secret"), "ann")
    with pytest.raises(FixCredentials, match="client_id is empty"):
        open_connection(store, vault, "vendor", loopback=False, resolve=lambda host, port: ["93.184.215.14"])


def test_settings_are_changed_and_a_secret_that_is_not_typed_stays(store: Store, vault: Vault) -> None:
    add_connection(store, vault, "pax8", "pax8", {**KEYS, "currency": "EUR"}, "ann", per_minute=60)
    changed = change_connection(store, vault, "pax8", {"client_secret": "canary-anew", "ended_months": "3"}, "zoë")
    assert (changed.settings, changed.per_minute, changed.by) == ({"ended_months": "3"}, None, "ann")
    secrets = [vault.get_secret("pax8", name) for name in KEYS]
    assert [secret.reveal() for secret in secrets if secret] == ["canary-of-the-id", "canary-anew"]
    assert "canary" not in str(store.activity())
    vault.remove("pax8", tuple(KEYS), "ann")
    for wrong in ({"client_secret": "x"}, {**KEYS, "ended_months": "0"}):
        with pytest.raises(Refused):
            change_connection(store, vault, "pax8", wrong, "zoë")
    assert (store.connection("pax8"), store.secrets()) == (changed, {})


def test_a_removed_connection_leaves_no_secret(store: Store, vault: Vault) -> None:
    add_connection(store, vault, "pax8", "pax8", KEYS, "ann")
    remove_connection(store, vault, "pax8", "ann")
    assert (connections(store), store.secrets()) == ([], {})


def test_no_byte_of_the_store_and_no_line_of_its_log_holds_a_secret(tmp_path: Path) -> None:
    location = tmp_path / "tieout.sqlite"
    with open_store(location) as store:
        vault = Vault(store, str(location))
        add_connection(store, vault, "psa", "connectwise", PSA | PSA_KEYS, "ann")
        add_connection(store, vault, "pax8", "pax8", KEYS, "ann")
        assert "canary" not in f"{store.connections()} {store.activity()}"
    written = b"".join(path.read_bytes() for path in tmp_path.glob("tieout.sqlite*"))
    assert b"northbridge" in written
    assert b"canary" not in written
    with sqlite3.connect(location) as database:
        assert "canary" not in "".join(database.iterdump())
