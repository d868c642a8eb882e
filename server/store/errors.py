"""What the store raises, named by what to do about it.

StoreError
    StoreUnavailable    check the location, the server and the rights
    DriverMissing       install the extra that the message names
    StoreTooNew         install a newer Tieout
    StoreBusy           try again later
    UnknownRun, UnknownRevision, UnknownWorkbook, UnknownCopy    use one of those that are known
    OtherInputs         make a new run
"""
# ruff: noqa: N818 - each name says what happened, not that something did

from collections.abc import Iterable

SHOWN = 20


class StoreError(Exception):
    """The store could not do what was asked."""


class StoreUnavailable(StoreError):
    """The store cannot be opened: check its location, the server and the rights."""


class DriverMissing(StoreError):
    """The driver of this database is not installed."""


class StoreTooNew(StoreError):
    """The store was written by a newer Tieout: install that version, or a later one."""


class StoreBusy(StoreError):
    """Another process holds the store: try again later; nothing was saved."""


class UnknownRun(StoreError, LookupError):
    """There is no run of that id."""

    def __init__(self, run_id: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no run {run_id!r}; {listed('runs', known)}")


class UnknownRevision(StoreError, LookupError):
    """The run has no revision of that number."""

    def __init__(self, run_id: str, revision: int, newest: int) -> None:
        super().__init__(f"Run {run_id} has no revision {revision}; its newest is {newest}")


class UnknownWorkbook(StoreError, LookupError):
    """There is no workbook of that id."""

    def __init__(self, workbook_id: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no workbook {workbook_id!r}; {listed('workbooks', known)}")


class UnknownCopy(StoreError, LookupError):
    """There is no returned copy of that id."""

    def __init__(self, copy_id: str) -> None:
        super().__init__(f"There is no returned copy {copy_id!r}; save the copy before its decisions")


class OtherInputs(StoreError):
    """A revision compares the records of its run again; other records, another period or other settings are a new run."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"These are not the frozen inputs of run {run_id}: save them as a new run")


def listed(what: str, known: Iterable[str]) -> str:
    """The known ids, newest first, for a message."""
    ids = list(known)
    if not ids:
        return f"the store has no {what} yet"
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return f"known {what}: {', '.join(ids[:SHOWN])}{more}"
