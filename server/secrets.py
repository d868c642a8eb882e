"""The secrets of connections: from the environment, the system's keyring, or rows encrypted under a key outside the database.

The environment is for those who run a service: TIEOUT_SECRET_<CONNECTION>_<SETTING>, or the same with _FILE and a path. What a
person types goes to the keyring where the system has one (TIEOUT_KEYRING=off leaves it alone), else into the store, encrypted.
"""

import hmac
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from server.errors import refuse
from server.key_files import KeyFile, key_of, key_path
from server.store import Store
from server.store.engine import shown, url_of

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

KEYRING = "TIEOUT_KEYRING"
RECOMMENDED = 1.0
"""The priority from which a keyring's makers recommend it; those that keep plain text or nothing are below."""

ENVIRONMENT, SYSTEM_KEYRING, STORE = "the environment", "the system's keyring", "the store, encrypted"


def _new_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


SECRETS = KeyFile("TIEOUT_SECRETS_KEY", "secrets.key", "the key that opens secrets", _new_key)
"""One key, or several with commas or line ends between them: the first encrypts, all of them open."""


class Secret:
    """A text that shows itself only to who asks for it by `reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself: give it to what needs it, and keep it nowhere."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, _specification: str) -> str:
        return "***"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a set or a dictionary's key would outlive its use

    def __reduce_ex__(self, _protocol: Any) -> NoReturn:
        raise TypeError("a secret is not copied or pickled; reveal it where it is used")


class Keyring(Protocol):
    """What is used of the package keyring."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


def system_keyring() -> Keyring | None:
    """The keyring of this system; None where it has none that protects what it is given, or it is switched off."""
    if os.environ.get(KEYRING, "").strip().lower() in ("off", "no", "0", "false"):
        return None
    try:
        import keyring
        from keyring.backends import fail, null
    except ImportError:
        return None
    found = keyring.get_keyring()
    if isinstance(found, fail.Keyring | null.Keyring) or found.priority < RECOMMENDED:
        return None
    return found


