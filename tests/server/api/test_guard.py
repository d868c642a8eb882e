"""Who may ask what: every route but health wants a token with its scope, and nothing that is not declared is answered."""

import datetime as dt
import re
from typing import Any

import pytest
from werkzeug.routing import Rule

from server.api.app import HEADERS, ROUTES
from server.api.registry import PREFIX, Route
from server.store.tokens import Scope
from tests.server.api.site import Person, Site

BY_NAME = {route.name: route for route in ROUTES}
SCOPED = [route for route in ROUTES if route.scope]


def path_of(rule: str) -> str:
    """A rule with something in place of its names."""
    return re.sub(r"<[^>]*>", "1", rule)


def rules(site: Site) -> list[tuple[Rule, str]]:
    """Every rule of the app with every method that it has."""
    return [(rule, method) for rule in site.app.url_map.iter_rules() for method in sorted(rule.methods or ())]


def test_every_rule_of_the_app_is_a_declared_route_and_only_health_is_open(site: Site) -> None:
    assert {rule.endpoint for rule, _ in rules(site)} == set(BY_NAME)
    assert [route.name for route in ROUTES if route.open] == ["health"]
    assert len(BY_NAME) == len(ROUTES)
    assert {route.name for route in ROUTES if route.scope is None} == {"health", "whoami", "openapi"}


def test_every_route_but_health_refuses_without_a_token_and_changes_nothing(site: Site) -> None:
    before = site.loop.store.activity(1)
    for rule, method in rules(site):
        answer = site.app.test_client().open(path_of(rule.rule), method=method)
        if rule.endpoint == "health":
            assert answer.status_code == 200
            continue
        assert (rule.rule, method, answer.status_code) == (rule.rule, method, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.mimetype == "application/problem+json"
    assert site.loop.store.activity(1) == before


@pytest.mark.parametrize("missing", list(Scope))
def test_every_route_refuses_a_token_that_lacks_its_scope_and_names_it(site: Site, missing: Scope) -> None:
    person = site.person("Anna", *(set(Scope) - {missing}))
    asked = [route for route in SCOPED if route.scope is missing]
    assert asked
    for route in asked:
        answer = person.ask(route.method, path_of(route.path), expect=403)
        assert f"the scope {missing};" in answer.get_json()["detail"]
        assert f'scope="{missing}"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("route", [route for route in SCOPED if route.scope is not Scope.READ], ids=lambda route: route.name)
def test_whoever_may_only_read_changes_nothing(site: Site, route: Route) -> None:
    assert route.method != "GET"
    site.person("Anna", Scope.READ).ask(route.method, path_of(route.path), expect=403)


def test_reading_wants_no_more_than_to_read() -> None:
    assert {route.scope for route in ROUTES if route.method == "GET"} == {None, Scope.READ}


def test_an_expired_a_revoked_and_a_mutilated_token_let_nobody_in(site: Site, anna: Person) -> None:
    anna.get("/whoami")
    _, short = site.loop.store.tokens.create("Ben", [Scope.READ], "root", dt.timedelta(hours=1))
    site.loop.time.sleep(3601)
    made = site.loop.store.tokens.listed()
    site.loop.store.tokens.revoke(next(t.id for t in made if t.person == "Anna"), "root")
    for text in (short, anna.token, anna.token[:-1], anna.token + "0", "x", ""):
        answer = Person(site.app, text).ask("GET", "/whoami", expect=401)
        assert answer.get_json()["type"] == "urn:tieout:problem:token"


@pytest.mark.parametrize(
    "header", ["Basic QWxhZGRpbjpvcGVu", "{token}", "Token {token}", "Bearer {token} {token}", "bearer  {token}"]
)
def test_only_a_bearer_token_counts(site: Site, anna: Person, header: str) -> None:
    sent = {"Authorization": header.format(token=anna.token)}
    answer = site.app.test_client().get(f"{PREFIX}/whoami?token={anna.token}", headers=sent)
    assert answer.status_code == (422 if header.startswith("bearer ") else 401)


def test_the_person_and_scopes_are_the_token_s(site: Site) -> None:
    found = site.person("Anna", Scope.SYNC, Scope.READ).get("/whoami")
    assert (found["person"], found["scopes"]) == ("Anna", ["read", "sync"])


def test_an_unknown_path_wants_a_token_too_and_is_then_not_there(site: Site, anna: Person) -> None:
    assert site.app.test_client().get("/").status_code == 401
    assert site.app.test_client().get("/static/x").status_code == 401
    answer = anna.ask("GET", "/nothing", expect=404)
    assert answer.mimetype == "application/problem+json"
    refused = anna.ask("DELETE", "/runs", expect=405)
    assert "POST" in refused.headers["Allow"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/health"), ("GET", "/whoami"), ("GET", "/nothing"), ("POST", "/runs")])
def test_every_answer_carries_the_headers_that_keep_it_from_being_kept_or_shown(anna: Person, method: str, path: str) -> None:
    answer = anna.ask(method, path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("field", ["by", "person", "created_by"])
def test_nobody_names_another_person(site: Site, anna: Person, field: str) -> None:
    run_id = site.run()
    refusals: list[Any] = [
        anna.post(f"/runs/{run_id}/workbooks", {field: "Ben"}, 422),
        anna.post("/connections/psa/pause", {"why": "x", field: "Ben"}, 422),
        anna.post("/mapping", {field: "Ben"}, 422),
    ]
    assert [refusal["problems"][0]["place"] for refusal in refusals] == [f"json, {field}"] * 3
    assert anna.post("/connections/psa/resume", {field: "Ben"}, 422)["problems"][0]["place"] == "body"
