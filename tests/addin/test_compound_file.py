"""Compound files: read what others write, write what a strict reader takes."""

import random
import warnings
import zipfile
from pathlib import Path

import compoundfiles
import olefile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin.compound_file import read_compound_file, write_compound_file
from addin.errors import Damaged
from addin.template import xlwings_folder

CHANCE = random.Random(5)  # noqa: S311 - a test's, the same each time
CONTENT = CHANCE.randbytes(70_000)
SIZES = (0, 1, 63, 64, 65, 511, 512, 4095, 4096, 4097, 70_000)
OFFICE_FILES = sorted(path for path in xlwings_folder().rglob("*.xl*") if path.suffix in (".xlam", ".xlsm"))


def project_of(path: Path) -> bytes:
    with zipfile.ZipFile(path) as package:
        return package.read("xl/vbaProject.bin")


def made(sizes: tuple[int, ...] = SIZES) -> dict[str, bytes]:
    return {f"VBA/stream{size}" if size % 2 else f"stream{size}": CONTENT[:size] for size in sizes}


@given(st.dictionaries(st.from_regex(r"\A(VBA/)?[A-Za-z_]{1,31}\Z"), st.binary(max_size=9000), max_size=12))
def test_what_was_written_is_read_again(streams: dict[str, bytes]) -> None:
    unlike = {path.upper(): content for path, content in streams.items()}  # names are not told apart by case
    assume = {path: content for path, content in unlike.items() if path != "VBA"}
    assert read_compound_file(write_compound_file(assume)) == assume


@pytest.mark.parametrize("path", OFFICE_FILES, ids=lambda path: path.name)
def test_every_office_file_of_xlwings_goes_through_and_stays_the_same(path: Path) -> None:
    streams = read_compound_file(project_of(path))
    assert {"PROJECT", "VBA/dir"} <= streams.keys()
    assert read_compound_file(write_compound_file(streams)) == streams


def test_a_strict_reader_takes_it_without_a_warning(tmp_path: Path) -> None:
    streams, path = made(), tmp_path / "vbaProject.bin"
    path.write_bytes(write_compound_file(streams))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with compoundfiles.CompoundFileReader(str(path)) as found:
            read = {path: found.open(path).read() if content else b"" for path, content in streams.items()}
    assert read == streams


def test_another_reader_finds_the_same_streams() -> None:
    streams = made()
    with olefile.OleFileIO(write_compound_file(streams)) as found:
        assert {"/".join(path) for path in found.listdir()} == set(streams)
        assert {path: found.openstream(path).read() for path in streams} == streams
        assert not found.parsing_issues


def test_the_same_streams_give_the_same_bytes() -> None:
    assert write_compound_file(made()) == write_compound_file(made())


def test_more_sectors_than_one_table_holds() -> None:
    streams = {"VBA/large": CHANCE.randbytes(3_000_000)}
    assert read_compound_file(write_compound_file(streams)) == streams


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", bytes(600), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)])
def test_another_file_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(Damaged):
        read_compound_file(content)


def test_a_file_that_breaks_off_or_runs_in_a_circle_is_told_and_never_followed_for_ever() -> None:
    whole, chance = write_compound_file(made()), CHANCE
    for _ in range(300):
        broken = bytearray(whole[: chance.randrange(600, len(whole))])
        for _ in range(20):
            broken[chance.randrange(len(broken))] = chance.choice([0, 1, 255])
        try:
            read_compound_file(bytes(broken))
        except Damaged as error:
            assert "compound file" in str(error)  # noqa: PT017 - some of them can still be read


def test_a_name_that_the_format_does_not_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 31"):
        write_compound_file({"n" * 32: b""})


def test_names_stand_in_the_order_of_the_format_shorter_ones_first() -> None:
    streams = {"aaa": b"", "B": b"", "zz": b"", "c": b"", "AB": b""}
    assert list(read_compound_file(write_compound_file(streams))) == ["B", "c", "AB", "zz", "aaa"]
