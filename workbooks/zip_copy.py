"""Copies a zip archive entry by entry, as it is packed: what is not changed keeps every byte of its headers and its data.

For files that somebody else wrote: their order, names, times, descriptors and extra fields stay. A changed entry keeps its name,
time and attributes, and is packed anew.
"""

import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

try:
    from isal import isal_zlib as deflating

    LEVEL = 2
except ImportError:  # pragma: no cover - a platform that it is not built for
    import zlib as deflating  # type: ignore[no-redef]

    LEVEL = 6

_Damaged = cast(type[Exception], deflating.error)

Rewrite = Callable[[Iterator[bytes]], Iterable[bytes]]
"""Given what an entry holds, unpacked and piece by piece; answers what it is to hold."""

PIECE = 1 << 20
_LARGEST = (1 << 32) - 1
_MOST = (1 << 16) - 1
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_END = struct.Struct("<4s4H2IH")
_ZIP64 = 1
_ENCRYPTED, _DESCRIBED_BEHIND = 1, 8


class NotRecognised(Exception):  # noqa: N818 - named by what happened
    """The file is built in a way that is not understood for certain, so it is not changed; the message says what is odd."""


@dataclass(slots=True)
class _Entry:
    """One entry as the archive's directory lists it. Sizes in bytes."""

    info: zipfile.ZipInfo
    record: bytes  # of the directory, with name, extra fields and comment

    def moved(self, offset: int) -> bytes:
        """The same record for an entry that begins elsewhere."""
        made = bytearray(self.record)
        if made[42:46] != b"\xff\xff\xff\xff":
            struct.pack_into("<I", made, 42, offset)
        else:
            struct.pack_into("<Q", made, self._wide_offset(), offset)
        return bytes(made)

    def _wide_offset(self) -> int:
        """Where the extra field for large archives holds the offset: behind those sizes that it holds too."""
        fields: tuple[int, ...] = _CENTRAL.unpack_from(self.record)
        at, end = _CENTRAL.size + fields[10], _CENTRAL.size + fields[10] + fields[11]
        while at + 4 <= end:
            kind, size = struct.unpack_from("<2H", self.record, at)
            before = 8 * [fields[8], fields[9]].count(_LARGEST)
            if kind == _ZIP64 and size >= before + 8:
                return at + 4 + before
            at += 4 + size
        raise NotRecognised(f"{self.info.filename} has no offset")


def copy_archive(source: Path, target: Path, rewrites: Mapping[str, Rewrite]) -> None:
    """Writes the archive to `target` with the named entries rewritten. NotRecognised, OSError: `target` is not whole then."""
    with zipfile.ZipFile(source) as archive, source.open("rb") as file, target.open("xb") as out:
        entries = _entries(archive, file)
        moved: dict[int, bytes] = {}
        for entry in sorted(entries, key=lambda one: one.info.header_offset):
            offset, rewrite = _position(out), rewrites.get(entry.info.filename)
            if rewrite is None:
                _copy(file, out, entry.info.header_offset, _length(file, entry.info))
                moved[id(entry)] = entry.moved(offset)
            else:
                moved[id(entry)] = _rewritten(file, out, entry, rewrite)
        begin = _position(out)
        out.writelines(moved[id(entry)] for entry in entries)
        size, count = _position(out) - begin, len(entries)
        out.write(_END.pack(b"PK\5\6", 0, 0, count, count, size, begin, len(archive.comment)) + archive.comment)


def _position(out: BinaryIO) -> int:
    if out.tell() >= _LARGEST:
        raise NotRecognised("the file is larger than 4 GB")
    return out.tell()


def _entries(archive: zipfile.ZipFile, file: BinaryIO) -> list[_Entry]:
    """Every entry in the directory's order."""
    found = archive.infolist()
    names = {info.filename for info in found}
    if len(names) != len(found) or len(found) >= _MOST:
        raise NotRecognised("two of its parts have one name")
    file.seek(archive.start_dir)
    return [_Entry(info, _record(file, info)) for info in found]


def _record(file: BinaryIO, info: zipfile.ZipInfo) -> bytes:
    fixed = file.read(_CENTRAL.size)
    fields = _CENTRAL.unpack(fixed)
    if fields[0] != b"PK\1\2" or max(info.compress_size, info.file_size) >= _LARGEST:
        raise NotRecognised(f"{info.filename} is listed oddly")
    return fixed + file.read(sum(fields[10:13]))


def _local(file: BinaryIO, info: zipfile.ZipInfo) -> tuple[tuple[int, ...], bytes, bytes]:
    """The entry's own header: its fields, name and extra fields. The file stands at the data then."""
    file.seek(info.header_offset)
    signature, *fields = _LOCAL.unpack(file.read(_LOCAL.size))
    if signature != b"PK\3\4":
        raise NotRecognised(f"{info.filename} is not where the directory says")
    return tuple(fields), file.read(fields[-2]), file.read(fields[-1])


