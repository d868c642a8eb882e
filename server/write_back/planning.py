"""From changes to what is kept of them: each write with its exact request, what it was decided on, and the record's version."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from connectors.exact_json import exact_json
from connectors.writing import Plain, Request, Writer, plain
from core.changes import Change
from core.cost_decisions import of_cost
from core.costs import COST as COST_KEY
from core.dialects import Write
from core.frames import records
from core.records import AgreementLine, Problem
from core.run import Inputs
from server.store import new_id
from server.store.plain import canonical
from server.store.write_records import COST, PlannedChange, PlannedWrite, Submission, WriteKind, WriteState

FIELDS = {"quantity": "quantity", "unitPrice": "unit_price", "unitCost": "unit_cost", "cancelledDate": "cancelled"}
"""The fields that a write sets, by the names of the line they were decided on."""

LARGE = "large change"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a submission would hold, numbered from 0, and what could not be planned."""

    changes: tuple[PlannedChange, ...]
    writes: tuple[PlannedWrite, ...]
    problems: tuple[Problem, ...]

    @property
    def large(self) -> bool:
        return any(change.large for change in self.changes)

    @property
    def digest(self) -> str:
        """Of what is written: the same content, the same digest."""
        content = [[c.key for c in self.changes], [[w.method, w.path, w.request, w.before] for w in self.writes]]
        return hashlib.sha256(canonical(content).encode()).hexdigest()


class NotPlanned(Exception):  # noqa: N818 - named for what happened
    """A change that cannot be written, and why."""


def plan(
    changes: Sequence[Change],
    keys: Mapping[str, str],
    run_id: str,
    inputs: Inputs,
    writer: Writer,
    decided: Mapping[str, int] | None = None,
) -> Plan:
    """keys: the key of each change by its id; decided: the decision of each row by its key.

    A change that cannot be planned is a problem with its place.
    """
    lines = _lines(inputs, changes)
    through = {line.agreement_id: line.invoiced_through for line in lines.values()}
    through |= {a.agreement_id: a.invoiced_through for a in inputs.agreements}  # an export lists only those that have no line
    planner = _Planner(run_id, lines, through, {s.service_id: s.cost for s in inputs.services}, writer)
    planned: list[PlannedChange] = []
    ordered: list[PlannedWrite] = []
    problems = []
    failed: set[str] = set()  # costs that the catalogue will not have
    for change in changes:
        if change.key in failed:
            continue
        try:
            writes = planner.writes(len(planned), change)
        except NotPlanned as why:
            whose = f"{change.customer}, {change.service}" if change.customer else change.service
            problems.append(Problem(change.place, f"{whose}: {why}"))
            failed |= {change.key} if of_cost(change.key) and not change.line_id else set()
            continue
        made = planner.change(len(planned), change, keys[change.id], (decided or {}).get(change.key))
        planned.append(replace(made, action=COST, needs=_catalogue(planned, change)) if of_cost(change.key) else made)
        ordered += writes
    return Plan(tuple(planned), tuple(ordered), tuple(problems))


def _catalogue(planned: Sequence[PlannedChange], change: Change) -> int | None:
    """The change of the catalogue's cost that a line's waits for."""
    return next((c.id for c in planned if c.row_key == change.key and c.line_id is None), None) if change.line_id else None


def submission_of(
    planned: Plan, key: str, connection: str, run_id: str, at: dt.datetime, by: str, undoes: str | None = None
) -> Submission:
    """A new submission of a plan. The key is the sender's, or the plan's own digest."""
    digest = planned.digest
    return Submission(
        new_id(), key or digest[:32], digest, connection, run_id, at, by, planned.large, undoes, None, None, None, None
    )


