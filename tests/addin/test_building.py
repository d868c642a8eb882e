"""The add-in file, as far as anybody can tell without Excel."""

import io
import re
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import compoundfiles
import pytest

from addin.building import build_addin
from addin.doctor.in_place import interpreter_of
from addin.errors import NotInstalled, TemplateChanged
from addin.ribbon import buttons
from addin.stock_vba import safe_applescript
from addin.template import TEMPLATE, stock_applescript, template_parts, xlwings_folder
from addin.vba_project import read_project, write_project
from addin.versions import tieout_version, xlwings_version
from tests.addin.conftest import WINDOWS_PYTHON
from tests.addin.other_readers import modules, parsed


def test_two_builds_are_the_same_to_the_byte(built: bytes) -> None:
    assert build_addin(WINDOWS_PYTHON) == built


def test_another_program_extracts_every_module(built: bytes, tmp_path: Path, source: str) -> None:
    path = tmp_path / "tieout.xlam"
    path.write_bytes(built)
    found = modules(path)
    assert found.keys() == {"ThisWorkbook.cls", "Sheet2.cls", "TieoutRibbon.bas"}
    assert source.endswith(found["TieoutRibbon.bas"].replace("\r\n", "\n").rstrip("\n") + "\n")
    code = [line for name in ("ThisWorkbook.cls", "Sheet2.cls") for line in found[name].splitlines() if line.strip()]
    assert not [line for line in code if not line.startswith("Attribute")]


def test_a_strict_reader_takes_the_project_without_a_warning(parts: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "vbaProject.bin"
    path.write_bytes(parts["xl/vbaProject.bin"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with compoundfiles.CompoundFileReader(str(path)) as found:
            assert {entry.name for entry in found.root} == {"VBA", "PROJECT", "PROJECTwm"}


def test_versions_are_those_of_the_installation(source: str) -> None:
    assert f'Const XLWINGS_VERSION As String = "{xlwings_version()}"' in source
    assert f'Const TIEOUT_VERSION As String = "{tieout_version()}"' in source


def test_every_callback_of_the_ribbon_is_a_public_procedure_of_its_module(parts: dict[str, bytes], source: str) -> None:
    root = parsed(parts["customUI/customUI14.xml"])
    callbacks = {value for one in root.iter() for key, value in one.items() if key.startswith(("on", "get"))}
    assert callbacks == {"TieoutRibbon.Tieout_OnAction"}
    assert "\nPublic Sub Tieout_OnAction(control As IRibbonControl)\n" in source


def test_the_vba_knows_exactly_the_ribbons_buttons(source: str) -> None:
    listed = re.search(r"Case (\".*\")\n", source)
    assert listed is not None
    assert re.findall(r'"(\w+)"', listed[1]) == [one.id for one in buttons()]


def test_the_parts_hang_together(parts: dict[str, bytes]) -> None:
    relations = parsed(parts["_rels/.rels"])
    targets = {one.attrib["Target"]: one.attrib["Type"] for one in relations}
    assert targets["customUI/customUI14.xml"].endswith("/2007/relationships/ui/extensibility")
    assert targets.keys() <= parts.keys()
    listed = {one.attrib["PartName"] for one in parsed(parts["[Content_Types].xml"]) if "PartName" in one.attrib}
    assert {name.lstrip("/") for name in listed} <= parts.keys()
    assert b"addin.macroEnabled.main+xml" in parts["[Content_Types].xml"]


def test_the_settings_sheet_names_the_interpreter_in_any_letters(built: bytes, tmp_path: Path, parts: dict[str, bytes]) -> None:
    path = tmp_path / "tieout.xlam"
    path.write_bytes(built)
    assert interpreter_of(path) == WINDOWS_PYTHON
    assert b'<sheet name="tieout.conf"' in parts["xl/workbook.xml"]


def test_nothing_of_whoever_made_the_template_is_left(parts: dict[str, bytes]) -> None:
    project = read_project(parts["xl/vbaProject.bin"])
    everything = b"".join(parts.values()).decode("latin-1") + "".join(project.sources.values())
    assert not re.search("felix|myaddin", everything, re.I)
    assert [name for name, _ in project.references] == ["Office"]


@pytest.mark.parametrize(
    "path", ["python", r"Scripts\python.exe", 'C:\\a"b\\python.exe', r"C:\%TEMP%\python.exe", "/opt/a|b/python"]
)
def test_an_interpreter_that_could_be_another_is_refused(path: str) -> None:
    with pytest.raises(NotInstalled, match="absolute"):
        build_addin(path)


def edited(old: str, new: str, module: str = "xlwings") -> bytes:
    project = read_project(template_parts()["xl/vbaProject.bin"])
    assert project.sources[module].count(old) == 1
    return write_project(replace(project, modules=tuple(
        replace(one, source=one.source.replace(old, new)) if one.name == module else one for one in project.modules
    )))  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"cmd.exe /C "', '"cmd.exe /K "'),
        ("' Read a text file", "' Read any text file"),
        ("Sub ExecuteMac(", "Sub ExecuteOnMac("),
        ('XLWINGS_VERSION As String = "', 'XLWINGS_VERSION As String = "9'),
        ("SUCH DAMAGE.", "SUCH DAMAGES!"),
    ],
)
def test_with_other_vba_in_the_template_nothing_is_built(tmp_path: Path, old: str, new: str) -> None:
    parts = {**template_parts(), "xl/vbaProject.bin": edited(old, new)}
    with pytest.raises(TemplateChanged, match=r"The add-in is not built: xlwings .* is installed, and .*pip install"):
        build_addin(WINDOWS_PYTHON, packaged(tmp_path, parts))


def test_code_in_the_templates_workbook_is_not_taken(tmp_path: Path) -> None:
    parts = template_parts()
    project = read_project(parts["xl/vbaProject.bin"])
    opening = "Private Sub Workbook_Open()\r\nEnd Sub\r\n"
    documents = tuple(replace(one, source=one.source + opening) for one in project.modules)
    parts["xl/vbaProject.bin"] = write_project(replace(project, modules=documents))
    with pytest.raises(TemplateChanged, match="runs code of its own"):
        build_addin(WINDOWS_PYTHON, packaged(tmp_path, parts))


def packaged(tmp_path: Path, parts: dict[str, bytes]) -> Path:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    path = tmp_path / TEMPLATE
    path.write_bytes(stream.getvalue())
    return path


@pytest.mark.parametrize(
    "part", ["customUI/customUI.xml", "_rels/.rels", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/vbaProject.bin"]
)
def test_with_a_part_that_is_gone_nothing_is_built(tmp_path: Path, part: str) -> None:
    parts = template_parts()
    del parts[part]
    with pytest.raises(TemplateChanged, match="is installed, and its"):
        build_addin(WINDOWS_PYTHON, packaged(tmp_path, parts))


def test_a_template_that_is_no_package_is_told(tmp_path: Path) -> None:
    path = tmp_path / TEMPLATE
    path.write_bytes(b"<html>")
    with pytest.raises(TemplateChanged, match="cannot be read"):
        build_addin(WINDOWS_PYTHON, path)


def test_the_script_of_a_mac_is_made_from_the_installed_one() -> None:
    script = safe_applescript(stock_applescript())
    assert 'quoted form of PythonInterpreter & " -I -B' in script
    with pytest.raises(TemplateChanged, match="AppleScript"):
        safe_applescript(script)
    with pytest.raises(TemplateChanged, match="is not there"):
        stock_applescript(xlwings_folder() / "addin")
