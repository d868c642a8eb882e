"""Column types that keep what they are given, exactly, on SQLite and on PostgreSQL alike (R18).

SQLAlchemy's Numeric is a float on SQLite and its DateTime drops the zone there, both without a warning.
"""

import datetime as dt
import json
from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import StrEnum
from typing import Any

import pyarrow as pa
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Dialect, Text
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator, TypeEngine

from core.frames import DIGITS
from core.records import Step
from server.store.plain import canonical

EXACT = Context(prec=DIGITS, traps=[Inexact, InvalidOperation])


class NotExact(DontWrapMixin, ValueError):  # noqa: N818
    """A value that its column cannot keep exactly."""


class Scaled(TypeDecorator[Decimal]):
    """A Decimal as a scaled 64-bit integer; a float, or a value with more places or digits than it holds, is refused."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else scaled(value, self.places)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.places)


def scaled(value: Any, places: int) -> int:
    """The value times ten to the number of places; NotExact where that is not a whole number of at most 18 digits."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise NotExact(f"{value!r} is a {type(value).__name__}; only a Decimal is exact")
    value = Decimal(value)
    if not value.is_finite():
        raise NotExact(f"{value} is not a number")
    try:
        return int(value.quantize(Decimal(1).scaleb(-places), context=EXACT).scaleb(places))
    except Inexact:
        raise NotExact(f"{value} has more than {places} decimal places") from None
    except InvalidOperation:
        raise NotExact(f"{value} has more than {DIGITS} digits with {places} decimal places") from None


class Moment(TypeDecorator[dt.datetime]):
    """A moment in UTC, aware both ways; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(timezone=True)

    def process_bind_param(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise NotExact(f"{value} has no time zone")
        moment: dt.datetime = value.astimezone(dt.UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        moment: dt.datetime = value.replace(tzinfo=dt.UTC) if dialect.name == "sqlite" else value.astimezone(dt.UTC)
        return moment


class Word(TypeDecorator[StrEnum]):
    """A member of a StrEnum as its text."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(self.words(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class Steps(TypeDecorator[tuple[Step, ...]]):
    """Dated steps as a JSON text, which both databases keep alike; its numbers are texts, which stay exact. None: NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if not value:
            return None
        for step in value:
            scaled(step.quantity, 4)  # refused where the quantity of a decision would be
        return canonical([[f"{s.quantity:f}", s.effective_date.isoformat(), s.note, s.place] for s in value])

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Step, ...]:
        return tuple(Step(Decimal(q), dt.date.fromisoformat(day), note, place) for q, day, note, place in json.loads(value or "[]"))


def column_type(type: pa.DataType) -> TypeEngine[Any]:
    """The column type that holds an Arrow type of our frames."""
    if pa.types.is_decimal128(type):
        return Scaled(type.scale)
    found: TypeEngine[Any] = {pa.string(): Text, pa.bool_(): Boolean, pa.int64(): BigInteger, pa.date32(): Date}[type]()
    return found
