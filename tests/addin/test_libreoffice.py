"""LibreOffice imports the add-in's VBA and runs our part of it. It has no filter for add-ins, so a copy says it is a workbook."""

import io
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from addin.excel import decoded
from addin.ribbon import buttons
from addin.vba_project import read_project, write_project
from tests.components import require
from tests.workbooks.office import PYTHON, Office, running

SCRIPT = Path(__file__).with_name("office_basic.py")
PROBES = """
Public Function ProbeCommand(ByVal buttonId As String, ByVal workbookName As String) As String
    ProbeCommand = Tieout_Command(buttonId, workbookName)
End Function

Public Function ProbeButton(ByVal buttonId As String) As Boolean
    ProbeButton = Tieout_IsButton(buttonId)
End Function

Public Function ProbeFile(ByVal path As String, ByVal pressed As String) As String
    running = (pressed = "pressed")
    ProbeFile = CStr(FileExistsOnWindows(path))
    running = False
End Function
"""

HOSTILE_NAMES = (
    "november.xlsx",
    "x^&calc^&.xlsx",
    "$(touch pwned).xlsx",
    "`id`'\"; import os; os.system('id').xlsx",
    "%COMSPEC%;a;b;c;d;e;f.xlsx",
    "Łódź – 10月 😀 – e\u0301.xlsx",
    "a" * 200 + ".xlsx",
    "",
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    programs = require("libreoffice")
    if subprocess.run([PYTHON, "-c", "import uno"], capture_output=True, check=False).returncode:
        message = "component is missing: LibreOffice"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    with running(programs, tmp_path_factory.mktemp("office")) as made:
        yield made


def as_workbook(built: bytes, path: Path, added: str = "") -> Path:
    """A copy that LibreOffice opens; with functions added to our module."""
    with zipfile.ZipFile(io.BytesIO(built)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    kind = parts["[Content_Types].xml"].replace(b"ms-excel.addin.macroEnabled", b"ms-excel.sheet.macroEnabled")
    project = read_project(parts["xl/vbaProject.bin"])
    modules = [replace(one, source=one.source + added) if one.name == "TieoutRibbon" else one for one in project.modules]
    parts |= {"[Content_Types].xml": kind, "xl/vbaProject.bin": write_project(replace(project, modules=tuple(modules)))}
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def asked(office: Office, path: Path, *calls: tuple[str, tuple[str, ...]]) -> dict[str, Any]:
    job = path.with_suffix(".json")
    job.write_text(json.dumps({"open": str(path), "call": calls}))
    done = subprocess.run([PYTHON, str(SCRIPT), office.pipe, str(job)], capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_it_lists_the_modules(office: Office, built: bytes, tmp_path: Path) -> None:
    found = asked(office, as_workbook(built, tmp_path / "whole.xlsm"))
    assert set(found["modules"]["TieoutAddin"]) == {"ThisWorkbook", "Sheet2", "TieoutRibbon"}


def test_of_a_workbooks_name_only_hexadecimal_digits_get_into_the_command(office: Office, built: bytes, tmp_path: Path) -> None:
    path = as_workbook(built, tmp_path / "probed.xlsm", PROBES)
    answers = asked(office, path, *(("ProbeCommand", ("submit", name)) for name in HOSTILE_NAMES))["answers"]
    begin, end = "import addin.entry as e; e.run('submit','", "')"
    digits = [answer.removeprefix(begin).removesuffix(end) for answer in answers]
    assert all(set(one) <= set("0123456789ABCDEF") for one in digits)
    assert [decoded(one) for one in digits] == list(HOSTILE_NAMES)


def test_only_the_ribbons_own_buttons_are_known(office: Office, built: bytes, tmp_path: Path) -> None:
    path = as_workbook(built, tmp_path / "probed.xlsm", PROBES)
    names = [one.id for one in buttons()]
    calls = (("ProbeButton", (name,)) for name in [*names, "", "submit');import os", "__import__", "x"])
    assert asked(office, path, *calls)["answers"] == [True] * len(names) + [False] * 4


def test_without_a_press_of_a_button_xlwings_procedures_do_nothing(office: Office, built: bytes, tmp_path: Path) -> None:
    path = as_workbook(built, tmp_path / "probed.xlsm", PROBES)
    calls = (("ProbeFile", (str(path), "")), ("ProbeFile", (str(path), "pressed")))
    assert asked(office, path, *calls)["answers"] == ["False", "True"]
