"""A VBA project (MS-OVBA): its modules as source text, taken out of a vbaProject.bin and put into one.

What is written is source alone, without compiled code, so that what an administrator reads is what Excel runs: the stream
_VBA_PROJECT is the seven bytes that the format prescribes for that, and Excel compiles the text when the file is opened.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from addin.compound_file import read_compound_file, write_compound_file
from addin.errors import Damaged
from addin.vba_compression import compress, decompress

ENCODING = "cp1252"
WITHOUT_COMPILED_CODE = bytes.fromhex("cc61ffff000100")
COOKIE = b"\xff\xff"

# Records of the stream "dir".
CODE_PAGE, NAME, VERSION, REFERENCE_NAME, MODULES, PROJECT_COOKIE, END = 0x03, 0x04, 0x09, 0x16, 0x0F, 0x13, 0x10
MODULE_NAME, MODULE_NAME_UNICODE, STREAM_NAME, STREAM_NAME_UNICODE = 0x19, 0x47, 0x1A, 0x32
DESCRIPTION, DESCRIPTION_UNICODE, OFFSET, HELP, MODULE_COOKIE = 0x1C, 0x48, 0x31, 0x1E, 0x2C
PROCEDURAL, CLASS, MODULE_END = 0x21, 0x22, 0x2B


class Kind(StrEnum):
    """How a module stands in the stream PROJECT."""

    DOCUMENT = "Document"  # behind a sheet or the workbook
    CLASS = "Class"
    STANDARD = "Module"


@dataclass(frozen=True, slots=True)
class Module:
    """One module; its source has the lines `Attribute VB_...` and ends its lines with CR LF."""

    name: str
    kind: Kind
    source: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project: its name, its modules, and what of its description is kept as it was."""

    name: str
    modules: tuple[Module, ...]
    head: tuple[tuple[int, bytes], ...]  # records before the modules, but for the name and the references
    references: tuple[tuple[str, tuple[tuple[int, bytes], ...]], ...]  # by the library's name
    protection: tuple[tuple[str, str], ...]  # ID, CMG, DPB, GC: they are computed from one another and stay together

    @property
    def sources(self) -> dict[str, str]:
        return {module.name: module.source for module in self.modules}

    def only(self, *libraries: str) -> "Project":
        """The same with no other references than these."""
        return replace(self, references=tuple(pair for pair in self.references if pair[0] in libraries))


def read_project(data: bytes) -> Project:
    """The project in a vbaProject.bin. Damaged where it is none."""
    streams = read_compound_file(data)
    if "PROJECT" not in streams or "VBA/dir" not in streams:
        raise Damaged("This file holds no VBA project.")
    text = streams["PROJECT"].decode(ENCODING)
    try:
        records = list(_records(decompress(streams["VBA/dir"])))
        split = next(at for at, (kind, _) in enumerate(records) if kind == MODULES)
        modules = tuple(_modules(records[split:], streams, _kinds(text)))
        lines = dict(re.findall(r"^(ID|CMG|DPB|GC)=(.*?)\r?$", text, re.M))
        name = next(value.decode(ENCODING) for kind, value in records if kind == NAME)
        protection = tuple((key, lines[key]) for key in ("ID", "CMG", "DPB", "GC"))
    except (struct.error, KeyError, StopIteration, UnicodeDecodeError) as error:
        raise Damaged("The VBA project's own description breaks off.") from error
    head, references = _head(records[:split])
    return Project(name, modules, head, references, protection)


