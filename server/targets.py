"""Where something is to be written: looked at before any work, so that nothing fails at the end."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from server.errors import refuse

NOT_IN_NAMES = "=|;"
"""What mail programs and spreadsheets stumble over."""


def check_target(path: Path, what: str, endings: tuple[str, ...], read: Iterable[Path | None] = ()) -> None:
    """Refused unless the file can be put there. `read`: the files it is made from, which it must not replace."""
    if path.suffix.casefold() not in endings:
        raise refuse(str(path), f"{what}'s name must end in {' or '.join(endings)}")
    if any(c in path.name for c in NOT_IN_NAMES):
        raise refuse(str(path), "a file name with =, | or ; cannot be mailed and opened everywhere: choose another")
    if path.is_dir():
        raise refuse(str(path), f"this is a folder: name the file to write in it, with {endings[0]}")
    if any(path.resolve() == other.resolve() for other in read if other is not None):
        raise refuse(str(path), "this file is read by the same command and would be lost: choose another name with --out")
    check_folder(path.parent)
    _check_not_held(path)


def check_folder(folder: Path) -> None:
    """Refused unless the folder is there and takes a file."""
    if not folder.is_dir():
        raise refuse(str(folder), "there is no such folder: make it, or choose another with --out")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise refuse(str(folder), f"the folder cannot be written to: choose another with --out ({error.strerror})") from error


def _check_not_held(path: Path) -> None:
    try:
        with path.open("r+b"):
            pass
    except FileNotFoundError:
        pass
    except OSError as error:
        raise refuse(str(path), f"could not be written: close it where it is open, then try again ({error.strerror})") from error
