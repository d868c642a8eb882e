"""What the add-in asks the service: its API, as JSON. The address is the user's own and the token goes nowhere else."""

import json
import time
from types import TracebackType
from typing import Any, Self

import httpx

from addin.connection import new_client
from addin.errors import AddInError, Declined, NotKnown, NotReady, Unreachable
from addin.excel import Press
from addin.machine import Machine
from addin.settings import load_settings
from addin.tokens import load_token, system_keyring

PREFIX = "/api/v1"
PATIENCE = httpx.Timeout(10.0, read=120.0)
"""Seconds. Taking 20,000 decisions is one request; whatever takes longer is a job, which Status asks about."""

WAIT = 1.0
"""Seconds before what got no answer is sent once more, under the same key."""

MOST_SHOWN = 10
"""Problems that fit into a dialog."""


class Service:
    """The service as one person; a context manager."""

    def __init__(self, address: str, token: str, client: httpx.Client | None = None) -> None:
        self.address, self._client = address, client or new_client()
        self._headers = {"Authorization": f"Bearer {token}"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()

    def get(self, path: str, **query: Any) -> Any:
        """An answer; asked a second time where none comes."""
        return self._asked("GET", path, twice=True, params=query).json()

    def post(self, path: str, body: Any, key: str = "", *, twice: bool = False) -> Any:
        """An answer. With a key, or `twice` because nothing is kept, it is sent a second time where none comes."""
        return self._posted(path, body, key, twice).json()

    def download(self, path: str, body: Any) -> bytes:
        """A file."""
        return self._posted(path, body, "", False).content

    def _posted(self, path: str, body: Any, key: str, twice: bool) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self._asked("POST", path, twice=twice or bool(key), headers=headers, json=body)

    def _asked(self, method: str, path: str, twice: bool, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        try:
            return _good(self._sent(method, path, headers or {}, twice, options))
        except httpx.HTTPError as error:
            raise Unreachable(
                f"The service at {self.address} gave no answer ({error or type(error).__name__}): look at the network or the VPN, "
                "then press the button again. Nothing is done twice."
            ) from error

    def _sent(self, method: str, path: str, headers: dict[str, str], twice: bool, options: dict[str, Any]) -> httpx.Response:
        url, sent = f"{self.address}{PREFIX}{path}", headers | self._headers
        try:
            return self._client.request(method, url, headers=sent, timeout=PATIENCE, **options)
        except httpx.TransportError:
            if not twice:
                raise
            time.sleep(WAIT)
            return self._client.request(method, url, headers=sent, timeout=PATIENCE, **options)


def service_of(press: Press) -> Service:
    """The user's service; NotReady where its address or the token is missing."""
    address, token = address_and_token(press.machine)
    if not address:
        raise NotReady("The service's address is not set: press Sign in.")
    if not token:
        raise NotReady("You are not signed in: press Sign in.")
    return Service(address, token)


def address_and_token(machine: Machine) -> tuple[str, str | None]:
    """What the user has set."""
    address = load_settings(machine).service
    return address, load_token(machine, address, system_keyring(machine)) if address else None


def _good(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    raise _error(answer.status_code, _document(answer))


def _document(answer: httpx.Response) -> dict[str, Any]:
    """The problem document; what stands between may answer something else."""
    try:
        found = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _error(status: int, document: dict[str, Any]) -> AddInError:
    detail = str(document.get("detail") or f"it answered {status}")
    if status == 401:
        return NotReady("The service does not know your token, or it has expired: press Sign in.")
    if status == 403:
        return NotReady(f"Your token does not allow this ({detail}): ask whoever made it for one that does, then press Sign in.")
    if not document and status >= 300:
        return Unreachable(f"Something between here and the service answered {status}: is the address in the settings right?")
    problems = tuple((str(one["place"]), str(one["message"])) for one in document.get("problems") or ())
    said = "\n".join(f"{place}: {message}" for place, message in problems[:MOST_SHOWN])
    more = f"\nand {len(problems) - MOST_SHOWN:,} more" if len(problems) > MOST_SHOWN else ""
    kind = NotKnown if status == 404 else Declined
    return kind(f"The service declined: {detail}" + (f"\n{said}{more}" if said else ""), problems)
