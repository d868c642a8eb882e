"""What a decision on a service's cost means (R10, R15, R17), and what is to be done for it: the catalogue first, then the lines."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from core import changes, dialects
from core.changes import Change
from core.costs import COST, Cost, CostRow, CostState, amount, catalogue_currency, cost_rows, costs
from core.decisions import Judge, Judged, Status, merge, words_wanted
from core.frames import records
from core.records import Action, AgreementLine, Comparison, Decision, Problem
from core.run import Reconciliation
from core.words import COST_ACTIONS

NOTHING = Decimal("0.00")
EXACT = Decimal("0.000001")


def of_cost(key: str) -> bool:
    """Whether a decision's key is that of a cost."""
    return key.startswith(COST)


def costs_asked(result: Reconciliation, keys: Iterable[str]) -> dict[str, Cost]:
    """The costs of a result by key; none are worked out where no decision is on one."""
    return {c.key: c for c in records(Cost, costs(result))} if any(map(of_cost, keys)) else {}


def judge_all(
    result: Reconciliation, rows: Mapping[str, Comparison], known: Mapping[str, Cost], decisions: Iterable[Decision]
) -> list[Judged]:
    """Every decision with what became of it: those on lines, then those on costs. rows, known: of the result, by key."""
    decisions = list(decisions)
    judge = Judge(rows, result.agreements, result.inputs.settings, result.inputs.today)
    on_lines = judge.judge(d for d in decisions if not of_cost(d.key))
    on_costs = merge(d for d in decisions if of_cost(d.key))
    return on_lines + [d if isinstance(d, Judged) else judge_cost(d, known.get(d.key)) for d in on_costs]


def judge_cost(decision: Decision, row: Cost | None) -> Judged:
    """What becomes of one decision on a cost; `price` is the accepted cost."""
    if row is None:
        return _out(decision, row, Status.LINE_GONE, "this service has no vendor cost in the newest revision of the run any more")
    if row.fingerprint != decision.fingerprint:
        who = f" by {decision.by}" if decision.by else ""
        said = f"{decision.action}{who} was decided on other costs; look at the row again: now {_now(row)}"
        return _out(decision, row, Status.SUSPENDED, said)
    if decision.action not in COST_ACTIONS:
        return _out(
            decision, row, Status.REFUSED, f"{decision.action} is not a choice for a cost; choose {', '.join(COST_ACTIONS)}"
        )
    if decision.action is not Action.UPDATE_COST:
        problem = words_wanted(decision)
        return _out(decision, row, Status.REFUSED, problem) if problem else Judged(decision, Status.ACCEPTED, cost=row)
    cost = decision.new_price if decision.new_price is not None else row.vendor_cost
    if problem := _problem(decision, row, cost):
        return _out(decision, row, Status.REFUSED, problem)
    stays = cost == row.catalogue_cost and not (decision.own_too and row.own)
    return Judged(decision, Status.NOTHING_TO_DO if stays else Status.ACCEPTED, cost=row, price=cost)


def _out(decision: Decision, row: Cost | None, status: Status, said: str) -> Judged:
    return Judged(decision, status, Problem(decision.place, said), cost=row)


def _problem(decision: Decision, row: Cost, cost: Decimal | None) -> str:
    """Why a cost cannot be taken over; empty where it can."""
    if cost is None and row.state is CostState.MIXED:
        return f"the vendors charge different costs ({row.vendor_costs}), so nothing is proposed: type the New cost"
    if cost is None:
        return f"the vendor charges {row.vendor_costs}, the catalogue is in {row.currency}: {_TWO}"
    if cost < 0:
        return f"the cost {amount(cost)} is below zero"
    if row.state is CostState.OTHER_CURRENCY and not decision.note:
        return f"the vendor charges {row.vendor_costs}, the catalogue is in {row.currency}: say in the note at which rate and date"
    if row.vendor_cost is not None and cost != row.vendor_cost and not decision.reason:
        return f"the typed cost {amount(cost)} differs from the vendor's {amount(row.vendor_cost)}: a reason is wanted"
    return ""


_TWO = "type the New cost, and say in the note at which rate and date"


def _now(row: Cost) -> str:
    catalogue = "none" if row.catalogue_cost is None else amount(row.catalogue_cost)
    return f"catalogue {catalogue} {row.currency}, {row.vendor_costs}"


def plan_costs(judged: Iterable[Judged], result: Reconciliation) -> list[Change]:
    """What each accepted new cost changes: the catalogue, then every open line that carries the old cost, or all of them.

    Lines billed for longer than a month, or in another currency, keep a cost of their own.
    """
    wanted = [j for j in judged if j.updates_cost]
    ids = [j.decision.key.removeprefix(COST) for j in wanted]
    rows = {row.service.service_id: row for row in cost_rows(result, ids)} if ids else {}
    return [change for j, service in zip(wanted, ids, strict=True) for change in _changes(j, rows[service], result)]


def _changes(judged: Judged, row: CostRow, result: Reconciliation) -> Iterable[Change]:
    cost = (judged.price if judged.price is not None else NOTHING).quantize(EXACT)
    if cost != row.service.cost:
        yield _change(judged, row, None, cost, result)
    own = [line for line in row.own if updatable(line, result) and line.unit_cost != cost] if judged.decision.own_too else []
    carrying = row.carrying if cost != row.service.cost else ()
    for line in (*carrying, *own):
        yield _change(judged, row, line, cost, result)


def updatable(line: AgreementLine, result: Reconciliation) -> bool:
    """Whether a line that has a cost of its own may be given the catalogue's: it is billed monthly, in the same currency."""
    return line.cycle_months == 1 and line.currency == catalogue_currency(result.inputs)


def _change(judged: Judged, row: CostRow, line: AgreementLine | None, cost: Decimal, result: Reconciliation) -> Change:
    decision, today, service = judged.decision, result.inputs.today, row.service
    old = line.unit_cost if line else service.cost
    agreement, number = (line.agreement_id, line.line_id) if line else ("", "")
    write = dialects.COST_DIALECTS[result.inputs.settings.psa](service.service_id, agreement, number, cost)
    where = f"line {number}" if line else "the catalogue"
    said = f"unit cost of {service.service} {'none' if old is None else amount(old)} to {amount(cost)} in {where}"
    write = replace(write, says=said)
    return Change(
        changes.change_id(f"{decision.key}/{said}", today, (write,)), decision.key, line.customer if line else "",
        service.service, agreement, line.agreement if line else "", number or None, decision.action, said, today, None, None,
        None, None, NOTHING, NOTHING, NOTHING, NOTHING, line.currency if line else catalogue_currency(result.inputs),
        judged.warnings, decision.reason, decision.note, decision.by, decision.place, (write,),
    )  # fmt: skip
