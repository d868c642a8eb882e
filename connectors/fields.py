"""A record as an API gives it, read field by field; what is missing or of another kind is named."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

from core.exact import PRICE, QUANTITY, to_int

T = TypeVar("T")


class Unreadable(ValueError):  # noqa: N818 -- named for what the field is
    """A field of a record is missing or is not what it should be."""


class Fields:
    """The fields of one record. A path such as `product.identifier` leads into a reference."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.row = row

    def __call__(self, path: str) -> Any:
        value: Any = self.row
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def text(self, path: str, default: str | None = None) -> str:
        """A text, or a number as text: ids are numbers in one API and texts in another."""
        value = self(path)
        if value is None or value == "":
            return self._default(path, default)
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise self._wrong(path, "a text")
        return str(value)

    def optional_text(self, path: str) -> str | None:
        return None if self(path) in (None, "") else self.text(path)

    def quantity(self, path: str, default: Decimal | None = None) -> Decimal:
        return self._number(path, QUANTITY, default)

    def price(self, path: str) -> Decimal:
        return self._number(path, PRICE, None)

    def optional_price(self, path: str) -> Decimal | None:
        return None if self(path) is None else self.price(path)

    def _number(self, path: str, places: int, default: Decimal | None) -> Decimal:
        """A number that its column holds exactly: nothing is rounded silently."""
        value = self(path)
        if value is None:
            return self._default(path, default)
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise self._wrong(path, "a number")
        try:
            to_int(Decimal(value), places)
        except ValueError as error:
            raise Unreadable(f"{path}: {error}") from None
        return Decimal(value)

    def flag(self, path: str, default: bool = False) -> bool:
        value = self(path)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(path, "true or false")
        return default if value is None else value

    def day(self, path: str) -> dt.date | None:
        """The day of a date or time, as it is written there: `2026-11-30T00:00:00Z` is 30 November in every time zone."""
        value = self(path)
        if value in (None, ""):
            return None
        try:
            return dt.date.fromisoformat(str(value)[:10])
        except ValueError:
            raise self._wrong(path, "a date") from None

    def one_of(self, path: str, meanings: Mapping[str, T], default: str | None = None) -> T:
        word = self.text(path, default)
        if word not in meanings:
            raise self._wrong(path, f"one of {', '.join(meanings)}")
        return meanings[word]

    def _default(self, path: str, default: T | None) -> T:
        if default is None:
            raise Unreadable(f"{path} is missing")
        return default

    def _wrong(self, path: str, expected: str) -> Unreadable:
        return Unreadable(f"{path} is {str(self(path))[:60]!r}; {expected} was expected")