def _length(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Of header, data and what may stand behind them."""
    fields, _, _ = _local(file, info)
    length = _LOCAL.size + fields[-2] + fields[-1] + info.compress_size
    if not fields[1] & _DESCRIBED_BEHIND:
        return length
    file.seek(info.header_offset + length)
    behind = file.read(24)
    for form in ("<I2Q", "<3I"):
        described = struct.pack(form, info.CRC, info.compress_size, info.file_size)
        for start in (b"PK\7\10", b""):
            if behind.startswith(start + described):
                return length + len(start + described)
    raise NotRecognised(f"{info.filename} is described oddly")


def _copy(file: BinaryIO, out: BinaryIO, begin: int, length: int) -> None:
    file.seek(begin)
    while length:
        piece = file.read(min(length, PIECE))
        if not piece:
            raise NotRecognised("the file ends too early")
        out.write(piece)
        length -= len(piece)


def _rewritten(file: BinaryIO, out: BinaryIO, entry: _Entry, rewrite: Rewrite) -> bytes:
    """Packs an entry's new content behind a header like its own; the record for the directory."""
    info, offset = entry.info, _position(out)
    (needed, flags, _, time, date, *_), name, extra = _local(file, info)
    if flags & _ENCRYPTED or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotRecognised(f"{info.filename} is packed in a way that few programs read")
    flags, extra = flags & ~_DESCRIBED_BEHIND, _without_sizes(extra)
    out.write(bytes(_LOCAL.size) + name + extra)
    sums = _pack(out, rewrite(_unpacked(file, info)))
    if max(sums) > _LARGEST:
        raise NotRecognised(f"{info.filename} is larger than 4 GB")
    end = out.tell()
    out.seek(offset)
    out.write(_LOCAL.pack(b"PK\3\4", needed, flags, zipfile.ZIP_DEFLATED, time, date, *sums, len(name), len(extra)))
    out.seek(end)
    return _new_record(entry.record, flags, sums, offset)


def _pack(out: BinaryIO, pieces: Iterable[bytes]) -> tuple[int, int, int]:
    """Check sum, packed and unpacked size of what was written."""
    packer = deflating.compressobj(LEVEL, deflating.DEFLATED, -15)
    check = size = 0
    begin = out.tell()
    for piece in pieces:
        check, size = deflating.crc32(piece, check), size + len(piece)
        out.write(packer.compress(piece))
    out.write(packer.flush())
    return check, out.tell() - begin, size


def _unpacked(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """What the entry holds; the file stands at its data. It is as long as it says, or not used."""
    unpacker = deflating.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
    left, check, size = info.compress_size, 0, 0
    while left:
        packed = file.read(min(left, PIECE // 4))
        left -= len(packed) or left
        for piece in _pieces(unpacker, packed):
            check, size = deflating.crc32(piece, check), size + len(piece)
            if size > info.file_size:
                raise NotRecognised(f"{info.filename} holds more than it states")
            yield piece
    if (size, check) != (info.file_size, info.CRC):
        raise NotRecognised(f"{info.filename} is damaged")


def _pieces(unpacker: Any, packed: bytes) -> Iterator[bytes]:
    """What the packed bytes come to, of which the unpacker may hold some back for a moment."""
    if unpacker is None:
        yield packed
        return
    try:
        while piece := unpacker.decompress(packed, PIECE):
            packed = unpacker.unconsumed_tail
            yield piece
    except _Damaged as error:
        raise NotRecognised(f"a part cannot be unpacked ({error})") from error


def _without_sizes(extra: bytes) -> bytes:
    """Extra fields without the one for large archives."""
    made, at = b"", 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        made += b"" if kind == _ZIP64 else extra[at : at + 4 + size]
        at += 4 + size
    return made


def _new_record(record: bytes, flags: int, sums: tuple[int, int, int], offset: int) -> bytes:
    fields = list(_CENTRAL.unpack_from(record))
    name, extra, comment = (record[_CENTRAL.size :][a:b] for a, b in _bounds(fields[10:13]))
    extra = _without_sizes(extra)
    fields[3], fields[4], fields[7:10], fields[11], fields[16] = flags, zipfile.ZIP_DEFLATED, sums, len(extra), offset
    return _CENTRAL.pack(*fields) + name + extra + comment


def _bounds(lengths: list[int]) -> list[tuple[int, int]]:
    first, second, third = lengths
    return [(0, first), (first, first + second), (first + second, first + second + third)]
