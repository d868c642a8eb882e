"""What a person typed, as a value. Numbers and dates typed as text, stray spaces and mixed case are understood;
nothing is guessed.
"""

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from workbooks.layout import Kind

PLACES = {Kind.QUANTITY: 4, Kind.PRICE: 6, Kind.MONEY: 2, Kind.COUNT: 0, Kind.PERCENT: 4}
LARGEST = Decimal(10) ** 12
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SERIAL_ONE = dt.date(1899, 12, 30)
_LAST_SERIAL = 2_958_465


class NotUnderstoodError(ValueError):
    """A typed value that cannot be used; the message says what was found and what is expected."""


def plain(value: object) -> str:
    """Text without stray spaces, whatever kind they are of; numbers as they would be typed."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    said = str(value)
    return " ".join((said if said.isascii() else unicodedata.normalize("NFKC", said)).split())


def text(value: object) -> str:
    """A text as typed: line breaks stay, spaces around it go."""
    return value.replace("\xa0", " ").strip() if isinstance(value, str) else plain(value)


def word(value: object) -> str:
    """For comparing: spaces and case do not matter."""
    return plain(value).casefold()


def number(value: object, kind: Kind) -> Decimal:
    """A number rounded to the places of its kind, half-up."""
    if isinstance(value, bool):
        raise NotUnderstoodError(f"{value} is not a number")
    found = Decimal(repr(value)) if isinstance(value, (int, float)) else _number_of_text(plain(value))
    if not found.is_finite() or abs(found) >= LARGEST:
        raise NotUnderstoodError(f"{plain(value)} is not a number that can be used")
    return found.quantize(Decimal(1).scaleb(-PLACES[kind]), ROUND_HALF_UP)


def _number_of_text(typed: str) -> Decimal:
    bare = re.sub(r"^[$€£]\s?", "", typed)
    negative = re.fullmatch(r"\((.+)\)", bare)
    bare = negative[1] if negative else bare
    if not re.fullmatch(r"[+-]?(\d+|\d{1,3}(,\d{3})+|\d{1,3}( \d{3})+)(\.\d+)?|[+-]?\.\d+", bare):
        raise NotUnderstoodError(f"{typed!r} is not a number; type it as 1234.5")
    found = Decimal(bare.replace(",", "").replace(" ", ""))
    return -found if negative else found


def date(value: object) -> dt.date:
    """A date of this century; one typed as text must be clear about its day and month."""
    found = any_date(value)
    if not 2000 <= found.year <= 2100:
        raise NotUnderstoodError(f"{found} is not a date that can be meant; type it as 2026-12-01")
    return found


def any_date(value: object) -> dt.date:
    """A date of any century, as systems state "for ever"."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if 0 < value <= _LAST_SERIAL:  # where the cell lost its date format
            return _SERIAL_ONE + dt.timedelta(days=int(value))
        raise NotUnderstoodError(f"{plain(value)} is not a date; type it as 2026-12-01")
    return _date_of_text(plain(value))


def _date_of_text(typed: str) -> dt.date:
    try:
        if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})([T ]00:00(:00)?)?", typed):
            return dt.date(int(found[1]), int(found[2]), int(found[3]))
        if found := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", typed):
            return _of_two(int(found[1]), int(found[2]), int(found[3]), typed)
        if found := re.fullmatch(r"(\d{1,2})[- .]+([A-Za-z]{3,9})[-,. ]+(\d{4})", typed):
            return dt.date(int(found[3]), _month(found[2]), int(found[1]))
        if found := re.fullmatch(r"([A-Za-z]{3,9})[. ]+(\d{1,2}),? +(\d{4})", typed):
            return dt.date(int(found[3]), _month(found[1]), int(found[2]))
    except NotUnderstoodError:
        raise
    except ValueError as error:
        raise NotUnderstoodError(f"{typed!r} is not a date: {error}") from None
    raise NotUnderstoodError(f"{typed!r} is not a date; type it as 2026-12-01")


def _of_two(first: int, second: int, year: int, typed: str) -> dt.date:
    if first <= 12 and second <= 12 and first != second:
        months = dt.date(year, first, second), dt.date(year, second, first)
        raise NotUnderstoodError(f"{typed!r} can be {months[0]} or {months[1]}; type the one that is meant like that")
    return dt.date(year, second, first) if first > 12 else dt.date(year, first, second)


def _month(name: str) -> int:
    if name[:3].casefold() not in _MONTHS:
        raise NotUnderstoodError(f"{name!r} is not a month")
    return _MONTHS.index(name[:3].casefold()) + 1
