"""What a workbook is, and whether Excel opens it as it is. The file is only read."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.errors import refuse
from server.signing import signing_key_at_hand
from server.words import counted
from workbooks.checker import Fault, check_workbook
from workbooks.identity import Identity, verify
from workbooks.mapping_file import is_mapping
from workbooks.opening import identity_of
from workbooks.reader import WorkbookRefused
from workbooks.slice import named

CLEAN = "nothing in it makes Excel offer a repair"


@dataclass(frozen=True, slots=True)
class Examined:
    """One file: what it says it is, and everything that is wrong with it."""

    file: str
    recognised: str
    faults: tuple[Fault, ...]

    def lines(self) -> Iterator[str]:
        """One line for a sound file; else also each fault, by place."""
        yield f"{self.file}: {counted(len(self.faults), 'fault') if self.faults else CLEAN}; {self.recognised}"
        yield from (f"  {fault}" for fault in self.faults)


def examine(path: Path, location: str) -> Examined:
    """Checks a file and says whose it is; Refused in one sentence where it cannot be read. Nothing is written or made."""
    try:
        faults = check_workbook(path)
    except FileNotFoundError:
        raise refuse(str(path), "there is no such file: check the path") from None
    except IsADirectoryError:
        raise refuse(str(path), "this is a folder: name one of its workbooks") from None
    except OSError as error:
        raise refuse(str(path), f"cannot be read: {error.strerror or error}") from error
    return Examined(path.name, _recognised(path, location), faults)


def _recognised(path: Path, location: str) -> str:
    try:
        identity = identity_of(path)
        if identity is None:
            return "a mapping workbook of Tieout" if is_mapping(path) else "not issued by Tieout: it has no identity sheet"
    except WorkbookRefused as refused:
        return f"whose it is cannot be said: {refused}".rstrip(".")
    return f"{_issue(identity)}; {_signature(identity, location)}"


def _issue(identity: Identity) -> str:
    scope = f"only {named(identity.customers)}" if identity.customers else "the whole run"
    of = f"workbook {identity.workbook_id} of run {identity.run_id}, revision {identity.revision}"
    to = f", for {identity.recipient}" if identity.recipient else ""
    return f"issued by Tieout: {of}, period {identity.period}, {scope}{to}"


def _signature(identity: Identity, location: str) -> str:
    key = signing_key_at_hand(location)
    if key is None:
        return "its signature is not verified: this installation has no key yet"
    if verify(identity, key):
        return "signed by this installation"
    return "NOT signed by this installation: another one issued it, or its identity was changed"
