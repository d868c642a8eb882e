"""Fields of requests and answers: what they take is exact and narrow, so that nothing odd gets further than here.

Decimals travel as texts, never as floats. Whole numbers and switches are JSON's own, not texts that look like them. Texts hold
nothing that a database or a log stumbles over.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Range

from core.periods import Period

EXACT = r"^-?[0-9]{1,9}(\.[0-9]{1,6})?$"
PERIOD = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2199, 12, 31)
LONGEST = 2_000
_NOT_IN_TEXTS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _metadata(options: dict[str, Any], **more: Any) -> dict[str, Any]:
    return options | {"metadata": more | dict(options.get("metadata") or {})}


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern says; in Python `$` alone lets a line end pass."""
    return re.fullmatch(pattern.removeprefix("^").removesuffix("$"), text) is not None


class Text(fields.String):
    """A text of limited length, without control characters and halves of characters."""

    def __init__(self, *, longest: int = LONGEST, pattern: str | None = None, **options: Any) -> None:
        shown = {"maxLength": longest} | ({"pattern": pattern} if pattern else {})
        super().__init__(**_metadata(options, **shown))
        self.longest, self.pattern = longest, pattern

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        return self.plain(super()._deserialize(value, attr, data, **options))

    def plain(self, text: str) -> str:
        """The text, where it is as it should be; else ValidationError."""
        if len(text) > self.longest:
            raise ValidationError(f"has {len(text):,} characters; at most {self.longest:,} are taken")
        if _NOT_IN_TEXTS.search(text):
            raise ValidationError("holds control characters: leave them out")
        if self.pattern and not matches(self.pattern, text):
            raise ValidationError(f"is not as expected: {self.pattern}")
        return text


class Decimals(fields.String):
    """A decimal of an answer as a text: "12.5"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**_metadata(options, pattern=r"^-?[0-9]+(\.[0-9]+)?$"))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> str | None:
        return None if value is None else format(value, "f")


class Exact(Text):
    """A decimal of a request as a text: "12.5"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(longest=17, pattern=EXACT, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        return Decimal(super()._deserialize(value, attr, data, **options))


class Whole(fields.Integer):
    """A whole number as JSON has it: no text, no 1.0, no true."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        if type(value) is not int:
            raise ValidationError("is not a whole number")
        return value


class Switch(fields.Boolean):
    """true or false, as JSON has them."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        if type(value) is not bool:
            raise ValidationError("is neither true nor false")
        return value


class Day(fields.Date):
    """A date as YYYY-MM-DD, within what arithmetic with months can bear."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        day = super()._deserialize(value, attr, data, **options)
        if not EARLIEST <= day <= LATEST or str(value) != day.isoformat():
            raise ValidationError(f"is not a date between {EARLIEST} and {LATEST}, written as YYYY-MM-DD")
        return day


class Month(Text):
    """A billing period: 2026-11."""

    def __init__(self, **options: Any) -> None:
        super().__init__(longest=7, pattern=PERIOD, **_metadata(options, example="2026-11"))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        return Period.parse(super()._deserialize(value, attr, data, **options))


class Word(Text):
    """A member of a list of words."""

    def __init__(self, words: type[StrEnum] | Iterable[str], **options: Any) -> None:
        self.words = words
        choices: list[str | None] = [str(word) for word in words]
        super().__init__(longest=100, **_metadata(options, enum=choices + [None] * bool(options.get("allow_none"))))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        found = next((word for word in self.words if str(word) == text), None)
        if found is None:
            raise ValidationError(f"is none of {', '.join(map(str, self.words))}")
        return found


class Rows(fields.List[Any]):
    """A long list of records, each read field by field; where one is not as it should be, its schema says what is wrong.

    The schema alone takes several times as long, which 20,000 decisions are kept waiting for.
    """

    def __init__(self, shape: type[Schema], **options: Any) -> None:
        super().__init__(fields.Nested(shape), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Any:
        records = _Records(self.inner.schema.load_fields)  # type: ignore[attr-defined]
        try:
            if isinstance(value, list):
                return [records.read(one) for one in value]
            return self._by_schema(value, attr, data, options)
        except ValidationError:
            return self._by_schema(value, attr, data, options)

    def _by_schema(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, options: Any) -> Any:
        return super()._deserialize(value, attr, data, **options)


class _Records:
    """Reads records one by one; what a text came to in an earlier one is not worked out again."""

    def __init__(self, known: Mapping[str, fields.Field[Any]]) -> None:
        self._known = known
        self._required = {name for name, one in known.items() if one.required}
        free = {name: one.load_default for name, one in known.items() if not one.required}
        self._defaults = {name: default for name, default in free.items() if not callable(default)}
        self._made = {name: default for name, default in free.items() if callable(default)}
        self._read: dict[str, dict[str, Any]] = {name: {} for name in known}

    def read(self, given: Any) -> dict[str, Any]:
        """ValidationError where anything is wrong with it."""
        if not isinstance(given, dict) or not self._required <= given.keys() <= self._known.keys():
            raise ValidationError("is no record of these fields")
        found = self._defaults | {name: make() for name, make in self._made.items() if name not in given}
        for name, value in given.items():
            one = self._known[name]
            if value is None and one.allow_none:
                found[name] = None
            elif type(value) is str:
                read = self._read[name]
                if value not in read:
                    read[value] = (
                        one.plain(value) if type(one) is Text and not one.validators else one.deserialize(value, name, given)
                    )
                found[name] = read[value]
            else:
                found[name] = one.deserialize(value, name, given)
        return found


def count(default: int, most: int, least: int = 1) -> fields.Integer:
    """A number in a query, where everything is a text."""
    return fields.Integer(load_default=default, validate=Range(least, most))
