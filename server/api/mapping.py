"""The mapping: as it stands, every step of its history, and entries changed. All rows of an account are given together."""

from collections.abc import Iterable
from typing import Any

from apiflask import Schema
from marshmallow import fields
from marshmallow.validate import Length, Range

from core.mapping import AccountMapping, Kind, Mapping, ServiceMapping, ServiceRule, Tie
from core.records import Problem
from server.api.fields import Text, Word, count
from server.api.registry import Asked, Route
from server.api.shapes import answer, nested, page, request
from server.errors import Refused
from server.store import MappingEntry, Subject
from server.store.tokens import Scope
from workbooks.mapping_checks import SENSE, repeated, wrong_shares

ORIGIN = "API"
LISTS = {"accounts": AccountMapping, "services": ServiceMapping, "rules": ServiceRule, "ties": Tie}
NAMES = {Subject.ACCOUNT: 2, Subject.SERVICE: 2, Subject.RULE: 2, Subject.TIE: 2, Subject.NONE_EXPECTED: 1}
"""How many texts name an entry: vendor and account, vendor and service, service and customer, vendor and reference; a service."""


class MappingShape(Schema):
    """Everything that is mapped, and the number of its version."""

    version = fields.Integer(required=True)
    accounts = fields.List(fields.Nested(nested(AccountMapping)), required=True)
    services = fields.List(fields.Nested(nested(ServiceMapping)), required=True)
    rules = fields.List(fields.Nested(nested(ServiceRule)), required=True)
    ties = fields.List(fields.Nested(nested(Tie)), required=True)
    none_expected = fields.List(fields.String(), required=True)


def _list(record: type) -> Any:
    return fields.List(fields.Nested(request(record)), load_default=list, validate=Length(max=20_000))


class Removal(Schema):
    """The name of an entry that ends, as the history gives it."""

    subject = Word(Subject, required=True)
    identity = fields.List(Text(longest=500), required=True, validate=Length(1, 2))


class MappingIn(Schema):
    """Entries that are added or replace what was said of the same thing, and entries that end."""

    accounts = _list(AccountMapping)
    services = _list(ServiceMapping)
    rules = _list(ServiceRule)
    ties = _list(Tie)
    none_expected = fields.List(Text(longest=500), load_default=list, validate=Length(max=20_000))
    removed = fields.List(fields.Nested(Removal), load_default=list, validate=Length(max=20_000))


class Version(Schema):
    """The version that holds now; the one before where nothing differed."""

    version = fields.Integer(required=True)


class HistoryQuery(Schema):
    """Which entries; `before` is the number of the last entry of the page before."""

    before = fields.Integer(load_default=None, validate=Range(1, 2**53 - 1))
    limit = count(100, 1_000)


def mapping(asked: Asked) -> Any:
    """The mapping as it stands."""
    store = asked.house.store
    version = store.mapping_version()
    held = store.mapping_at(version)
    return {"version": version, "none_expected": sorted(held.none_expected), **{name: getattr(held, name) for name in LISTS}}


def mapping_history(asked: Asked, query: dict[str, Any]) -> Any:
    """Every entry that was ever made, newest first: who, when and from where; one without content ended another."""
    before = query["before"]
    found = [e for e in reversed(asked.house.store.mapping_history()) if before is None or e.id < before]
    return {"entries": found[: query["limit"]]}


def mapping_changed(asked: Asked, body: dict[str, Any]) -> Any:
    """Changes entries; runs that were made keep the mapping they were made with."""
    problems = [*_problems(body), *_misnamed(body["removed"])]
    if problems:
        raise Refused(problems)
    changes = Mapping(**{name: tuple(body[name]) for name in LISTS}, none_expected=frozenset(body["none_expected"]))
    return {"version": asked.house.store.save_mapping(changes, asked.by, ORIGIN, _removed(body["removed"]))}


def _problems(body: dict[str, Any]) -> Iterable[Problem]:
    """The checks of the mapping workbook."""
    for name, record in LISTS.items():
        made = list(enumerate(body[name]))
        said = [(index, wrong) for index, one in made for test, wrong in SENSE[record] if not test(one)]
        for index, wrong in [*said, *repeated(made), *(wrong_shares(made) if record is AccountMapping else ())]:
            yield Problem(f"{name}, {index}", wrong)


def _misnamed(removed: Iterable[dict[str, Any]]) -> Iterable[Problem]:
    for index, one in enumerate(removed):
        if len(one["identity"]) != NAMES[one["subject"]]:
            yield Problem(f"removed, {index}", f"{one['subject']} is named by {NAMES[one['subject']]} texts")


def _removed(removed: Iterable[dict[str, Any]]) -> Mapping:
    """Only what names an entry counts in a removal."""
    of: dict[Subject, list[Any]] = {subject: [] for subject in Subject}
    for one in removed:
        of[one["subject"]].append(one["identity"])
    return Mapping(
        tuple(AccountMapping(vendor, account, "", Kind.MAPPED) for vendor, account in of[Subject.ACCOUNT]),
        tuple(ServiceMapping(vendor, service, "", Kind.FREE) for vendor, service in of[Subject.SERVICE]),
        tuple(ServiceRule(service, customer or None) for service, customer in of[Subject.RULE]),
        tuple(Tie(vendor, reference, "") for vendor, reference in of[Subject.TIE]),
        frozenset(service for (service,) in of[Subject.NONE_EXPECTED]),
    )


ROUTES = (
    Route("GET", "/mapping", mapping, Scope.READ, MappingShape),
    Route("GET", "/mapping/history", mapping_history, Scope.READ, page("entries", answer(MappingEntry)), query=HistoryQuery),
    Route("POST", "/mapping", mapping_changed, Scope.DECIDE, Version, body=MappingIn),
)