def _records(directory: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(directory):
        kind, length = struct.unpack_from("<HI", directory, at)
        length = 6 if kind == VERSION else length  # its length field says 4, and it is 6
        yield kind, directory[at + 6 : at + 6 + length]
        at += 6 + length


Records = tuple[tuple[int, bytes], ...]


def _head(records: list[tuple[int, bytes]]) -> tuple[Records, tuple[tuple[str, Records], ...]]:
    """What describes the project itself, and its references. One reference may be named twice: its parts are kept apart."""
    head: list[tuple[int, bytes]] = []
    references: list[tuple[str, list[tuple[int, bytes]]]] = []
    for kind, value in records:
        if kind == REFERENCE_NAME:
            references.append((value.decode(ENCODING), []))
        if references:
            references[-1][1].append((kind, value))
        elif kind != NAME:
            head.append((kind, value))
    return tuple(head), tuple((name, tuple(parts)) for name, parts in references)


def _kinds(text: str) -> dict[str, Kind]:
    lines = re.findall(r"^(Document|Class|Module)=([^/\r\n]+)", text, re.M)
    return {name: Kind(kind) for kind, name in lines}


def _modules(records: list[tuple[int, bytes]], streams: dict[str, bytes], kinds: dict[str, Kind]) -> Iterator[Module]:
    found: dict[int, bytes] = {}
    for kind, value in records:
        found[kind] = value
        if kind != MODULE_END:
            continue
        name = found[MODULE_NAME].decode(ENCODING)
        (offset,) = struct.unpack("<I", found[OFFSET])
        stream = streams[f"VBA/{found[STREAM_NAME].decode(ENCODING)}"]
        yield Module(name, kinds[name], decompress(stream[offset:]).decode(ENCODING))
        found = {}


def write_project(project: Project) -> bytes:
    """The vbaProject.bin of the project, the same bytes for the same project. ValueError where a source has other letters than
    VBA's code page holds."""
    streams = {f"VBA/{module.name}": compress(_source(module)) for module in project.modules}
    streams["VBA/dir"] = compress(b"".join(_directory(project)))
    streams["VBA/_VBA_PROJECT"] = WITHOUT_COMPILED_CODE
    streams["PROJECT"] = _description(project).encode(ENCODING)
    names = (module.name for module in project.modules)
    streams["PROJECTwm"] = b"".join(_bytes(n) + b"\0" + n.encode("utf-16-le") + b"\0\0" for n in names) + b"\0\0"
    return write_compound_file(streams)


def _source(module: Module) -> bytes:
    return _bytes(re.sub(r"\r\n?|\n", "\r\n", module.source))


def _bytes(text: str) -> bytes:
    return text.encode(ENCODING)


def _record(kind: int, value: bytes = b"") -> bytes:
    length = 4 if kind == VERSION else len(value)
    return struct.pack("<HI", kind, length) + value


def _directory(project: Project) -> Iterator[bytes]:
    for kind, value in project.head:
        yield _record(kind, value)
        if kind == CODE_PAGE:
            yield _record(NAME, _bytes(project.name))
    yield from (_record(*part) for _, parts in project.references for part in parts)
    yield _record(MODULES, struct.pack("<H", len(project.modules))) + _record(PROJECT_COOKIE, COOKIE)
    for module in project.modules:
        yield from _module_records(module)
    yield _record(END)


def _module_records(module: Module) -> Iterator[bytes]:
    name, unicode_name = _bytes(module.name), module.name.encode("utf-16-le")
    yield _record(MODULE_NAME, name) + _record(MODULE_NAME_UNICODE, unicode_name)
    yield _record(STREAM_NAME, name) + _record(STREAM_NAME_UNICODE, unicode_name)
    yield _record(DESCRIPTION) + _record(DESCRIPTION_UNICODE)
    yield _record(OFFSET, bytes(4)) + _record(HELP, bytes(4)) + _record(MODULE_COOKIE, COOKIE)
    yield _record(PROCEDURAL if module.kind is Kind.STANDARD else CLASS) + _record(MODULE_END)


def _description(project: Project) -> str:
    """The stream PROJECT. MS-OVBA 2.3.1."""
    protection = dict(project.protection)
    ending = {Kind.DOCUMENT: "/&H00000000"}
    lines = [
        f"ID={protection['ID']}",
        *(f"{module.kind}={module.name}{ending.get(module.kind, '')}" for module in project.modules),
        f'Name="{project.name}"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        *(f"{key}={protection[key]}" for key in ("CMG", "DPB", "GC")),
        "",
        "[Host Extender Info]",
        "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000",
        "",
        "[Workspace]",
        *(f"{module.name}=0, 0, 0, 0, C" for module in project.modules),
    ]
    return "".join(f"{line}\r\n" for line in lines)
