"""Vendors' costs into the PSA (R15): side by side with the catalogue's, looked at before, then submitted like any change."""

from typing import Any

from apiflask import Schema
from marshmallow import fields

from core.costs import Cost, CostRow, VendorCost, cost_rows
from core.costs import costs as costs_of
from core.frames import records
from core.records import AgreementLine, Service
from server.api.deciding import KeyHeader
from server.api.fields import EXACT, Exact, Switch, Text
from server.api.registry import Asked, Route
from server.api.shapes import answer, nested, page
from server.api.submitting import ASKS, DryRunShape, SubmittedShape, own_key, woken
from server.store.tokens import Scope
from server.submitting import foresee_cost, submit_cost

LineShape = answer(AgreementLine, "Line")


class CostRowShape(Schema):
    """A service's costs. mixed: vendors or currencies say different ones, so none is proposed."""

    row = fields.Nested(nested(Cost), required=True, metadata={"description": "as a decision names it"})
    service = fields.Nested(nested(Service), required=True)
    vendor_costs = fields.List(fields.Nested(answer(VendorCost)), required=True)
    carrying = fields.List(fields.Nested(LineShape), required=True, metadata={"description": "lines with the catalogue's cost"})
    own = fields.List(fields.Nested(LineShape), required=True, metadata={"description": "lines with a cost of their own"})
    mixed = fields.Boolean(required=True)
    differs = fields.Boolean(required=True)


class CostIn(Schema):
    """A new cost of one unit. own_too: also of the lines that have a cost of their own."""

    service_id = Text(required=True, longest=200)
    cost = Exact(required=True, metadata={"pattern": EXACT.replace("-?", "")})
    own_too = Switch(load_default=False)


class SubmitCostIn(CostIn):
    """digest: the dry run's; where something else would be written now, it is refused."""

    digest = Text(required=True, longest=64, pattern="^[0-9a-f]{64}$")


class CostDryRun(DryRunShape):
    """What would be written, and the lines that are left alone because they have a cost of their own."""

    own = fields.List(fields.Nested(LineShape), required=True)


def costs(asked: Asked, run_id: str) -> Any:
    """The services of a run whose vendors say what a unit costs."""
    result = asked.house.store.reconciliation(run_id)
    rows = {row.service_id: row for row in records(Cost, costs_of(result))}
    return {"costs": [_whole(found, rows[found.service.service_id]) for found in cost_rows(result, rows)]}


def _whole(found: CostRow, row: Cost) -> dict[str, Any]:
    return {name: getattr(found, name) for name in CostRowShape._declared_fields if name != "row"} | {"row": row}


def cost_dry_run(asked: Asked, run_id: str, body: dict[str, Any]) -> Any:
    """Looks at everything that a new cost would be written to. Nothing is written, and nothing kept."""
    asked.house.store.run(run_id)
    found, own = foresee_cost(asked.house, run_id, body["service_id"], body["cost"], asked.by, own_too=body["own_too"])
    return {name: getattr(found, name) for name in type(found).__dataclass_fields__} | {"own": own}


def cost_submitted(asked: Asked, run_id: str, body: dict[str, Any], headers: dict[str, Any]) -> Any:
    """Keeps a cost to be written, and begins to send it: the catalogue's first, then each line's."""
    asked.house.store.run(run_id)
    kept = submit_cost(
        asked.house, run_id, body["service_id"], body["cost"], asked.by,
        own_too=body["own_too"], key=headers["key"], digest=body["digest"],
    )  # fmt: skip
    return woken(asked, own_key(asked, kept, run_id, headers["key"]))


SUBMIT = Scope.SUBMIT
ROUTES = (
    Route("GET", "/runs/<run_id>/costs", costs, Scope.READ, page("costs", CostRowShape)),
    Route("POST", "/runs/<run_id>/costs/dry-run", cost_dry_run, SUBMIT, CostDryRun, body=CostIn, fails=ASKS),
    Route(
        "POST", "/runs/<run_id>/costs", cost_submitted, SUBMIT, SubmittedShape,
        body=SubmitCostIn, headers=KeyHeader, fails=ASKS,
    ),
)  # fmt: skip
