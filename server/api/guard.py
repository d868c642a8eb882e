"""Who may ask what: before anything of a request is read, its token must be valid and have the route's scope."""

import logging
from collections.abc import Mapping

from flask import Response, g, request
from werkzeug.exceptions import HTTPException, NotFound, UnsupportedMediaType

from core.records import Problem
from server.api.fields import matches
from server.api.problems import answer
from server.api.registry import ID, Route
from server.errors import Refused, refuse
from server.store import Store
from server.store.tokens import Token

log = logging.getLogger("tieout.api")

REALM = 'Bearer realm="tieout"'
JSON, FORM = "application/json", "multipart/form-data"


class NotAllowed(HTTPException):
    """An answer that ends the request."""


def check(routes: Mapping[str, Route], store: Store) -> None:
    """Lets a request pass, or raises what it is answered. Deny by default: only a declared route can be open."""
    route = routes.get(request.endpoint or "")
    if route is not None and route.open:
        _check_form(route)
        return
    g.token = _token(store)
    if request.routing_exception is not None:
        raise request.routing_exception
    if route is None:
        raise NotFound
    if route.scope is not None and route.scope not in g.token.scopes:
        raise NotAllowed(response=_missing(route, g.token))
    _check_form(route)


def _token(store: Store) -> Token:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    if kind.casefold() != "bearer" or not text.strip():
        raise NotAllowed(response=_unknown("Send a token: Authorization: Bearer tieout_...", REALM))
    found = store.tokens.verify(text.strip())
    if found is None:
        log.warning("refused a token that is not known or not valid any more, from %s", request.remote_addr)
        said = "The token is not known here, was revoked, or has expired: ask for another one."
        raise NotAllowed(response=_unknown(said, f'{REALM}, error="invalid_token"'))
    return found


def _unknown(said: str, challenge: str) -> Response:
    return answer(401, "Unauthorized", said, kind="token", headers={"WWW-Authenticate": challenge})


def _missing(route: Route, token: Token) -> Response:
    log.warning("token %s of %s lacks the scope %s for %s", token.id, token.person, route.scope, route.name)
    challenge = f'{REALM}, error="insufficient_scope", scope="{route.scope}"'
    said = f"This needs a token with the scope {route.scope}; yours has {', '.join(sorted(token.scopes))}."
    return answer(403, "Forbidden", said, kind="scope", headers={"WWW-Authenticate": challenge})


def _check_form(route: Route) -> None:
    """What no schema looks at: names in the path, parameters and bodies that the route does not take."""
    if any(isinstance(value, str) and not matches(ID, value) for value in (request.view_args or {}).values()):
        raise NotFound
    if route.query is None and request.args:
        raise Refused(Problem(f"query, {name}", "there is no such parameter") for name in sorted(request.args))
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    takes = JSON if route.body else FORM if route.files else ""
    if has_body and not takes:
        raise refuse("body", "nothing is taken here: send the request without a body")
    if has_body and request.mimetype != takes:
        raise UnsupportedMediaType(f"Send the body as {takes}.")
