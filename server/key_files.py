"""A key of this installation: from the environment, or a file beside the store, never in it, that only its user can read."""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.errors import refuse
from server.store.engine import data_folder, url_of


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Where a key comes from, and how one is made."""

    variable: str  # of the environment, which comes first
    name: str  # of the file
    title: str  # for messages: "the key that signs workbooks"
    make: Callable[[], str]


def key_of(file: KeyFile, location: str) -> bytes:
    """The key of the store at that location; made the first time and kept beside it."""
    given = os.environ.get(file.variable)
    if given:
        return given.encode()
    path = key_path(file, location)
    try:
        found = path.read_bytes() if path.exists() else _make(path, file.make())
    except OSError as error:
        raise refuse(str(path), f"{file.title} cannot be read or made: check its rights ({error.strerror})") from error
    if not found:
        raise refuse(str(path), f"{file.title} is empty: put the old file back, or set {file.variable}")
    return found


def key_at_hand(file: KeyFile, location: str) -> bytes | None:
    """The key, if there is one; none is made."""
    there = file.variable in os.environ or key_path(file, location).exists()
    return key_of(file, location) if there else None


def key_path(file: KeyFile, location: str) -> Path:
    """In the folder of a SQLite file; for a database server in the user's data folder."""
    url = url_of(location)
    folder = Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else data_folder()
    return folder / file.name


def _make(path: Path, key: str) -> bytes:
    """Puts a whole key there in one step: a crash leaves none, and of two processes the first one's counts."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key.encode())
        os.link(temporary, path)
    except FileExistsError:  # another process was first
        pass
    finally:
        temporary.unlink(missing_ok=True)
    return path.read_bytes()
