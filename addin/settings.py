"""The user's settings: the service that the add-in works with, and the files that were put in place for it.

The service's address stands here and never in a workbook, because the token goes to it: a forged workbook must not choose it.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from addin.errors import Damaged, NotReady
from addin.machine import Machine

FILE = "settings.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """What one user has set."""

    service: str = ""  # https://tieout.example.com; empty: not set yet
    installed: tuple[str, ...] = ()  # the files that `install` wrote, which `uninstall` removes


def settings_file(machine: Machine) -> Path:
    """Where they stand."""
    return machine.settings_folder / FILE


def load_settings(machine: Machine) -> Settings:
    """The user's settings, empty where there are none. Damaged where the file cannot be read."""
    path = settings_file(machine)
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return Settings(str(read["service"]), tuple(map(str, read["installed"])))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Damaged(f"The settings in {path} cannot be read: delete that file, then run: tieout addin install") from error


def save_settings(machine: Machine, settings: Settings) -> None:
    """Replaces the settings in one step, so that none are half written."""
    write_privately(settings_file(machine), f"{json.dumps(asdict(settings), indent=2)}\n")


def set_service(machine: Machine, address: str) -> None:
    """Keeps the service's address. NotReady where it is not one that a token may be sent to."""
    save_settings(machine, replace(load_settings(machine), service=service_address(address)))


def service_address(text: str) -> str:
    """The address as https://host[:port], or http:// where it leads to this machine. NotReady where it is neither."""
    address = text.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    plain = parts.netloc and parts.username is None and parts.password is None and not (parts.path or parts.query or parts.fragment)
    if host and plain and (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))):
        return address
    raise NotReady(f"{text!r} is not the address of a Tieout service: write it as https://tieout.example.com")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def write_privately(path: Path, text: str) -> None:
    """Writes a file that only its user can read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
