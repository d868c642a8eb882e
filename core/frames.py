"""Frames with a declared schema: each column has a type and a meaning, taken from the record class it holds.

A record class is a frozen dataclass whose annotations are the aliases below; its frame has one Arrow column a field.
Quantities are decimal(18, 4), prices decimal(18, 6), money decimal(18, 2): exact from the first byte (R18).
"""

import datetime as dt
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Scale:
    """Marks a Decimal annotation with the number of decimal places its column keeps."""

    places: int


Quantity = Annotated[Decimal, Scale(4)]
Price = Annotated[Decimal, Scale(6)]
Money = Annotated[Decimal, Scale(2)]

R = TypeVar("R")
Objects = NDArray[np.object_]

DIGITS = 18
"""Digits of every decimal column, so that a scaled value always fits a 64-bit integer."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a frame: its name, its Arrow type, and whether a row may lack it."""

    name: str
    type: pa.DataType
    nullable: bool


class SchemaError(TypeError):
    """A frame does not have the columns its record class declares: a fault of the program, not of the data."""


_dtype = cache(pd.ArrowDtype)


def _arrow_type(annotation: Any) -> pa.DataType:
    if get_origin(annotation) is Annotated:
        return pa.decimal128(DIGITS, get_args(annotation)[1].places)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return pa.string()
    return {str: pa.string(), bool: pa.bool_(), int: pa.int64(), dt.date: pa.date32()}[annotation]


@cache
def schema(record: type) -> tuple[Column, ...]:
    """The columns of a record class, in the order of its fields."""
    hints = get_type_hints(record, include_extras=True)
    columns = []
    for field in fields(record):
        annotation, nullable = hints[field.name], False
        if get_origin(annotation) in (Union, UnionType):
            options = [a for a in get_args(annotation) if a is not type(None)]
            annotation, nullable = options[0], True
        columns.append(Column(field.name, _arrow_type(annotation), nullable))
    return tuple(columns)


def column(values: Sequence[Any] | pa.Array, type: pa.DataType) -> pd.Series:
    """A pandas series over an Arrow array of that type; a value that does not fit exactly raises."""
    return pd.Series(_values(values, type))


def _values(values: Sequence[Any] | pa.Array, type: pa.DataType) -> pd.arrays.ArrowExtensionArray:
    array = typed(values, type) if isinstance(values, pa.Array) else pa.array(values, type=type)
    return pd.arrays.ArrowExtensionArray(array)


def typed(array: pa.Array, type: pa.DataType) -> pa.Array:
    """The array as of that type; a cast to the type that it has takes as long as a sum of it."""
    return array if array.type == type else array.cast(type)


def array(series: "pd.Series[Any] | pa.Array") -> pa.Array:
    """The one Arrow array of a series."""
    return series if isinstance(series, pa.Array) else _one(series.array)


def _one(values: Any) -> pa.Array:
    found = pa.array(values)
    if isinstance(found, pa.ChunkedArray):
        return found.chunk(0) if found.num_chunks == 1 else found.combine_chunks()  # of one chunk it makes a copy
    return found


def arrays(data: pd.DataFrame) -> dict[str, pa.Array]:
    """The one Arrow array of each column."""
    return {name: _one(values) for name, values in _columns(data).items()}


def _columns(data: pd.DataFrame) -> dict[str, Any]:
    """What each column holds. By pandas' public ways a series is made of each, which takes fifteen times as long: longer than the
    rest of the work with a small frame."""
    return dict(zip(data.columns.tolist(), cast(Any, data)._iter_column_arrays(), strict=True))


def picked(data: pd.DataFrame, rows: NDArray[np.int64], names: Iterable[str]) -> dict[str, pa.Array]:
    """Some columns of some rows, by name."""
    wanted, columns = pa.array(rows, pa.int64()), _columns(data)
    return {name: _one(columns[name]).take(wanted) for name in names}


def first_of_each(data: pd.DataFrame, *names: str) -> NDArray[np.int64]:
    """The first row of each combination of texts that these columns hold, in the order in which they come."""
    columns = _columns(data)
    return alike(codes(_one(columns[name]))[0] for name in names)[1]


def names_of(data: pd.DataFrame, key: str, name: str) -> dict[str, str]:
    """By id the name that stands first beside it."""
    found = picked(data, first_of_each(data, key), (key, name))
    return dict(zip(values(found[key]), values(found[name]), strict=True))


def values(series: "pd.Series[Any] | pa.Array") -> list[Any]:
    """The values of a series as Python objects, None where it is empty (a series by itself yields pd.NA)."""
    return _objects(array(series))


def texts(series: "pd.Series[Any]") -> Objects:
    """The texts of a series as a numpy array of objects, None where it is empty."""
    found: Objects = array(series).to_numpy(zero_copy_only=False)
    return found


