"""The machine that the add-in runs on: which system it is, and where on it things stand. Tests make one with a folder as home."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

Registry = Callable[[str], Mapping[str, object]]
r"""The values of a registry key, as HKCU\Software\...; none where the key is not there."""


class System(StrEnum):
    """What Excel runs on; on anything else there is no Excel that this add-in works with."""

    WINDOWS = "Windows"
    MACOS = "macOS"
    OTHER = "this system"


def no_registry(_key: str) -> Mapping[str, object]:
    """What a system without a registry answers."""
    return {}


@dataclass(frozen=True, slots=True)
class Machine:
    """A system with a user's home on it."""

    system: System
    home: Path
    environment: Mapping[str, str]
    interpreter: str  # the Python that Tieout is installed for
    registry: Registry = no_registry

    @property
    def startup_folder(self) -> Path | None:
        """From which Excel opens add-ins when it starts; it trusts what stands there. None where there is no Excel."""
        if self.system is System.WINDOWS:
            return self._roaming / "Microsoft" / "Excel" / "XLSTART"
        if self.system is System.MACOS:
            office = self.home / "Library" / "Group Containers" / "UBF8T346G9.Office"
            return office / "User Content.localized" / "Startup.localized" / "Excel"
        return None

    @property
    def scripts_folder(self) -> Path | None:
        """Where a Mac lets Excel start scripts from; None elsewhere."""
        return self.home / "Library" / "Application Scripts" / "com.microsoft.Excel" if self.system is System.MACOS else None

    @property
    def settings_folder(self) -> Path:
        """Where the user's settings of the add-in stand."""
        if self.system is System.WINDOWS:
            return self._roaming / "tieout" / "addin"
        if self.system is System.MACOS:
            return self.home / "Library" / "Application Support" / "tieout" / "addin"
        return self._given("XDG_CONFIG_HOME", ".config") / "tieout" / "addin"

    @property
    def log_folder(self) -> Path:
        """Where the add-in writes what it did and what went wrong."""
        if self.system is System.WINDOWS:
            return self._given("LOCALAPPDATA", "AppData/Local") / "tieout" / "addin"
        if self.system is System.MACOS:
            return self.home / "Library" / "Logs" / "tieout"
        return self._given("XDG_STATE_HOME", ".local/state") / "tieout" / "addin"

    @property
    def log_file(self) -> Path:
        return self.log_folder / "addin.log"

    @property
    def _roaming(self) -> Path:
        return self._given("APPDATA", "AppData/Roaming")

    def _given(self, variable: str, usual: str) -> Path:
        return Path(self.environment.get(variable) or self.home / usual)


def this_machine() -> Machine:
    """The machine that this runs on."""
    system = {"win32": System.WINDOWS, "darwin": System.MACOS}.get(sys.platform, System.OTHER)
    return Machine(system, Path.home(), os.environ, sys.executable, _registry)


def _registry(key: str) -> Mapping[str, object]:
    values: dict[str, object] = {}
    if sys.platform == "win32":
        import winreg

        hive, _, path = key.partition("\\")
        root = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}[hive]
        try:
            with winreg.OpenKey(root, path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
                for number in range(winreg.QueryInfoKey(opened)[1]):
                    name, value, _ = winreg.EnumValue(opened, number)
                    values[name] = value
        except OSError:
            return {}
    return values
