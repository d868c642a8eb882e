"""The installation's key, by which it knows its own workbooks: from the environment, or a file that only its user can read."""

import os
import secrets
from pathlib import Path

from server.store.engine import data_folder, url_of

VARIABLE = "TIEOUT_KEY"


def signing_key(location: str) -> bytes:
    """The key of the store at that location; made the first time and kept beside it, never in it."""
    given = os.environ.get(VARIABLE)
    if given:
        return given.encode()
    path = _folder(location) / "signing.key"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return _make(path)


def _folder(location: str) -> Path:
    """The folder of a SQLite file; for a database server the user's data folder."""
    url = url_of(location)
    return Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else data_folder()


def _make(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = secrets.token_hex(32).encode()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        file.write(key)
    return key