def codes(series: "pd.Series[Any] | pa.Array") -> tuple[NDArray[np.int64], Objects]:
    """Each text as a number, -1 where it is empty, and the texts that the numbers stand for."""
    encoded = array(series).dictionary_encode()
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return indices, encoded.dictionary.to_numpy(zero_copy_only=False)


def alike(columns: Iterable[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A code for each combination of numbers that rows hold, and the first row that has it."""
    code = np.zeros(1, dtype=np.int64)
    for numbers in columns:
        each, found = pd.factorize(np.asarray(numbers))
        code = pd.factorize(code * (len(found) + 1) + each)[0].astype(np.int64)
    first = np.zeros(code.max(initial=-1) + 1, dtype=np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]
    return code, first


def frame(record: type, rows: Iterable[Any]) -> pd.DataFrame:
    """A frame of record objects, one row each."""
    rows = list(rows)
    return _frame(record, [_values([getattr(r, c.name) for r in rows], c.type) for c in schema(record)], len(rows))


def _frame(record: type, columns: list[Any], length: int) -> pd.DataFrame:
    """A frame over these columns as they are; the public way puts the names of all together and looks at them, each time."""
    for name, values in zip(_names(record), columns, strict=True):
        if len(values) != length:
            raise ValueError(f"{record.__name__}.{name} has {len(values)} values, and the first column {length}")
    made: pd.DataFrame = cast(Any, pd.DataFrame)._from_arrays(
        columns, columns=_names(record), index=pd.RangeIndex(length), verify_integrity=False
    )
    return made


@cache
def _names(record: type) -> pd.Index:
    return pd.Index([c.name for c in schema(record)])


def frame_of_columns(record: type, columns: dict[str, Any]) -> pd.DataFrame:
    """A frame from one sequence (or Arrow array, or series) a column; a column left out is empty in every row."""
    length = len(next(iter(columns.values())))
    made = []
    for c in schema(record):
        values = columns.get(c.name)
        if values is None:
            values = pa.nulls(length, c.type)
        elif not isinstance(values, pa.Array):
            values = pa.array(values, type=c.type)
        if values.null_count and not c.nullable:
            raise _empty(record, c.name, array(values))
        made.append(_values(values, c.type))
    return _frame(record, made, length)


def check(record: type, data: pd.DataFrame) -> pd.DataFrame:
    """The same frame, or SchemaError where a column is missing, of another type, or empty where it may not be."""
    declared(record, data)
    return data


def declared(record: type, data: pd.DataFrame) -> dict[str, pa.Array]:
    """The declared columns of a frame as Arrow arrays, in the order of the record's fields; SchemaError as for `check`."""
    found = _columns(data)
    made = {}
    for c in schema(record):
        if c.name not in found:
            raise SchemaError(f"{record.__name__}: column {c.name!r} is missing")
        if found[c.name].dtype != _dtype(c.type):
            raise SchemaError(f"{record.__name__}.{c.name} is {found[c.name].dtype}, expected {c.type}")
        made[c.name] = _one(found[c.name])
        if not c.nullable and made[c.name].null_count:
            raise _empty(record, c.name, made[c.name])
    return made


def _empty(record: type, name: str, found: pa.Array) -> SchemaError:
    row = int(np.asarray(found.is_null()).argmax())
    return SchemaError(f"{record.__name__}.{name} is empty in row {row}")


def records(record: type[R], data: pd.DataFrame) -> list[R]:
    """The rows of a frame as record objects; empty cells are None."""
    lists, found = [], arrays(data)
    columns: tuple[Column, ...] = schema(cast(Hashable, record))
    words = _words(cast(Hashable, record))
    for c in columns:
        values = _objects(typed(found[c.name], c.type))
        lists.append(_members(words[c.name], values) if c.name in words else values)
    return [record(*values) for values in zip(*lists, strict=True)]


def _members(words: type[StrEnum], values: Sequence[str | None]) -> list[StrEnum | None]:
    """The members of an enumeration; ValueError where there is none."""
    known = {value: None if value is None else words(value) for value in set(values)}
    return [known[value] for value in values]


MANY = 500
"""Values from which on it pays to look for those that repeat."""


def _objects(array: pa.Array) -> list[Any]:
    """The values as Python objects. A Decimal or a date takes a microsecond to make, so that of many each is made once."""
    if len(array) < MANY or not (pa.types.is_decimal(array.type) or pa.types.is_date(array.type)):
        found: list[Any] = array.to_pylist()
        return found
    encoded = array.dictionary_encode()
    made = encoded.dictionary.to_pylist()
    return [None if place is None else made[place] for place in encoded.indices.to_pylist()]


@cache
def _words(record: type) -> dict[str, type[StrEnum]]:
    """The fields of a record class that hold one of a few words."""
    found = {}
    for name, hint in get_type_hints(record).items():
        for one in (hint, *get_args(hint)):
            if isinstance(one, type) and issubclass(one, StrEnum):
                found[name] = one
    return found
