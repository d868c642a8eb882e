"""Archives as other programs write them: copied byte for byte, and refused where their parts are not certain."""

import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.workbooks.zip_parts_of import directory, raw_entries
from workbooks.zip_copy import NotRecognised, copy_archive

TEXT = b"some text, " * 5_000
ENTRIES = {"a.xml": TEXT, "b.bin": bytes(range(256)) * 300, "ö/c.xml": b"<c/>", "empty": b""}


def archive(path: Path, **more: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in (ENTRIES | more).items():
            made.writestr(name, data)
    return path


def louder(pieces: Iterator[bytes]) -> Iterable[bytes]:
    return (piece.upper() for piece in pieces)


def expect_copied(source: Path, folder: Path, *rewritten: str) -> None:
    out = folder / "out.zip"
    copy_archive(source, out, dict.fromkeys(rewritten, louder))
    ours, theirs = raw_entries(out), raw_entries(source)
    assert list(ours) == list(theirs)
    assert {name for name in ours if ours[name] != theirs[name]} <= {*rewritten}
    about, was = directory(out), directory(source)
    assert {n: about[n] for n in about if n not in rewritten} == {n: was[n] for n in was if n not in rewritten}
    with zipfile.ZipFile(out) as made, zipfile.ZipFile(source) as before:
        for name in made.namelist():
            expected = before.read(name).upper() if name in rewritten else before.read(name)
            assert made.read(name) == expected
        assert made.comment == before.comment


@pytest.mark.parametrize("name", ["a.xml", "ö/c.xml", "empty"])
def test_one_entry_is_rewritten_and_the_others_are_copied(tmp_path: Path, name: str) -> None:
    expect_copied(archive(tmp_path / "in.zip"), tmp_path, name)


def test_an_entry_that_is_not_packed_is_packed_when_it_is_rewritten(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w", zipfile.ZIP_STORED) as made:
        made.writestr("a.xml", TEXT)
        made.comment = b"of Anna"
    expect_copied(tmp_path / "in.zip", tmp_path, "a.xml")
    assert (tmp_path / "out.zip").stat().st_size < len(TEXT) // 10


def test_a_directory_in_another_order_keeps_its_order(tmp_path: Path) -> None:
    source = archive(tmp_path / "in.zip")
    with zipfile.ZipFile(source, "a") as made:
        made.filelist.reverse()
        made.writestr("last.xml", b"<last/>")
    expect_copied(source, tmp_path, "a.xml")
    assert next(iter(raw_entries(tmp_path / "out.zip"))) == "empty"


def test_what_stands_before_the_archive_and_between_its_entries_is_no_part_of_it(tmp_path: Path) -> None:
    source = tmp_path / "in.zip"
    source.write_bytes(b"MZ some program" + archive(tmp_path / "plain.zip").read_bytes())
    expect_copied(source, tmp_path, "a.xml")
    assert (tmp_path / "out.zip").read_bytes()[:2] == b"PK"


def wide(path: Path) -> Path:
    """An archive whose directory gives sizes and places in 64 bits, as programs write that do not know them at first."""
    source = bytearray(archive(path).read_bytes())
    with zipfile.ZipFile(path) as made:
        infos, begin = made.infolist(), made.start_dir
    records, at = b"", begin
    for info in infos:
        name, extra, comment = struct.unpack_from("<3H", source, at + 28)
        record = bytearray(source[at : at + 46 + name])
        at += 46 + name + extra + comment
        more = struct.pack("<2H3Q", 1, 24, info.file_size, info.compress_size, info.header_offset)
        struct.pack_into("<2I", record, 20, 0xFFFFFFFF, 0xFFFFFFFF)
        struct.pack_into("<H", record, 30, len(more))
        struct.pack_into("<I", record, 42, 0xFFFFFFFF)
        records += bytes(record) + more
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(infos), len(infos), len(records), begin, 0)
    path.write_bytes(bytes(source[:begin]) + records + end)
    return path


def test_sizes_and_places_in_64_bits_are_followed(tmp_path: Path) -> None:
    expect_copied(wide(tmp_path / "in.zip"), tmp_path, "a.xml")


def patched(source: Path, at: Callable[[zipfile.ZipInfo], int], value: bytes) -> Path:
    """The archive with some bytes of its first entry, or of the directory, replaced."""
    with zipfile.ZipFile(source) as made:
        place = at(made.infolist()[0])
    data = bytearray(source.read_bytes())
    data[place : place + len(value)] = value
    source.write_bytes(data)
    return source


def twice(path: Path) -> Path:
    archive(path)
    with zipfile.ZipFile(path, "a") as made, pytest.warns(UserWarning, match="Duplicate"):
        made.writestr("a.xml", b"another")
    return path


def described(path: Path) -> Path:
    """The first entry says that its sizes stand behind it, and they do not."""
    return patched(archive(path), lambda info: info.header_offset + 6, struct.pack("<H", 8))


def elsewhere(path: Path) -> Path:
    return patched(archive(path), lambda info: info.header_offset, b"PK\7\7")


def encrypted(path: Path) -> Path:
    return patched(archive(path), lambda info: info.header_offset + 6, struct.pack("<H", 1))


def damaged(path: Path) -> Path:
    return patched(archive(path), lambda info: info.header_offset + 60, b"\xff\xff\xff")


ODD = [
    (twice, "b.bin", "one name"),
    (described, "b.bin", "oddly"),
    (elsewhere, "b.bin", "not where"),
    (encrypted, "a.xml", "few programs"),
    (damaged, "a.xml", "damaged|unpacked"),
]


@pytest.mark.parametrize(("make", "rewritten", "said"), ODD, ids=lambda value: getattr(value, "__name__", ""))
def test_an_archive_that_is_not_as_it_says_is_refused(
    tmp_path: Path, make: Callable[[Path], Path], rewritten: str, said: str
) -> None:
    with pytest.raises(NotRecognised, match=said):
        copy_archive(make(tmp_path / "in.zip"), tmp_path / "out.zip", {rewritten: louder})
