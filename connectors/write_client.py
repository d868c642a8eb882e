"""The client that writes: it sends one request once, and says what is known after it.

It retries nothing and follows nothing. Connections are kept and used again. One that the API has closed by then is dropped
before anything is written to it, and a new one is made; one that breaks after the first byte was written is never opened
again for the same request: that request may have arrived, and its outcome is unclear.
"""

from collections.abc import Mapping, Sequence

import httpx

from connectors.addresses import Address
from connectors.client import Patience, open_http, read_json, retry_after_of, said_by, scrubbed
from connectors.deadline import Deadline, TimedBackend
from connectors.errors import FixAddress
from connectors.exact_json import exact_json
from connectors.pace import Pace, Waits
from connectors.writing import Outcome, Request, Sent

NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
JSON = {"Content-Type": "application/json"}

OUTCOMES: Mapping[int, Outcome] = {
    401: Outcome.NOT_ALLOWED,
    403: Outcome.NOT_ALLOWED,
    404: Outcome.GONE,
    408: Outcome.UNCLEAR,  # something between us and the API gave up waiting; what it passed on is not known
    409: Outcome.BUSY,
    410: Outcome.GONE,
    429: Outcome.BUSY,
}


class WriteClient:
    """Requests of one connection that change something, each sent once."""

    def __init__(
        self,
        address: Address,
        auth: httpx.Auth,
        headers: Mapping[str, str],
        patience: Patience,
        secrets: Sequence[str] = (),
        pace: Waits | None = None,
    ) -> None:
        self._patience, self._secrets, self._deadline = patience, secrets, Deadline()
        self._pace = pace or Pace(patience.per_minute)
        self._http = open_http(address, auth, headers, patience, TimedBackend(self._deadline))

    def close(self) -> None:
        self._http.close()

    def ready(self) -> None:
        """Comes back when the pace lets the next request go: before it is noted anywhere that one is about to."""
        self._pace.wait()

    def send(self, request: Request) -> Sent:
        """Sends it once, at once; `ready` says when. It takes the patience's timeout at the longest.

        TypeError or ValueError for a body that is not exact JSON: then nothing was sent.
        """
        try:
            made = self._made(request)
        except httpx.InvalidURL as error:
            return Sent(Outcome.REFUSED, f"{error}; nothing was sent")
        try:
            with self._deadline.within(self._patience.timeout):
                response = self._http.send(made)
        except NO_CONNECTION as error:
            return Sent(Outcome.NOT_SENT, f"no connection ({type(error).__name__})")
        except httpx.RequestError as error:
            return Sent(Outcome.UNCLEAR, f"no answer ({type(error).__name__})")
        except FixAddress as error:
            return Sent(Outcome.REFUSED, scrubbed(str(error), self._secrets))
        return self._meaning(response)

    def _made(self, request: Request) -> httpx.Request:
        if request.body is None:
            return self._http.build_request(request.method, request.path)
        return self._http.build_request(request.method, request.path, content=exact_json(request.body), headers=JSON)

    def _meaning(self, response: httpx.Response) -> Sent:
        said, outcome, wait = said_by(response, self._secrets), _outcome(response), retry_after_of(response)
        if response.is_success and not _is_readable(response):
            return Sent(Outcome.UNCLEAR, f"{said}, but the answer is not JSON")
        if 300 <= response.status_code < 400:
            said += " the address leads to another one; redirects are not followed"
        return Sent(outcome, said, wait if outcome is Outcome.BUSY else None)


def _outcome(response: httpx.Response) -> Outcome:
    status = response.status_code
    if status in OUTCOMES:
        return OUTCOMES[status]
    if response.is_success:
        return Outcome.ANSWERED
    if status == 503 and "Retry-After" in response.headers:
        return Outcome.BUSY
    return Outcome.UNCLEAR if status >= 500 or status < 200 else Outcome.REFUSED


def _is_readable(response: httpx.Response) -> bool:
    if response.status_code == 204:
        return True
    try:
        read_json(response.content)
    except ValueError:
        return False
    return True
