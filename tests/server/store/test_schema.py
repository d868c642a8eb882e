from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from core.run import Inputs, Reconciliation
from server.store import Store, open_store, schema
from server.store.errors import StoreTooNew
from server.store.inputs import KEPT
from server.store.tables import APPEND_ONLY, RESULTS, metadata
from tests.ready_schema import BY_MIGRATIONS
from tests.server.store.samples import MAPPING


@pytest.fixture(autouse=True)
def _by_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here tables are made as in use, and not from what was made once."""
    monkeypatch.setattr(schema, "prepare", BY_MIGRATIONS)


def test_the_migrations_make_exactly_the_tables_that_are_declared(store: Store) -> None:
    """Where this fails, a declared record has changed: python -m server.store.migrations "what changed"."""
    with store._engines.writes.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_every_field_of_a_run_has_a_place_in_the_store() -> None:
    """Where this fails, core.run has a new field that the store would forget."""
    with_the_run = {"period", "today", "settings"}
    assert {f.name for f in fields(Inputs)} - with_the_run == {part for part in KEPT if "mapping" not in part} | {"mapping"}
    assert {f.name for f in fields(Reconciliation)} - {"inputs", "mapping"} == set(RESULTS)


def test_a_store_is_opened_again_with_what_is_in_it(store_url: str) -> None:
    with open_store(store_url) as store:
        store.save_mapping(MAPPING, by="ann", origin="first")
    with open_store(store_url) as store:
        assert store.mapping_version() == 1


def test_a_store_of_a_newer_version_is_refused(store_url: str) -> None:
    with open_store(store_url) as store, store._engines.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreTooNew, match=r"schema 9999\): install that version or later"):
        open_store(store_url)


def test_a_new_store_opened_by_many_at_once_is_made_once(store_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for store in list(pool.map(open_store, [store_url] * 4)):
            assert store.mapping_version() == 0
            store.close()


def test_the_last_migration_guards_every_append_only_table() -> None:
    import server.store.migrations.versions as versions

    text = (Path(versions.__path__[0]) / "0002_append_only.py").read_text()
    assert all(f'"{table.name}"' in text for table in APPEND_ONLY)


def test_a_migration_that_fails_leaves_no_table_behind(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import op

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("cut")

    with monkeypatch.context() as patched:
        patched.setattr(op, "create_index", fail)
        with pytest.raises(RuntimeError, match="cut"):
            open_store(store_url)
    with open_store(store_url) as store:
        assert store.mapping_version() == 0
