"""The package itself: no part twice, each of a type that is stated, the whole of the kind that its name says."""

from collections import Counter
from pathlib import Path
from xml.etree.ElementTree import Element

from workbooks.checker.faults import Note
from workbooks.checker.package import Package

CONTENT_TYPES = "[Content_Types].xml"
_SHEET_ML = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_MACRO = "application/vnd.ms-excel."
_OF_FILE = {
    ".xlsx": f"{_SHEET_ML}sheet.main+xml",
    ".xlsm": f"{_MACRO}sheet.macroEnabled.main+xml",
    ".xltx": f"{_SHEET_ML}template.main+xml",
    ".xltm": f"{_MACRO}template.macroEnabled.main+xml",
    ".xlam": f"{_MACRO}addin.macroEnabled.main+xml",
}
OF_RELATIONSHIP = {
    "worksheet": f"{_SHEET_ML}worksheet+xml",
    "chartsheet": f"{_SHEET_ML}chartsheet+xml",
    "sharedStrings": f"{_SHEET_ML}sharedStrings+xml",
    "styles": f"{_SHEET_ML}styles+xml",
    "table": f"{_SHEET_ML}table+xml",
    "calcChain": f"{_SHEET_ML}calcChain+xml",
    "comments": f"{_SHEET_ML}comments+xml",
    "theme": "application/vnd.openxmlformats-officedocument.theme+xml",
    "drawing": "application/vnd.openxmlformats-officedocument.drawing+xml",
    "chart": "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
    "core-properties": "application/vnd.openxmlformats-package.core-properties+xml",
    "extended-properties": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
    "custom-properties": "application/vnd.openxmlformats-officedocument.custom-properties+xml",
}


class ContentTypes:
    """The type of each part."""

    def __init__(self, root: Element) -> None:
        self._parts = {one.get("PartName", "").lstrip("/").casefold(): one.get("ContentType", "") for one in root.iter("Override")}
        self._endings = {one.get("Extension", "").casefold(): one.get("ContentType", "") for one in root.iter("Default")}

    def of(self, part: str) -> str | None:
        ending = part.rpartition("/")[2].rpartition(".")[2]
        return self._parts.get(part.casefold()) or self._endings.get(ending.casefold())


def check_entries(package: Package, note: Note) -> None:
    """The archive's own entries."""
    names = Counter(entry.filename.lstrip("/").casefold() for entry in package.archive.infolist())
    for name, count in names.items():
        if count > 1:
            note(name, f"the archive holds this part {count} times", "keep one of them")
    for part in package.parts:
        if "\\" in part:
            note(part, "its name holds a backslash", "name parts with forward slashes")


def check_types(package: Package, types: ContentTypes, note: Note) -> None:
    """Every part has a type."""
    for part in package.parts:
        if part != CONTENT_TYPES and types.of(part) is None:
            note(part, "no content type is stated for this part", f"add it to {CONTENT_TYPES}")


def check_kind(path: Path, workbook: str, types: ContentTypes, note: Note) -> None:
    """The file's ending says what the workbook is."""
    wanted, found = _OF_FILE.get(path.suffix.casefold()), types.of(workbook)
    if wanted and found and found != wanted:
        note(
            workbook,
            f"its content type is {found}, which is not that of {path.suffix}",
            "rename the file, or state the type that fits",
        )
