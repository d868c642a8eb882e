"""Workbooks out: a new run of what was synced, or again from a run, whole or a slice of it. The answer is the file itself.

The store keeps that a workbook was issued, with its hash, and not its bytes; so a file is made, sent and forgotten.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apiflask import Schema
from flask import Response
from marshmallow import fields
from marshmallow.validate import Length

from server.api.fields import Day, Month, Switch, Text, Word
from server.api.registry import PREFIX, WORKBOOK, Asked, Route
from server.connecting import zone_of
from server.issuing import SyncedRequest, reconcile_synced
from server.reconciling import Issued, issue
from server.standing import standing
from server.store import new_id
from server.store.tokens import Scope
from workbooks.writer import Options

LAYOUTS = ("vendor", "client")


class IssueIn(Schema):
    """For whom the workbook is, and whose rows it holds; no customers and no vendors: it holds the whole run.

    layout: a sheet of lines for each vendor, or one for all of them; by default one in a workbook of one client. protect: only
    inputs can be typed into, and rows cannot be sorted.
    """

    recipient = Text(load_default="", longest=100)
    customers = fields.List(Text(longest=300), load_default=list, validate=Length(max=5_000))
    vendors = fields.List(Text(longest=300), load_default=list, validate=Length(max=500))
    layout = Word(LAYOUTS, load_default=None, allow_none=True)
    protect = Switch(load_default=False)


class NewRunIn(IssueIn):
    """Which month is compared, and as of which day; no day: today, in the PSA's time zone."""

    period = Month(required=True)
    today = Day(load_default=None, allow_none=True)


def run_made(asked: Asked, body: dict[str, Any]) -> Response:
    """Compares what was synced, freezes the run and answers its workbook; the headers name both."""
    house, by = asked.house, asked.by
    today = body["today"] or house.store.writes.clock().astimezone(zone_of(house.psa())).date()

    def make(out: Path) -> Issued:
        whose = {name: body[name] for name in ("recipient", "customers", "vendors")}
        request = SyncedRequest(body["period"], out, today, by, **whose, options=_options(body))
        return reconcile_synced(house.store, request, house.key, _quiet)

    return _sent(str(body["period"]), make, 201)


def workbook_issued(asked: Asked, run_id: str, body: dict[str, Any]) -> Response:
    """Answers a workbook of the run's newest revision, with the decisions that stand already typed in."""
    house = asked.house
    house.store.run(run_id)

    def make(out: Path) -> Issued:
        decided = standing(house.store, run_id)
        return issue(
            house.store, run_id, out, house.key, asked.by, _quiet,
            recipient=body["recipient"], decided=decided, customers=body["customers"], vendors=body["vendors"],
            options=_options(body),
        )  # fmt: skip

    return _sent(run_id, make, 201)


def _options(body: dict[str, Any]) -> Options:
    return Options(None if body["layout"] is None else body["layout"] == LAYOUTS[1], body["protect"])


def _sent(what: str, make: Callable[[Path], Issued], status: int) -> Response:
    """The workbook under a name of ours."""
    name = f"tieout-{what}-{new_id()}.xlsx"
    with tempfile.TemporaryDirectory(prefix="tieout-workbook-") as folder:
        issued = make(Path(folder) / name)
        data = issued.path.read_bytes()
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Location": f"{PREFIX}/runs/{issued.run_id}",
        "Tieout-Run": issued.run_id,
        "Tieout-Revision": str(issued.revision),
        "Tieout-Workbook": issued.workbook_id,
    }
    return Response(data, status, headers, content_type=WORKBOOK)


def _quiet(_: str) -> None:
    """Progress that nobody follows."""


ROUTES = (
    Route("POST", "/runs", run_made, Scope.DECIDE, WORKBOOK, 201, body=NewRunIn),
    Route("POST", "/runs/<run_id>/workbooks", workbook_issued, Scope.DECIDE, WORKBOOK, 201, body=IssueIn),
)
