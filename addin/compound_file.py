"""Compound files (MS-CFB, version 3): the container that a VBA project stands in, read and written.

Only what a VBA project needs: streams below the root or below one storage, a file of at most 109 FAT sectors (7 MB).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from addin.errors import Damaged

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SECTOR, MINI_SECTOR, CUTOFF = 512, 64, 4096
"""Streams shorter than the cutoff stand in the mini stream, in sectors of 64 bytes."""

FREE, END, FAT_SECTOR, NOTHING = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
LARGEST = 0xFFFFFFFA
HEADER_SLOTS = 109
STORAGE, STREAM, ROOT = 1, 2, 5
BLACK = 1
ENTRY = struct.Struct("<64sHBBIII16sIQQIQ")
HEADER = struct.Struct("<8s16sHHHHH6sIIIIIIIII109I")


@dataclass(slots=True)
class _Entry:
    """One entry of the directory."""

    name: str
    kind: int
    left: int = NOTHING
    right: int = NOTHING
    child: int = NOTHING
    start: int = END
    size: int = 0
    children: list[int] = field(default_factory=list)


def read_compound_file(data: bytes) -> dict[str, bytes]:
    """Every stream by its path: {"VBA/dir": ...}. Damaged where the file cannot be followed."""
    try:
        return _Reader(data).streams()
    except (struct.error, IndexError, UnicodeDecodeError, RecursionError) as error:
        raise Damaged("This is not a whole compound file (the container of a VBA project).") from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        header = HEADER.unpack_from(data)
        if header[0] != MAGIC or header[5] != 9:
            raise Damaged("This is not a compound file of version 3 (the container of a VBA project).")
        self._data = data
        _, _, directory, _, self._cutoff, mini_fat, _, next_slots, _ = header[8:17]
        slots = [*header[17:], *self._further_slots(next_slots)]
        self._fat = [number for slot in slots if slot <= LARGEST for number in self._numbers(slot)]
        self._entries = self._directory(self._chain(directory))
        self._mini_fat = struct.unpack(f"<{len(raw) // 4}I", raw) if (raw := self._chain(mini_fat)) else ()
        self._mini = self._chain(self._entries[0].start)

    def streams(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        self._walk(self._entries[0].child, "", found, set())
        return found

    def _sector(self, number: int) -> bytes:
        sector = self._data[(number + 1) * SECTOR : (number + 2) * SECTOR]
        if not sector:
            raise IndexError
        return sector.ljust(SECTOR, b"\0")  # the last one may be cut short

    def _numbers(self, sector: int) -> tuple[int, ...]:
        return struct.unpack("<128I", self._sector(sector))

    def _further_slots(self, sector: int) -> list[int]:
        slots: list[int] = []
        while sector <= LARGEST and len(slots) < len(self._data):
            *found, sector = self._numbers(sector)
            slots += found
        return slots

    def _chain(self, start: int) -> bytes:
        sectors = _follow(self._fat, start)
        return b"".join(map(self._sector, sectors))

    def _directory(self, raw: bytes) -> list[_Entry]:
        entries = []
        for at in range(0, len(raw), ENTRY.size):
            name, length, kind, _, left, right, child, _, _, _, _, start, size = ENTRY.unpack_from(raw, at)
            text = name[: max(0, length - 2)].decode("utf-16-le")
            entries.append(_Entry(text, kind, left, right, child, start, size & 0xFFFFFFFF))
        return entries

    def _walk(self, number: int, folder: str, found: dict[str, bytes], seen: set[int]) -> None:
        if number == NOTHING:
            return
        if number in seen:
            raise IndexError
        seen.add(number)
        entry = self._entries[number]
        self._walk(entry.left, folder, found, seen)
        if entry.kind == STORAGE:
            self._walk(entry.child, f"{folder}{entry.name}/", found, seen)
        elif entry.kind == STREAM:
            found[folder + entry.name] = self._content(entry)
        self._walk(entry.right, folder, found, seen)

    def _content(self, entry: _Entry) -> bytes:
        if not entry.size:
            return b""
        if entry.size >= self._cutoff:
            return self._chain(entry.start)[: entry.size]
        pieces = (self._mini[at * MINI_SECTOR : (at + 1) * MINI_SECTOR] for at in _follow(self._mini_fat, entry.start))
        return b"".join(pieces)[: entry.size]


def _follow(table: list[int] | tuple[int, ...], start: int) -> list[int]:
    """The sectors of a chain; IndexError where it leaves the table or runs in a circle."""
    sectors: list[int] = []
    while start not in (END, FREE):
        if len(sectors) > len(table):
            raise IndexError
        sectors.append(start)
        start = table[start]
    return sectors


def write_compound_file(streams: Mapping[str, bytes]) -> bytes:
    """The file that holds the streams, the same bytes for the same streams in the same order."""
    entries = _tree(streams)
    sectors = _Sectors()
    mini, mini_fat = bytearray(), list[int]()
    for entry, content in zip((e for e in entries if e.kind == STREAM), _in_tree_order(streams), strict=True):
        entry.size = len(content)
        if len(content) >= CUTOFF:
            entry.start = sectors.add(content)
        elif content:
            entry.start = len(mini_fat)
            mini_fat += _links(entry.start, -(-len(content) // MINI_SECTOR))
            mini += _padded(content, MINI_SECTOR)
    entries[0].start, entries[0].size = sectors.add(bytes(mini)), len(mini)
    mini_table = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    first_mini_fat = sectors.add(_padded(mini_table, SECTOR, b"\xff"))
    directory = sectors.add(b"".join(map(_packed, entries)) + _unused(-len(entries) % 4))
    return sectors.whole(directory, first_mini_fat, -(-len(mini_table) // SECTOR))


def _in_tree_order(streams: Mapping[str, bytes]) -> list[bytes]:
    return [streams[path] for path in _ordered(streams)]


def _ordered(streams: Mapping[str, bytes]) -> list[str]:
    return sorted(streams, key=lambda path: "/" not in path)


def _tree(streams: Mapping[str, bytes]) -> list[_Entry]:
    """The directory: the root, then each storage before its streams."""
    entries = [_Entry("Root Entry", ROOT)]
    storages = {"": 0}
    for path in _ordered(streams):
        folder, _, name = path.rpartition("/")
        for title, parent, kind in ((folder, "", STORAGE), (name, folder, STREAM)):
            if kind == STORAGE and title in storages:
                continue
            if kind == STORAGE:
                storages[title] = len(entries)
            entries[storages[parent]].children.append(len(entries))
            entries.append(_Entry(title, kind, start=0 if kind == STORAGE else END))
    for entry in entries:
        entry.child = _balanced(sorted(entry.children, key=lambda number: _sorting(entries[number].name)), entries)
    return entries


def _sorting(name: str) -> tuple[int, str]:
    """The order that the format asks for: shorter names first."""
    return len(name), name.upper()


def _balanced(numbers: list[int], entries: list[_Entry]) -> int:
    """Ties siblings into a balanced tree and gives its top; all of them black, which the format allows."""
    if not numbers:
        return NOTHING
    middle = len(numbers) // 2
    entries[numbers[middle]].left = _balanced(numbers[:middle], entries)
    entries[numbers[middle]].right = _balanced(numbers[middle + 1 :], entries)
    return numbers[middle]


def _packed(entry: _Entry) -> bytes:
    name = f"{entry.name}\0".encode("utf-16-le")
    if len(name) > 64:
        raise ValueError(f"a stream's name has at most 31 characters: {entry.name}")
    links = (entry.left, entry.right, entry.child)
    return ENTRY.pack(name, len(name), entry.kind, BLACK, *links, b"", 0, 0, 0, entry.start, entry.size)


def _unused(count: int) -> bytes:
    return count * ENTRY.pack(b"", 0, 0, 0, NOTHING, NOTHING, NOTHING, b"", 0, 0, 0, 0, 0)


def _links(start: int, count: int) -> list[int]:
    return [*range(start + 1, start + count), END]


def _padded(content: bytes, unit: int, filling: bytes = b"\0") -> bytes:
    return content + filling * (-len(content) % unit)


class _Sectors:
    """Sectors as they are handed out, and the table that chains them."""

    def __init__(self) -> None:
        self._fat: list[int] = []
        self._body: list[bytes] = []

    def add(self, content: bytes) -> int:
        """Puts the content into sectors of its own and gives the first one's number."""
        if not content:
            return END
        start, whole = len(self._fat), _padded(content, SECTOR)
        self._fat += _links(start, len(whole) // SECTOR)
        self._body.append(whole)
        return start

    def whole(self, directory: int, mini_fat: int, mini_fat_sectors: int) -> bytes:
        used = len(self._fat)
        count = next(n for n in range(1, used + 2) if n * (SECTOR // 4) >= used + n)
        if count > HEADER_SLOTS:
            raise ValueError("a VBA project of more than 7 MB is not written")
        fat = [*self._fat, *[FAT_SECTOR] * count]
        table = _padded(struct.pack(f"<{len(fat)}I", *fat), SECTOR, b"\xff")
        slots = [*range(used, used + count), *[FREE] * (HEADER_SLOTS - count)]
        fixed = (MAGIC, b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, count, directory, 0, CUTOFF, mini_fat, mini_fat_sectors, END, 0)
        return HEADER.pack(*fixed, *slots) + b"".join(self._body) + table
