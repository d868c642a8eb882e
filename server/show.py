"""Runs, changes and the log as lines of text for a terminal."""

import datetime as dt
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest

from core import buckets
from core.causes import number
from core.changes import Change
from core.completeness import unexplained as left_over
from core.decisions import Judged, describe
from core.frames import frame, records, values
from core.records import State, Tally
from core.run import Reconciliation
from server.change_list import not_written
from server.standing import tally_of_run
from server.store import Store
from server.taken import Taken

NARROWEST = 12
"""Columns that a text keeps in a narrow terminal."""


def money(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.2f}"


def room() -> int | None:
    """Columns of the terminal; None where the output goes elsewhere and may be as wide as it is."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def table(rows: Sequence[Sequence[str]], right: Iterable[int] = (), width: int | None = None) -> Iterator[str]:
    """Rows as aligned columns; the first is the header. Where `width` (by default the terminal's) is too narrow, text wraps."""
    widths = _narrowed([max(len(row[i]) for row in rows) for i in range(len(rows[0]))], set(right), width or room())
    for row in rows:
        wrapped = [textwrap.wrap(cell, w) or [""] for cell, w in zip(row, widths, strict=True)]
        for line in zip_longest(*wrapped, fillvalue=""):
            cells = (cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True)))
            yield ("  " + "  ".join(cells)).rstrip()


def _narrowed(widths: list[int], right: set[int], width: int | None) -> list[int]:
    """Takes from the widest columns of text until all fit, or each is at its narrowest."""
    texts = [i for i in range(len(widths)) if i not in right]
    while width and sum(widths) + 2 * len(widths) > width:
        widest = max(texts, key=lambda i: widths[i])
        if widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
    return [max(1, w) for w in widths]


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
    yield from _proof("Source", records(Tally, result.ledger))


def _proof(of: str, tallies: Sequence[Tally]) -> Iterator[str]:
    found = [(of, "Stands in", "Rows", "Units", "Money")]
    for t in tallies:
        first = t.source if t.bucket == buckets.IN else ""
        found.append((first, t.bucket, f"{t.rows:,}", number(t.units), f"{money(t.money)} {t.currency}"))
    yield from table(found, right=(2, 3, 4))
    yield f"  unexplained: {_unexplained(tallies)}"


def unexplained(result: Reconciliation) -> int:
    """Sources of which something stands in no bucket, or in two."""
    return _unexplained(records(Tally, result.ledger))


def _unexplained(tallies: Iterable[Tally]) -> int:
    left = records(Tally, left_over(frame(Tally, tallies)))
    return sum(1 for t in left if t.rows or t.units or t.money)


def rows_to_decide(tallies: Sequence[Tally]) -> str:
    """R16 in one line: 47 rows to decide = 12 approved + 1 asked + 34 open; unexplained: 0."""
    counts = {name: sum(t.rows for t in tallies if t.bucket == name) for name in (buckets.IN, *buckets.DECISIONS)}
    parts = " + ".join(f"{counts[name]:,} {name}" for name in buckets.DECISIONS if counts[name]) or "0"
    return f"{counts[buckets.IN]:,} rows to decide = {parts}; unexplained: {_unexplained(tallies)}"


def taken(found: Taken, *, planned: bool = True) -> Iterator[str]:
    """What became of returned copies, problems left out; `planned`: with the changes that they come to."""
    yield f"run {found.run_id}, " + (f"revision {found.revision}" if found.revision else "unverified")
    yield from (f"note: {notice}" for notice in found.notices)
    yield from (str(total) for total in found.totals)
    if planned:
        yield from changes(found.changes)
    for left in not_written(found.judged, found.period):
        decision = left.judged.decision
        if left.judged.problem is None:
            until = f", until {left.until}" if left.until else ""
            whose = ", ".join(filter(None, left.judged.about))
            yield f"  {decision.action}: {whose}: {decision.reason or decision.note}{until}"
    if found.explained:
        yield f"changes explained: {found.explained}"
    yield f"decisions in the copies: {_statuses(found.judged)}"
    if found.tally:
        yield rows_to_decide(found.tally)


