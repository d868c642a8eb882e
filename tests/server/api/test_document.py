"""The OpenAPI document: as it is kept in docs, as it is served, and sound in itself."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from server.api.app import ROUTES, openapi_document, openapi_text
from server.api.registry import PREFIX
from tests.server.api.site import Person

KEPT = Path(__file__).parents[3] / "docs" / "openapi.json"


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for name, value in part.items() if name == "$ref")
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_document_in_docs_is_what_the_code_says(golden: Callable[[Path, str], None]) -> None:
    golden(KEPT, openapi_text())


def test_the_document_is_served_as_it_is_kept(anna: Person) -> None:
    assert anna.get("/openapi.json") == openapi_document()


def test_every_route_is_documented_with_its_errors_and_wants_the_token() -> None:
    document = openapi_document()
    found = {o["operationId"]: (path, method, o) for path, of in document["paths"].items() for method, o in of.items()}
    assert set(found) == {route.name for route in ROUTES}
    for route in ROUTES:
        path, method, operation = found[route.name]
        assert (method.upper(), path.startswith(PREFIX), "<" in path, ":" in path) == (route.method, True, False, False)
        assert operation["security"] == ([] if route.open else [{"token": []}])
        assert {str(status) for status in route.statuses} | {str(route.status)} == set(operation["responses"])
        assert operation["summary"].endswith(".")


def test_everything_that_the_document_refers_to_is_in_it() -> None:
    document = openapi_document()
    for reference in set(references(document)):
        place: Any = document
        for name in reference.removeprefix("#/").split("/"):
            place = place[name]


def test_no_number_that_is_not_whole_crosses_the_border() -> None:
    assert '"type": "number"' not in openapi_text()
