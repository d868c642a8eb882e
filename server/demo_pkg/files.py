"""The whole month on a made MSP: files in, a workbook out, a reviewer's copy, the decisions back. Every number is checked.

Each check compares what the product says with what the world's maker expects; the maker computed it from the scenario, not with
the rules under test.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.sandbox.make import make_world
from connectors.sandbox.world import PERIOD, TODAY, Expected, Key, World
from connectors.sandbox.world_files import CATALOGUE, write_world
from core import buckets
from core.changes import Change
from core.decisions import Judged
from core.frames import records
from core.records import Comparison, Tally
from core.run import Reconciliation
from server import show
from server.change_list import not_written, write_change_list
from server.copies import read_copies
from server.folders import claim
from server.progress import Say
from server.reading import Request
from server.reconciling import Issued, issue, reconcile_files
from server.returning import take_copies
from server.reviewer import fill_in
from server.signing import signing_key
from server.standing import standing
from server.store import Store, open_store
from server.taken import Taken
from workbooks.layout import MAP, Sheet
from workbooks.layout_vendor import VENDOR
from workbooks.mapping_file import write_mapping

REVIEWER = "Dana Whitfield"
WORKBOOK, COPY, NEXT = "reconciliation-2026-11.xlsx", "returned-by-dana.xlsx", "reconciliation-2026-11-revision-2.xlsx"


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


def run_demo(folder: Path, say: Say) -> int:
    """Runs the month in the folder; 0 only if every number equals what the maker expects."""
    claim(folder)
    for old in ("files", "store"):
        shutil.rmtree(folder / old, ignore_errors=True)
    (folder / "store").mkdir()
    checks = Checks(say)
    location = str(folder / "store" / "tieout.sqlite")
    with open_store(location) as store:
        _month(store, signing_key(location), folder, checks)
    say(f"\n{checks.agreed:,} figures agree with what the world's maker expects, {len(checks.wrong)} do not")
    return 1 if checks.wrong else 0


def _month(store: Store, key: bytes, folder: Path, checks: Checks) -> None:
    say = checks.say
    say("1. a managed service provider with 40 customers and 300 agreement lines; four vendors send five files")
    world = make_world()
    agreements, usage = write_world(world, folder / "files")
    write_mapping(world.mapping, world.settings, folder / "files" / "mapping.xlsx")

    say("2. reconcile")
    request = Request(
        agreements, [(None, path) for path in usage], folder / WORKBOOK, TODAY, "demo", None,
        folder / "files" / "mapping.xlsx", folder / "files" / CATALOGUE, recipient=REVIEWER,
    )  # fmt: skip
    issued = reconcile_files(store, request, key, say)
    checks.same("period", PERIOD, issued.result.inputs.period)
    _check_rows(checks, world.expected, issued.result, whole=True)
    _check_buckets(checks, world, issued.result)
    say("\n".join(show.states(issued.result)))
    say("\n".join(show.completeness(issued.result)))
    _decisions(store, key, folder, checks, world, issued)
    _where_to_look(folder, say)


def _decisions(store: Store, key: bytes, folder: Path, checks: Checks, world: World, issued: Issued) -> None:
    say = checks.say
    say(f"3. {REVIEWER} decides in a copy")
    count = fill_in(issued.path, folder / COPY, _reviewer(world, issued.result))
    say(f"  {count} rows decided in {COPY}")
    checks.same("rows decided", len(world.played) + len(world.mapped), count)

    say("4. the copy comes back")
    taken = take_copies(store, read_copies([folder / COPY]), key, REVIEWER, say)
    _check_taken(checks, world, taken)
    for problem in taken.problems:
        say(f"  problem: {problem}")
    say("\n".join(show.changes(taken.changes)))
    _check_revision(checks, world, store, issued)
    again = take_copies(store, read_copies([folder / COPY]), key, REVIEWER, lambda _: None)
    checks.same("the same copy a second time", (taken.changes, taken.problems), (again.changes, again.problems))

    say("5. the change list, and the workbook of the next revision")
    for name in ("changes.csv", "changes.xlsx"):
        write_change_list(folder / name, taken.changes, not_written(taken.judged, taken.period))
    decided = standing(store, issued.run_id)
    issue(store, issued.run_id, folder / NEXT, key, "demo", lambda _: None, recipient=REVIEWER, decided=decided)
    checks.same("activity log", None, store.verify_activity())


def row_key(row: Comparison) -> Key:
    """The world's name of a row."""
    return ("line", row.line_id, "") if row.line_id else ("new", row.customer, row.service_id)


def _check_rows(checks: Checks, expected: Mapping[Key, Expected], result: Reconciliation, *, whole: bool) -> None:
    found = {row_key(r): Expected(str(r.state), r.difference, r.effect) for r in records(Comparison, result.comparisons)}
    for key, what in expected.items():
        checks.same(f"row {' '.join(key)}", what, found.get(key))
    if whole:
        checks.same("rows that nobody expects", [], sorted(set(found) - set(expected)))


def _check_buckets(checks: Checks, world: World, result: Reconciliation) -> None:
    """The completeness proof against the maker's own count of what it wrote."""
    roles = {s.name: s.role for s in result.inputs.sources}
    found: dict[tuple[str, str], list[Decimal]] = {}
    for t in records(Tally, result.ledger):
        if t.ledger == "vendor":
            entry = found.setdefault((roles[t.source], t.bucket), [Decimal(0)] * 3)
            for i, value in enumerate((Decimal(t.rows), t.units, t.money)):
                entry[i] += value
    for key in sorted(set(found) | set(world.buckets)):
        checks.same(f"{key[0]}, {key[1]}", world.buckets.get(key), found.get(key))
    stands = {n.line_id: buckets.NO_VENDOR for n in result.no_vendor.itertuples()}
    out = result.not_compared[result.not_compared["side"] == "PSA"]
    stands |= {str(reference).removeprefix("line "): buckets.OUT_OF_SCOPE for reference in out["reference"]}
    checks.same("lines that are listed, not compared", world.listed, stands)
    checks.same("unexplained", 0, show.unexplained(result))


def _reviewer(world: World, result: Reconciliation) -> Callable[[Sheet, Mapping[str, Any]], dict[str, Any] | None]:
    """What the reviewer types into each row, by the column names of the layout."""
    keys = {r.key: row_key(r) for r in records(Comparison, result.comparisons)}
    labels = {a.agreement_id: a.label for a in result.agreements}

    def entry(sheet: Sheet, cells: Mapping[str, Any]) -> dict[str, Any] | None:
        if sheet is not VENDOR:
            return {"decision": MAP} if (cells["vendor"], cells.get("account")) in world.mapped else None
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


def _check_taken(checks: Checks, world: World, taken: Taken) -> None:
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


def _check_revision(checks: Checks, world: World, store: Store, issued: Issued) -> None:
    """The mapping decisions made the next revision; what was expected of it, and everything else as before."""
    checks.same("revisions", [1, 2], [r.number for r in store.revisions(issued.run_id)])
    _check_rows(checks, {**world.expected, **world.after}, store.reconciliation(issued.run_id), whole=True)


def _where_to_look(folder: Path, say: Say) -> None:
    for name, what in (
        (WORKBOOK, "the reconciliation workbook: read Cover first, decide on the vendors' sheets"),
        (COPY, "the reviewer's copy, as it came back"),
        ("changes.xlsx", "the change list: what to do in the PSA, and what was not written and why"),
        (NEXT, "the next revision, with the decisions that stand"),
        ("files", "the files it was all made from"),
    ):
        say(f"  {folder / name}  {what}")
