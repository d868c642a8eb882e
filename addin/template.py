"""What the installed xlwings ships and the add-in is made from: a template of an add-in, its VBA, and an AppleScript."""

import importlib.util
import zipfile
from pathlib import Path

from addin.errors import TemplateChanged
from addin.vba_project import Project, read_project
from addin.versions import xlwings_version

TEMPLATE = "quickstart_addin_ribbon.xlam"
VBA_PART = "xl/vbaProject.bin"
STOCK_MODULE, STOCK_RIBBON = "xlwings", "RibbonMyAddin"


def xlwings_folder() -> Path:
    """Where the installed xlwings stands. It is not imported: that would look for Excel."""
    found = importlib.util.find_spec("xlwings")
    if found is None or not found.submodule_search_locations:
        raise TemplateChanged("The package xlwings is not installed beside Tieout: install Tieout again (pip install tieout).")
    return Path(next(iter(found.submodule_search_locations)))


def template_parts(template: Path | None = None) -> dict[str, bytes]:
    """The parts of the template by name."""
    path = template or xlwings_folder() / TEMPLATE
    try:
        with zipfile.ZipFile(path) as package:
            return {name: package.read(name) for name in package.namelist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise changed(f"its add-in template {TEMPLATE} cannot be read ({error})") from error


def template_project(parts: dict[str, bytes]) -> Project:
    """The template's VBA project; TemplateChanged where it has other modules than expected."""
    project = read_project(parts[VBA_PART]) if VBA_PART in parts else None
    if project is None or not {STOCK_MODULE, STOCK_RIBBON, "ThisWorkbook"} <= project.sources.keys():
        raise changed(f"its add-in template {TEMPLATE} has other VBA modules than expected")
    return project


def stock_applescript(folder: Path | None = None) -> str:
    """The text of xlwings' AppleScript, which starts Python on a Mac."""
    path = (folder or xlwings_folder()) / f"xlwings-{xlwings_version()}.applescript"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise changed(f"its script {path.name} is not there") from error


def changed(what: str) -> TemplateChanged:
    """The refusal to build from something that nobody has checked."""
    return TemplateChanged(
        f"The add-in is not built: xlwings {xlwings_version()} is installed, and {what}. "
        "Install the version that this Tieout was made for: pip install --force-reinstall tieout."
    )
