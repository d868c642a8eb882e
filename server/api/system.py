"""Whether the service is there, who asks, and what was done."""

from typing import Any

from apiflask import Schema
from flask import current_app
from marshmallow import fields
from marshmallow.validate import Range

from server.api.fields import Text, count
from server.api.registry import ID, Asked, Route
from server.api.shapes import answer, page
from server.jobs.alerts import alerts
from server.store import Activity
from server.store.tokens import Scope


class Health(Schema):
    """The service answers and its store can be read; `overdue` lanes are open longer than they should be: see tieout status."""

    status = fields.String(required=True)
    overdue = fields.Integer(required=True)


class Whoami(Schema):
    """Whose token this is, and what it lets its holder do."""

    token = fields.String(required=True)
    person = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    expires_at = fields.DateTime(required=True)


class ActivityQuery(Schema):
    """Which lines; `before` is the number of the last line of the page before."""

    run = Text(pattern=ID, longest=200, load_default=None)
    before = fields.Integer(load_default=None, validate=Range(1, 2**53 - 1))
    limit = count(100, 1_000)


ActivityLine = answer(Activity, "ActivityLine")
ActivityPage = page("lines", ActivityLine)


def health(asked: Asked) -> Any:
    """Says whether the service and its store are there."""
    store = asked.house.store
    return {"status": "ok", "overdue": len(alerts(store, store.writes.clock()))}


def whoami(asked: Asked) -> Any:
    """Says whose token this is."""
    token = asked.holder
    return {"token": token.id, "person": token.person, "scopes": sorted(token.scopes), "expires_at": token.expires_at}


def openapi(asked: Asked) -> Any:
    """This document."""
    return current_app.spec  # type: ignore[attr-defined]


def activity(asked: Asked, query: dict[str, Any]) -> Any:
    """The activity, newest first: who did what, when, with old and new values."""
    store = asked.house.store
    if query["run"]:
        store.run(query["run"])
    return {"lines": store.activity(query["limit"], query["run"], before=query["before"])}


ROUTES = (
    Route("GET", "/health", health, None, Health, open=True),
    Route("GET", "/whoami", whoami, None, Whoami),
    Route("GET", "/openapi.json", openapi, None, "application/json"),
    Route("GET", "/activity", activity, Scope.READ, ActivityPage, query=ActivityQuery, fails=(404,)),
)
