"""A vendor's cost into the PSA (R15): the catalogue first, then every line that carries it, each with its receipt."""

from dataclasses import replace
from decimal import Decimal

from connectors.exact_json import exact_json
from connectors.writing import Writer, plain
from core.cost_decisions import updatable
from core.costs import CostRow, cost_rows
from core.records import AgreementLine, Service
from core.run import Reconciliation
from core.scope import short_date
from server.errors import refuse
from server.store import Store
from server.store.write_records import COST, PlannedChange, PlannedWrite
from server.write_back.planning import Plan, blank_write


def cost_row(result: Reconciliation, service_id: str) -> CostRow:
    """The row of one service; Refused where the run's catalogue has none of that id and no vendor charges for it."""
    (row,) = cost_rows(result, [service_id])
    if not row.vendor_costs and all(s.service_id != service_id for s in result.inputs.services):
        raise refuse(f"service {service_id}", "the catalogue that the run was read with has no such product: see tieout costs")
    return row


def plan_cost(store: Store, writer: Writer, run_id: str, service_id: str, cost: Decimal, by: str, *, own_too: bool = False) -> Plan:
    """The catalogue's new cost, and that of every open line which carries the old one; `own_too`: of all its lines."""
    if cost < 0:
        raise refuse(f"service {service_id}", f"a cost is not below zero, and {cost:f} is")
    result = store.reconciliation(run_id)
    row = cost_row(result, service_id)
    path = _path(writer, service_id)
    shown = writer.look(path)
    if shown is None or shown.values.get("cost") != plain(row.service.cost):
        now = "nothing" if shown is None else shown.values.get("cost")
        said = f"the run was read with a catalogue cost of {plain(row.service.cost)}, now it is {now}: sync and issue a new run"
        raise refuse(f"service {service_id}", said)
    old, new = row.service.cost, cost
    changes = [_change(store, result, run_id, row.service, None, old, new, by)]
    writes = [_write(0, service_id, path, "", {"cost": plain(old)}, {"cost": cost}, writer, shown.version, changes[0].what)]
    for line in (*row.carrying, *((line for line in row.own if updatable(line, result)) if own_too else ())):
        if line.version is None:
            raise refuse(f"line {line.line_id}", "it was read from a file, which does not say when it last changed: sync first")
        number = len(changes)
        change = replace(_change(store, result, run_id, row.service, line, line.unit_cost, new, by), id=number, needs=0)
        of = f"/finance/agreements/{line.agreement_id}/additions/{line.line_id}"
        before = {"unitCost": plain(line.unit_cost)}
        changes.append(change)
        writes.append(
            _write(number, service_id, of, line.agreement_id, before, {"unitCost": cost}, writer, line.version, change.what)
        )
    return Plan(tuple(changes), tuple(writes), ())


def _path(writer: Writer, service_id: str) -> str:
    try:
        return writer.product_path(service_id)
    except KeyError:
        raise refuse(f"service {service_id}", "the PSA's catalogue has no such product any more: sync first") from None


def _change(
    store: Store,
    result: Reconciliation,
    run_id: str,
    service: Service,
    line: AgreementLine | None,
    old: Decimal | None,
    new: Decimal,
    by: str,
) -> PlannedChange:
    today = result.inputs.today
    where = f"line {line.line_id}" if line else "the catalogue"
    key = f"{run_id}/cost-{service.service_id}-{line.line_id if line else 'catalogue'}-{plain(old)}-{plain(new)}"
    nothing = Decimal("0.00")
    return PlannedChange(
        0, "", f"{key}/{_generation(store, key)}", run_id, "", line.customer if line else "", service.service,
        line.agreement_id if line else "", line.agreement if line else "", line.line_id if line else None, COST,
        f"unit cost of {service.service} {plain(old) or 'none'} to {plain(new)} in {where}", today, None, None, None, None,
        nothing, nothing, nothing, nothing, line.currency if line else "", None, None, by,
        f"run {run_id}, {short_date(today)}", False, None, None, None, None,
    )  # fmt: skip


def _generation(store: Store, key: str) -> int:
    """A cost may go there and back within one run, each time a push of its own; one that is under way stays the same."""
    earlier = store.writes.changes_with_keys([key])
    ended = [c for c in earlier if not any(write.open for write in store.writes.of_change(c.id))]
    return 1 + len(ended)


def _write(
    number: int,
    service_id: str,
    path: str,
    agreement_id: str,
    before: dict[str, str | None],
    after: dict[str, Decimal],
    writer: Writer,
    version: str | None,
    says: str,
) -> PlannedWrite:
    request = writer.request("PATCH", path, after)
    lane = f"product {service_id}"
    draft = blank_write(number, 0, agreement_id or lane, says, lane=lane)
    values = {name: plain(value) for name, value in after.items()}
    return replace(draft, method="PATCH", path=path, request=exact_json(request.body), before=before, after=values, version=version)
