"""Archives that are written chunk by chunk: whole, in order, and without a thread left over."""

import io
import threading
import zipfile
from collections.abc import Iterator

import pytest

from workbooks.zip_parts import BEST, LARGE, ZLIB, Deflater, ZipParts

CHUNKS = [b"a" * 10, b"b" * LARGE, b"c", b"", memoryview(bytes(range(256)) * LARGE), *(bytes([n]) * (LARGE + n) for n in range(20))]


def beside() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("deflate")]


@pytest.mark.parametrize("deflater", [ZLIB, BEST], ids=lambda one: str(one.name))
def test_small_and_large_chunks_stand_in_their_order(deflater: Deflater) -> None:
    file = io.BytesIO()
    with ZipParts(file, deflater) as parts:
        parts.add("ü.xml", CHUNKS)
        parts.add("small", [b"x"])
        parts.add("again", CHUNKS)
        parts.close()
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["ü.xml", "small", "again"]
        assert archive.read("ü.xml") == archive.read("again") == b"".join(CHUNKS)
    assert beside() == []


def test_what_goes_wrong_while_chunks_are_made_is_told_and_leaves_no_thread() -> None:
    def broken() -> Iterator[bytes]:
        yield b"a" * LARGE
        raise ValueError("cut")

    with pytest.raises(ValueError, match="cut"), ZipParts(io.BytesIO()) as parts:
        parts.add("x", broken())
    assert beside() == []


def test_what_goes_wrong_while_they_are_packed_is_told() -> None:
    class Full(io.BytesIO):
        def write(self, content: object) -> int:
            if threading.current_thread().name.startswith("deflate"):
                raise OSError("no space left")
            return super().write(content)  # type: ignore[arg-type]

    with pytest.raises(OSError, match="no space left"), ZipParts(Full()) as parts:
        parts.add("x", [b"a" * LARGE] * 10)
    assert beside() == []


def test_no_chunk_is_made_before_the_one_before_the_last_is_packed() -> None:
    made, packed = 0, 0
    crc32 = BEST.crc32

    def slow(chunk: bytes, crc: int) -> int:
        nonlocal packed
        packed += 1
        assert made - packed <= 1
        return crc32(chunk, crc)

    def chunks() -> Iterator[bytes]:
        nonlocal made
        for _ in range(50):
            made += 1
            yield b"a" * LARGE

    with ZipParts(io.BytesIO(), Deflater("slow", BEST.start, slow)) as parts:
        parts.add("x", chunks())
    assert (made, packed) == (50, 50)
