"""Which part of a workbook holds which of its sheets."""

import posixpath
import zipfile
from typing import Any
from xml.parsers import expat

from workbooks.sheet_scan import WorkbookRefused


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _parse(data: bytes, start: Any, end: Any = None, text: Any = None) -> None:
    """One pass over a part; a document type is refused, for ours has none and others attack with it."""
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise WorkbookRefused(
            "The file holds a document type declaration, which no spreadsheet program writes: send the workbook as saved."
        )

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise WorkbookRefused(
            f"The file is damaged ({error}): open it in a spreadsheet program, save it again and send that."
        ) from None


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of every worksheet, by the sheet's name."""
    sheets: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            relation = next((value for name, value in attributes.items() if _local(name) == "id" and ":" in name), "")
            sheets[attributes.get("name", "")] = relation

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _parse(archive.read("xl/workbook.xml"), sheet)
    _parse(archive.read("xl/_rels/workbook.xml.rels"), relation)
    parts = {name: _resolved(targets.get(found, "")) for name, found in sheets.items()}
    known = set(archive.namelist())
    return {name: part for name, part in parts.items() if part in known and "/worksheets/" in part}


def _resolved(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