@dataclass(frozen=True, slots=True)
class _Planner:
    run_id: str
    lines: Mapping[str, AgreementLine]
    invoiced_through: Mapping[str, dt.date | None]
    costs: Mapping[str, Decimal | None]  # of the catalogue's services
    writer: Writer

    def change(self, number: int, change: Change, key: str, decision_id: int | None) -> PlannedChange:
        line = self.lines.get(change.line_id or "")
        through = line.invoiced_through if line else self.invoiced_through.get(change.agreement_id)
        return PlannedChange(
            number, "", key, self.run_id, change.key, change.customer, change.service, change.agreement_id, change.agreement,
            change.line_id, str(change.action), change.what, change.effective_date, change.old_quantity, change.new_quantity,
            change.old_price, change.new_price, change.effect, change.next_invoice_before, change.next_invoice_after,
            change.catch_up, change.currency, change.reason, change.note, change.by, change.place, LARGE in change.warnings,
            through, decision_id, None, None,
        )  # fmt: skip

    def writes(self, number: int, change: Change) -> list[PlannedWrite]:
        if of_cost(change.key):
            return [self._cost(number, change)]
        return [self._write(number, position, change, write) for position, write in enumerate(change.writes)]

    def _cost(self, number: int, change: Change) -> PlannedWrite:
        """A new unit cost: of the catalogue, as it stands now, or of a line, in the lane of its agreement's other writes."""
        service, (write,) = change.key.removeprefix(COST_KEY), change.writes
        if change.line_id:
            return self._write(number, 0, change, write)
        try:
            path = self.writer.product_path(service)
        except KeyError:
            raise NotPlanned("the PSA's catalogue has no such product any more: sync, and issue a new run") from None
        old, after = plain(self.costs.get(service)), {name: plain(value) for name, value in write.body.items()}
        shown = self.writer.look(path)
        if shown is None or shown.values.get("cost") not in (old, after["cost"]):
            now = "nothing" if shown is None else shown.values.get("cost")
            raise NotPlanned(f"decided on a catalogue cost of {old or 'none'}, now it is {now}: sync, and issue a new run")
        request = self.writer.request(write.method, path, write.body)
        draft = blank_write(number, 0, f"product {service}", write.says, lane=f"product {service}")
        draft = replace(draft, method=request.method, path=path, request=exact_json(request.body))
        return replace(draft, before={"cost": old}, after=after, version=shown.version)

    def _write(self, number: int, position: int, change: Change, write: Write) -> PlannedWrite:
        try:
            request = self.writer.request(write.method, write.path, write.body)
        except KeyError as error:
            raise NotPlanned(f"the PSA's catalogue has no product {error.args[0]}: sync, and map the service again") from None
        draft = blank_write(number, position, change.agreement_id, write.says)
        draft = replace(draft, method=request.method, path=request.path, request=exact_json(request.body))
        after = {name: plain(value) for name, value in write.body.items()}
        if write.method == "POST":
            return replace(draft, kind=WriteKind.CREATE, after=after, known=self._known(change))
        line = self._line(change)
        before = {name: plain(getattr(line, FIELDS[name])) for name in write.body}
        return replace(draft, kind=WriteKind.SET, before=before, after=after, version=line.version)

    def _line(self, change: Change) -> AgreementLine:
        line = self.lines.get(change.line_id or "")
        if line is None:
            raise NotPlanned(f"line {change.line_id} is not among the lines that the run compared")
        if line.version is None:
            raise NotPlanned(
                "its line came from a file, which does not say when it was last changed: sync the PSA and issue a new run"
            )
        return line

    def _known(self, change: Change) -> tuple[str, ...]:
        """A new line beside an old one: those of the agreement that the decision knew of. Else none may be there."""
        if change.line_id is None:
            return ()
        of = self._line(change).agreement_id
        return tuple(sorted(line.line_id for line in self.lines.values() if line.agreement_id == of))


def blank_write(change: int, position: int, agreement_id: str, says: str, *, lane: str = "") -> PlannedWrite:
    """A write that is still to be given its request and values."""
    return PlannedWrite(
        0, change, "", lane or f"agreement {agreement_id}", agreement_id, position, WriteKind.SET, "", "", "", {}, {}, None, (),
        says, False, WriteState.PLANNED, 0, 0, None, None, None, False, None, None, None, "", None,
    )  # fmt: skip


def reversal(write: PlannedWrite, position: int, writer: Writer) -> PlannedWrite:
    """The write that takes back one that is done, decided on what its receipt shows. ValueError where there is no receipt."""
    if write.seen is None or write.record_id is None:
        raise ValueError(f"write {write.id} has no receipt")
    draft = blank_write(write.change_id, position, write.agreement_id, f"take back: {write.says}", lane=write.lane)
    seen = {name: write.seen.get(name) for name in write.after}
    if write.kind is WriteKind.CREATE:
        path = f"{write.path}/{write.record_id}"
        removing = replace(draft, kind=WriteKind.REMOVE, method="DELETE", path=path, before=seen, version=write.seen_version)
        return replace(removing, says=f"delete line {write.record_id}, which was added")
    request = writer.request("PATCH", write.path, typed(write.before))
    return replace(
        draft, kind=WriteKind.SET, method=request.method, path=request.path, request=exact_json(request.body), before=seen,
        after=dict(write.before), version=write.seen_version,
    )  # fmt: skip


def typed(values: Mapping[str, Plain]) -> dict[str, Any]:
    """Plain values with their types again, by the names of their fields."""
    return {name: _typed(name, value) for name, value in values.items()}


def _typed(name: str, value: Plain) -> Any:
    if value is None or name in ("product", "billCustomer"):
        return value
    return dt.date.fromisoformat(value) if name.endswith("Date") else Decimal(value)


def _lines(inputs: Inputs, changes: Iterable[Change]) -> dict[str, AgreementLine]:
    """The frozen lines of every agreement that a change is about, by id."""
    agreements = {change.agreement_id for change in changes}
    mine = inputs.lines[inputs.lines["agreement_id"].isin(agreements)]
    return {line.line_id: line for line in records(AgreementLine, mine)}


def request_of(write: PlannedWrite) -> Request:
    """What is sent for it, as it was planned."""
    return Request(write.method, write.path, json.loads(write.request, parse_float=Decimal) if write.request else None)
