"""What may stand in a returned workbook: what carries out something, fetches something or hides a file in it may not."""

import re
from collections.abc import Iterable

from workbooks.sheet_scan import WorkbookRefused

_SAVE = "save it as an Excel workbook (.xlsx) and send that."
_FORBIDDEN = (
    (r"vbaproject|vbadata|/macrosheets/|/dialogsheets/", f"holds macros: {_SAVE}"),
    (r"/activex/", f"holds ActiveX controls: delete them, {_SAVE}"),
    (r"/embeddings/|oleobject", f"holds an embedded file or object: delete it, {_SAVE}"),
    (r"/externallinks/", f"takes values from another file: under Data, Edit Links, break the links, {_SAVE}"),
    (r"/connections\.xml|/querytables/|/model/|/customdata/", f"holds a connection to data elsewhere: delete it, {_SAVE}"),
    (r"/webextensions/|/webextensions$", f"holds an Office add-in: remove it from the workbook, {_SAVE}"),
    (r"customui|/userCustomization/", f"changes Excel's own menus: {_SAVE}"),
)
_SENTENCES = tuple((re.compile(f"(?i){pattern}"), sentence) for pattern, sentence in _FORBIDDEN)
_ENDINGS = (
    "xml", "rels", "vml", "png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "emf", "wmf", "svg", "wdp", "psmdcp",
)  # fmt: skip
_PRINTER = re.compile(r"(?i)xl/printersettings/[^/]+\.bin")
_LINKS = ("http://", "https://", "mailto:")
MARKUP = ("xml", "rels", "vml")
"""Endings of parts that are markup, whoever reads them."""


def refuse_parts(names: Iterable[str]) -> None:
    """By the names of the parts: WorkbookRefused names what the person is to remove."""
    for name in names:
        for pattern, sentence in _SENTENCES:
            if pattern.search(f"/{name}"):
                raise WorkbookRefused(sentence)
        if not name.endswith("/") and ending(name) not in _ENDINGS and not _PRINTER.fullmatch(name):
            raise WorkbookRefused(f"holds {name[:80]}, which is no part of a workbook: open it, {_SAVE}")


def refuse_relation(kind: str, target: str, mode: str) -> None:
    """A relation out of the file: a link that a person typed is harmless, for nothing follows it; the rest fetches."""
    said = f"{kind} {target}"
    for pattern, sentence in _SENTENCES:
        if pattern.search(said.partition(" ")[0] if mode == "External" else said):
            raise WorkbookRefused(sentence)
    if mode != "External":
        return
    if not kind.endswith("/hyperlink"):
        raise WorkbookRefused(f"fetches something from {target[:80]}: delete the picture or object that does, {_SAVE}")
    if not target.lower().startswith(_LINKS):
        raise WorkbookRefused(f"holds a link to {target[:80]}: remove the link (only web and mail links may stay), {_SAVE}")


def refuse_content_type(part: str, kind: str) -> None:
    """By what the package says its parts are, so that another name hides nothing."""
    for pattern, sentence in _SENTENCES:
        if pattern.search(kind):
            raise WorkbookRefused(sentence)
    if "macroenabled" in kind.lower():
        raise WorkbookRefused(f"holds macros: {_SAVE}")
    if part.casefold() == "/xl/workbook.xml" and not kind.endswith("spreadsheetml.sheet.main+xml"):
        raise WorkbookRefused(f"says that it is a {kind.rpartition('.')[2][:40] or 'nothing'}, not a workbook: open it, {_SAVE}")


def ending(name: str) -> str:
    return name.rpartition(".")[2].lower()
