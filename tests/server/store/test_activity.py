import datetime as dt

import pytest
from sqlalchemy.exc import DBAPIError

from core.decisions import Judged, Status
from core.mapping import Mapping
from server.store import Event, Store
from server.store.tables import APPEND_ONLY
from tests.server.store.samples import MAPPING, reconciliation
from tests.server.store.test_decisions import FULL


def raw(store: Store, *statements: str) -> None:
    """Does what a person with the database's own tools could do."""
    with store._engines.writing() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def disarm(store: Store) -> None:
    """Takes away the triggers of the activity, as somebody with full rights could."""
    if store._engines.url.get_backend_name() == "postgresql":
        raw(store, "DROP TRIGGER append_only ON activity")
    else:
        raw(store, "DROP TRIGGER activity_refuses_update", "DROP TRIGGER activity_refuses_delete")


@pytest.fixture
def busy(store: Store) -> Store:
    """A store with rows in every append-only table and five lines of activity."""
    run_id = store.save_run(reconciliation(), by="ann")
    store.save_mapping(MAPPING, by="ann", origin="mapping.xlsx")
    copy_id, _ = store.save_copy(None, "back.xlsx", "d" * 64, by="zoë")
    store.save_decisions(copy_id, run_id, 1, [Judged(FULL, Status.ACCEPTED)], by="zoë")
    store.log("ann", Event("exported", "changes", run=run_id, old="ü", detail="line\nbreak"))
    return store


@pytest.mark.parametrize("table", [table.name for table in APPEND_ONLY])
@pytest.mark.parametrize("statement", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"])
def test_the_database_refuses_to_rewrite_history(busy: Store, table: str, statement: str) -> None:
    column = "version" if table.startswith("mapping") else "id"
    with pytest.raises(DBAPIError, match=f"{table} is append-only"):
        raw(busy, statement.format(table=table, column=column))


def test_postgresql_refuses_to_truncate_as_well(busy: Store) -> None:
    if busy._engines.url.get_backend_name() == "postgresql":
        with pytest.raises(DBAPIError, match="activity is append-only"):
            raw(busy, "TRUNCATE activity")


def test_an_untouched_chain_holds(busy: Store) -> None:
    assert busy.verify_activity() is None
    assert [line.id for line in busy.activity()] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE activity SET by = 'ben' WHERE id = 3", "activity line 3: was changed after it was written"),
        ("UPDATE activity SET detail = NULL WHERE id = 5", "activity line 5: was changed after it was written"),
        ("DELETE FROM activity WHERE id = 2", "activity line 2: is missing"),
        ("DELETE FROM activity WHERE id = 1", "activity line 1: is missing"),
        ("UPDATE activity SET previous = hash WHERE id = 4", "activity line 4: does not follow from the line before"),
        ("UPDATE activity SET hash = previous WHERE id = 2", "activity line 2: was changed after it was written"),
    ],
)
def test_a_broken_chain_names_its_first_broken_line(busy: Store, statement: str, told: str) -> None:
    disarm(busy)
    raw(busy, statement)
    assert str(busy.verify_activity()) == told


def test_the_activity_is_asked_by_run_and_by_time(busy: Store) -> None:
    assert [line.action for line in busy.activity(run="2026-11-1")] == ["exported", "decisions received", "run saved"]
    third = busy.activity()[2]
    assert [line.id for line in busy.activity(since=third.at)] == [5, 4, 3]
    assert [line.id for line in busy.activity(limit=2)] == [5, 4]
    assert third.at.tzinfo is dt.UTC


def test_a_change_that_did_not_happen_is_not_in_the_activity(busy: Store) -> None:
    busy.save_mapping(Mapping(), by="ann", origin="nothing")
    assert len(busy.activity()) == 5
