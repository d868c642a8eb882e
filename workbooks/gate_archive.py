"""The zip of a returned workbook, read distrustfully: what its directory states must be what stands in the file."""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from isal import isal_zlib

from workbooks.gate_limits import MIB, MOST_PACKED, Limits
from workbooks.sheet_scan import WorkbookRefused

CHUNK = 256 * 1024
"""Bytes that are held unpacked at a time."""
_DAMAGED = "is not a readable Excel workbook: open it, save it as an Excel workbook (.xlsx) and send that."
_TOO_LARGE = "unpacks to far more than was issued: send the workbook that was issued, without additions."
_END, _END_64, _LOCAL = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4s22xHH")
_MOST_OF_A_NAME = 1_000
_NOT_DEFLATED: tuple[type[Exception], ...] = (zlib.error, getattr(isal_zlib, "error", zlib.error))


@dataclass(frozen=True, slots=True)
class Part:
    """One part as the directory states it."""

    name: str
    start: int  # of its data
    packed: int
    unpacked: int
    check_sum: int
    deflated: bool


class Archive:
    """The parts of an open file. Nothing was unpacked yet; what is unpacked later is held against what was stated."""

    def __init__(self, file: BinaryIO, parts: Mapping[str, Part]) -> None:
        self._file, self.parts = file, parts

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part unpacked, in pieces of bounded size; WorkbookRefused where it is not what the directory states."""
        part = self.parts[name]
        size, check_sum = 0, 0
        for piece in self._pieces(part):
            size += len(piece)
            if size > part.unpacked:
                raise WorkbookRefused(_TOO_LARGE)
            check_sum = isal_zlib.crc32(piece, check_sum)
            yield piece
        if (size, check_sum) != (part.unpacked, part.check_sum):
            raise WorkbookRefused(_DAMAGED)

    def read(self, name: str, most: int = 16 * MIB) -> bytes:
        """The whole part; WorkbookRefused where it is larger than that kind of part ever is."""
        if self.parts[name].unpacked > most:
            raise WorkbookRefused(_TOO_LARGE)
        return b"".join(self.chunks(name))

    def _pieces(self, part: Part) -> Iterator[bytes]:
        inflate, place, end = isal_zlib.decompressobj(-zlib.MAX_WBITS), part.start, part.start + part.packed
        try:
            while place < end:
                self._file.seek(place)
                data = self._file.read(min(CHUNK // 4, end - place))
                if not data:
                    raise WorkbookRefused(_DAMAGED)
                place += len(data)
                if not part.deflated:
                    yield data
                    continue
                while data and not inflate.eof:
                    piece = inflate.decompress(data, CHUNK)
                    data = inflate.unconsumed_tail
                    if piece:
                        yield piece
            if part.deflated and not inflate.eof:
                raise WorkbookRefused(_DAMAGED)
        except _NOT_DEFLATED as error:
            raise WorkbookRefused(_DAMAGED) from error


def open_archive(file: BinaryIO, limits: Limits) -> Archive:
    """The parts of a file; WorkbookRefused where the directory is damaged, lies about its places, or states too much."""
    size = file.seek(0, 2)
    if size > limits.packed:
        raise WorkbookRefused("is far larger than what was issued: send the workbook that was issued, without additions.")
    directory = _check_end(file, size, limits)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError, UnicodeDecodeError) as error:
        raise WorkbookRefused(_DAMAGED) from error
    _check_names([entry.orig_filename for entry in entries])
    _check_sizes(entries, limits)
    parts, ends = {}, directory
    for entry in sorted(entries, key=lambda one: one.header_offset, reverse=True):
        parts[entry.filename] = part = _part(file, entry)
        if part.start + part.packed > ends:
            raise WorkbookRefused(_DAMAGED)
        ends = entry.header_offset
    return Archive(file, {entry.filename: parts[entry.filename] for entry in entries})


def _check_end(file: BinaryIO, size: int, limits: Limits) -> int:
    """Where the directory starts. It must be the only one, end the file, and not be too long."""
    file.seek(max(0, size - _END.size - 76))
    tail = file.read()
    if len(tail) < _END.size:
        raise WorkbookRefused(_DAMAGED)
    mark, disk, first_disk, _, count, length, start, comment = _END.unpack(tail[-_END.size :])
    stands = size - _END.size
    if tail[:4] == b"PK\6\6" and tail[56:60] == b"PK\6\7":  # written by some programs whatever the size
        *_, count, length, start = _END_64.unpack(tail[:56])
        stands = size - len(tail)
    if mark != b"PK\5\6" or disk or first_disk or comment or start + length != stands:
        raise WorkbookRefused(_DAMAGED)
    if count > limits.parts or length > limits.parts * _MOST_OF_A_NAME:
        raise WorkbookRefused(
            f"holds {count:,} parts, more than any workbook of ours: send the workbook that was issued, without additions."
        )
    return int(start)


def _check_names(names: list[str]) -> None:
    for name in names:
        steps = name.split("/")
        odd = name.startswith("/") or ".." in steps or any(c in name for c in "\\:\0") or not name.isprintable()
        if odd or len(name) > _MOST_OF_A_NAME // 2:
            raise WorkbookRefused(
                "holds a part whose name leads out of the file, which no spreadsheet program writes: send the workbook as saved."
            )
    if len({name.casefold() for name in names}) < len(names):
        raise WorkbookRefused("holds the same part twice: open it, save it as an Excel workbook (.xlsx) and send that.")


def _check_sizes(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if any(entry.flag_bits & 1 for entry in entries):
        raise WorkbookRefused("is encrypted: remove its password, save it as an Excel workbook (.xlsx) and send that.")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise WorkbookRefused(_DAMAGED)
    if sum(entry.file_size for entry in entries) > limits.unpacked:
        raise WorkbookRefused(_TOO_LARGE)
    if any(entry.file_size > max(8 * MIB, MOST_PACKED * entry.compress_size) for entry in entries):
        raise WorkbookRefused(_TOO_LARGE)


def _part(file: BinaryIO, entry: zipfile.ZipInfo) -> Part:
    """With the place of its data; what stands there must bear the same name."""
    file.seek(entry.header_offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size:
        raise WorkbookRefused(_DAMAGED)
    mark, name, extra = _LOCAL.unpack(head)
    stated = entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437")
    if mark != b"PK\3\4" or file.read(name) != stated:
        raise WorkbookRefused(_DAMAGED)
    start = entry.header_offset + _LOCAL.size + name + extra
    deflated = entry.compress_type == zipfile.ZIP_DEFLATED
    return Part(entry.filename, start, entry.compress_size, entry.file_size, entry.CRC, deflated)
