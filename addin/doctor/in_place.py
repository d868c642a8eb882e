"""The files: the add-in that Excel opens, the Python that it starts, the script a Mac needs, and copies in the way."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from addin.building import FILE_NAME, MODULE_NAME, SHEET_PART, addin_source
from addin.doctor.finding import Finding, care, elsewhere, good, wrong
from addin.errors import AddInError
from addin.installing import Starts, script_name
from addin.machine import Machine, System
from addin.settings import load_settings
from addin.stock_vba import safe_applescript
from addin.template import STOCK_MODULE, VBA_PART, stock_applescript, template_parts, template_project
from addin.vba_project import read_project
from addin.versions import tieout_version, xlwings_version

INSTALL = "close Excel, run: tieout addin install, and start Excel again"


def find_addin(machine: Machine) -> list[Path]:
    """Every place where this user's add-in was put and still is, Excel's startup folder first."""
    usual = [machine.startup_folder / FILE_NAME] if machine.startup_folder else []
    try:
        noted = [Path(one) for one in load_settings(machine).installed if one.endswith(".xlam")]
    except AddInError:
        noted = []
    return [path for path in dict.fromkeys([*usual, *noted]) if path.exists()]


def check_xlwings(_machine: Machine) -> Finding:
    """Whether the installed xlwings is one that this version was checked with."""
    try:
        source = expected_source()
        safe_applescript(stock_applescript())
    except AddInError as error:
        return wrong("xlwings", str(error), "pip install --force-reinstall tieout")
    return good(
        "xlwings", f"{xlwings_version()}, and its VBA is the one that was reviewed ({len(source.splitlines())} lines are used)"
    )


def expected_source() -> str:
    """The VBA that the add-in of this installation has."""
    return addin_source(template_project(template_parts()).sources[STOCK_MODULE])


def check_addin(machine: Machine) -> Finding:
    """Whether the add-in is there, and is the one that this installation would build."""
    found = find_addin(machine)
    if not found:
        if machine.startup_folder is None:
            return elsewhere("The add-in", "Windows or macOS")
        return wrong("The add-in", f"it is not in {machine.startup_folder}", INSTALL)
    try:
        with zipfile.ZipFile(found[0]) as package:
            source = read_project(package.read(VBA_PART)).sources.get(MODULE_NAME, "")
        expected = expected_source()
    except (AddInError, OSError, zipfile.BadZipFile, KeyError) as error:
        return wrong("The add-in", f"{found[0]} cannot be read ({error})", INSTALL)
    if _lines(source) != _lines(expected):
        there = re.search(r'TIEOUT_VERSION As String = "([^"]*)"', source)
        version = there[1] if there else "unknown"
        seen = f"{found[0]} is of version {version}, or was changed; this installation is {tieout_version()}"
        return wrong("The add-in", seen, INSTALL)
    return good("The add-in", f"{found[0]}, version {tieout_version()}")


def _lines(source: str) -> list[str]:
    return [line.rstrip() for line in source.splitlines() if line.strip()]


def check_interpreter(machine: Machine, tries: Starts) -> Finding:
    """Whether the Python that the add-in starts is there, is this one, and starts as Excel will start it."""
    what = "Python"
    found = find_addin(machine)
    path = interpreter_of(found[0]) if found else machine.interpreter
    if path is None:
        return wrong(what, f"{found[0]} does not say which Python to start", INSTALL)
    if not Path(path).exists():
        return wrong(what, f"the add-in starts {path}, which is not there any more", INSTALL)
    if machine.system is System.MACOS and " " in path:
        return wrong(
            what, f"the path {path} has a space in it, which Excel for Mac cannot start", "uv tool install tieout, then " + INSTALL
        )
    said = tries(path)
    if said:
        return wrong(what, f"{path} does not start Tieout: {said}", "uv tool install --force tieout, then " + INSTALL)
    if path != machine.interpreter:
        return care(what, f"the add-in starts {path}, and this is {machine.interpreter}", INSTALL)
    return good(what, path)


def interpreter_of(addin: Path) -> str | None:
    """What stands in B1 of the add-in's own sheet; None where nothing does."""
    try:
        with zipfile.ZipFile(addin) as package:
            sheet = ElementTree.fromstring(package.read(SHEET_PART))  # noqa: S314 - a local file of our own making
    except (OSError, zipfile.BadZipFile, KeyError, ElementTree.ParseError):
        return None
    for cell in sheet.iterfind(".//{*}c"):
        if cell.get("r") == "B1":
            return "".join(cell.itertext()) or None
    return None


def check_script(machine: Machine) -> Finding:
    """Whether the AppleScript is there that lets Excel for Mac start Python."""
    what = "AppleScript"
    if machine.scripts_folder is None:
        return elsewhere(what, "macOS")
    path = machine.scripts_folder / script_name()
    try:
        if path.read_text(encoding="utf-8") == safe_applescript(stock_applescript()):
            return good(what, str(path))
    except FileNotFoundError:
        return wrong(what, f"{path} is not there, so that no button can start anything", INSTALL)
    except (AddInError, OSError, ValueError) as error:
        return wrong(what, f"{path} cannot be checked ({error})", INSTALL)
    return wrong(what, f"{path} is not the one that belongs to this version", INSTALL)


def check_permission(machine: Machine) -> Finding:
    """What a Mac asks once and cannot be read from outside."""
    what = "Permission to control Excel"
    if machine.system is not System.MACOS:
        return elsewhere(what, "macOS")
    mend = "System Settings > Privacy & Security > Automation: let Excel (and your terminal) control Microsoft Excel"
    return care(what, "cannot be read from here; error -1743 in the log means that it was declined", mend)


def check_copies(machine: Machine) -> Finding:
    """Whether Excel would open more than one Tieout."""
    what = "Copies"
    copies = [*dict.fromkeys([*find_addin(machine), *_in_startup(machine), *_in_addin_manager(machine)])]
    if len(copies) > 1:
        listed = ", ".join(map(str, copies))
        return wrong(
            what, f"there are {len(copies)} ({listed}), and Excel opens each it finds", "close Excel and delete all but the first"
        )
    return good(what, "one" if copies else "none")


def _in_startup(machine: Machine) -> Iterator[Path]:
    folder = machine.startup_folder
    if folder is not None and folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if re.fullmatch(r"tieout.*\.xla[m]?", path.name, re.I))


def _in_addin_manager(machine: Machine) -> Iterator[Path]:
    values = machine.registry(r"HKCU\Software\Microsoft\Office\16.0\Excel\Options")
    for name, value in values.items():
        path = re.search(r'"([^"]*tieout[^"]*\.xlam)"', str(value), re.I)
        if name.upper().startswith("OPEN") and path:
            yield Path(path[1])


def check_mark_of_the_web(machine: Machine) -> Finding:
    """Whether Windows takes the add-in for one that came from the internet, whose macros Excel blocks."""
    what = "Mark of the web"
    if machine.system is not System.WINDOWS:
        return elsewhere(what, "Windows")
    marked = [path for path in find_addin(machine) if Path(f"{path}:Zone.Identifier").exists()]
    if marked:
        mend = "delete that file and build the add-in on this computer with: tieout addin install; or Properties > Unblock"
        return wrong(what, f"{marked[0]} came from the internet, so that Excel blocks its macros", mend)
    return good(what, "not there: the file was made on this computer")
