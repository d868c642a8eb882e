"""The client that reads: it retries, waits as it is told to, follows no redirects, and names what went wrong."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

import httpx
import stamina

from connectors.addresses import Address
from connectors.errors import FixAddress, FixCredentials, GrantPermission, TryLater, WillNotHelp

BUSY = (408, 429, 500, 502, 503, 504)
NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no certificate, and is made at once: plain HTTP to this machine shows none."""

SHOWN = 300
"""Characters of the API's own words that a message quotes."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a connection tries, and how fast it may go."""

    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0
    longest_retry_after: float = 300.0
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

    def __init__(self, address: Address) -> None:
        super().__init__(trust_env=False, verify=address.scheme == "https" or NOBODY)
        self._address = address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = (request.url.scheme, request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80))
        if asked != (self._address.scheme, self._address.host, self._address.port):
            raise FixAddress(request.url.path, f"a request would have gone to {request.url.host}, not to {self._address.host}")
        request.extensions = {**request.extensions, "sni_hostname": self._address.host}
        request.url = request.url.copy_with(host=self._address.ip)
        return super().handle_request(request)


class Pace:
    """Holds requests to so many a minute."""

    def __init__(self, per_minute: int | None, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._gap = 60 / per_minute if per_minute else 0.0
        self._clock, self._sleep, self._next, self._lock = clock, sleep, 0.0, threading.Lock()

    def wait(self) -> None:
        with self._lock:
            now = self._clock()
            start = max(now, self._next)
            self._next = start + self._gap
        if start > now:
            self._sleep(start - now)


class ReadClient:
    """GET requests of one connection."""

    def __init__(
        self,
        address: Address,
        auth: httpx.Auth,
        headers: Mapping[str, str],
        patience: Patience,
        secrets: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address, self._patience, self._secrets = address, patience, [s for s in secrets if s]
        self._pace = Pace(patience.per_minute, clock, sleep)
        self._http = httpx.Client(
            base_url=address.url,
            transport=PinnedTransport(address),
            auth=auth,
            headers=dict(headers),
            timeout=patience.timeout,
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, query: Mapping[str, str], permission: str, record: str = "") -> Answer:
        """The answer, after as many attempts as it takes and patience allows; else an error that says what to do."""
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

    def _once(self, path: str, query: Mapping[str, str], permission: str, record: str) -> Answer:
        self._pace.wait()
        try:
            response = self._http.get(path, params=dict(query))
        except httpx.TransportError as error:
            raise TryLater(path, f"no answer ({type(error).__name__})", record) from None
        if response.status_code != 200:
            self._refuse(response, path, permission, record)
        try:
            body = json.loads(response.content, parse_float=Decimal, parse_constant=_no_number)
        except ValueError:
            raise WillNotHelp(path, "the answer is not JSON", record) from None
        return Answer(body, {str(rel): link["url"] for rel, link in response.links.items() if "url" in link}, response.content)

    def _refuse(self, response: httpx.Response, path: str, permission: str, record: str) -> NoReturn:
        status = response.status_code
        said = f"{status} {self.scrubbed(_words_of(response))}".strip()
        if status == 401:
            raise FixCredentials(path, f"the keys were refused: {said}", record)
        if status == 403:
            raise GrantPermission(path, said, permission, record)
        if status == 404 and not record:
            raise FixCredentials(path, f"not found; the address, the company or the keys are wrong: {said}")
        if status == 404:
            raise TryLater(path, f"it is gone since the list was read: {said}", record, at_once=False)
        if status in BUSY:
            raise TryLater(
                path, f"the API is busy or down: {said}", record, retry_after=_seconds(response.headers.get("Retry-After"))
            )
        if response.is_redirect:
            raise FixAddress(path, "the address leads to another one, which is not followed", record)
        raise WillNotHelp(path, said, record)

    def scrubbed(self, text: str) -> str:
        """The text without any of the connection's secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _words_of(response: httpx.Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return ""
    words = body.get("message") or body.get("error_description") if isinstance(body, dict) else None
    return str(words)[:SHOWN] if words else ""


def _seconds(text: str | None) -> float | None:
    """Retry-After in seconds; dates and nonsense are left to our own waits."""
    return float(text) if text and text.strip().isdecimal() else None
