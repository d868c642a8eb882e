"""The compression of VBA source text (MS-OVBA 2.4.1): chunks of 4096 bytes, each with back references into itself alone."""

import struct

from addin.errors import Damaged

CHUNK = 4096
SIGNATURE = b"\x01"
SHORTEST = 3
"""A back reference stands for at least so many bytes."""

CANDIDATES = 64
"""So many earlier places are tried for a match: more of them gain next to nothing."""


def decompress(data: bytes) -> bytes:
    """The text of a compressed container. Damaged where it cannot be followed."""
    if data[:1] != SIGNATURE:
        raise Damaged("The VBA project holds a stream that is not compressed as it should be.")
    text, at = bytearray(), 1
    try:
        while at < len(data):
            (header,) = struct.unpack_from("<H", data, at)
            end = min(len(data), at + (header & 0x0FFF) + 3)
            text += _expanded(data, at + 2, end) if header & 0x8000 else data[at + 2 : at + 2 + CHUNK]
            at = end
    except (struct.error, IndexError) as error:
        raise Damaged("The VBA project holds a stream that breaks off.") from error
    return bytes(text)


def _expanded(data: bytes, at: int, end: int) -> bytes:
    chunk = bytearray()
    while at < end:
        flags, at = data[at], at + 1
        for bit in range(8):
            if at >= end:
                break
            if flags >> bit & 1:
                (token,) = struct.unpack_from("<H", data, at)
                _copy(chunk, token)
                at += 2
            else:
                chunk.append(data[at])
                at += 1
    return bytes(chunk)


def _copy(chunk: bytearray, token: int) -> None:
    """Appends what the token points back to; source and target may overlap."""
    bits = _offset_bits(len(chunk))
    offset, length = (token >> (16 - bits)) + 1, (token & (0xFFFF >> bits)) + SHORTEST
    if offset > len(chunk):
        raise IndexError
    for _ in range(length):
        chunk.append(chunk[-offset])


def _offset_bits(position: int) -> int:
    """How many of a token's 16 bits hold the offset, at a position within the chunk."""
    return max(4, (position - 1).bit_length()) if position else 4


def compress(text: bytes) -> bytes:
    """The container of the text: the same bytes for the same text."""
    return SIGNATURE + b"".join(_chunk(text[at : at + CHUNK]) for at in range(0, len(text), CHUNK))


def _chunk(text: bytes) -> bytes:
    body, at = bytearray(), 0
    places: dict[bytes, list[int]] = {}
    while at < len(text):
        flags_at, flags = len(body), 0
        body.append(0)
        for bit in range(8):
            if at >= len(text):
                break
            start, (offset, length) = at, _match(text, at, places)
            if length:
                flags |= 1 << bit
                body += struct.pack("<H", (offset - 1) << (16 - _offset_bits(at)) | length - SHORTEST)
            else:
                body.append(text[at])
            at += length or 1
            for place in range(start, at):
                places.setdefault(text[place : place + SHORTEST], []).append(place)
        body[flags_at] = flags
    if len(body) > CHUNK:  # it grew: the text itself
        return struct.pack("<H", 0x3FFF) + text.ljust(CHUNK, b"\0")
    return struct.pack("<H", 0xB000 | len(body) - 1) + bytes(body)


def _match(text: bytes, at: int, places: dict[bytes, list[int]]) -> tuple[int, int]:
    """Offset and length of the longest earlier match, the nearest of equals; (0, 0) where there is none worth it."""
    longest = min((0xFFFF >> _offset_bits(at)) + SHORTEST, len(text) - at)
    best = (0, 0)
    for place in reversed(places.get(text[at : at + SHORTEST], [])[-CANDIDATES:]):
        length = 0
        while length < longest and text[place + length] == text[at + length]:
            length += 1
        if length >= SHORTEST and length > best[1]:
            best = (at - place, length)
    return best
