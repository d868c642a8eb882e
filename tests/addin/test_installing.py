"""Put in place, repeated, and taken away again without a trace, on homes of all three systems."""

import io
import zipfile
from pathlib import Path

import pytest

from addin.building import build_addin
from addin.errors import NotInstalled, NotReady
from addin.installing import install, starts, uninstall
from addin.machine import Machine, System
from addin.settings import load_settings
from addin.tokens import load_token, save_token
from addin.versions import xlwings_version
from tests.addin.conftest import Made

SERVICE = "https://tieout.example.com"
PLACES = {
    System.WINDOWS: ["AppData/Roaming/Microsoft/Excel/XLSTART/tieout.xlam"],
    System.MACOS: [
        "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel/tieout.xlam",
        f"Library/Application Scripts/com.microsoft.Excel/tieout-{xlwings_version()}.applescript",
    ],
}


def fine(_interpreter: str) -> str:
    return ""


def files(home: Path) -> list[str]:
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())


@pytest.mark.parametrize("system", PLACES)
def test_it_stands_where_excel_opens_it_and_goes_without_a_trace(machine: Made, system: System) -> None:
    there = machine(system)
    written = install(there, service=SERVICE, tries=fine)
    assert [str(path.relative_to(there.home)) for path in written] == PLACES[system]
    assert written[0].read_bytes() == build_addin(there.interpreter)
    save_token(there, SERVICE, "tieout_x", None)
    there.log_folder.mkdir(parents=True)
    there.log_file.touch()
    uninstall(there, None)
    assert files(there.home) == []
    assert not there.settings_folder.parent.exists()
    assert not there.log_folder.exists()


def test_installing_again_replaces_and_keeps_the_settings(machine: Made) -> None:
    there = machine()
    [path] = install(there, service=SERVICE, tries=fine)
    path.write_bytes(b"an older one")
    install(there, tries=fine)
    assert path.read_bytes() == build_addin(there.interpreter)
    assert load_settings(there).service == SERVICE
    assert load_settings(there).installed == (str(path),)


def test_a_folder_of_the_users_choice_is_remembered_until_it_is_taken_away(machine: Made, tmp_path: Path) -> None:
    there = machine(System.OTHER)
    [path] = install(there, tmp_path / "shared" / "addins", tries=fine)
    assert uninstall(there, None)[0] == path
    assert not path.exists()
    assert uninstall(there, None) == []


def test_a_file_of_somebody_elses_is_left(machine: Made) -> None:
    there = machine(System.MACOS)
    install(there, tries=fine)
    assert there.scripts_folder is not None
    assert there.startup_folder is not None
    others = [there.scripts_folder / "xlwings-0.37.8.applescript", there.startup_folder / "other.xlam"]
    for other in others:
        other.touch()
    store = there.settings_folder.parent / "tieout.sqlite"
    store.touch()
    uninstall(there, None)
    assert all(path.exists() for path in (*others, store))


def test_a_script_of_an_older_version_goes_too(machine: Made) -> None:
    there = machine(System.MACOS)
    install(there, tries=fine)
    assert there.scripts_folder is not None
    (there.scripts_folder / "tieout-0.37.1.applescript").touch()
    uninstall(there, None)
    assert list(there.scripts_folder.iterdir()) == []


def test_damaged_settings_keep_nothing_from_going(machine: Made) -> None:
    there = machine()
    [path] = install(there, tries=fine)
    (there.settings_folder / "settings.json").write_text("{")
    uninstall(there, None)
    assert not path.exists()
    assert files(there.home) == []


def test_where_there_is_no_excel_it_is_said(machine: Made) -> None:
    with pytest.raises(NotInstalled, match="not on this system"):
        install(machine(System.OTHER), tries=fine)


def test_a_python_that_does_not_find_tieout_is_not_put_in(machine: Made) -> None:
    there = machine()
    with pytest.raises(NotInstalled, match="No module named"):
        install(there, tries=lambda _: "ModuleNotFoundError: No module named 'addin'")
    assert files(there.home) == []


def test_a_path_with_a_space_is_refused_on_a_mac_only(machine: Made) -> None:
    def spaced(system: System) -> Machine:
        there = machine(system)
        return Machine(system, there.home, there.environment, "/Users/anna berg/bin/python")

    with pytest.raises(NotInstalled, match="has a space"):
        install(spaced(System.MACOS), tries=fine)
    assert install(spaced(System.WINDOWS), tries=fine)


@pytest.mark.parametrize(
    "address", ["http://tieout.example.com", "https://a:b@tieout.example.com", "ftp://x", "https://", "https://x/y"]
)
def test_an_address_that_no_token_may_be_sent_to_is_refused(machine: Made, address: str) -> None:
    there = machine()
    with pytest.raises(NotReady, match=r"https://tieout\.example\.com"):
        install(there, service=address, tries=fine)
    assert files(there.home) == []


@pytest.mark.parametrize("address", [f"{SERVICE}/", "http://127.0.0.1:8470", "http://localhost:8470", "https://[::1]:8470"])
def test_an_address_over_tls_or_on_this_machine_is_taken(machine: Made, address: str) -> None:
    install(machine(), service=address, tries=fine)
    assert load_settings(machine()).service == address.rstrip("/")


def test_a_place_that_cannot_be_written_to_is_named(machine: Made, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotInstalled, match="close Excel, then try again"):
        install(machine(), tmp_path / "file" / "folder", tries=fine)


def test_an_interpreter_is_tried_as_the_ribbon_starts_it(tmp_path: Path) -> None:
    script = tmp_path / "python"
    script.write_text('#!/bin/sh\ntest "$1 $2 $3" = "-I -B -c" || exit 3\necho "what it said" >&2; exit 1\n')
    script.chmod(0o755)
    assert starts(str(script)) == "what it said"
    script.write_text("#!/bin/sh\nexit 0\n")
    assert starts(str(script)) == ""
    assert "No such file" in starts(str(tmp_path / "gone"))


class Ring:
    """A keyring as the package keyring has them: removing what is not there is an error."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def test_a_token_is_kept_for_its_service_alone(machine: Made) -> None:
    for ring in (Ring(), None):
        save_token(machine(), SERVICE, "tieout_1", ring)
        assert load_token(machine(), SERVICE, ring) == "tieout_1"
        assert load_token(machine(), "https://forged.example.com", ring) is None
    file = machine().settings_folder / "token.json"
    assert file.stat().st_mode & 0o077 == 0


def test_uninstalling_takes_the_token_out_of_the_keyring(machine: Made) -> None:
    ring = Ring()
    install(machine(), service=SERVICE, tries=fine)
    save_token(machine(), SERVICE, "tieout_1", ring)
    uninstall(machine(), ring)
    assert ring.kept == {}


def test_no_token_gets_into_the_addin(machine: Made) -> None:
    save_token(machine(), SERVICE, "tieout_secret", None)
    [path] = install(machine(), service=SERVICE, tries=fine)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
        assert all(b"tieout_secret" not in package.read(name) for name in package.namelist())
