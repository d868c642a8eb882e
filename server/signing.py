"""The installation's key, by which it knows its own workbooks: from the environment, or a file that only its user can read."""

import os
import secrets
from pathlib import Path

from server.errors import refuse
from server.store.engine import data_folder, url_of

VARIABLE = "TIEOUT_KEY"
NAME = "signing.key"


def signing_key(location: str) -> bytes:
    """The key of the store at that location; made the first time and kept beside it, never in it."""
    given = os.environ.get(VARIABLE)
    if given:
        return given.encode()
    path = _folder(location) / NAME
    try:
        found = path.read_bytes() if path.exists() else _make(path)
    except OSError as error:
        raise refuse(
            str(path), f"the key that signs workbooks cannot be read or made: check its rights ({error.strerror})"
        ) from error
    if not found:
        raise refuse(str(path), f"the key that signs workbooks is empty: put the old file back, or set {VARIABLE}")
    return found


def _folder(location: str) -> Path:
    """The folder of a SQLite file; for a database server the user's data folder."""
    url = url_of(location)
    return Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else data_folder()


def _make(path: Path) -> bytes:
    """Puts a whole key there in one step: a crash leaves none, and of two processes the first one's counts."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(32).encode())
        os.link(temporary, path)
    except FileExistsError:  # another process was first
        pass
    finally:
        temporary.unlink(missing_ok=True)
    return path.read_bytes()
