"""The client that reads: it retries, waits as it is told to, follows no redirects, and names what went wrong.

What it shares with the client that writes is here too: the pinned transport, and an API's words without our secrets.
"""

import json
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

import httpcore
import httpx
import stamina

from connectors.addresses import Address
from connectors.errors import FixAddress, FixCredentials, GrantPermission, TryLater, WillNotHelp
from connectors.pace import Pace, Waits

BUSY = (408, 429, 500, 502, 503, 504)
NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no certificate, and is made at once: plain HTTP to this machine shows none."""

KEPT_FOR = 5.0
"""Seconds that a connection is kept for the next request."""

SHOWN = 300
"""Characters of the API's own words that a message quotes."""

AUTHORIZATION = re.compile(r"\b(Basic|Bearer)\s+[\w.~+/=-]{20,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a connection tries, and how fast it may go. Times in seconds."""

    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0
    longest_retry_after: float = 300.0
    connect_timeout: float = 5.0
    timeout: float = 30.0
    per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered: exact numbers, the Link header's addresses, and the bytes as they came."""

    body: Any
    links: Mapping[str, str]
    content: bytes


class PinnedTransport(httpx.HTTPTransport):
    """Connects to the address that was checked, under the host's name, and nowhere else."""

    def __init__(self, address: Address, backend: httpcore.NetworkBackend | None = None) -> None:
        trusted = httpx.create_ssl_context(trust_env=False) if address.scheme == "https" else NOBODY
        super().__init__(trust_env=False, verify=trusted)
        if backend is not None:
            self._pool = httpcore.ConnectionPool(ssl_context=trusted, keepalive_expiry=KEPT_FOR, network_backend=backend)
        self._address = address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = (request.url.scheme, request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80))
        if asked != (self._address.scheme, self._address.host, self._address.port):
            raise FixAddress(request.url.path, f"a request would have gone to {request.url.host}, not to {self._address.host}")
        request.extensions = {**request.extensions, "sni_hostname": self._address.host}
        request.url = request.url.copy_with(host=self._address.ip)
        return super().handle_request(request)


def open_http(
    address: Address,
    auth: httpx.Auth,
    headers: Mapping[str, str],
    patience: Patience,
    backend: httpcore.NetworkBackend | None = None,
) -> httpx.Client:
    """A client of that address alone, which follows no redirects and knows no proxy."""
    connect = min(patience.connect_timeout, patience.timeout)
    return httpx.Client(
        base_url=address.url,
        transport=PinnedTransport(address, backend),
        auth=auth,
        headers=dict(headers),
        timeout=httpx.Timeout(patience.timeout, connect=connect, pool=connect),
        follow_redirects=False,
        trust_env=False,
    )


class ReadClient:
    """GET requests of one connection."""

    def __init__(
        self,
        address: Address,
        auth: httpx.Auth,
        headers: Mapping[str, str],
        patience: Patience,
        secrets: Sequence[str] = (),
        pace: Waits | None = None,
    ) -> None:
        self._patience, self._secrets = patience, secrets
        self._pace = pace or Pace(patience.per_minute)
        self._http = open_http(address, auth, headers, patience)

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, query: Mapping[str, str], permission: str, record: str = "") -> Answer:
        """The answer, after as many attempts as it takes and patience allows; else an error that says what to do."""
        response = self._patiently(path, query, permission, record)
        if response.status_code != 200:
            self._refuse(response, path, permission, record)
        return self._answer(response, path, record)

    def find(self, path: str, query: Mapping[str, str], permission: str, record: str) -> Answer | None:
        """As `get`; None where the API says that it is not there."""
        response = self._patiently(path, query, permission, record)
        if response.status_code in (404, 410):
            return None
        if response.status_code != 200:
            self._refuse(response, path, permission, record)
        return self._answer(response, path, record)

    def _patiently(self, path: str, query: Mapping[str, str], permission: str, record: str) -> httpx.Response:
        patience = self._patience
        attempts = stamina.retry_context(
            on=self._again,
            attempts=patience.attempts,
            timeout=None,
            wait_initial=patience.first_wait,
            wait_max=patience.longest_wait,
            wait_jitter=patience.first_wait,
        )
        for attempt in attempts:
            with attempt:
                return self._once(path, query, permission, record)
        raise AssertionError("unreachable")

    def _again(self, error: Exception) -> bool | float:
        """Whether to try again, and after how long where the API says it; a wait beyond our patience is the caller's."""
        if not isinstance(error, TryLater) or not error.at_once:
            return False
        if error.retry_after is None:
            return True
        return error.retry_after if error.retry_after <= self._patience.longest_retry_after else False

    def _once(self, path: str, query: Mapping[str, str], permission: str, record: str) -> httpx.Response:
        self._pace.wait()
        try:
            response = self._http.get(path, params=dict(query))
        except httpx.RequestError as error:
            raise TryLater(path, f"no answer ({type(error).__name__})", record) from None
        if response.status_code in BUSY:
            self._refuse(response, path, permission, record)
        return response

    def _answer(self, response: httpx.Response, path: str, record: str) -> Answer:
        try:
            body = read_json(response.content)
        except ValueError:
            raise WillNotHelp(path, "the answer is not JSON", record) from None
        return Answer(body, {str(rel): link["url"] for rel, link in response.links.items() if "url" in link}, response.content)

    def _refuse(self, response: httpx.Response, path: str, permission: str, record: str) -> NoReturn:
        status = response.status_code
        said = said_by(response, self._secrets)
        if status == 401:
            raise FixCredentials(path, f"the keys were refused: {said}", record)
        if status == 403:
            raise GrantPermission(path, said, permission, record)
        if status == 404 and not record:
            raise FixCredentials(path, f"not found; the address, the company or the keys are wrong: {said}")
        if status == 404:
            raise TryLater(path, f"it is gone since the list was read: {said}", record, at_once=False)
        if status in BUSY:
            raise TryLater(path, f"the API is busy or down: {said}", record, retry_after=retry_after_of(response))
        if response.is_redirect:
            raise FixAddress(path, "the address leads to another one, which is not followed", record)
        raise WillNotHelp(path, said, record)


def read_json(content: bytes) -> Any:
    """JSON with exact numbers; ValueError where it is none."""
    return json.loads(content, parse_float=Decimal, parse_constant=_no_number)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def said_by(response: httpx.Response, secrets: Sequence[str]) -> str:
    """The status and the API's own words, shortened, without a secret."""
    return f"{response.status_code} {scrubbed(_words_of(response), secrets)[:SHOWN]}".strip()


def scrubbed(text: str, secrets: Sequence[str]) -> str:
    """The text without any of the secrets, nor the header that is made of them."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return AUTHORIZATION.sub(r"\1 ***", text)


def _words_of(response: httpx.Response) -> str:
    """The message, and what it says of single fields."""
    try:
        body = response.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    listed = errors if isinstance(errors, list) else []
    single = [error["message"] for error in listed if isinstance(error, dict) and error.get("message")]
    words = [body.get("message") or body.get("error_description"), *single]
    return "; ".join(str(word) for word in words if word)


def retry_after_of(response: httpx.Response) -> float | None:
    """Retry-After in seconds; dates and nonsense are left to our own waits."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.strip().isdecimal() else None
