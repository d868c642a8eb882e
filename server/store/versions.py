"""Records kept by change, not by copy: a content that is there already only gets a link."""

import hashlib
from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Table, func, insert, select

from core.frames import declared, schema
from server.store.frozen import insert_arrays, integers, positions, read_frame, select_of
from server.store.tables import Versioned, lists

ASKED_AT_ONCE = 10_000
HASHED_AT_ONCE = 100_000


def keep(connection: Connection, kept: Versioned, data: pd.DataFrame) -> int:
    """The id of the list of these records in this order; what the store does not have of it yet is added."""
    columns = declared(kept.record, data)
    content = {name: array for name, array in columns.items() if name not in kept.located}
    located = {name: columns[name] for name in kept.located}
    hashes = content_hashes(content)
    digest = _digest(kept, hashes, located)
    known = connection.scalar(select(lists.c.id).where(lists.c.digest == digest))
    if known is not None:
        return int(known)
    number = next_id(connection, lists)
    connection.execute(insert(lists).values(id=number, digest=digest))
    ids = pa.array(_version_ids(connection, kept.versions, content, hashes), type=pa.int64())
    insert_arrays(connection, kept.links, {"list_id": number}, {"position": positions(len(ids)), "version_id": ids, **located})
    return number


def kept_frame(connection: Connection, kept: Versioned, list_id: int) -> pd.DataFrame:
    """The frame that was kept as this list, as it was."""
    links, versions = kept.links, kept.versions
    query = select_of(links).join(versions, links.c.version_id == versions.c.id)
    columns = {c.name: (links if c.name in kept.located else versions).c[c.name] for c in schema(kept.record)}
    return read_frame(connection, kept.record, query.where(links.c.list_id == list_id).order_by(links.c.position), columns)


def content_hashes(columns: Mapping[str, pa.Array]) -> list[bytes]:
    """The SHA-256 of each row's canonical text; an empty field adds nothing, so that a later column changes no hash."""
    length = len(next(iter(columns.values())))
    hashes: list[bytes] = []
    for start in range(0, length, HASHED_AT_ONCE):
        texts = [_canonical(name, array.slice(start, HASHED_AT_ONCE)) for name, array in columns.items()]
        joined = pc.binary_join_element_wise(*texts, "").cast(pa.binary())
        hashes.extend(hashlib.sha256(text).digest() for text in joined.to_pylist())
    return hashes


def _digest(kept: Versioned, hashes: list[bytes], located: Mapping[str, pa.Array]) -> bytes:
    places = content_hashes(located) if located else []
    return hashlib.sha256(b"".join([kept.links.name.encode(), b" ", *hashes, *places])).digest()


def _canonical(name: str, array: pa.Array) -> pa.Array:
    text = integers(array) if pa.types.is_decimal(array.type) else array
    text = text.cast(pa.string())
    length = pc.binary_length(text).cast(pa.string())  # so that no text can pass for the field after it
    return pc.binary_join_element_wise(f"{name}=", length, ":", text, "").fill_null("")


def _version_ids(connection: Connection, versions: Table, content: Mapping[str, pa.Array], hashes: list[bytes]) -> list[int]:
    ids = _known(connection, versions, hashes)
    first_rows = {h: row for row, h in reversed(list(enumerate(hashes)))}
    new = sorted((row, h) for h, row in first_rows.items() if h not in ids)
    ids.update(_add(connection, versions, content, new))
    return [ids[h] for h in hashes]


def _known(connection: Connection, versions: Table, hashes: list[bytes]) -> dict[bytes, int]:
    ids: dict[bytes, int] = {}
    different = list(dict.fromkeys(hashes))
    for start in range(0, len(different), ASKED_AT_ONCE):
        asked = different[start : start + ASKED_AT_ONCE]
        rows = connection.execute(select(versions.c.hash, versions.c.id).where(versions.c.hash.in_(asked)))
        ids.update((bytes(h), number) for h, number in rows)
    return ids


def _add(
    connection: Connection, versions: Table, content: Mapping[str, pa.Array], new: list[tuple[int, bytes]]
) -> dict[bytes, int]:
    first = next_id(connection, versions)
    rows = pa.array([row for row, _ in new], type=pa.int64())
    columns = {name: array.take(rows) for name, array in content.items()}
    numbers = pa.array(range(first, first + len(new)), type=pa.int64())
    hashes = pa.array([h for _, h in new], type=pa.binary())
    insert_arrays(connection, versions, {}, {"id": numbers, "hash": hashes, **columns})
    return {h: first + index for index, (_, h) in enumerate(new)}


def next_id(connection: Connection, table: Table) -> int:
    """The id of the next row; safe because writers follow one another."""
    return (connection.scalar(select(func.max(table.c.id))) or 0) + 1
