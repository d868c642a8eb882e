"""The key that signs workbooks."""

import stat
from pathlib import Path

import pytest

from server.errors import Refused
from server.signing import signing_key


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIEOUT_KEY")


def test_a_key_is_made_once_beside_the_store_and_only_its_user_can_read_it(tmp_path: Path) -> None:
    location = str(tmp_path / "store" / "tieout.sqlite")
    key = signing_key(location)
    path = tmp_path / "store" / "signing.key"
    assert (len(key), path.read_bytes(), signing_key(location)) == (64, key, key)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["signing.key"]


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_KEY", "from the environment")
    assert signing_key(str(tmp_path / "t.sqlite")) == b"from the environment"
    assert list(tmp_path.iterdir()) == []


def test_the_key_of_a_database_server_lies_in_the_users_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    key = signing_key("postgresql://anybody@db.example/tieout")
    assert (tmp_path / "tieout" / "signing.key").read_bytes() == key


def test_of_two_processes_the_first_ones_key_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = signing_key(str(tmp_path / "t.sqlite"))
    monkeypatch.setattr(Path, "exists", lambda _: False)  # the other one looked before the first was done
    assert signing_key(str(tmp_path / "t.sqlite")) == first


def test_an_empty_or_unreadable_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "signing.key").write_bytes(b"")
    with pytest.raises(Refused, match="is empty: put the old file back"):
        signing_key(str(tmp_path / "t.sqlite"))
    with pytest.raises(Refused, match="cannot be read or made"):
        signing_key("/proc/t.sqlite")