def _statuses(judged: Sequence[Judged]) -> str:
    counts = Counter(str(j.status) for j in judged)
    return ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "none that counts"


def changes(planned: Sequence[Change]) -> Iterator[str]:
    """The change list, a line each, with the effect on the next invoice."""
    if not planned:
        return
    found = [("Customer", "Do in the PSA", "From", "Effect/month", "Next invoice")]
    for c in planned:
        extra = f" + {money(c.catch_up)}" if c.catch_up else ""
        after = f"{money(c.next_invoice_before)} to {money(c.next_invoice_after)}{extra} {c.currency}"
        found.append((c.customer, c.what, c.effective_date.isoformat(), money(c.effect), after))
    yield from table(found, right=(3, 4))


def runs(store: Store) -> Iterator[str]:
    listed = store.runs()
    if not listed:
        yield "no runs yet: start with  tieout reconcile AGREEMENTS USAGE... --out FILE.xlsx"
        return
    found = [("Run", "Period", "Made", "By", "Revisions", "Workbooks")]
    for r in listed:
        counts = str(len(store.revisions(r.id))), str(len(store.workbooks(r.id)))
        found.append((r.id, str(r.period), _moment(r.created_at), r.created_by, *counts))
    yield from table(found, right=(4, 5))


def run(store: Store, run_id: str) -> Iterator[str]:
    """Everything that is known of one run."""
    result = store.reconciliation(run_id)
    about = store.run(run_id)
    yield f"run {run_id}: period {about.period}, as of {about.today}, made {_moment(about.created_at)} by {about.created_by}"
    yield "sources"
    sources = [("Source", "From", "Layout", "Rows", "Data as of")]
    for s in result.inputs.sources:
        sources.append((s.name, s.role, s.layout, f"{s.rows:,}", s.as_of.isoformat() if s.as_of else "not stated"))
    yield from table(sources, right=(3,))
    yield "states"
    yield from states(result)
    yield "completeness"
    yield from completeness(result)
    yield from _issued(store, run_id)
    yield from decisions(store, run_id)


def _issued(store: Store, run_id: str) -> Iterator[str]:
    yield "revisions"
    for r in store.revisions(run_id):
        yield f"  {r.number}  {_moment(r.created_at)}  {r.created_by}  {r.cause}"
    yield "workbooks"
    for w in store.workbooks(run_id):
        copies = len(store.copies(w.id))
        yield f"  {w.id}  {w.file_name}  revision {w.revision}  for {w.recipient or 'anybody'}  {copies} copies back"


def _moment(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def decisions(store: Store, run_id: str) -> Iterator[str]:
    kept = store.decisions_of_run(run_id)
    if not kept:
        yield "decisions: none yet; send the workbook out, and take its copies with: tieout changes COPIES... --out LIST.csv"
        return
    yield "decisions, as they arrived"
    found = [("Decision", "Status", "By", "Place", "Problem")]
    yield from table([*found, *((describe(k.decision), str(k.status), k.by, k.place, k.problem or "") for k in kept)])
    tallies = tally_of_run(store, run_id)
    yield rows_to_decide(tallies)
    yield from _proof("Vendor", tallies)


def activity(store: Store, limit: int, run_id: str | None) -> Iterator[str]:
    if run_id is not None:
        store.run(run_id)
    lines = store.activity(limit, run_id)
    if not lines:
        yield "nothing was done yet: start with  tieout reconcile AGREEMENTS USAGE... --out FILE.xlsx"
    for a in lines:
        moved = f" {a.old} ->" if a.old else ""
        said = f"{moved} {a.new}" if a.new else moved
        where = f" (run {a.run})" if a.run else ""
        yield f"{a.at:%Y-%m-%d %H:%M:%S} UTC  {a.by}: {a.action} {a.subject}{said}{where}{'; ' + a.detail if a.detail else ''}"
