"""Puts the add-in in place and takes it away again. What is written is noted in the settings, so that nothing stays behind."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from addin.building import FILE_NAME, build_addin
from addin.errors import AddInError, NotInstalled
from addin.machine import Machine, System
from addin.settings import load_settings, save_settings, service_address, settings_file
from addin.stock_vba import safe_applescript
from addin.template import stock_applescript
from addin.tokens import Keyring, forget_token
from addin.versions import xlwings_version

SECONDS = 60
"""So long Python may take to start on a slow disk with a virus scanner."""

Starts = Callable[[str], str]
"""Tries to start an interpreter as the ribbon would: empty, or what it said."""


def starts(interpreter: str) -> str:
    """Whether the interpreter finds Tieout when it is started as the ribbon starts it: empty, or its last line."""
    command = [interpreter, "-I", "-B", "-c", "import addin.entry"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603 - our own
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]


def script_name() -> str:
    """The AppleScript's file name; the VBA asks for it by this name."""
    return f"tieout-{xlwings_version()}.applescript"


def install(machine: Machine, folder: Path | None = None, service: str = "", tries: Starts = starts) -> list[Path]:
    """Builds the add-in and puts it into the folder, or into Excel's startup folder. Gives the files written.

    NotInstalled where there is no such folder, where Python could not be started by the ribbon, or a file is in use.
    """
    place = folder or machine.startup_folder
    if place is None:
        raise NotInstalled(
            "Excel for Windows or macOS is not on this system. To build it here nevertheless: tieout addin install --to FOLDER"
        )
    address = service_address(service) if service else ""
    _check(machine, tries)
    files = _files(machine, place)
    for path, content in files.items():
        _write(path, content)
    _note(machine, list(files), address)
    return list(files)


def _check(machine: Machine, tries: Starts) -> None:
    if machine.system is System.MACOS and " " in machine.interpreter:
        raise NotInstalled(
            f"On a Mac, Excel cannot start a Python whose path has a space in it ({machine.interpreter}). "
            "Install Tieout in a folder without one (uv tool install tieout), then install the add-in again."
        )
    wrong = tries(machine.interpreter)
    if wrong:
        raise NotInstalled(
            f"Python ({machine.interpreter}) does not find Tieout when it is started on its own, as Excel starts it: {wrong}. "
            "Install Tieout in an environment of its own (uv tool install tieout, or pipx install tieout), then try again."
        )


def _files(machine: Machine, place: Path) -> dict[Path, bytes]:
    files = {place / FILE_NAME: build_addin(machine.interpreter)}
    if machine.scripts_folder is not None:
        files[machine.scripts_folder / script_name()] = safe_applescript(stock_applescript()).encode()
    return files


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise NotInstalled(f"{path} cannot be written ({error.strerror}): close Excel, then try again.") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _note(machine: Machine, files: list[Path], service: str) -> None:
    settings = load_settings(machine)
    written = sorted({*settings.installed, *(str(path.absolute()) for path in files)})
    save_settings(machine, replace(settings, service=service or settings.service, installed=tuple(written)))


def uninstall(machine: Machine, keyring: Keyring | None) -> list[Path]:
    """Removes the add-in, its scripts, the token, settings and logs. Gives what was removed, and nothing where nothing was there.

    NotInstalled names the file that cannot be removed; what could be is removed then, and the settings stay for another try.
    """
    try:
        settings = load_settings(machine)
    except AddInError:
        settings = None  # damaged: what is known without them is removed
    if settings is not None and settings.service:
        forget_token(machine, settings.service, keyring)
    noted = map(Path, settings.installed) if settings is not None else ()
    removed = [path for path in [*dict.fromkeys([*noted, *_usual(machine)])] if _remove(path)]
    kept = [machine.settings_folder / "token.json", settings_file(machine)]
    removed += [path for path in [*machine.log_folder.glob("addin.log*"), *kept] if _remove(path)]
    for folder in (machine.log_folder, machine.settings_folder):
        _remove_empty(folder)
    return removed


def _usual(machine: Machine) -> Iterator[Path]:
    if machine.startup_folder is not None:
        yield machine.startup_folder / FILE_NAME
    if machine.scripts_folder is not None:
        yield from sorted(machine.scripts_folder.glob("tieout-*.applescript"))


def _remove(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise NotInstalled(f"{path} cannot be removed ({error.strerror}): close Excel, then uninstall again.") from error
    return True


def _remove_empty(folder: Path) -> None:
    """Removes the folder, and the folder `tieout` above it, where nothing is left in them; the service may keep its store there."""
    for empty in (folder, folder.parent):
        if empty.name not in ("addin", "tieout") or not empty.is_dir() or any(empty.iterdir()):
            return
        empty.rmdir()
