"""Schemas of records, made from their declarations: what a dataclass says of itself is not said a second time."""

import datetime as dt
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from apiflask import Schema
from marshmallow import fields as kinds
from marshmallow import post_load

from core.periods import Period
from server.api.fields import Day, Decimals, Exact, Month, Switch, Text, Whole, Word

TAKEN: dict[type, Any] = {Decimal: Exact, bool: Switch, int: Whole, dt.date: Day, Period: Month, str: Text}
GIVEN: dict[type, Any] = {
    Decimal: Decimals, bool: kinds.Boolean, int: kinds.Integer, dt.date: kinds.Date, dt.datetime: kinds.DateTime,
    Period: kinds.String, str: kinds.String,
}  # fmt: skip


def answer(record: type, name: str = "", without: tuple[str, ...] = (), **more: Any) -> type[Schema]:
    """The schema of a record in answers, every field always there; `more` is added or replaces."""
    hints = get_type_hints(record)
    own = {f.name: field_of(hints[f.name], GIVEN, required=True) for f in fields(record) if f.name not in without}
    return cast(type[Schema], Schema.from_dict(own | more, name=name or record.__name__))


@cache
def request(record: type) -> type[Schema]:
    """The schema of a record in requests, which gives the record."""
    hints = get_type_hints(record)
    own: dict[str, Any] = {}
    for f in fields(record):
        needed = f.default is MISSING and f.default_factory is MISSING
        own[f.name] = field_of(hints[f.name], TAKEN, **({"required": True} if needed else {"load_default": f.default}))

    def make(_schema: Schema, data: dict[str, Any], **_: Any) -> Any:
        return record(**data)

    return type(f"{record.__name__}In", (Schema,), {**own, "make": post_load(make)})


@cache
def nested(record: type) -> type[Schema]:
    """The schema of a record inside another one's answer, the same wherever it stands."""
    return answer(record)


def field_of(hint: Any, plain: dict[type, Any], **options: Any) -> Any:
    """The field that holds what the annotation says."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (some,) = (one for one in inner if one is not type(None))
        return field_of(some, plain, allow_none=True, **options)
    if origin in (tuple, list, frozenset):
        return kinds.List(field_of(inner[0], plain), **options)
    if origin is not None and issubclass(origin, Mapping):
        return kinds.Dict(keys=kinds.String(), values=field_of(inner[1], plain), **options)
    if hint in plain:
        return plain[hint](**options)
    if is_dataclass(hint):
        return kinds.Nested(nested(hint), **options)  # type: ignore[arg-type]
    if issubclass(hint, StrEnum):
        return Word(hint, **options)
    raise TypeError(f"{hint!r} has no field")


def page(name: str, shape: type[Schema], **more: Any) -> type[Schema]:
    """A list of records under one name, so that more can be said beside it later."""
    return cast(
        type[Schema], Schema.from_dict({name: kinds.List(kinds.Nested(shape), required=True), **more}, name=f"{shape.__name__}List")
    )
