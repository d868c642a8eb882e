"""Decisions back: returned copies, or the same as JSON. Both go through the one function that takes decisions."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from apiflask import Schema
from apiflask.fields import File
from marshmallow import fields
from marshmallow.validate import Length

from core.changes import Change
from core.records import Action, Problem
from server.api.fields import Day, Exact, Rows, Switch, Text, Word
from server.api.given import OTHERS, as_copy
from server.api.registry import ID, Asked, Route
from server.api.shapes import answer
from server.api.uploads import read_uploads
from server.copies import Copied
from server.errors import refuse
from server.returning import check_copies, take_copies
from server.store import new_id
from server.store.tokens import Scope
from server.taken import InvoiceTotal, Taken

MOST_COPIES = 50
MOST_DECISIONS = 20_000
MOST_STEPS = 100
MOST_CELLS = 20

ProblemShape = answer(Problem)
ChangeShape = answer(Change, "DecidedChange", ("writes",))


class CopiesIn(Schema):
    """Returned workbooks of one run."""

    copies = fields.List(File(), required=True, validate=Length(1, MOST_COPIES))  # type: ignore[no-untyped-call]


def _key(**options: Any) -> Text:
    return Text(data_key="Idempotency-Key", longest=200, pattern=r"^[\x21-\x7e]{8,200}$", **options)


class KeyHeader(Schema):
    """The sender's key: what is sent again under the same key, because no answer came, is taken once."""

    key = _key(required=True)


class CheckHeader(Schema):
    """The key under which the decisions will be taken, if they are: what was checked under it can be taken without sending it
    again, for a few minutes."""

    key = _key(load_default="")


class TakeQuery(Schema):
    """replacing: these decisions count where others decided differently before."""

    replacing = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})


class StepIn(Schema):
    """One dated quantity."""

    quantity = Exact(required=True)
    effective_date = Day(required=True)
    note = Text(load_default=None, allow_none=True)


class DecisionIn(Schema):
    """One row's decision. `fingerprint` is the row's own: where its numbers have moved since, the decision is suspended.

    `steps`, in place of quantity and effective_date: the quantities of a line that changes on several days.
    Of a service's cost: the action Update cost, with `new_price` as the new cost where it is not the vendor's, and `own_too`
    where lines that have a cost of their own are to get it as well.
    """

    key = Text(required=True, longest=500)
    fingerprint = Text(required=True, longest=200)
    action = Word(Action, required=True)
    quantity = Exact(load_default=None, allow_none=True)
    effective_date = Day(load_default=None, allow_none=True)
    agreement = Text(load_default=None, allow_none=True, longest=500)
    new_price = Exact(load_default=None, allow_none=True)
    reason = Text(load_default=None, allow_none=True, longest=500)
    note = Text(load_default=None, allow_none=True)
    steps = fields.List(fields.Nested(StepIn), load_default=list, validate=Length(max=MOST_STEPS))
    own_too = Switch(load_default=False)


class RowIn(Schema):
    """What is typed into a row of another sheet: what an unmapped account or service is, that no vendor is expected, why something
    changed, or the total of an invoice.

    `cells`: texts by the column's name, as a person would type them; also the suggestion, which Map without a target accepts.
    """

    table = Word(OTHERS, required=True)
    key = Text(required=True, longest=500)
    cells = fields.Dict(keys=Text(longest=100), values=Text(longest=2_000), required=True, validate=Length(1, MOST_CELLS))


class DecisionsIn(Schema):
    """Decisions on lines and costs of an issued workbook, and what is typed into its other sheets; at least one of both."""

    workbook_id = Text(required=True, pattern=ID, longest=200)
    decisions = Rows(DecisionIn, load_default=list, validate=Length(max=MOST_DECISIONS))
    rows = Rows(RowIn, load_default=list, validate=Length(max=MOST_DECISIONS))


class Checked(Schema):
    """What became of the decisions, or would."""

    run_id = fields.String(required=True)
    counts = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, metadata={"description": "decisions by what became of them"}
    )
    problems = fields.List(fields.Nested(ProblemShape), required=True, metadata={"description": "rows that stay undecided"})
    notices = fields.List(fields.Nested(ProblemShape), required=True, metadata={"description": "used, and worth saying"})
    changes = fields.List(fields.Nested(ChangeShape), required=True, metadata={"description": "what they come to"})
    remapped = fields.Integer(required=True, metadata={"description": "entries added to the mapping"})
    totals = fields.List(fields.Nested(answer(InvoiceTotal)), required=True)
    explained = fields.Integer(required=True, metadata={"description": "changes since the last period that were explained"})


