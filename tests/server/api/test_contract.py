"""The API against its own document: whatever is sent, the answer is a documented one, and never an unexpected error."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from core.records import Action
from server.api.app import ROUTES
from server.api.registry import PREFIX, Route
from server.store.tokens import Scope
from tests.server.api.site import Person, Site, make_site

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance, unsupported_method, ignored_auth, negative_data_rejection,
]  # fmt: skip
ANY_NAME = [check for check in CHECKS if check is not negative_data_rejection]
"""Where a name that was made wrong on purpose is put right again, nothing need be refused."""

QUICKLY = settings(
    max_examples=6, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a run and a submission in it, whose PSA is there."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TIEOUT_KEYRING", "off")
        environment.setenv("TIEOUT_KEY", "key")
        with make_site(tmp_path_factory.mktemp("site")) as made:
            made.jobs.sends = False
            made.submitted(anna := made.person("Anna"), made.decided(anna))
            yield made


@pytest.fixture(scope="module")
def anna(site: Site) -> Person:
    return site.person("Anna", *Scope)


@pytest.fixture(scope="module")
def operations(site: Site, anna: Person) -> dict[str, Any]:
    """The document's operations by name."""
    headers = {"Authorization": f"Bearer {anna.token}"}
    schema = schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", site.app, headers=headers)
    return {found.ok().definition.raw["operationId"]: found.ok() for found in schema.get_all_operations()}


def names(site: Site) -> dict[str, Any]:
    """What is there, by its name in a path."""
    submission, read = site.loop.store.writes.submissions()[0], site.loop.store.reads("psa")[0]
    return {"run_id": submission.run_id, "submission_id": submission.id, "read_id": read.id, "name": "psa", "job_id": "sync:psa:1"}


TRIED = [route for route in ROUTES if route.name not in ("openapi", "connection_removed")]
"""The document does not try itself, and the PSA is needed to the end."""


@pytest.mark.parametrize("route", TRIED, ids=lambda route: route.name)
def test_whatever_is_sent_the_answer_is_a_documented_one(
    site: Site, operations: dict[str, Any], anna: Person, route: Route
) -> None:
    operation, headers = operations[route.name], {"Authorization": f"Bearer {anna.token}"}
    cases = operation.as_strategy()
    if route.body or route.query or route.headers:
        cases |= operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @QUICKLY
    @given(case=cases, known=st.booleans())
    def check(case: Any, known: bool) -> None:
        if known:
            case.path_parameters = {name: names(site)[name] for name in case.path_parameters or {}}
        found = ANY_NAME if known and "<" in route.path else CHECKS
        case.call_and_validate(checks=found, headers=headers | dict(case.headers or {}))

    check()


DECIMALS = st.decimals(-99, 10**9 - 1, places=4).map(lambda value: f"{value:f}") | st.sampled_from(
    ["0", "25", "28", "999999999", "-1"]
)
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2199, 12, 31)).map(dt.date.isoformat) | st.sampled_from(["2026-11-10", "2026-12-01"])
WORDS = st.sampled_from(["", "commitment", "other", "agreed", "Managed 365 [871]", "871", "nobody"]) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), max_size=20
)
TYPED = st.fixed_dictionaries(
    {"action": st.sampled_from([str(action) for action in Action])},
    optional={
        "quantity": st.none() | DECIMALS, "new_price": st.none() | DECIMALS, "effective_date": st.none() | DAYS,
        "agreement": st.none() | WORDS, "reason": st.none() | WORDS, "note": st.none() | WORDS,
    },
)  # fmt: skip

USUAL = st.fixed_dictionaries(
    {"action": st.just("Approve"), "reason": st.just("agreed")},
    optional={"quantity": DECIMALS, "new_price": DECIMALS},
)
"""What is refused for its numbers alone, if at all."""


def test_whatever_is_decided_is_judged_planned_and_looked_at(site: Site, anna: Person) -> None:
    """Random documents never hit a row: here each decision is on one that is there, and goes as far as to the PSA's door."""
    run_id = site.run(31)
    workbook, row = site.issued(anna, run_id), site.decision(run_id)
    outcomes = Counter[str]()

    @settings(QUICKLY, max_examples=25)
    @given(typed=TYPED | USUAL, own=st.booleans())
    def check(typed: dict[str, Any], own: bool) -> None:
        decision = row | typed | ({} if own else {"fingerprint": "other"})
        body = {"workbook_id": workbook, "decisions": [decision]}
        checked = anna.post("/decisions/check?replacing=true", body)
        taken = anna.post("/decisions?replacing=true", body)
        assert {name: taken[name] for name in checked} == checked
        assert sum(taken["counts"].values()) == 1
        outcomes.update(taken["counts"])
        looked = anna.ask("POST", f"/runs/{run_id}/dry-run", json={})
        assert looked.status_code in (200, 422)

    check()
    assert {"accepted", "refused", "suspended"} <= set(outcomes)
