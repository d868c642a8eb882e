"""What a cell may hold, by its type."""

from workbooks.checker.numbers import finite
from workbooks.checker.text import LONGEST_CELL, meant, shown, units

_ERRORS = (
    "#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED! #UNKNOWN! #CONNECT! #BUSY! "
    "#EXTERNAL! #PYTHON!"
)
_LATEST = 2_958_465.99999999
"""31 December 9999 as a cell holds it."""

Wrong = tuple[str, str]
"""What is wrong, and what to do."""


def wrong_value(type: str, value: str, shows_day: bool) -> Wrong | None:
    """What is wrong with the text of <v>; shared texts are judged elsewhere."""
    match type:
        case "n":
            return _number(value, shows_day)
        case "str":
            return wrong_length(value) if len(value) > LONGEST_CELL // 2 else None
        case "b" if value not in ("0", "1"):
            return f"{shown(value)} is neither true nor false", "write 1 or 0"
        case "e" if value not in _ERRORS.split():
            return f"{shown(value)} is no error that Excel knows", "write one like #N/A, or a text"
        case "inlineStr":
            return "a text of its own stands in <v>", "write it in <is><t>"
        case "b" | "e" | "d" | "s":
            return None
    return f"{type!r} is no type of a cell", "write n, s, str, b, e, d or inlineStr"


def _number(value: str, shows_day: bool) -> Wrong | None:
    number = finite(value)
    if number is None:
        return f"{shown(value)} is no number that Excel can hold", "write a finite number, or nothing"
    if shows_day and not 0 <= number <= _LATEST:
        return f"{value} is no day, and the cell shows one", "write a day from 1900 to 9999, or nothing"
    return None


def wrong_length(text: str) -> Wrong | None:
    """Whether a text is longer than a cell holds."""
    length = units(meant(text))
    return (f"the text has {length:,} characters", f"cut it to {LONGEST_CELL:,}") if length > LONGEST_CELL else None
