"""The small parts of a returned workbook, read as XML once they are known to be harmless: what there is, and where it points."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from xml.parsers import expat

from workbooks.gate_archive import Archive
from workbooks.gate_limits import LONGEST_TEXT, MIB
from workbooks.gate_parts import refuse_content_type, refuse_relation
from workbooks.sheet_scan import WorkbookRefused, column_number

Start = Callable[[str, dict[str, str]], object]
_BOOK, _TYPES = "xl/workbook.xml", "[Content_Types].xml"
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']*)""")
_REMARK, _ELEMENT = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL), re.compile(rb"<[A-Za-z_]")
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?\d{1,7})?")
_DAMAGED = "is damaged ({}): open it in a spreadsheet program, save it again and send that."


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet and the part that holds it."""

    name: str
    part: str


@dataclass(frozen=True, slots=True)
class Table:
    """An Excel table of the file: its name, its sheet, the row of its header and its columns, from 0."""

    name: str
    sheet: str
    header_row: int
    first_column: int
    last_column: int


def checked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a part that is markup: UTF-8, without a document type, and without a text longer than any cell's."""
    start, begun, run = b"", False, 0
    for piece in pieces:
        if not begun:  # a document type stands before the first element or nowhere
            _refuse_encoding(start or piece)
            start += piece
            begun = _refuse_document_type(start)
        run = run + len(piece) if (found := piece.rfind(b"<")) < 0 else len(piece) - found
        if run > 2 * LONGEST_TEXT:
            raise WorkbookRefused("holds a text longer than a cell can: send the workbook as saved, without additions.")
        yield piece


def _refuse_document_type(start: bytes) -> bool:
    """Whether the first element has begun; WorkbookRefused where a document type comes before it, or a flood of remarks."""
    if b"<!DOCTYPE" in start:
        raise WorkbookRefused("holds a document type declaration, which no spreadsheet program writes: send the workbook as saved.")
    bare = _REMARK.sub(b"", start)
    if len(start) > 16 * MIB:
        raise WorkbookRefused(_DAMAGED.format("it starts with megabytes of remarks"))
    return _ELEMENT.search(bare) is not None


def _refuse_encoding(piece: bytes) -> None:
    named = _ENCODING.match(piece.removeprefix(b"\xef\xbb\xbf"))
    if b"\0" in piece[:200] or (named and named[1].lower() not in (b"utf-8", b"us-ascii")):
        raise WorkbookRefused(
            "is not written in UTF-8, as spreadsheet programs write: open it, save it as an Excel workbook (.xlsx) and send that."
        )


def elements(archive: Archive, name: str) -> list[tuple[str, dict[str, str]]]:
    """Every element of a small part with its attributes, names without their prefixes; a relation's id is named `:id`."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        found.append((tag.rpartition(":")[2], attributes | {":id": relation}))

    parse(b"".join(checked([archive.read(name)])), start)
    return found


def parse(data: bytes, start: Start, end: object = None, text: object = None) -> None:
    """One pass over a part that is known to hold no document type."""
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text  # type: ignore[assignment]
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise WorkbookRefused(_DAMAGED.format(error)) from None


def refuse_relations(archive: Archive) -> None:
    """Every relation of every part, and what the package says its parts are."""
    if _TYPES not in archive.parts:
        raise WorkbookRefused(_DAMAGED.format("it does not say what its parts are"))
    types = [(found, given) for found, given in elements(archive, _TYPES) if found in ("Override", "Default")]
    for _, given in types:
        refuse_content_type(given.get("PartName", ""), given.get("ContentType", ""))
    if not any(given.get("PartName", "").casefold() == f"/{_BOOK}" for _, given in types):
        raise WorkbookRefused(_DAMAGED.format("it does not say that it is a workbook"))
    for name in archive.parts:
        if name.endswith(".rels"):
            for found, given in elements(archive, name):
                if found == "Relationship":
                    refuse_relation(given.get("Type", ""), given.get("Target", ""), given.get("TargetMode", ""))


def sheet_parts(archive: Archive) -> list[SheetPart]:
    """The worksheets in the order of their tabs."""
    targets = _targets(archive, _BOOK)
    sheets = [(given.get("name", ""), targets.get(given[":id"], "")) for tag, given in elements(archive, _BOOK) if tag == "sheet"]
    found = [SheetPart(name, part) for name, part in sheets if part in archive.parts and "/worksheets/" in part]
    if len({one.name.casefold() for one in found}) < len(found) or len({one.part for one in found}) < len(found):
        raise WorkbookRefused(_DAMAGED.format("two sheets are the same"))
    return found


def tables_of(archive: Archive, sheet: SheetPart) -> list[Table]:
    """The tables of a sheet, from their own parts."""
    found = []
    for part in _targets(archive, sheet.part).values():
        if "/tables/" in part and part in archive.parts:
            given = next((given for tag, given in elements(archive, part) if tag == "table"), {})
            area = _AREA.fullmatch(given.get("ref", ""))
            if area:
                name = given.get("displayName") or given.get("name", "")
                columns = column_number(area[1]), column_number(area[3] or area[1])
                found.append(Table(name, sheet.name, int(area[2]) - 1, *columns))
    return found


def _targets(archive: Archive, part: str) -> dict[str, str]:
    """The parts that a part's relations name, by the relation's id."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive.parts:
        return {}
    return {given.get("Id", ""): _resolved(folder, given.get("Target", "")) for _, given in elements(archive, relations)}


def _resolved(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
