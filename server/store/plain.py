"""Records as plain JSON and back, typed by their annotations: settings and mappings are kept this way."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

R = TypeVar("R")


def to_json(record: Any) -> str:
    """One line of canonical JSON; decimals and dates are texts."""
    return canonical({f.name: _plain(getattr(record, f.name)) for f in fields(record)})


def from_json(record: type[R], text: str) -> R:
    """The record again; a field that the text lacks has its default, one that the record no longer has is left out."""
    return from_plain(record, json.loads(text))


def from_plain(record: type[R], values: Mapping[str, Any]) -> R:
    """The record from its plain values."""
    hints = _hints(record)  # type: ignore[arg-type]
    return record(**{name: _typed(hints[name], value) for name, value in values.items() if name in hints})


@cache
def _hints(record: type) -> Mapping[str, Any]:
    return get_type_hints(record)


def canonical(value: Any) -> str:
    """The same text for the same content, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        return _digits(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no plain form")


def _digits(value: Decimal) -> str:
    """The same text for equal numbers: 1 and 1.0 are one mapping, not a change."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) in (Union, UnionType):
        hint = next(option for option in get_args(hint) if option is not type(None))
    if hint is dt.date:
        return dt.date.fromisoformat(value)
    return hint(value) if hint is Decimal or issubclass(hint, StrEnum) else value
