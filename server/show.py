"""Runs, changes and the log as lines of text for a terminal."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from core import buckets
from core.causes import number
from core.changes import Change
from core.completeness import unexplained as left_over
from core.frames import records, values
from core.records import State, Tally
from core.run import Reconciliation
from server.store import Store


def money(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def table(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> Iterator[str]:
    """Rows as aligned columns; the first is the header."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    right = set(right)
    for row in rows:
        cells = (cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True)))
        yield "  " + "  ".join(cells).rstrip()


def states(result: Reconciliation) -> Iterator[str]:
    """How many lines are in each state, and what they change a month, per currency."""
    counts: dict[tuple[str, str], list[Decimal]] = {}
    rows = result.comparisons
    for state, currency, effect in zip(values(rows["state"]), values(rows["currency"]), values(rows["effect"]), strict=True):
        entry = counts.setdefault((state, currency), [Decimal(0), Decimal(0)])
        entry[0] += 1
        entry[1] += effect or 0
    found = [("State", "Lines", "Effect per month")]
    for state in State:
        for (name, currency), (count, effect) in sorted(counts.items()):
            if name == state:
                found.append((name, number(count), "" if state is State.NOT_KNOWN else f"{money(effect)} {currency}"))
    yield from table(found, right=(1, 2))
    waiting = len(result.unmapped_accounts), len(result.unmapped_services)
    if any(waiting):
        yield f"  unmapped: {waiting[0]} accounts and {waiting[1]} services; decide them on their sheets"


def completeness(result: Reconciliation) -> Iterator[str]:
    """The proof: what came in of each source, and where it stands."""
    found = [("Source", "Stands in", "Rows", "Units", "Money")]
    for t in records(Tally, result.ledger):
        found.append(
            (t.source if t.bucket == buckets.IN else "", t.bucket, f"{t.rows:,}", number(t.units), f"{money(t.money)} {t.currency}")
        )
    yield from table(found, right=(2, 3, 4))
    yield f"  unexplained: {unexplained(result)}"


def unexplained(result: Reconciliation) -> int:
    """Sources of which something stands in no bucket, or in two."""
    return sum(1 for t in records(Tally, left_over(result.ledger)) if t.rows or t.units or t.money)


def changes(planned: Sequence[Change]) -> Iterator[str]:
    """The change list, a line each, with the effect on the next invoice."""
    if not planned:
        return
    found = [("Customer", "Do in the PSA", "From", "Effect/month", "Next invoice")]
    for c in planned:
        after = f"{money(c.next_invoice_before)} to {money(c.next_invoice_after)}" + (
            f" + {money(c.catch_up)}" if c.catch_up else ""
        )
        found.append((c.customer, c.what, c.effective_date.isoformat(), money(c.effect), after))
    yield from table(found, right=(3, 4))


def runs(store: Store) -> Iterator[str]:
    listed = store.runs()
    if not listed:
        yield "no runs yet: start with  tieout reconcile AGREEMENTS USAGE... --out FILE.xlsx"
        return
    found = [("Run", "Period", "Made", "By", "Revisions", "Workbooks")]
    for r in listed:
        made = f"{r.created_at:%Y-%m-%d %H:%M} UTC"
        found.append((r.id, str(r.period), made, r.created_by, str(len(store.revisions(r.id))), str(len(store.workbooks(r.id)))))
    yield from table(found, right=(4, 5))


def run(store: Store, run_id: str) -> Iterator[str]:
    """Everything that is known of one run."""
    result = store.reconciliation(run_id)
    about = store.run(run_id)
    made = f"{about.created_at:%Y-%m-%d %H:%M} UTC by {about.created_by}"
    yield f"run {run_id}: period {about.period}, as of {about.today}, made {made}"
    yield "sources"
    sources = [("Source", "From", "Layout", "Rows", "Data as of")]
    for s in result.inputs.sources:
        sources.append((s.name, s.role, s.layout, f"{s.rows:,}", s.as_of.isoformat() if s.as_of else "not stated"))
    yield from table(sources, right=(3,))
    yield "states"
    yield from states(result)
    yield "completeness"
    yield from completeness(result)
    yield "revisions"
    for r in store.revisions(run_id):
        yield f"  {r.number}  {r.created_at:%Y-%m-%d %H:%M} UTC  {r.created_by}  {r.cause}"
    yield "workbooks"
    for w in store.workbooks(run_id):
        copies = len(store.copies(w.id))
        yield f"  {w.id}  {w.file_name}  revision {w.revision}  for {w.recipient or 'anybody'}  {copies} copies back"
    yield from decisions(store, run_id)


def decisions(store: Store, run_id: str) -> Iterator[str]:
    kept = store.decisions_of_run(run_id)
    yield "decisions" if kept else "decisions: none yet"
    found = [("Decision", "Status", "By", "Place", "Problem")]
    for k in kept:
        found.append((str(k.action), str(k.status), k.by, k.place, k.problem or ""))
    if kept:
        yield from table(found)


def activity(store: Store, limit: int, run_id: str | None) -> Iterator[str]:
    lines = store.activity(limit, run_id)
    if not lines:
        yield "nothing was done yet"
    for a in lines:
        moved = f" {a.old} ->" if a.old else ""
        said = f"{moved} {a.new}" if a.new else moved
        where = f" (run {a.run})" if a.run else ""
        yield f"{a.at:%Y-%m-%d %H:%M:%S} UTC  {a.by}: {a.action} {a.subject}{said}{where}{'; ' + a.detail if a.detail else ''}"
