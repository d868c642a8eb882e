"""The installation's key, by which it knows its own workbooks."""

import secrets

from server.key_files import KeyFile, key_at_hand, key_of

VARIABLE = "TIEOUT_KEY"
SIGNING = KeyFile(VARIABLE, "signing.key", "the key that signs workbooks", lambda: secrets.token_hex(32))


def signing_key(location: str) -> bytes:
    """The key of the store at that location; made the first time and kept beside it, never in it."""
    return key_of(SIGNING, location)


def signing_key_at_hand(location: str) -> bytes | None:
    """The key of the store at that location; none where none was made yet."""
    return key_at_hand(SIGNING, location)
