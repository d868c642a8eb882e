import importlib.util
import stat
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from core.mapping import Mapping
from server.store import Event, Store, default_location, open_store
from server.store import engine as engine_module
from server.store.errors import DriverMissing, StoreBusy, StoreUnavailable
from tests.server.processes import forked
from tests.server.store.samples import MAPPING, reconciliation

WRITERS, ROUNDS = 4, 10


def grow(url: str, writer: int) -> None:
    """Reads what is there and adds to it, again and again: an update that is lost leaves a gap."""
    with open_store(url) as store:
        for number in range(ROUNDS):
            service = f"{writer}-{number}"
            store.save_mapping(Mapping(none_expected=frozenset({service})), by=f"writer {writer}", origin=service)


def assert_all_there(store: Store) -> None:
    expected = {f"{writer}-{number}" for writer in range(WRITERS) for number in range(ROUNDS)}
    assert store.mapping().none_expected == expected
    assert store.mapping_version() == len(store.activity(1000)) == WRITERS * ROUNDS
    assert store.verify_activity() is None


def test_threads_that_write_at_once_lose_nothing(store_url: str) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda writer: grow(store_url, writer), range(WRITERS)))
    with open_store(store_url) as store:
        assert_all_there(store)


def test_processes_that_write_at_once_lose_nothing(store_url: str) -> None:
    with ProcessPoolExecutor(2, mp_context=forked()) as pool:
        list(pool.map(grow, [store_url] * WRITERS, range(WRITERS)))
    with open_store(store_url) as store:
        assert_all_there(store)


def test_a_reader_does_not_wait_for_a_writer_and_sees_one_moment(store: Store) -> None:
    store.save_mapping(MAPPING, by="ann", origin="before")
    with store._engines.writing() as connection:
        connection.exec_driver_sql("INSERT INTO mapping_versions SELECT 2, at, by, origin, digest FROM mapping_versions")
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(store.mapping_version).result(timeout=5) == 1
    assert store.mapping_version() == 2


def test_what_is_read_in_one_transaction_does_not_move(store: Store) -> None:
    with store._engines.reading() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM activity").scalar()
        writer = threading.Thread(target=store.log, args=("ann", Event("seen", "thing")))
        writer.start()
        writer.join()
        assert connection.exec_driver_sql("SELECT count(*) FROM activity").scalar() == before == 0


def test_a_reading_transaction_cannot_write(store: Store) -> None:
    def write() -> None:
        with store._engines.reads.begin() as connection:
            connection.exec_driver_sql("INSERT INTO lists VALUES (1, '')")

    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        write()


def test_sqlite_is_safe_against_a_power_cut(tmp_path: Path) -> None:
    with open_store(tmp_path / "s.sqlite") as store:
        for engine in (store._engines.reads, store._engines.writes):
            with engine.begin() as connection:
                asked = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout"]
                assert [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked] == ["wal", 2, 1, 30_000]


def test_a_store_that_stays_locked_is_named_as_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "BUSY", engine_module.BUSY / 300)
    one, two = open_store(tmp_path / "s.sqlite"), open_store(tmp_path / "s.sqlite")
    with one, two, one._engines.writing(), pytest.raises(StoreBusy, match="try again later"):
        two.log("ann", Event("seen", "thing"))


def test_the_default_location_is_the_environment_s_or_the_user_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIEOUT_STORE", "postgresql://somewhere/tieout")
    assert default_location() == "postgresql://somewhere/tieout"
    monkeypatch.delenv("TIEOUT_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("sys.platform", "linux")
    assert default_location() == str(tmp_path / "data" / "tieout" / "tieout.sqlite")
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setattr("sys.platform", "darwin")
    assert default_location() == "/home/ann/Library/Application Support/tieout/tieout.sqlite"
    monkeypatch.setenv("LOCALAPPDATA", "/users/ann/local")
    monkeypatch.setattr("sys.platform", "win32")
    assert default_location() == "/users/ann/local/tieout/tieout.sqlite"


def test_the_folder_of_a_new_store_is_the_user_s_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIEOUT_STORE", str(tmp_path / "new" / "tieout.sqlite"))
    with open_store() as store:
        store.save_run(reconciliation(), by="ann")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_without_its_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DriverMissing, match=r"pip install 'tieout\[postgresql\]'") as told:
        open_store("postgresql://ann:geheim@db/tieout")
    assert "geheim" not in str(told.value)


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("mysql://ann:geheim@db/tieout", "SQLite file or a PostgreSQL database"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("postgresql://ann:geheim@127.0.0.1:1/tieout", r"ann:\*\*\*@127.0.0.1"),
        ("postgresql://ann:geheim@db:port/tieout", "cannot be read"),
        ("/dev/null/tieout.sqlite", "its folder cannot be made"),
    ],
)
def test_a_store_that_cannot_be_opened_is_named_without_its_password(location: str, told: str) -> None:
    with pytest.raises(StoreUnavailable, match=told) as raised:
        open_store(location)
    assert "geheim" not in str(raised.value)


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database at all, only notes " * 50)
    with pytest.raises(StoreUnavailable, match="not a database"):
        open_store(path)
    assert path.read_text().startswith("not a database at all")


def test_a_fault_of_ours_is_not_taken_for_one_of_the_database(store: Store) -> None:
    with pytest.raises((OperationalError, DBAPIError, StoreUnavailable)), store._engines.writing() as connection:
        connection.exec_driver_sql("SELECT * FROM nothing_of_that_name")
