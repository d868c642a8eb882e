"""An add-in as it is built, and machines with a folder as home."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from addin.building import build_addin
from addin.machine import Machine, Registry, System, no_registry
from addin.vba_project import read_project

WINDOWS_PYTHON = r"C:\Users\Łukasz Müller\AppData\Roaming\uv\tools\tieout\Scripts\python.exe"

Made = Callable[..., Machine]


@pytest.fixture(scope="session")
def built() -> bytes:
    """An add-in for a Python on Windows, of a user whose name VBA's code page does not hold."""
    return build_addin(WINDOWS_PYTHON)


@pytest.fixture(scope="session")
def parts(built: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(built)) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.fixture(scope="session")
def source(parts: dict[str, bytes]) -> str:
    """The add-in's one module."""
    return read_project(parts["xl/vbaProject.bin"]).sources["TieoutRibbon"].replace("\r\n", "\n")


@pytest.fixture
def machine(tmp_path: Path) -> Made:
    """Makes a machine whose home is a folder of this test, and whose Python is there."""

    def made(system: System = System.WINDOWS, registry: Registry = no_registry) -> Machine:
        interpreter = tmp_path / "tools" / "python"
        interpreter.parent.mkdir(exist_ok=True)
        interpreter.touch()
        return Machine(system, tmp_path / "home", {"TIEOUT_KEYRING": "off"}, str(interpreter), registry)

    return made
