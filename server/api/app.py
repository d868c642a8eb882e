"""The app: the routes of every part, one guard before them, one place that tells errors."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from apiflask import APIFlask
from flask import Response, g, request
from marshmallow import RAISE

from core.resting import collector_resting
from server.api import annotating, costing, deciding, issuing, mapping, problems, runs, sources, submitting, syncing, system
from server.api.document import complete
from server.api.guard import check
from server.api.registry import PREFIX, Asked, Learn, Route, forget
from server.house import House
from server.jobs.protocol import Jobs
from server.store.tokens import Token

log = logging.getLogger("tieout.access")

ROUTES: tuple[Route, ...] = (
    *system.ROUTES, *sources.ROUTES, *syncing.ROUTES, *runs.ROUTES, *issuing.ROUTES, *deciding.ROUTES, *annotating.ROUTES,
    *submitting.ROUTES, *costing.ROUTES, *mapping.ROUTES,
)  # fmt: skip
"""Everything that may be asked. A route that is not here does not exist, and one that is has its scope."""

LARGEST = 64 * 1024 * 1024
"""Bytes of a request: some returned workbooks at once."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


MANY = 256 * 1024
"""Bytes of a request from which on the garbage collector rests: what is made of them holds no cycles."""


class Api(APIFlask):
    """An APIFlask that knows one schema by one name."""

    def full_dispatch_request(self) -> Response:
        if (request.content_length or 0) < MANY:
            return super().full_dispatch_request()
        with collector_resting():
            return super().full_dispatch_request()

    def _register_schema_and_get_ref(self, spec: Any, registered_schema_classes: Any, schema_obj: Any) -> dict[str, str]:
        """APIFlask's own registers a schema a second time, under another name, where it was nested in one before."""
        converter: Any = self._ma_plugin.converter
        found: dict[str, str] = converter.resolve_nested_schema(schema_obj)
        return found


def make_app(house: House, jobs: Jobs, learn: Learn = forget) -> APIFlask:
    """The API of one installation, as a WSGI app. learn: told every secret that comes in, so that no log shows it."""
    app = Api("server.api", title="Tieout", version="1", static_folder=cast(Any, None), enable_openapi=False)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST, MAX_FORM_PARTS=deciding.MOST_COPIES + 1, AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_404_RESPONSE=False, AUTO_200_RESPONSE=False, AUTO_TAGS=False, AUTO_SERVERS=False,
    )  # fmt: skip
    by_name = {route.name: route for route in ROUTES}
    for route in ROUTES:
        app.add_url_rule(
            PREFIX + route.path, route.name, _view(app, route, partial(Asked, house, jobs, learn)), methods=[route.method]
        )
    app.before_request(lambda: _begin(by_name, house))
    app.after_request(_finish)
    app.spec_processor(lambda document: complete(cast(dict[str, Any], document), by_name))
    app.schema_name_resolver = schema_name
    problems.register(app)
    return app


def schema_name(schema: Any) -> str:
    """What the document calls a schema."""
    kind: type = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.replace("Shape", "")


def _view(app: APIFlask, route: Route, asked: Callable[[Token | None], Asked]) -> Callable[..., Any]:
    """The handler with what it is given: parsed by the route's schemas, and answered by its own."""

    def view(**arguments: Any) -> Any:
        return route.handler(asked(g.get("token")), **arguments)

    view.__doc__, view.__name__ = route.handler.__doc__, route.name
    made: Callable[..., Any] = app.doc(operation_id=route.name, summary=(route.handler.__doc__ or "").strip())(view)
    if isinstance(route.answer, type):
        made = app.output(route.answer, status_code=route.status)(made)
    elif route.answer is None:
        made = app.output({}, status_code=route.status)(made)
    if route.body:
        made = app.input(route.body, location="json", arg_name="body")(made)
    if route.files:
        made = app.input(route.files, location="files", arg_name="files", unknown=RAISE)(made)
    if route.query:
        made = app.input(route.query, location="query", arg_name="query", unknown=RAISE)(made)
    if route.headers:
        made = app.input(route.headers, location="headers", arg_name="headers")(made)
    return made


def _begin(routes: Mapping[str, Route], house: House) -> None:
    g.began = time.monotonic()
    check(routes, house.store)


def _finish(response: Response) -> Response:
    """Headers on every answer, and a line of the access log: without the query, which may name customers."""
    response.headers.update(HEADERS)
    token: Token | None = g.get("token")
    took = (time.monotonic() - g.get("began", time.monotonic())) * 1000
    path = request.path.encode("unicode_escape").decode()
    log.info("%s %s %s %s %.0f ms", token.person if token else "-", request.method, path, response.status_code, took)
    return response


def openapi_document() -> dict[str, Any]:
    """The document, as the service answers it; no installation is needed for it."""
    app = make_app(cast(House, None), cast(Jobs, None))
    with app.app_context():
        return cast(dict[str, Any], app.spec)


def openapi_text() -> str:
    """The document as docs/openapi.json holds it."""
    return json.dumps(openapi_document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
