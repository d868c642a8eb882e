"""Hostile and damaged files, made out of an issued workbook."""

import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

Parts = dict[str, bytes]
Change = Callable[[Parts], None]
CFB = bytes.fromhex("d0cf11e0a1b11ae1")
SHEET, STRINGS, TYPES = "xl/worksheets/sheet3.xml", "xl/sharedStrings.xml", "[Content_Types].xml"
RELATIONS = "xl/worksheets/_rels/sheet3.xml.rels"
LAUGHS = "<!DOCTYPE a [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)) + "]>"
XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def parts_of(path: Path) -> Parts:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


def with_start(name: str, text: str) -> Change:
    """A text behind the XML declaration of a part."""

    def change(parts: Parts) -> None:
        head, _, rest = parts[name].partition(b"?>")
        parts[name] = head + b"?>" + text.encode() + rest

    return change


def with_part(name: str, content: bytes = b"x", kind: str = "") -> Change:
    def change(parts: Parts) -> None:
        parts[name] = content
        if kind:
            override = f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'.encode()
            parts[TYPES] = parts[TYPES].replace(b"</Types>", override)

    return change


def with_main_type(kind: str) -> Change:
    def change(parts: Parts) -> None:
        own = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        parts[TYPES] = parts[TYPES].replace(own, kind.encode())

    return change


def with_cells(cells: str) -> Change:
    """More rows behind those of a sheet."""

    def change(parts: Parts) -> None:
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", cells.encode() + b"</sheetData>")

    return change


def with_relation(kind: str, target: str, mode: str = "External") -> Change:
    def change(parts: Parts) -> None:
        relation = f'<Relationship Id="rId99" Type="http://x/relationships/{kind}" Target="{target}" TargetMode="{mode}"/>'
        parts[RELATIONS] = parts[RELATIONS].replace(b"</Relationships>", relation.encode() + b"</Relationships>")

    return change


def replaced(name: str, pattern: bytes, by: bytes) -> Change:
    def change(parts: Parts) -> None:
        parts[name], count = re.subn(pattern, lambda _: by, parts[name], count=1)
        assert count

    return change


def as_utf_16(name: str) -> Change:
    def change(parts: Parts) -> None:
        parts[name] = parts[name].decode().replace("UTF-8", "UTF-16").encode("utf-16")

    return change


def with_bomb(size: int) -> Change:
    """A part that unpacks to `size` bytes of one letter."""
    return with_part("xl/media/image9.xml", b" " * size)


def nested(parts: Parts) -> None:
    """A zip of zips, each of which unpacks to a hundred megabytes."""
    inner = zipped({f"{n}.xml": b" " * 10_000_000 for n in range(10)})
    parts["xl/media/inner.zip"] = inner


def stated(data: bytes, name: str, size: int) -> bytes:
    """The file with another size of a part in its directory and before its data."""
    made = bytearray(data)
    place = made.rindex(b"PK\1\2", 0, made.rindex(name.encode()))
    struct.pack_into("<L", made, place + 24, size)
    (local,) = struct.unpack_from("<L", made, place + 42)
    struct.pack_into("<L", made, local + 22, size)
    return bytes(made)


def overlapping(data: bytes) -> bytes:
    """Two parts of the directory that share their data: the last one starts where the first one does."""
    made = bytearray(data)
    places = [found.start() for found in re.finditer(b"PK\1\2", data)]
    struct.pack_into("<L", made, places[-1] + 42, struct.unpack_from("<L", made, places[0] + 42)[0])
    return bytes(made)


def twice(parts: Parts, name: str) -> bytes:
    """A file whose directory names a part a second time, in other letters."""
    return zipped({**parts, name.upper(): parts[name]})


def many_parts(count: int) -> bytes:
    return zipped({f"xl/media/{n}.png": b"" for n in range(count)})


def ods() -> bytes:
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"})
