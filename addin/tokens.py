"""The token that lets the add-in into the service: in the system's keyring, or in a file that only its user can read.

It is kept by the service's address, so that it never goes to another one. TIEOUT_KEYRING=off leaves the keyring alone.
"""

import json
from typing import Any, Protocol

from addin.errors import Damaged
from addin.machine import Machine
from addin.settings import write_privately

NAME = "tieout add-in"
FILE = "token.json"
RECOMMENDED = 1.0
"""The priority from which a keyring's makers recommend it; those that keep plain text or nothing are below."""


class Keyring(Protocol):
    """What is used of the package keyring."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


def system_keyring(machine: Machine) -> Keyring | None:
    """The keyring of this system; None where it has none that protects what it is given, or it is switched off."""
    if machine.environment.get("TIEOUT_KEYRING", "").strip().lower() in ("off", "no", "0", "false"):
        return None
    import keyring
    from keyring.backends import fail, null

    found = keyring.get_keyring()
    if isinstance(found, fail.Keyring | null.Keyring) or found.priority < RECOMMENDED:
        return None
    return found


def load_token(machine: Machine, service: str, keyring: Keyring | None) -> str | None:
    """The token for a service; None where there is none. Damaged where it is there and cannot be opened."""
    if keyring is not None:
        try:
            found = keyring.get_password(NAME, service)
        except Exception as error:  # each keyring has its own; all of them mean the same
            raise Damaged(f"The keyring of this computer cannot be opened ({error}): unlock it, then try again.") from error
        if found:
            return found
    return _kept(machine).get(service)


def save_token(machine: Machine, service: str, token: str, keyring: Keyring | None) -> None:
    """Keeps the token for a service and forgets the one before."""
    forget_token(machine, service, keyring)
    if keyring is not None:
        keyring.set_password(NAME, service, token)
    else:
        write_privately(machine.settings_folder / FILE, json.dumps({service: token}))


def forget_token(machine: Machine, service: str, keyring: Keyring | None) -> None:
    """Removes the token, wherever it is kept. Harmless where there is none."""
    if keyring is not None:
        try:
            keyring.delete_password(NAME, service)
        except Exception as error:
            if keyring.get_password(NAME, service) is not None:
                raise Damaged(f"The token could not be taken out of the keyring ({error}): delete its entry {NAME!r}.") from error
    (machine.settings_folder / FILE).unlink(missing_ok=True)


def _kept(machine: Machine) -> dict[str, Any]:
    path = machine.settings_folder / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Damaged(f"The token in {path} cannot be read: delete that file, then sign in again.") from error
    return found if isinstance(found, dict) else {}
