"""A zip archive as it lies on disk, read without the code that is tested: for comparing entries byte for byte."""

import struct
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Cell = tuple[tuple[tuple[str, str], ...], str]
"""Attributes and content."""


def raw_entries(path: Path) -> dict[str, tuple[bytes, bytes]]:
    """Of each entry, in the order of the directory: its local header with name and extra fields, and everything behind it up to
    the next one: the packed data, and what describes it.
    """
    data, made = path.read_bytes(), {}
    with zipfile.ZipFile(path) as archive:
        begins = sorted([*(info.header_offset for info in archive.infolist()), archive.start_dir])
        for info in archive.infolist():
            name, extra = struct.unpack_from("<2H", data, info.header_offset + 26)
            begin, end = info.header_offset + 30 + name + extra, begins[begins.index(info.header_offset) + 1]
            made[info.filename] = data[info.header_offset : begin], data[begin:end]
    return made


def directory(path: Path) -> dict[str, tuple[object, ...]]:
    """What the directory says of each entry, but for its place."""
    with zipfile.ZipFile(path) as archive:
        return {
            i.filename: (
                i.date_time, i.create_system, i.create_version, i.extract_version, i.external_attr, i.internal_attr, i.flag_bits,
                _without_place(i.extra), i.comment, i.CRC, i.compress_size, i.file_size, i.compress_type,
            )
            for i in archive.infolist()
        }  # fmt: skip


def _without_place(extra: bytes) -> bytes:
    """Extra fields without the entry's place, which the one for large archives ends with."""
    return extra[:-8] if extra.startswith(b"\1\0\x18\0") else extra


def cells_and_rest(path: Path, part: str) -> tuple[dict[str, Cell], str]:
    """The cells of a sheet by address, and its XML without them."""
    with zipfile.ZipFile(path) as archive:
        root = ET.fromstring(archive.read(part))  # noqa: S314
    cells: dict[str, Cell] = {}
    for row in root.iter(f"{SPACE}row"):
        for cell in list(row):
            content = (cell.text or "") + "".join(ET.tostring(child, encoding="unicode") for child in cell)
            cells[cell.get("r", "")] = tuple(sorted(cell.attrib.items())), content
            row.remove(cell)
    return cells, ET.tostring(root, encoding="unicode")
