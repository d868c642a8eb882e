"""What the store raises, named by what to do about it.

StoreError
    StoreUnavailable    check the location, the server and the rights
    DriverMissing       install the extra that the message names
    StoreTooNew         install a newer Tieout
    StoreBusy           try again later
    UnknownRun, UnknownRevision, UnknownWorkbook, UnknownCopy    use one of those that are known
    OtherInputs         make a new run
    UnknownSubmission   use one of those that are known
    KeyReused           send other content under another key
    UnknownConnection, UnknownRead    use one of those that are known
    ConnectionExists, SecondPsa       choose another name; use a second store
    ReadRunning         wait, or cancel the read
    NotHeld             only a read that is held back can be accepted
    UnknownToken        use one of those that are known
    NoToken             name a person, a scope and a time that is still to come
    OtherSpelling       write the person's name as it was written before
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


class UnknownSubmission(StoreError, LookupError):
    """There is no submission of that id."""

    def __init__(self, submission_id: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no submission {submission_id!r}; {listed('submissions', known)}")


class KeyReused(StoreError):
    """A key stands for one content for ever: send another content under another key."""

    def __init__(self, key: str, submission_id: str) -> None:
        super().__init__(
            f"The key {key!r} was given to submission {submission_id} with other decisions: send these under another key"
        )


class UnknownConnection(StoreError, LookupError):
    """There is no connection of that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no connection {name!r}; {listed('connections', known)}")


class ConnectionExists(StoreError):
    """There is a connection of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a connection {name!r} already: choose another name, or remove it first")


class SecondPsa(StoreError):
    """An installation has one PSA; a second is a second store."""

    def __init__(self, name: str, standing: str) -> None:
        super().__init__(
            f"{name!r} cannot be added: this store's PSA is {standing!r}; remove that one first, or use a store of its own"
        )


class UnknownRead(StoreError, LookupError):
    """There is no read of that number, or nothing of it is kept."""

    def __init__(self, read_id: int) -> None:
        super().__init__(f"There is no read {read_id} with records in the store")


class ReadRunning(StoreError):
    """A connection is read once at a time: wait for the read that runs, or cancel it."""

    def __init__(self, name: str, what: str, by: str) -> None:
        super().__init__(f"{name!r} is being read ({what}; begun by {by}): wait for it, or cancel it")


class NotHeld(StoreError):
    """Only a read that is held back, with no good one after it, can be accepted."""

    def __init__(self, read_id: int, state: str) -> None:
        said = "a later read is good" if state == "held" else f"it is {state}"
        super().__init__(f"Read {read_id} is not waiting to be accepted: {said}")


class UnknownToken(StoreError, LookupError):
    """There is no token of that id."""

    def __init__(self, token_id: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no token {token_id!r}; {listed('tokens', known)}")


class NoToken(StoreError):
    """A token names a person and at least one scope, and ends after it begins."""

    def __init__(self) -> None:
        super().__init__(str(self.__doc__))


class OtherSpelling(StoreError):
    """A person is known by one name: two spellings would count as two people where two are asked for."""

    def __init__(self, name: str, known: str) -> None:
        super().__init__(f"{name!r} is written {known!r} in another token: write it so")


def listed(what: str, known: Iterable[str]) -> str:
    """The known ids, newest first, for a message."""
    ids = list(known)
    if not ids:
        return f"the store has no {what} yet"
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return f"known {what}: {', '.join(ids[:SHOWN])}{more}"
