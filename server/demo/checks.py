"""What the demos check against the world's maker, and the reviewer whom they play.

The maker computed what it expects from the scenario, not with the rules under test.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.sandbox.world import Expected, Key, World
from core import buckets
from core.changes import Change
from core.decisions import Judged
from core.frames import records
from core.records import Comparison, Tally
from core.run import Reconciliation
from server import show
from server.progress import Say
from server.taken import Taken
from workbooks.layout import MAP, Sheet
from workbooks.layout_vendor import VENDOR

REVIEWER = "Dana Whitfield"


@dataclass(slots=True)
class Checks:
    """Counts what agrees, and says what does not."""

    say: Say
    agreed: int = 0
    wrong: list[str] = field(default_factory=list)

    def same(self, what: str, expected: Any, found: Any) -> None:
        if expected == found:
            self.agreed += 1
        else:
            self.wrong.append(what)
            self.say(f"  WRONG {what}: expected {expected}, found {found}")


def row_key(row: Comparison) -> Key:
    """The world's name of a row."""
    return ("line", row.line_id, "") if row.line_id else ("new", row.customer, row.service_id)


def check_rows(checks: Checks, expected: Mapping[Key, Expected], result: Reconciliation, *, whole: bool) -> None:
    found = {row_key(r): Expected(str(r.state), r.difference, r.effect) for r in records(Comparison, result.comparisons)}
    for key, what in expected.items():
        checks.same(f"row {' '.join(key)}", what, found.get(key))
    if whole:
        checks.same("rows that nobody expects", [], sorted(set(found) - set(expected)))


def check_buckets(
    checks: Checks, world: World, result: Reconciliation, without: Collection[str] = (), not_read: Collection[str] = ()
) -> None:
    """The completeness proof against the maker's own count of what it wrote.

    without: vendors that are read in another shape; not_read: lines that the PSA's API does not give.
    """
    roles = {s.name: s.role for s in result.inputs.sources}
    found: dict[tuple[str, str], list[Decimal]] = {}
    for t in records(Tally, result.ledger):
        if t.ledger == "vendor":
            entry = found.setdefault((roles[t.source], t.bucket), [Decimal(0)] * 3)
            for i, value in enumerate((Decimal(t.rows), t.units, t.money)):
                entry[i] += value
    for key in sorted(key for key in set(found) | set(world.buckets) if key[0] not in without):
        checks.same(f"{key[0]}, {key[1]}", world.buckets.get(key), found.get(key))
    stands = {n.line_id: buckets.NO_VENDOR for n in result.no_vendor.itertuples()}
    out = result.not_compared[result.not_compared["side"] == "PSA"]
    stands |= {str(reference).removeprefix("line "): buckets.OUT_OF_SCOPE for reference in out["reference"]}
    listed = {line: bucket for line, bucket in world.listed.items() if line not in not_read}
    checks.same("lines that are listed, not compared", listed, stands)
    checks.same("unexplained", 0, show.unexplained(result))


def reviewer(world: World, result: Reconciliation) -> Callable[[Sheet, Mapping[str, Any]], dict[str, Any] | None]:
    """What the reviewer types into each row, by the column names of the layout."""
    keys = {r.key: row_key(r) for r in records(Comparison, result.comparisons)}
    labels = {a.agreement_id: a.label for a in result.agreements}

    def entry(sheet: Sheet, cells: Mapping[str, Any]) -> dict[str, Any] | None:
        if sheet is not VENDOR:
            return {"decision": MAP} if (cells.get("vendor"), cells.get("account")) in world.mapped else None
        played = world.played.get(keys[cells["key"]])
        if played is None:
            return None
        typed = {
            "decision": played.action,
            "quantity": None if played.quantity is None else int(played.quantity),
            "from": played.effective_date,
            "add_to": labels.get(played.agreement or ""),
            "reason": played.reason,
            "note": played.note,
        }
        return {name: value for name, value in typed.items() if value is not None}

    return entry


def check_taken(checks: Checks, world: World, taken: Taken) -> None:
    judged: dict[Key, Judged] = {row_key(j.row): j for j in taken.judged if j.row}
    planned: dict[Key, Change] = {row_key(taken.rows[c.key]): c for c in taken.changes}
    for key, played in world.played.items():
        name = " ".join(key)
        checks.same(f"decision on {name}", played.outcome, str(judged[key].status) if key in judged else None)
        change = planned.pop(key, None)
        checks.same(f"writes for {name}", len(played.writes), len(change.writes) if change else 0)
        if change:
            said = all(wanted in write.says for wanted, write in zip(played.writes, change.writes, strict=False))
            checks.same(f"what is written for {name} ({change.what})", True, said)
            money = (change.effect, change.next_invoice_after, change.catch_up)
            checks.same(f"money of {name}", (played.effect, played.next_invoice, played.catch_up), money)
    checks.same("changes that nobody decided", [], sorted(planned))
    refused = sum(1 for p in world.played.values() if p.outcome in ("refused", "suspended"))
    checks.same("problems", refused, len(taken.problems))
    checks.same("mapping decisions", len(world.mapped), taken.remapped)
    accepted = sum(1 for p in world.played.values() if p.outcome == "accepted")
    decided = sum(t.rows for t in taken.tally if t.bucket in buckets.DECISIONS[:5])
    checks.same("rows decided, of those to decide", accepted, decided)
