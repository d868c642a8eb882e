"""The file as a package of parts: opened without trusting it, each part read as a stream."""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from workbooks.checker.names import Short
from workbooks.sheet_scan import WorkbookRefused

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_CHUNK = 1 << 16

LARGEST_PARTS = 200 * 1024 * 1024
MOST_PACKED = 40
"""Beyond the size that any workbook may have, a file may unpack to this many times what it takes."""


class IllFormedError(Exception):
    """A part is no XML that Excel reads; the message says where and why."""


class Package:
    """The parts of one file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.parts = {entry.filename.lstrip("/"): entry for entry in archive.infolist() if not entry.is_dir()}

    def stream(self, part: str, prepare: Callable[[Any, Short], None]) -> None:
        """Parses a part piece by piece; `prepare` sets the parser's handlers. IllFormedError where it cannot be read."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_document_type
        prepare(parser, Short())
        try:
            with self.archive.open(self.parts[part]) as file:
                while chunk := file.read(_CHUNK):
                    parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError) as error:  # the latter for an encoding that nobody knows
            raise IllFormedError(f"it is no well-formed XML ({error})") from None

    def tree(self, part: str) -> Element:
        """A small part as a whole, its names shortened."""
        builder = TreeBuilder()

        def prepare(parser: Any, short: Short) -> None:
            parser.StartElementHandler, parser.EndElementHandler = into(builder, short)
            parser.CharacterDataHandler = builder.data

        self.stream(part, prepare)
        return builder.close()


def into(builder: TreeBuilder, short: Short) -> tuple[Callable[[str, dict[str, str]], None], Callable[[str], None]]:
    """Handlers that build a tree of shortened names."""

    def start(name: str, attributes: dict[str, str]) -> None:
        builder.start(short[name], {short[key]: value for key, value in attributes.items()})

    def end(name: str) -> None:
        builder.end(short[name])

    return start, end


def _refuse_document_type(*_: object) -> None:
    raise IllFormedError("it holds a document type declaration, which no spreadsheet program writes")


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """The file's package; WorkbookRefused in one sentence where there is none, also when a part turns out damaged."""
    try:
        with path.open("rb") as file:
            if file.read(8) == _OLE:
                raise WorkbookRefused(
                    f"{path.name} is encrypted or in the old .xls format: save it as .xlsx without a password, then check that."
                )
            with zipfile.ZipFile(file) as archive:
                refuse_too_large(archive)
                yield Package(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise WorkbookRefused(f"{path.name} is not a readable Excel workbook ({error}): fetch or save it once more.") from error


def refuse_too_large(archive: zipfile.ZipFile) -> None:
    """Before anything is unpacked: the sizes that the archive states. A large workbook packs far less well than a bomb.

    No part unpacks to more than it states: the archive's reader stops there, and then its check sum is wrong.
    """
    unpacked = sum(entry.file_size for entry in archive.infolist())
    packed = sum(entry.compress_size for entry in archive.infolist())
    if unpacked > max(LARGEST_PARTS, packed * MOST_PACKED):
        raise WorkbookRefused(
            f"The file unpacks to more than {LARGEST_PARTS // 1024**2} MB: send the workbook that was issued, without additions."
        )
