"""Workbooks that no store vouches for: what their own cells say is all there is, and nothing is kept."""

from collections.abc import Iterable, Mapping, Sequence

from core.changes import plan
from core.cost_decisions import of_cost
from core.decisions import Judge
from core.frames import records
from core.records import Agreement, Comparison, Decision, Problem
from core.settings import Settings
from server.copies import Copied, one_run
from server.taken import Taken, problems_of
from server.words import counted
from workbooks.reader import Returned
from workbooks.unverified import comparison_from_cells, with_steps_by_cells

SAID = "unverified: its own cells and the default settings are used, and nothing is kept"


def take_unverified(copies: Sequence[Copied]) -> Taken:
    """Plans changes from the copies' own cells."""
    returned = [with_steps_by_cells(copy.returned) for copy in copies]
    run_id, identity = one_run(returned), returned[0].identity
    rows, problems = _rows(returned)
    decisions = [d for r in returned for d in r.decisions if not of_cost(d.key)]
    today = identity.issued_at.date()
    judged = Judge(rows, _agreements_as_typed(decisions, rows), Settings(), today).judge(decisions)
    notices = [notice for r in returned for notice in (Problem(r.file, SAID), *_not_mapped(r), *r.notices)]
    problems += [p for r in returned for p in r.problems] + problems_of(judged)
    changes = plan(judged, (), Settings(), today)
    return Taken(run_id, None, identity.period, rows, judged, changes, problems, notices)


def _rows(returned: Iterable[Returned]) -> tuple[dict[str, Comparison], list[Problem]]:
    """The rows by key. Where two copies were issued with different numbers for one, the first one's count."""
    rows: dict[str, Comparison] = {}
    problems: list[Problem] = []
    for one in returned:
        found, bad = comparison_from_cells(one)
        rows = {row.key: row for row in records(Comparison, found)} | rows
        problems += bad
    return rows, problems


def _not_mapped(returned: Returned) -> list[Problem]:
    counts = {"mapping decision": len(returned.mapping_decisions), "cost": sum(of_cost(d.key) for d in returned.decisions)}
    return [Problem(returned.file, f"{counted(count, what)} not taken") for what, count in counts.items() if count]


def _agreements_as_typed(decisions: Iterable[Decision], rows: Mapping[str, Comparison]) -> list[Agreement]:
    """The agreements that decisions name, taken at their word: Name [id]."""
    named = {}
    for d in decisions:
        row = rows.get(d.key)
        if d.agreement and row:
            name, _, rest = d.agreement.rpartition(" [")
            agreement_id = rest.removesuffix("]") if name else d.agreement
            named[row.customer_id, agreement_id] = Agreement(
                agreement_id, name or d.agreement, None, row.customer_id, row.customer, "Active", row.months, row.in_arrears,
                row.prorates, row.invoiced_through, row.currency,
            )  # fmt: skip
    return list(named.values())
