"""Lets Python's garbage collector rest while many long-lived objects are made, none of them in circles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_resting() -> Iterator[None]:
    """No search for cycles meanwhile: what is made holds none, and each search would walk everything that was made before."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
