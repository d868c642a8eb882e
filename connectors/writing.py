"""Writing to a PSA, one request at a time: what may be asked of it, and what it may answer.

Nothing here retries, follows a redirect or decides what an answer means for a change: that is the write-back protocol's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

Plain = str | None
"""A value in plain form: a number without trailing zeros, a day as YYYY-MM-DD, a text, or nothing. Equal values are equal texts."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the PSA, exactly as it is to be sent. `body` is JSON data; numbers are Decimals or plain texts of such."""

    method: str
    path: str
    body: Any


@dataclass(frozen=True, slots=True)
class Shown:
    """A record as the PSA shows it: its values by the names that a planned write uses."""

    id: str
    values: Mapping[str, Plain]
    version: str  # moves with every change of the record


class Outcome(StrEnum):
    """What is known after a request."""

    ANSWERED = "answered"  # the PSA says that it did it
    NOT_SENT = "not sent"  # no connection was made: it cannot have arrived
    UNCLEAR = "unclear"  # no answer, or a failure inside the PSA: it may have happened, now or soon
    BUSY = "busy"  # the PSA asks to wait, and did nothing
    NOT_ALLOWED = "not allowed"  # keys or permission: nothing else will be allowed either
    REFUSED = "refused"  # the PSA will not do this one
    GONE = "gone"  # the record is not there


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to a request."""

    outcome: Outcome
    said: str  # status and the PSA's own words, without secrets
    retry_after: float | None = None  # seconds, where it says so


class Writer(Protocol):
    """A PSA that can be written to. Reads retry by themselves and raise a ConnectorError in the end."""

    def look(self, path: str) -> Shown | None:
        """The record at the path; None where it is gone."""

    def lines(self, path: str) -> list[Shown]:
        """Every record of a list, such as the additions of an agreement; a list that is gone is empty."""

    def ready(self) -> None:
        """Comes back when the PSA's rate lets the next request go: to be asked before its sending is committed."""

    def send(self, request: Request) -> Sent:
        """Sends the request once, at once."""

    def request(self, method: str, path: str, body: Mapping[str, Any]) -> Request:
        """A planned write in the PSA's own words. KeyError where the catalogue lacks the product."""

    def product_path(self, service_id: str) -> str:
        """Where the catalogue keeps a product. KeyError where it lacks it."""

    def invoiced_through(self, agreement_id: str) -> date | None:
        """The last day that the agreement is invoiced for, as the PSA says it now."""

    def missing(self, requests: Iterable[Request]) -> list[str]:
        """The permissions that these requests need and the keys lack, by the PSA's own names. Changes nothing."""

    def close(self) -> None:
        """Ends every connection."""


def plain(value: Any) -> Plain:
    """A value in plain form."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | int):
        text = format(Decimal(value), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value.isoformat()[:10] if isinstance(value, date) else str(value)
