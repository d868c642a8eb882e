"""Frames into tables and out again, column by column: no Python Decimal is made on the way.

A bulk insert passes plain tuples to the driver (COPY on PostgreSQL); a bulk read asks for the raw values and types them as Arrow
columns. Both are several times faster than a dictionary a row through the column types, which hold for all other statements.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, repeat
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Date,
    Integer,
    Select,
    Table,
    Text,
    select,
    type_coerce,
)

from core.exact import decimals, scaled
from core.frames import frame_of_columns, schema
from server.store.types import Scaled

INSERTED_AT_ONCE = 5_000


def insert_arrays(connection: Connection, table: Table, constants: Mapping[str, Any], columns: Mapping[str, pa.Array]) -> None:
    """One row for each position of the columns, with the same constants in each."""
    length = len(next(iter(columns.values())))
    values = [repeat(value, length) for value in constants.values()]
    insert_columns(connection, table, [*constants, *columns], [*values, *(_to_driver(connection, a) for a in columns.values())])


def insert_columns(connection: Connection, table: Table, names: Sequence[str], columns: Sequence[Iterable[Any]]) -> None:
    """Rows of driver values, given as columns."""
    rows = zip(*columns, strict=True)
    if connection.dialect.name == "postgresql":
        _copy(connection, table, names, rows)
        return
    quoted = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in names)
    statement = f"INSERT INTO {table.name} ({quoted}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
    while batch := list(islice(rows, INSERTED_AT_ONCE)):
        connection.exec_driver_sql(statement, batch)


def read_frame(connection: Connection, record: type, query: Select[Any], columns: Mapping[str, ColumnElement[Any]]) -> pd.DataFrame:
    """A frame of the record from a query's rows, in their order; `columns` says which table column holds which field."""
    names = [c.name for c in schema(record)]
    rows = connection.execute(query.with_only_columns(*(_raw(connection, columns[name]) for name in names))).fetchall()
    values: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else repeat((), len(names))
    types = [c.type for c in schema(record)]
    return frame_of_columns(record, {n: _from_driver(v, t) for n, v, t in zip(names, values, types, strict=False)})


def select_of(table: Table) -> Select[Any]:
    """A query over a table, to be given its columns by `read_frame`."""
    return select().select_from(table)


def integers(array: pa.Array) -> pa.Array:
    """A decimal column as scaled 64-bit integers, empty where it is empty."""
    if not len(array):
        return pa.array([], type=pa.int64())
    values, valid = scaled(array)
    return pa.array(values, mask=None if valid.all() else ~valid)


def _decimals(values: Sequence[int | None], places: int) -> pa.Array:
    array = pa.array(values, type=pa.int64())
    return decimals(array.fill_null(0).to_numpy(), ~np.asarray(array.is_null()) if array.null_count else None, places)


def positions(length: int) -> pa.Array:
    """The rows' order, from 0."""
    return pa.array(np.arange(length, dtype="int64"))


def _to_driver(connection: Connection, array: pa.Array) -> list[Any]:
    if pa.types.is_decimal(array.type):
        array = integers(array)
    elif pa.types.is_date(array.type) and connection.dialect.name == "sqlite":
        array = pc.cast(array, pa.string())
    if array.null_count == 0 and pa.types.is_integer(array.type):
        return list(array.to_numpy().tolist())
    return list(array.to_pylist())


def _from_driver(values: Sequence[Any], type: pa.DataType) -> pa.Array:
    if pa.types.is_decimal(type):
        return _decimals(values, type.scale)
    if type in (pa.string(), pa.int64()):
        return pa.array(values, type=type)
    return pa.array(values).cast(type)  # SQLite's dates are texts and its booleans integers


def _raw(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, Scaled):
        return type_coerce(column, BigInteger)
    if connection.dialect.name == "sqlite" and isinstance(column.type, Date):
        return type_coerce(column, Text)
    if connection.dialect.name == "sqlite" and isinstance(column.type, Boolean):
        return type_coerce(column, Integer)
    return column


def _copy(connection: Connection, table: Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    statement = f"COPY {quote(table.name)} ({', '.join(quote(name) for name in names)}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
