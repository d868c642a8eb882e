"""Connections to the PSA and to vendors: added, tried, paused, removed. What is secret goes in and never comes back."""

from typing import Any

from apiflask import Schema
from marshmallow import fields
from marshmallow.validate import Length, Range

from connectors.engine import Connector, Setting
from connectors.registry import CONNECTORS
from connectors.trying import try_connection
from server.api.fields import Text, Whole
from server.api.registry import Asked, Route
from server.api.shapes import answer, page
from server.connecting import add_connection, remove_connection
from server.house import House
from server.store.sync_records import KeptConnection, KeptRead
from server.store.tokens import Scope

NAME = r"^[a-z][a-z0-9-]{0,39}$"

ReadShape = answer(KeptRead, "Read")
SettingShape = answer(Setting, "Setting")


class ConnectorShape(Schema):
    """What can be connected, and what a connection to it needs to know."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    role = fields.String(required=True)
    settings = fields.List(fields.Nested(SettingShape), required=True)


ConnectionShape = answer(
    KeptConnection,
    "Connection",
    ("removed_at",),
    secrets=fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        required=True,
        metadata={"description": "where each secret is kept; null: nowhere"},
    ),
    newest_read=fields.Nested(ReadShape, required=True, allow_none=True),
)


class ConnectionIn(Schema):
    """A connection to be added; its secrets are among the settings, and are kept apart."""

    name = Text(required=True, pattern=NAME, longest=40)
    connector = Text(required=True, longest=40)
    settings = fields.Dict(keys=Text(longest=60), values=Text(), load_default=dict, validate=Length(max=40))
    per_minute = Whole(load_default=None, allow_none=True, validate=Range(1, 100_000))


class Tried(Schema):
    """A line for the address, and one for each kind of record: how many there are, or what is wrong and what to do."""

    lines = fields.List(fields.String(), required=True)


class PauseIn(Schema):
    """Why nothing is to be asked of it; until a person resumes it."""

    why = Text(required=True, longest=200, validate=Length(min=1))


def connectors(asked: Asked) -> Any:
    """What can be connected."""
    return {"connectors": [_connector(found) for found in CONNECTORS.values()]}


def connections(asked: Asked) -> Any:
    """The connections there are, the PSA first."""
    return {"connections": [_shown(asked.house, kept) for kept in asked.house.store.connections()]}


def connection(asked: Asked, name: str) -> Any:
    """One connection."""
    return _shown(asked.house, asked.house.store.connection(name))


def connection_added(asked: Asked, body: dict[str, Any]) -> Any:
    """Adds a connection; nothing is asked of it yet."""
    house = asked.house
    asked.learn(body["settings"][name].strip() for name in _secrets(body["connector"]) if name in body["settings"])
    kept = add_connection(house.store, house.vault, body["name"], body["connector"], body["settings"], asked.by, body["per_minute"])
    return _shown(house, kept)


def connection_removed(asked: Asked, name: str) -> Any:
    """Removes a connection and forgets its secrets; what was read stays with the runs made of it."""
    remove_connection(asked.house.store, asked.house.vault, name, asked.by)
    return ""


def connection_tried(asked: Asked, name: str) -> Any:
    """Tries a connection: are its address and keys right, and what may it read? Changes nothing."""
    with asked.house.connect(name) as opened:
        return {"lines": try_connection(opened)}


def connection_paused(asked: Asked, name: str, body: dict[str, Any]) -> Any:
    """Stops reads and writes of a connection, until it is resumed."""
    asked.house.store.pause_connection(name, body["why"], None, asked.by)
    return connection(asked, name)


def connection_resumed(asked: Asked, name: str) -> Any:
    """Ends a pause, and drives on what waited for it."""
    asked.house.store.resume_connection(name, asked.by)
    for submission_id in {lane.submission_id for lane in asked.house.store.writes.open_lanes() if lane.connection == name}:
        asked.jobs.wake(submission_id)
    return connection(asked, name)


def _connector(found: Connector) -> dict[str, Any]:
    return {"name": found.name, "title": found.title, "role": found.role, "settings": found.settings}


def _secrets(connector: str) -> list[str]:
    found = CONNECTORS.get(connector)
    return [setting.name for setting in found.settings if setting.secret] if found else []


def _shown(house: House, kept: KeptConnection) -> dict[str, Any]:
    own = {f: getattr(kept, f) for f in KeptConnection.__dataclass_fields__}
    secrets = {name: house.vault.place(kept.name, name) for name in _secrets(kept.connector)}
    return own | {"secrets": secrets, "newest_read": next(iter(house.store.reads(kept.name, 1)), None)}


ADMIN, READ = Scope.ADMIN, Scope.READ
ASKS = (409, 502, 503)
ROUTES = (
    Route("GET", "/connectors", connectors, READ, page("connectors", ConnectorShape)),
    Route("GET", "/connections", connections, READ, page("connections", ConnectionShape)),
    Route("POST", "/connections", connection_added, ADMIN, ConnectionShape, 201, body=ConnectionIn, fails=(409,)),
    Route("GET", "/connections/<name>", connection, READ, ConnectionShape),
    Route("DELETE", "/connections/<name>", connection_removed, ADMIN, None, 204),
    Route("POST", "/connections/<name>/try", connection_tried, ADMIN, Tried, fails=ASKS),
    Route("POST", "/connections/<name>/pause", connection_paused, ADMIN, ConnectionShape, body=PauseIn),
    Route("POST", "/connections/<name>/resume", connection_resumed, ADMIN, ConnectionShape),
)
