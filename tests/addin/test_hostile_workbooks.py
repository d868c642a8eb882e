"""A workbook, its name, and the folder it lies in choose nothing of what runs when a button is pressed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from addin.stock_vba import REVIEWED, safe_applescript
from addin.template import STOCK_MODULE, stock_applescript, template_parts, template_project

ROOT = Path(__file__).parent.parent.parent
HOSTILE_NAME = "$(touch pwned).xlsx"
FALLEN = "a foreign file was run"
COMMAND = re.compile(r'Tieout_Command = "(.*?)" & buttonId & "(.*?)" & Tieout_Hexadecimal\(workbookName\) & "(.*?)"')


def procedures(source: str) -> dict[str, list[str]]:
    """The lines of each procedure, by name, without comments; the first one is its head."""
    found: dict[str, list[str]] = {}
    pattern = r"^(?:Public |Private )?(?:Function|Sub) (\w+).*?^End (?:Function|Sub)"
    for match in re.finditer(pattern, source, re.M | re.S):
        lines = [line.strip() for line in match[0].splitlines() if line.strip() and not line.strip().startswith("'")]
        found[match[1]] = lines
    return found


def code(source: str) -> str:
    return "\n".join(line for lines in procedures(source).values() for line in lines)


def test_the_stock_addin_has_every_hole_that_is_closed_here() -> None:
    """So that the tests below say something."""
    stock = template_project(template_parts()).sources[STOCK_MODULE]
    for hole in (
        'SheetExists(ActiveWorkbook, PROJECT_NAME & ".conf")',
        "GetDirectoryConfigFilePath()",
        'Right$(sht.Name, 3) = ".py"',
        'GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "true")',
        "\nPublic Function RunPython(PythonCommand As String)",
        "\nPublic Function RunFrozenPython(",
        "\nFunction SaveConfigToFile(",
        '" --wb=" & """" & ActiveWorkbook.Name',
        'WScript.Run("cmd.exe /C "',
    ):
        assert hole in stock.replace("\r\n", "\n"), hole


def test_no_setting_is_read_from_a_workbook_or_a_file_beside_it(source: str) -> None:
    for word in ("GetConfig", '.conf"', "CONDA", "PYTHONPATH", "prepare_sys_path", "Input #iFile"):
        assert word.lower() not in code(source).lower().replace('thisworkbook.worksheets("tieout.conf")', ""), word
    assert re.findall(r'\w+\.Worksheets\("[^"]*"\)', source) == ['ThisWorkbook.Worksheets("tieout.conf")']


def test_no_sheet_of_a_workbook_is_run_as_code(source: str) -> None:
    assert ".py" not in code(source)
    assert "For Each" not in code(source)


def test_of_the_open_workbook_only_its_name_is_looked_at(source: str) -> None:
    places = {name: lines for name, lines in procedures(source).items() if "ActiveWorkbook" in " ".join(lines)}
    assert places.keys() == {"Tieout_WorkbookName"}
    used = re.findall(r"ActiveWorkbook(?:\.\w+)?", " ".join(places["Tieout_WorkbookName"]))
    assert set(used) == {"ActiveWorkbook", "ActiveWorkbook.Name"}
    calls = re.findall(r"(\w+ Tieout_Command\(buttonId, )?Tieout_WorkbookName\(\)", code(source))
    assert calls == ["ExecuteMac Tieout_Command(buttonId, ", "ExecuteWindows Tieout_Command(buttonId, ", ""]  # and its own head


def test_neither_a_formula_nor_a_shape_can_start_anything(source: str) -> None:
    """What is public can be called from a cell of any workbook; so the one public procedure wants the ribbon's own object."""
    heads = {name: lines[0] for name, lines in procedures(source).items()}
    assert [name for name, head in heads.items() if not head.startswith("Private ")] == ["Tieout_OnAction"]
    assert heads["Tieout_OnAction"] == "Public Sub Tieout_OnAction(control As IRibbonControl)"
    assert not re.search(r"^\s*(Public|Declare|Global)\s+(?!Sub Tieout_OnAction)", source, re.M)


