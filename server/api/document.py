"""The OpenAPI document: what APIFlask says of the routes, with what it cannot know: errors, files, tokens, scopes."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from server.api.problems import MEDIA_TYPE, ProblemDocument
from server.api.registry import ID, WORKBOOK, Route

SAID = (
    "Ties out what an MSP bills in its PSA with what its vendors count. Decimals are texts, dates YYYY-MM-DD, moments in UTC. "
    "Every route but health wants a token: Authorization: Bearer tieout_..., made with the command line. "
    "An error is a problem document (RFC 9457). The person that an action is by is the token's."
)
BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "tieout_<id>_<secret>"}


def complete(document: dict[str, Any], routes: Mapping[str, Route]) -> dict[str, Any]:
    """The document with what the registry knows."""
    document["info"]["description"] = SAID
    components = document.setdefault("components", {})
    components["securitySchemes"] = {"token": BEARER}
    components.setdefault("schemas", {})["ProblemDocument"] = _problem_schema()
    components["responses"] = {
        "Problem": {
            "description": "A problem document",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
    }
    document["paths"] = {_plain(path): operations for path, operations in document["paths"].items()}
    for operations in document["paths"].values():
        for operation in operations.values():
            _complete(operation, routes[operation["operationId"]])
    return document


def _complete(operation: dict[str, Any], route: Route) -> None:
    operation["security"] = [] if route.open else [{"token": []}]
    if route.scope:
        operation["description"] = f"Wants the scope `{route.scope}`."
    answers = operation.setdefault("responses", {})
    for status in route.statuses:
        answers[str(status)] = {"$ref": "#/components/responses/Problem"}
    if route.answer is None:
        answers[str(route.status)] = {"description": HTTPStatus(route.status).phrase}
    if isinstance(route.answer, str):
        shape = {"type": "string", "format": "binary"} if route.answer == WORKBOOK else {"type": "object"}
        answers[str(route.status)] = {"description": "The file", "content": {route.answer: {"schema": shape}}}
    if route.body or route.files:
        operation["requestBody"]["required"] = True
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            _complete_name(parameter, route)


def _complete_name(parameter: dict[str, Any], route: Route) -> None:
    name = parameter["name"].rpartition(":")[2]
    number = f"{name}>" in route.path and f"<{name}>" not in route.path
    shape = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1} if number else {"type": "string", "pattern": ID}
    parameter.update(name=name, required=True, schema=shape)


def _plain(path: str) -> str:
    """APIFlask leaves a converter with arguments in the path."""
    return "/".join("{" + p.rpartition(":")[2] if p.startswith("<") or ":" in p else p for p in path.split("/"))


def _problem_schema() -> dict[str, Any]:
    place = {name: {"type": "string"} for name in ("place", "message")}
    shape: dict[str, Any] = {name: {"type": "string"} for name in ProblemDocument().fields}
    shape["status"] = {"type": "integer"}
    shape["problems"] = {"type": "array", "items": {"type": "object", "properties": place, "required": list(place)}}
    needed = [name for name, field in ProblemDocument().fields.items() if field.required]
    return {"type": "object", "properties": shape, "required": needed}