class TakenShape(Checked):
    """What became of the decisions, which are kept."""

    revision = fields.Integer(required=True)
    copies = fields.List(fields.String(), required=True, metadata={"description": "the ids by which to submit only these"})


def copies_taken(asked: Asked, files: dict[str, Any], query: dict[str, Any]) -> Any:
    """Takes the decisions of returned copies. The same copy again changes nothing."""
    return _take(asked, read_uploads(asked.house.store, files["copies"]), query["replacing"])


def copies_checked(asked: Asked, files: dict[str, Any], query: dict[str, Any]) -> Any:
    """Says what taking these copies would come to, by the same checks, and keeps nothing."""
    return _check(asked, read_uploads(asked.house.store, files["copies"]), query["replacing"])


def decisions_taken(asked: Asked, body: dict[str, Any], query: dict[str, Any], headers: dict[str, Any]) -> Any:
    """Takes decisions as if a copy of their workbook had come back with them. The same under the same key changes nothing."""
    return _take(asked, [_given(asked, body, headers["key"])], query["replacing"])


def decisions_checked(asked: Asked, body: dict[str, Any], query: dict[str, Any], headers: dict[str, Any]) -> Any:
    """Says what taking these decisions would come to, by the same checks, and keeps nothing."""
    under = headers["key"]
    copies = [_given(asked, body, under or new_id())]
    if not under:
        return _check(asked, copies, query["replacing"])
    house = asked.house
    return _told(house.checks.check(house.store, copies, house.key, asked.by, under, _quiet, replacing=query["replacing"]))


def checked_taken(asked: Asked, query: dict[str, Any], headers: dict[str, Any]) -> Any:
    """Takes the decisions that were checked under this key a moment ago. Not found where they are no longer held: they are sent
    themselves then, under the same key."""
    house = asked.house
    return _told(house.checks.take(house.store, house.key, asked.by, headers["key"], _quiet, replacing=query["replacing"]))


def _given(asked: Asked, body: dict[str, Any], key: str) -> Copied:
    decisions, rows = body["decisions"], body["rows"]
    if not decisions and not rows:
        raise refuse("decisions", "nothing is decided: give at least one decision, or one row of another sheet")
    keys = Counter(("", one["key"]) for one in decisions) + Counter((one["table"], one["key"]) for one in rows)
    twice = next((which for which, number in keys.items() if number > 1), None)
    if twice:
        raise refuse(f"decision on {twice[1]}", f"the row is decided {keys[twice]} times in one request: keep one")
    for number, one in enumerate(rows, 1):
        unknown = next((name for name in one["cells"] if name not in OTHERS[one["table"]].positions), None)
        if unknown is not None:
            raise refuse(f"row {number}", f"{one['table']} has no column {unknown!r}")
    return as_copy(asked.house, body["workbook_id"], decisions, rows, asked.by, key)


def _take(asked: Asked, copies: Sequence[Copied], replacing: bool) -> Any:
    house = asked.house
    return _told(take_copies(house.store, copies, house.key, asked.by, _quiet, replacing=replacing, tallied=False))


def _check(asked: Asked, copies: Sequence[Copied], replacing: bool) -> Any:
    return _told(check_copies(asked.house.store, copies, asked.house.key, _quiet, replacing=replacing))


def _told(found: Taken) -> Any:
    return {
        "run_id": found.run_id,
        "revision": found.revision,
        "copies": found.copies,
        "counts": dict(Counter(str(judged.status) for judged in found.judged)),
        "problems": found.problems,
        "notices": found.notices,
        "changes": found.changes,
        "remapped": found.remapped,
        "totals": found.totals,
        "explained": found.explained,
    }


def _quiet(_: str) -> None:
    """Progress that nobody follows."""


DECIDE = Scope.DECIDE
UNKNOWN = (404,)
ROUTES = (
    Route("POST", "/copies", copies_taken, DECIDE, TakenShape, files=CopiesIn, query=TakeQuery, fails=UNKNOWN),
    Route("POST", "/copies/check", copies_checked, DECIDE, Checked, files=CopiesIn, query=TakeQuery, fails=UNKNOWN),
    Route(
        "POST", "/decisions", decisions_taken, DECIDE, TakenShape,
        body=DecisionsIn, query=TakeQuery, headers=KeyHeader, fails=UNKNOWN,
    ),
    Route(
        "POST", "/decisions/check", decisions_checked, DECIDE, Checked,
        body=DecisionsIn, query=TakeQuery, headers=CheckHeader, fails=UNKNOWN,
    ),
    Route("POST", "/decisions/checked", checked_taken, DECIDE, TakenShape, query=TakeQuery, headers=KeyHeader, fails=UNKNOWN),
)  # fmt: skip