class Vault:
    """The secrets of a store's connections."""

    def __init__(self, store: Store, location: str, keyring: Keyring | None = None) -> None:
        self._store, self._location, self._keyring = store, location, keyring
        self._service = f"tieout {shown(url_of(location))}"

    def __repr__(self) -> str:
        return "<Vault>"

    def get_secret(self, connection: str, setting: str) -> Secret | None:
        """The secret, or None where there is none. Refused says what to do where one is there and cannot be opened."""
        value = _from_environment(connection, setting)
        if value is None:
            value = self._from_keyring(connection, setting)
        if value is None:
            value = self._from_store(connection, setting)
        return Secret(value) if value is not None else None

    def place(self, connection: str, setting: str) -> str | None:
        """Where the secret is kept: ENVIRONMENT, SYSTEM_KEYRING or STORE; None where there is none. It is not opened."""
        if _from_environment(connection, setting) is not None:
            return ENVIRONMENT
        if self._from_keyring(connection, setting) is not None:
            return SYSTEM_KEYRING
        return STORE if self._store.secret(connection, setting) is not None else None

    def set_secret(self, connection: str, setting: str, value: str, by: str) -> None:
        """Keeps what a person typed, in the keyring or encrypted in the store; refused where the environment comes before it."""
        if _from_environment(connection, setting) is not None:
            raise refuse(variable(connection, setting), "is set and comes first: change the secret there")
        if not (value := value.strip()):
            raise refuse(f"connection {connection}, {setting}", "the secret is empty")
        if self._keyring is not None:
            with _keyring_told():
                self._keyring.set_password(self._service, _user(connection, setting), value)
            self._store.keep_secret(connection, setting, None, SYSTEM_KEYRING, by)
        else:
            sealed = self._keys().encrypt(_bound(connection, setting, value)).decode()
            self._store.keep_secret(connection, setting, sealed, STORE, by)

    def remove(self, connection: str, settings: tuple[str, ...], by: str) -> None:
        """Forgets a connection's secrets; those of the environment are whoever's who set them."""
        for setting in settings if self._keyring is not None else ():
            if self._from_keyring(connection, setting) is not None:
                with _keyring_told():
                    self._keyring.delete_password(self._service, _user(connection, setting))  # type: ignore[union-attr]
        self._store.forget_secrets(connection, by)

    def rotate(self, by: str) -> int:
        """Encrypts every secret in the store under the first key; afterwards the others can be taken away. The number of them."""
        from cryptography.fernet import InvalidToken

        keys, renewed = self._keys(), {}
        for (connection, setting), sealed in self._store.secrets().items():
            try:
                renewed[connection, setting] = sealed, keys.rotate(sealed.encode()).decode()
            except InvalidToken:
                raise self._cannot_open(connection, setting) from None
        return self._store.renew_secrets(renewed, by)

    def _from_keyring(self, connection: str, setting: str) -> str | None:
        if self._keyring is None:
            return None
        with _keyring_told():
            return self._keyring.get_password(self._service, _user(connection, setting))

    def _from_store(self, connection: str, setting: str) -> str | None:
        sealed = self._store.secret(connection, setting)
        if sealed is None:
            return None
        from cryptography.fernet import InvalidToken

        try:
            of, name, value = json.loads(self._keys().decrypt(sealed.encode()))
        except InvalidToken:
            raise self._cannot_open(connection, setting) from None
        if (of, name) != (connection, setting):
            raise refuse(f"connection {connection}, {setting}", "its row holds the secret of another setting: type it again")
        return str(value)

    def _keys(self) -> "MultiFernet":
        """The keys, newest first."""
        try:
            from cryptography.fernet import Fernet, MultiFernet
        except ImportError:
            raise refuse("secrets", "keeping them in the store needs cryptography: pip install 'tieout[service]'") from None
        texts = re.split(r"[,\s]+", key_of(SECRETS, self._location).decode(errors="replace").strip())
        try:
            return MultiFernet([Fernet(text) for text in texts])
        except ValueError:
            raise refuse(
                self._key_place(), f"{SECRETS.title} is none: put the old one back, or take it away and type every secret again"
            ) from None

    def _cannot_open(self, connection: str, setting: str) -> Exception:
        said = f"the secret is encrypted under another key than the one in {self._key_place()}"
        return refuse(
            f"connection {connection}, {setting}", f"{said}: put the key back that it was kept with, or type the secret again"
        )

    def _key_place(self) -> str:
        return SECRETS.variable if os.environ.get(SECRETS.variable) else str(key_path(SECRETS, self._location))


def open_vault(store: Store, location: str) -> Vault:
    """The vault of an open store, with the system's keyring where there is one."""
    return Vault(store, location, system_keyring())


def variable(connection: str, setting: str) -> str:
    """The environment variable that gives a secret."""
    return f"TIEOUT_SECRET_{re.sub('[^A-Z0-9]', '_', f'{connection}_{setting}'.upper())}"


def _from_environment(connection: str, setting: str) -> str | None:
    name = variable(connection, setting)
    if value := os.environ.get(name, "").strip():
        return value
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return None
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise refuse(f"{name}_FILE", f"{path} cannot be read as text: check its path and rights ({type(error).__name__})") from None
    if not value:
        raise refuse(f"{name}_FILE", f"{path} is empty: put the secret into it")
    return value


def _bound(connection: str, setting: str, value: str) -> bytes:
    """With its own place in it, so that a row moved to another setting is noticed, and no API gets another's secret."""
    return json.dumps([connection, setting, value]).encode()


def _user(connection: str, setting: str) -> str:
    return f"{connection} {setting}"


@contextmanager
def _keyring_told() -> Iterator[None]:
    """A keyring that is locked or gone, in our words; its own might hold what it was given."""
    try:
        yield
    except Exception as error:
        kind = type(error).__name__
        raise refuse(SYSTEM_KEYRING, f"it does not answer ({kind}): unlock it, or set {KEYRING}=off") from None
