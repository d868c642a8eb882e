"""Text as Excel counts and writes it."""

import re

LONGEST_CELL = 32_767
_WRITTEN = re.compile("_x([0-9A-Fa-f]{4})_")


def units(text: str) -> int:
    """Length in UTF-16 units, as all of Excel's limits are."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def meant(text: str) -> str:
    """The text that an attribute or cell stands for: _x000a_ is a line break."""
    return _WRITTEN.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def shown(text: str) -> str:
    """A text for a message, short."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
