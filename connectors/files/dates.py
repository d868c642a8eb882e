"""Dates as files write them. Day or month first is decided for the whole file, from the dates that leave no doubt."""

import datetime as dt
import re

_TIME = r"(?:(?:T|\s+)\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}", re.ASCII)
_PARTS = re.compile(rf"(\d{{1,2}})([-/])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}", re.ASCII)
_DOTS = re.compile(rf"(\d{{1,2}})\.\s?(\d{{1,2}})\.\s?(\d{{4}}|\d{{2}}){_TIME}", re.ASCII)
_DAY_WORD = re.compile(rf"(\d{{1,2}})[-./ ]\s?([A-Za-z]{{3,9}})\.?[-/ ,]\s?(\d{{4}}|\d{{2}}){_TIME}", re.ASCII)
_WORD_DAY = re.compile(rf"([A-Za-z]{{3,9}})\.? (\d{{1,2}}),? (\d{{4}}){_TIME}", re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?", re.ASCII)
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_EXPECTED = "is not a date; write it like 2026-01-31"
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000
_EPOCH = dt.date(1899, 12, 30)


def proves_day_first(text: str) -> bool | None:
    """True where the day stands first without doubt, False where the month does, None where the date does not tell."""
    found = _PARTS.fullmatch(text.strip())
    if not found:
        return None
    first, second = int(found[1]), int(found[3])
    if (first > 12) == (second > 12):
        return None
    return first > 12


def parse_date(text: str, day_first: bool) -> dt.date | None:
    """The day as written, its time left aside. Placeholders for "no date" (year 1, year 9999) are None."""
    year, month, day = _parts(text.strip(), day_first)
    if year == 1 or year >= 9000:
        return None
    try:
        date = dt.date(year, month, day)
    except ValueError:
        raise ValueError(_EXPECTED) from None
    return _plausible(date)


def from_serial(serial: float) -> dt.date:
    """The day that a spreadsheet keeps as this number."""
    if not _FIRST_SERIAL <= serial <= _LAST_SERIAL:
        raise ValueError(_EXPECTED)
    return _EPOCH + dt.timedelta(days=int(serial))


def _parts(text: str, day_first: bool) -> tuple[int, int, int]:
    if found := _ISO.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _PARTS.fullmatch(text):
        first, second = int(found[1]), int(found[3])
        return _year(found[4]), *((second, first) if day_first else (first, second))
    if found := _DOTS.fullmatch(text):
        return _year(found[3]), int(found[2]), int(found[1])
    if found := _DAY_WORD.fullmatch(text):
        return _year(found[3]), _month(found[2]), int(found[1])
    if found := _WORD_DAY.fullmatch(text):
        return int(found[3]), _month(found[1]), int(found[2])
    if found := _COMPACT.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _SERIAL.fullmatch(text):
        date = from_serial(int(found[1]))
        return date.year, date.month, date.day
    raise ValueError(_EXPECTED)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _month(word: str) -> int:
    for number, name in enumerate(_MONTHS, 1):
        if name.startswith(word.casefold()) or (name == "september" and word.casefold() == "sept"):
            return number
    raise ValueError(_EXPECTED)


def _plausible(date: dt.date) -> dt.date:
    if not 1950 <= date.year <= 2200:
        raise ValueError(f"is in the year {date.year}; check the date")
    return date
