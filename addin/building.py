"""The add-in file: the installed xlwings' template with our ribbon, our VBA and our settings sheet, the same bytes each time.

It is built on the machine that it is for, because Python's path stands in it and its xlwings has to be the installed one; and a
file that was made here carries no mark of the web.
"""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path, PurePosixPath, PureWindowsPath
from xml.sax.saxutils import escape

from addin.errors import NotInstalled
from addin.ribbon import buttons
from addin.ribbon_xml import ribbon_xml
from addin.stock_vba import safe_procedures
from addin.template import STOCK_MODULE, VBA_PART, changed, template_parts, template_project
from addin.vba_project import Kind, Module, Project, write_project
from addin.versions import tieout_version, xlwings_version

FILE_NAME = "tieout.xlam"
PROJECT_NAME, MODULE_NAME = "TieoutAddin", "TieoutRibbon"
SETTINGS_SHEET, SETTINGS_CODE_NAME = "tieout.conf", "Sheet2"
RIBBON_PART, STOCK_RIBBON_PART = "customUI/customUI14.xml", "customUI/customUI.xml"
SHEET_PART = "xl/worksheets/sheet1.xml"
FIRST_PARTS = ("[Content_Types].xml", "_rels/.rels")
EPOCH = (1980, 1, 1, 0, 0, 0)
NOT_IN_A_COMMAND = '"%|\n\r'
"""What would change the command line in which the interpreter's path stands."""


def build_addin(interpreter: str, template: Path | None = None) -> bytes:
    """The add-in that starts this Python. NotInstalled where its path cannot be used, TemplateChanged where xlwings is another."""
    _check_interpreter(interpreter)
    parts = template_parts(template)
    project = template_project(parts)
    parts[VBA_PART] = write_project(_own_project(project))
    _replace_ribbon(parts)
    _replace_sheet(parts, interpreter)
    _forget_the_packager(parts)
    return _package(parts)


def _check_interpreter(path: str) -> None:
    absolute = PureWindowsPath(path).is_absolute() or PurePosixPath(path).is_absolute()
    if not absolute or any(sign in path for sign in NOT_IN_A_COMMAND):
        raise NotInstalled(
            f'The add-in cannot start Python at {path!r}: the path has to be absolute and must not hold any of % " |. '
            "Install Tieout in another folder (for example with uv tool install tieout), then install the add-in again."
        )


def addin_source(stock: str) -> str:
    """The text of our one module, made from the stock module's."""
    text = resources.files("addin").joinpath("tieout_ribbon.bas").read_text(encoding="ascii")
    values = {
        "tieout_version": tieout_version(),
        "xlwings_version": xlwings_version(),
        "settings_sheet": SETTINGS_SHEET,
        "buttons": ", ".join(f'"{button.id}"' for button in buttons()),
    }
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return f"{text}\n{safe_procedures(stock)}"


def _own_project(template: Project) -> Project:
    stock = template.sources[STOCK_MODULE]
    if f'XLWINGS_VERSION As String = "{xlwings_version()}"' not in stock:
        raise changed("the VBA in its template is of another version")
    documents = tuple(module for module in template.modules if module.kind is Kind.DOCUMENT)
    if not all(_is_empty(module.source) for module in documents):
        raise changed("its template runs code of its own when it is opened")
    ours = Module(MODULE_NAME, Kind.STANDARD, addin_source(stock))
    return Project(PROJECT_NAME, (*documents, ours), template.head, template.only("Office").references, template.protection)


def _is_empty(source: str) -> bool:
    return all(line.startswith("Attribute ") or not line.strip() for line in source.splitlines())


def _replace_ribbon(parts: dict[str, bytes]) -> None:
    if parts.pop(STOCK_RIBBON_PART, None) is None:
        raise changed("its template has no ribbon")
    parts[RIBBON_PART] = ribbon_xml()
    _put(parts, "_rels/.rels", rf'(ui/extensibility" Target="){re.escape(STOCK_RIBBON_PART)}"', rf'\1{RIBBON_PART}"')


def _replace_sheet(parts: dict[str, bytes], interpreter: str) -> None:
    _put(parts, "xl/workbook.xml", r'<sheet name="_myaddin\.conf"', f'<sheet name="{SETTINGS_SHEET}"')
    _put(parts, SHEET_PART, rf'.*codeName="{SETTINGS_CODE_NAME}".*', lambda _: _sheet(settings(interpreter)))


def settings(interpreter: str) -> Mapping[str, str]:
    """What stands on the add-in's own sheet: names in column A, values in column B. The VBA reads B1."""
    return {"Interpreter": interpreter, "Tieout": tieout_version(), "xlwings": xlwings_version()}


def _sheet(values: Mapping[str, str]) -> str:
    rows = "".join(
        f'<row r="{number}">{_cell(f"A{number}", name)}{_cell(f"B{number}", value)}</row>'
        for number, (name, value) in enumerate(values.items(), 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<sheetPr codeName="{SETTINGS_CODE_NAME}"/><sheetData>{rows}</sheetData></worksheet>'
    )


def _cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _forget_the_packager(parts: dict[str, bytes]) -> None:
    """Takes out the path and the names of whoever made the template, and a setting of theirs that Microsoft's checker refuses."""
    _put(parts, "xl/workbook.xml", r"<extLst>.*?</extLst>", "")
    _put(parts, "xl/workbook.xml", r"<mc:AlternateContent.*?</mc:AlternateContent>", "")
    _put(parts, "docProps/core.xml", r"<dc:creator>[^<]*<", "<dc:creator>Tieout<")
    _put(parts, "docProps/core.xml", r"<cp:lastModifiedBy>[^<]*<", "<cp:lastModifiedBy>Tieout<")


def _put(parts: dict[str, bytes], name: str, pattern: str, replacement: str | Callable[[re.Match[str]], str]) -> None:
    """Replaces what the pattern finds exactly once in a part; TemplateChanged where it does not."""
    text = parts.get(name, b"").decode("utf-8")
    new, count = re.subn(pattern, replacement, text, flags=re.S)
    if count != 1:
        raise changed(f"its template's part {name} is not as expected")
    parts[name] = new.encode("utf-8")


def _package(parts: Mapping[str, bytes]) -> bytes:
    names = [*FIRST_PARTS, *sorted(parts.keys() - set(FIRST_PARTS))]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name in names:
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system, info.external_attr = 0, 0  # the same on every system
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, parts[name])
    return stream.getvalue()