@pytest.mark.parametrize("name", sorted(REVIEWED))
def test_every_procedure_of_xlwings_does_nothing_unless_a_button_is_being_run(source: str, name: str) -> None:
    head, first, *_ = procedures(source)[name]
    if name == "CleanUp":  # which Python calls on a Mac when it has ended; it takes nothing
        assert head == "Private Sub CleanUp()"
    else:
        assert first in ("If Not running Then Exit Function", "If Not running Then Exit Sub")


def test_nothing_from_outside_is_in_the_command_lines(source: str) -> None:
    lines = procedures(source)
    run = " ".join(lines["ExecuteWindows"])
    assert 'RunCommand = PythonInterpreter & " -I -B -c """ & PythonCommand & """ "' in run
    assert 'WScript.Run(Environ("SystemRoot") & "\\System32\\cmd.exe /C " & DriveCommand & _' in run
    parameters = [line.removeprefix("ParameterString = ") for line in lines["ExecuteMac"] if line.startswith("ParameterString = ")]
    assert parameters == [
        '""',
        'ParameterString + "|" + PythonInterpreter',
        'ParameterString + "|" + PythonCommand',
        'ParameterString + "|"',
        'ParameterString + "|" + Left(Application.Path, Len(Application.Path) - 4)',
        'ParameterString + "|" + LOG_FILE',
    ]


def command(source: str, button: str, workbook: str) -> str:
    """What the VBA makes of a button and a workbook's name."""
    match = COMMAND.search(source)
    assert match is not None
    return f"{match[1]}{button}{match[2]}{workbook.encode('utf-16-be').hex().upper()}{match[3]}"


def test_the_command_holds_nothing_that_a_shell_reads(source: str) -> None:
    text = command(source, "submit", "x^&calc^&\"'`$(id)%COMSPEC%|.xlsx")
    assert not set(text) & set('"%&|<>^$`\\\n!*?~{}[]#')
    compile(text, "command", "exec")


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A folder as a workbook may lie in: with modules of every name that the command or its imports ask for."""
    folder = tmp_path / "Downloads"
    for name in ("addin", "core", "workbooks", "tieout", "xlwings"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"raise SystemExit({FALLEN!r})")
    for name in ("sitecustomize", "usercustomize", "logging", "re", "unicodedata"):
        (folder / f"{name}.py").write_text(f"raise SystemExit({FALLEN!r})")
    (folder / HOSTILE_NAME).touch()
    return folder


def started(trap: Path, options: str, text: str) -> subprocess.CompletedProcess[str]:
    """Runs what the AppleScript gives to the shell, in that folder. Tieout comes last on the path, as where it is installed."""
    installed = f"import sys; sys.path.append('{ROOT}'); "
    line = f'\'{sys.executable}\' {options} -c "{installed}{text}" "--from_xl=1"'
    environment = {**os.environ, "HOME": str(trap / "home"), "PYTHONPATH": str(trap), "PYTHONSTARTUP": str(trap / "re.py")}
    return subprocess.run(["sh", "-c", line], cwd=trap, env=environment, capture_output=True, text=True, check=False)


def options_of_the_mac() -> str:
    found = re.search(r'quoted form of PythonInterpreter & "( .*?) -c ', safe_applescript(stock_applescript()))
    assert found is not None
    return found[1]


def test_a_foreign_folder_and_a_hostile_name_are_passed_by(trap: Path, source: str) -> None:
    for options in (options_of_the_mac(), "-I -B"):
        done = started(trap, options, command(source, "status", HOSTILE_NAME))
        assert FALLEN not in done.stderr + done.stdout
        assert "no button 'status'" in done.stderr or "Excel is not running" in done.stderr
    assert not list(trap.rglob("pwned"))


def test_without_isolation_the_foreign_folder_would_have_won(trap: Path, source: str) -> None:
    """So that the test above says something."""
    done = started(trap, "-B", command(source, "status", HOSTILE_NAME))
    assert FALLEN in done.stderr
