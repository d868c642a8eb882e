"""Runs: what was compared, what it says, and that everything that came in stands somewhere."""

from collections import Counter
from decimal import Decimal
from typing import Any

from apiflask import Schema
from marshmallow import fields
from marshmallow.validate import Range

from core.completeness import unexplained
from core.frames import frame, records, values
from core.records import Comparison, Source, State, Tally
from server.api.fields import Decimals, Month, Text, Word, count
from server.api.registry import Asked, Route
from server.api.shapes import answer, nested, page
from server.api.system import ActivityPage
from server.standing import tally_of_run
from server.store import Copy, Revision, Run, Store, Workbook
from server.store.tokens import Scope

TallyShape = answer(Tally)
SourceShape = nested(Source)
RunShape = answer(Run, "Run", ("settings",))
RowShape = answer(Comparison, "Row")
RowPage = page("rows", RowShape, total=fields.Integer(required=True))
CopyShape = answer(Copy)
WorkbookShape = answer(Workbook, "Workbook", copies=fields.List(fields.Nested(CopyShape), required=True))


class StateCount(Schema):
    """How many rows are in a state, and what they change a month; null: not known."""

    state = fields.String(required=True)
    currency = fields.String(required=True)
    rows = fields.Integer(required=True)
    effect = Decimals(required=True, allow_none=True)


class Completeness(Schema):
    """R16: what came in, by source and currency, and the buckets in which it stands."""

    tallies = fields.List(fields.Nested(TallyShape), required=True)
    unexplained = fields.Integer(required=True, metadata={"description": "sources of which something stands nowhere, or twice"})


class RunWhole(RunShape):  # type: ignore[valid-type,misc]
    """Everything that is known of a run's newest revision."""

    sources = fields.List(fields.Nested(SourceShape), required=True)
    states = fields.List(fields.Nested(StateCount), required=True)
    unmapped_accounts = fields.Integer(required=True)
    unmapped_services = fields.Integer(required=True)
    completeness = fields.Nested(Completeness, required=True)
    rows_to_decide = fields.Nested(Completeness, required=True)
    decisions = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    revisions = fields.List(fields.Nested(answer(Revision)), required=True)
    workbooks = fields.List(fields.Nested(WorkbookShape), required=True)


class RunsQuery(Schema):
    """Of which period, and how many."""

    period = Month(load_default=None)
    limit = count(50, 500)


class RowsQuery(Schema):
    """Which rows of the newest revision, and from which on."""

    state = Word(State, load_default=None)
    customer = Text(load_default=None, longest=300)
    after = fields.Integer(load_default=0, validate=Range(0, 2**31))
    limit = count(100, 1_000)


class LogQuery(Schema):
    """Which lines; `before` is the number of the last line of the page before."""

    before = fields.Integer(load_default=None, validate=Range(1, 2**53 - 1))
    limit = count(100, 1_000)


def runs(asked: Asked, query: dict[str, Any]) -> Any:
    """The runs, newest first."""
    return {"runs": asked.house.store.runs(query["period"])[: query["limit"]]}


def run(asked: Asked, run_id: str) -> Any:
    """One run: its sources, states, proof of completeness, decisions, revisions and workbooks."""
    store = asked.house.store
    about, result = store.run(run_id), store.reconciliation(run_id)
    counts = Counter(str(kept.status) for kept in store.decisions_of_run(run_id))
    return {
        **{name: getattr(about, name) for name in Run.__dataclass_fields__},
        "sources": result.inputs.sources,
        "states": _states(result.comparisons),
        "unmapped_accounts": len(result.unmapped_accounts),
        "unmapped_services": len(result.unmapped_services),
        "completeness": _proof(records(Tally, result.ledger)),
        "rows_to_decide": _proof(tally_of_run(store, run_id)),
        "decisions": dict(counts),
        "revisions": store.revisions(run_id),
        "workbooks": [_workbook(store, found) for found in store.workbooks(run_id)],
    }


def run_rows(asked: Asked, run_id: str, query: dict[str, Any]) -> Any:
    """Rows of the newest revision in their order, each with the key and fingerprint that a decision names."""
    asked.house.store.run(run_id)
    found = asked.house.store.result(run_id, "comparisons")
    if query["state"]:
        found = found[found["state"] == query["state"]]
    if query["customer"]:
        found = found[found["customer"] == query["customer"]]
    chosen = found.iloc[query["after"] : query["after"] + query["limit"]]
    return {"rows": records(Comparison, chosen.reset_index(drop=True)), "total": len(found)}


def run_log(asked: Asked, run_id: str, query: dict[str, Any]) -> Any:
    """The activity of a run, newest first."""
    asked.house.store.run(run_id)
    return {"lines": asked.house.store.activity(query["limit"], run_id, before=query["before"])}


def _states(rows: Any) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for state, currency, effect in zip(values(rows["state"]), values(rows["currency"]), values(rows["effect"]), strict=True):
        number, total = found.get((state, currency), (0, Decimal(0)))
        found[state, currency] = number + 1, total + (effect or 0)
    return [
        {"state": state, "currency": currency, "rows": number, "effect": None if state == State.NOT_KNOWN else total}
        for (state, currency), (number, total) in sorted(found.items())
    ]


def _proof(tallies: list[Tally]) -> dict[str, Any]:
    left = records(Tally, unexplained(frame(Tally, tallies)))
    return {"tallies": tallies, "unexplained": sum(1 for t in left if t.rows or t.units or t.money)}


def _workbook(store: Store, found: Workbook) -> dict[str, Any]:
    own = {name: getattr(found, name) for name in Workbook.__dataclass_fields__}
    return own | {"copies": store.copies(found.id)}


READ = Scope.READ
ROUTES = (
    Route("GET", "/runs", runs, READ, page("runs", RunShape), query=RunsQuery),
    Route("GET", "/runs/<run_id>", run, READ, RunWhole),
    Route("GET", "/runs/<run_id>/rows", run_rows, READ, RowPage, query=RowsQuery),
    Route("GET", "/runs/<run_id>/log", run_log, READ, ActivityPage, query=LogQuery),
)
