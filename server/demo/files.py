"""The month with files alone: they go in, a workbook comes out, a reviewer's copy comes back, the change list says what to do."""

import shutil
from pathlib import Path

from connectors.sandbox.make import make_world
from connectors.sandbox.world import PERIOD, TODAY, World
from connectors.sandbox.world_files import CATALOGUE, write_world
from server import show
from server.change_list import not_written, write_change_list
from server.copies import read_copies
from server.demo.checks import REVIEWER, Checks, check_buckets, check_rows, check_taken, reviewer
from server.folders import claim
from server.progress import Say
from server.reading import Request
from server.reconciling import Issued, issue, reconcile_files
from server.returning import take_copies
from server.reviewer import fill_in
from server.signing import signing_key
from server.standing import standing
from server.store import Store, open_store
from workbooks.mapping_file import write_mapping

WORKBOOK, COPY, NEXT = "reconciliation-2026-11.xlsx", "returned-by-dana.xlsx", "reconciliation-2026-11-revision-2.xlsx"


def run_files_demo(folder: Path, say: Say) -> int:
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
    check_rows(checks, world.expected, issued.result, whole=True)
    check_buckets(checks, world, issued.result)
    say("\n".join(show.states(issued.result)))
    say("\n".join(show.completeness(issued.result)))
    _decisions(store, key, folder, checks, world, issued)
    _where_to_look(folder, say)


def _decisions(store: Store, key: bytes, folder: Path, checks: Checks, world: World, issued: Issued) -> None:
    say = checks.say
    say(f"3. {REVIEWER} decides in a copy")
    count = fill_in(issued.path, folder / COPY, reviewer(world, issued.result))
    say(f"  {count} rows decided in {COPY}")
    checks.same("rows decided", len(world.played) + len(world.mapped), count)

    say("4. the copy comes back")
    taken = take_copies(store, read_copies([folder / COPY]), key, REVIEWER, say)
    check_taken(checks, world, taken)
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


def _check_revision(checks: Checks, world: World, store: Store, issued: Issued) -> None:
    """The mapping decisions made the next revision; what was expected of it, and everything else as before."""
    checks.same("revisions", [1, 2], [r.number for r in store.revisions(issued.run_id)])
    check_rows(checks, {**world.expected, **world.after}, store.reconciliation(issued.run_id), whole=True)


def _where_to_look(folder: Path, say: Say) -> None:
    for name, what in (
        (WORKBOOK, "the reconciliation workbook: read Cover first, decide on the vendors' sheets"),
        (COPY, "the reviewer's copy, as it came back"),
        ("changes.xlsx", "the change list: what to do in the PSA, and what was not written and why"),
        (NEXT, "the next revision, with the decisions that stand"),
        ("files", "the files it was all made from"),
    ):
        say(f"  {folder / name}  {what}")
