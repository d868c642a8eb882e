"""Every error as a problem document (RFC 9457), in one place: its status, what is wrong, where, and what to do."""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apiflask import APIFlask, Schema
from apiflask.exceptions import HTTPError
from flask import Response
from marshmallow import fields
from werkzeug.exceptions import HTTPException

from connectors import errors as connectors
from connectors.files import ImportRefused
from core.records import Problem
from server.checked import NotChecked
from server.errors import Refused
from server.jobs.protocol import UnknownJob
from server.store import errors as store
from server.store import new_id
from server.store.types import NotExact
from workbooks.reader import WorkbookRefused
from workbooks.writer import WorkbookNotWritten

log = logging.getLogger("tieout.api")

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:tieout:problem:"
BUSY_FOR = 5
"""Seconds after which a busy store may be asked again."""

CONNECTORS: Mapping[type[connectors.ConnectorError], tuple[int, str]] = {
    connectors.FixAddress: (409, "fix-address"),
    connectors.FixSettings: (409, "fix-settings"),
    connectors.FixCredentials: (409, "fix-credentials"),
    connectors.GrantPermission: (409, "grant-permission"),
    connectors.TryLater: (503, "try-later"),
    connectors.WillNotHelp: (502, "will-not-help"),
}
STORE: Mapping[type[store.StoreError], tuple[int, str]] = {
    store.StoreBusy: (409, "busy"),
    store.ReadRunning: (409, "busy"),
    store.KeyReused: (409, "key-reused"),
    store.ConnectionExists: (409, "exists"),
    store.SecondPsa: (409, "exists"),
    store.NotHeld: (409, "not-held"),
    store.OtherInputs: (409, "other-inputs"),
}


class PlaceAndMessage(Schema):
    """Where something is wrong, and what to do about it."""

    place = fields.String(required=True)
    message = fields.String(required=True)


class ProblemDocument(Schema):
    """RFC 9457, with our own list of problems."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(metadata={"description": "of an unexpected error: what it is called in the log"})
    problems = fields.List(fields.Nested(PlaceAndMessage))


def answer(
    status: int,
    title: str,
    detail: str,
    *,
    kind: str = "",
    problems: Iterable[Problem] | None = None,
    instance: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document as a response."""
    body: dict[str, Any] = {"type": TYPE + kind if kind else "about:blank", "title": title, "status": status, "detail": detail}
    if instance:
        body["instance"] = instance
    if problems is not None:
        body["problems"] = [{"place": p.place, "message": p.message} for p in problems]
    return Response(json.dumps(body, ensure_ascii=False), status, headers or {}, content_type=MEDIA_TYPE)


def register(app: APIFlask) -> None:
    """Gives the app an answer for whatever is raised."""
    app.register_error_handler(HTTPError, of_input)
    app.register_error_handler(HTTPException, of_http)
    for refusal in (Refused, ImportRefused):
        app.register_error_handler(refusal, of_refusal)
    app.register_error_handler(WorkbookRefused, lambda e: answer(422, "Refused", str(e), kind="refused", problems=[]))
    app.register_error_handler(NotExact, lambda e: answer(422, "Refused", str(e), kind="refused", problems=[]))
    for unknown in (UnknownJob, NotChecked):
        app.register_error_handler(unknown, lambda e: answer(404, "Not Found", str(e), kind="unknown"))
    app.register_error_handler(store.StoreError, of_store)
    app.register_error_handler(connectors.ConnectorError, of_connector)
    app.register_error_handler(WorkbookNotWritten, of_unexpected)
    app.register_error_handler(Exception, of_unexpected)


def of_refusal(error: Refused | ImportRefused) -> Response:
    """Mend what the problems name, then try again."""
    return answer(422, "Refused", "Nothing was saved: mend what the problems name.", kind="refused", problems=error.problems)


def of_input(error: HTTPError) -> Response:
    """Input that is not as the API's document says."""
    found, said = list(_flat("", error.detail)), "Nothing was saved: mend what the problems name."
    return answer(error.status_code, "Not as documented", said, kind="input", problems=found)


def of_http(error: HTTPException) -> Response:
    """What the web server itself refuses, such as an unknown path or a body that is too large."""
    if error.code is None or error.code >= 500:
        return of_unexpected(error)
    headers = {name: value for name, value in error.get_headers() if name.lower() in ("allow", "www-authenticate", "retry-after")}
    return answer(error.code, error.name, error.description or error.name, headers=headers)


def of_store(error: store.StoreError) -> Response:
    """The store could not do what was asked: it is not there, stands in the way, or is the store's own trouble."""
    if isinstance(error, LookupError):
        return answer(404, "Not Found", str(error), kind="unknown")
    if type(error) not in STORE:
        return of_unexpected(error)
    status, kind = STORE[type(error)]
    headers = {"Retry-After": str(BUSY_FOR)} if isinstance(error, store.StoreBusy) else {}
    said = "The store is busy: try again later; nothing was saved." if isinstance(error, store.StoreBusy) else str(error)
    return answer(status, "Conflict", said, kind=kind, headers=headers)


def of_connector(error: connectors.ConnectorError) -> Response:
    """The PSA or a vendor could not be asked, by what to do about it."""
    status, kind = next(found for type_, found in CONNECTORS.items() if isinstance(error, type_))
    headers = {"Retry-After": str(int(getattr(error, "retry_after", None) or BUSY_FOR))} if status == 503 else {}
    place = ", ".join(filter(None, (error.endpoint, error.record)))
    title = (type(error).__doc__ or "").strip()
    return answer(status, title, str(error), kind=kind, problems=[Problem(place, error.message)], headers=headers)


def of_unexpected(error: BaseException) -> Response:
    """A fault of ours: told without details, which stand in the log under the same name."""
    name = new_id()
    log.error("unexpected error %s", name, exc_info=error)
    said = f"Something unexpected happened. Whoever runs this service finds the details in its log under {name}."
    return answer(500, "Internal Server Error", said, kind="unexpected", instance=f"{TYPE}unexpected:{name}")


def _flat(place: str, found: Any) -> Iterator[Problem]:
    """marshmallow's nested messages as a list of places and words."""
    if isinstance(found, Mapping):
        for name, inner in found.items():
            yield from _flat(str(name) if not place else f"{place}, {name}", inner)
    elif isinstance(found, list):
        for inner in found:
            yield from _flat(place, inner)
    else:
        yield Problem(place or "request", str(found))
