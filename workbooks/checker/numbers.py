"""Numbers in attributes. What is no number at all is beyond every range, so that the check of the range tells it."""

import re

BEYOND = 1 << 40
_WHOLE = re.compile(r"\d{1,10}")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def whole(text: str | None, otherwise: int = 0) -> int:
    """The number that an attribute holds; `otherwise` where it is left out."""
    if text is None:
        return otherwise
    return int(text) if _WHOLE.fullmatch(text) else BEYOND


def finite(text: str) -> float | None:
    """The value of a cell's number; none where Excel cannot hold it."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) < 1e308 else None
