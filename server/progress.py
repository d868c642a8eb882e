"""What a long command says while it works."""

import time
from collections.abc import Callable

Say = Callable[[str], None]


def timed(say: Say) -> Say:
    """The same, with the seconds since now before each line."""
    start = time.monotonic()
    return lambda text: say(f"[{time.monotonic() - start:6.1f} s] {text}")
