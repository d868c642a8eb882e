"""The month against a simulated PSA and vendor: sync, workbook, a reviewer's copy, dry run, submit, receipts, undo.

It ends well only if the PSA is then exactly what the maker of the world and the plan say, line by line, and its next invoices too.
"""

import copy
import datetime as dt
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.client import Patience
from connectors.sandbox.api_world import api_mapping
from connectors.sandbox.connectwise_invoices import InvoiceLine
from connectors.sandbox.connectwise_model import Model
from connectors.sandbox.connectwise_server import ConnectWise
from connectors.sandbox.make import make_world
from connectors.sandbox.pax8_server import Pax8
from connectors.sandbox.programs import settings_of
from connectors.sandbox.service import serve
from connectors.sandbox.world import PERIOD, TODAY, Key, Played, World
from connectors.sandbox.world_files import write_world
from core.frames import records
from core.periods import DAY
from core.records import Tally
from server import show, show_sources, show_writes
from server.connecting import add_connection
from server.copies import read_copies
from server.demo.checks import REVIEWER, Checks, check_buckets, check_rows, check_taken, reviewer, row_key
from server.demo.costs import update_cost
from server.folders import claim
from server.house import House, open_house
from server.issuing import SyncedRequest, reconcile_synced
from server.progress import Say, timed
from server.reading import read_beside
from server.receipts import Receipt, receipts
from server.reconciling import Issued, issue
from server.returning import take_copies
from server.reviewer import fill_in
from server.standing import standing
from server.store.sync_records import ReadState
from server.store.write_records import Submission, WriteKind, WriteState
from server.submitting import approve, foresee, submit_decided, undo
from server.syncing import sync
from server.taken import Taken
from server.words import counted
from server.write_back.sending import Progress, send
from workbooks.mapping_file import write_mapping

APPROVER = "Noor Haddad"
WORKBOOK, COPY, NEXT = "reconciliation-2026-11.xlsx", "returned-by-dana.xlsx", "reconciliation-2026-11-revision-2.xlsx"
COST_COPY = "costs-by-dana.xlsx"
MORNING = dt.datetime.combine(TODAY, dt.time(9), dt.UTC)
QUICK = Patience(first_wait=0.05, longest_wait=1.0, timeout=10.0)


@dataclass
class Live:
    """The installation and what it is connected to, while the demo runs."""

    house: House
    psa: ConnectWise
    pax8: Pax8
    world: World
    folder: Path
    checks: Checks
    before: dict[int, dict[str, Any]] = field(default_factory=dict)  # additions, as they were

    @property
    def say(self) -> Say:
        return self.checks.say

    @property
    def model(self) -> Model:
        return self.psa.model


def run_live_demo(folder: Path, say: Say, stay: Callable[[Live], None] | None = None) -> int:
    """Runs the month in the folder; 0 only if every figure agrees. `stay` is called at the end, while everything still answers."""
    with prepared(folder, say) as live:
        _month(live)
        checks = live.checks
        say(f"\n{checks.agreed:,} figures agree with what the world's maker expects, {len(checks.wrong)} do not")
        if stay is not None and not checks.wrong:
            stay(live)
        return 1 if checks.wrong else 0


@contextmanager
def prepared(folder: Path, say: Say) -> Iterator[Live]:
    """The simulators with the made MSP in them, and an empty installation. It is the world's day, from its morning on."""
    claim(folder)
    for old in ("files", "store"):
        shutil.rmtree(folder / old, ignore_errors=True)
    (folder / "store").mkdir()
    began = time.monotonic()

    def clock() -> dt.datetime:
        return MORNING + dt.timedelta(seconds=time.monotonic() - began)

    world, psa, pax8 = make_world(), ConnectWise(Model(clock=clock)), Pax8(clock=clock)
    psa.load_world(world)
    pax8.load_world(world)
    location = str(folder / "store" / "tieout.sqlite")
    with (
        serve(psa.app) as psa_at,
        serve(pax8.app) as pax8_at,
        open_house(location, loopback=True, clock=clock, patience=QUICK) as house,
    ):
        for name, simulator, url in (("connectwise", psa, psa_at.url), ("pax8", pax8, pax8_at.url)):
            values = {"address": url, "time_zone": "UTC", **settings_of(simulator)}
            add_connection(house.store, house.vault, name, name, values, "demo")
        yield Live(house, psa, pax8, world, folder, Checks(say))


def _month(live: Live) -> None:
    live.say("1. a managed service provider with 40 customers and 300 agreement lines: its PSA and Pax8 answer on this machine")
    _sync(live)
    issued = _issue(live)
    taken = _decide(live, issued)
    submission = _write(live, taken)
    _check_end(live, taken, submission)
    _again(live, taken)
    _undo(live, taken, submission)
    live.say("10. a vendor's cost: decided on the sheet Costs, written to the catalogue and the lines that carry the old one")
    update_cost(live.house, live.model, issued.path, live.folder / COST_COPY, live.checks, lambda kept: _send(live, kept))
    _next(live, issued)
    _where_to_look(live)


def _sync(live: Live) -> None:
    live.say("2. sync")
    for name in ("connectwise", "pax8"):
        with live.house.connect(name) as connection:
            read = sync(live.house.store, connection, name, full=True, by="demo", clock=live.house.store.writes.clock)
        for line in show_sources.read(live.house.store, read):
            live.say(f"  {line}")
        live.checks.same(f"read of {name}", ReadState.GOOD, read.state)
    live.before = copy.deepcopy(live.model.additions)


def _issue(live: Live) -> Issued:
    live.say("3. issue: what was synced, with the files of the three vendors that have no connection")
    files = live.folder / "files"
    _, usage = write_world(live.world, files)
    write_mapping(api_mapping(live.model, live.world), live.world.settings, files / "mapping.xlsx")
    told = timed(live.say)
    others = [(None, path) for path in usage if "pax8" not in path.name]
    beside = read_beside(live.house.store, others, files / "mapping.xlsx", None, live.house.key, told)
    if beside.mapping:
        live.house.store.save_mapping(beside.mapping.changes, "demo", beside.mapping.origin)
    request = SyncedRequest(
        PERIOD, live.folder / WORKBOOK, TODAY, "demo", beside.settings, REVIEWER, beside.charges,
        [found.source for found in beside.usage],
    )  # fmt: skip
    issued = reconcile_synced(live.house.store, request, live.house.key, told)
    check_rows(live.checks, live.world.expected, issued.result, whole=True)
    ended = {row["Line ID"] for row in live.world.agreements if row["Agreement Status"] != "Active"}
    check_buckets(live.checks, live.world, issued.result, ["Pax8"], ended)  # by API: subscriptions, no credits; open agreements
    psa = {t.source for t in records(Tally, issued.result.ledger) if t.ledger == "psa"}
    live.checks.same("sources of the PSA's lines", {"ConnectWise PSA"}, psa)
    live.say("\n".join(show.states(issued.result)))
    live.say("\n".join(show.completeness(issued.result)))
    return issued


def _decide(live: Live, issued: Issued) -> Taken:
    live.say(f"4. {REVIEWER} decides in a copy, and it comes back")
    count = fill_in(issued.path, live.folder / COPY, reviewer(live.world, issued.result))
    live.say(f"  {counted(count, 'row')} decided in {COPY}")
    taken = take_copies(live.house.store, read_copies([live.folder / COPY]), live.house.key, REVIEWER, timed(live.say))
    check_taken(live.checks, live.world, taken)
    for problem in taken.problems:
        live.say(f"  problem: {problem}")
    return taken


def _write(live: Live, taken: Taken) -> Submission:
    house = live.house
    live.say("5. dry run: what would be written; nothing is")
    arrived = len(_changing(live))
    found = foresee(house, taken.run_id, taken.copies)
    live.say("\n".join(f"  {line}" for line in show_writes.dry_run(found)))
    live.checks.same("requests of a dry run that could change something", 0, len(_changing(live)) - arrived)
    live.checks.same("changes of the dry run", len(taken.changes), len(found.foreseen))

    live.say("6. submit: the rows with problems stay open, the rest is written")
    kept = submit_decided(house, taken.run_id, REVIEWER, taken.copies, digest=found.digest, despite_problems=True)
    if kept.submission is None:
        raise AssertionError("nothing was submitted")
    _send(live, kept.submission)
    large = [change for change in house.store.writes.changes(kept.submission.id) if change.large]
    live.say(f"  {counted(len(large), 'large change')} of {REVIEWER}'s wait for a second person: {APPROVER} approves")
    waiting = [r for r in receipts(house.store, kept.submission.id) if r.outcome is WriteState.PLANNED]
    live.checks.same("changes that wait for a second person", len(large), len(waiting))
    approve(house.store, kept.submission.id, APPROVER)
    _send(live, kept.submission)
    live.say("7. receipts: what the PSA showed afterwards")
    live.say("\n".join(show_writes.submission(house.store, kept.submission.id)))
    return kept.submission


def _send(live: Live, submission: Submission) -> None:
    said = timed(live.say)
    every = max(1, len(live.house.store.writes.of_submission(submission.id)) // 5)
    told: set[int] = set()

    def tell(at: Progress) -> None:
        if at.ended // every not in told:
            told.add(at.ended // every)
            said(f"  {at.ended} of {counted(at.writes, 'write')}")

    with live.house.writer() as writer:
        send(live.house.store, writer, submission.id, live.house.timing, tell=tell)


def _check_end(live: Live, taken: Taken, submission: Submission) -> None:
    """Every line of the PSA: as it was, but for exactly what was planned."""
    found = receipts(live.house.store, submission.id)
    for receipt in found:
        live.checks.same(f"receipt of {receipt.change.customer}, {receipt.change.what}", WriteState.DONE, receipt.outcome)
    _check_lines(live, found)
    _check_invoices(live, taken, found)


def _check_lines(live: Live, found: list[Receipt]) -> None:
    wanted = {number: _shown(live, row) for number, row in live.before.items()}
    for write in (write for receipt in found for write in receipt.writes):
        if write.kind is WriteKind.CREATE:
            wanted[int(write.record_id or 0)] = dict.fromkeys(COMPARED) | {"lessIncluded": Decimal(0)} | _plain(write.after)
        else:
            wanted[int(write.path.rpartition("/")[2])] |= _plain(write.after)
    for number in sorted(wanted.keys() | live.model.additions.keys()):
        row = live.model.additions.get(number)
        live.checks.same(f"line {number} in the PSA", wanted.get(number), _shown(live, row) if row else None)


COMPARED = ("product", "quantity", "lessIncluded", "unitPrice", "unitCost", "billCustomer", "effectiveDate", "cancelledDate")


def _shown(live: Live, row: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: row[name] for name in COMPARED}
    shown |= {"product": row["product"]["identifier"], "lessIncluded": row["lessIncluded"] or Decimal(0)}
    return shown | {name: shown[name] and shown[name][:10] for name in ("effectiveDate", "cancelledDate")}


def _plain(values: Mapping[str, str | None]) -> dict[str, Any]:
    numbers = ("quantity", "lessIncluded", "unitPrice", "unitCost")
    return {name: Decimal(value) if name in numbers and value is not None else value for name, value in values.items()}


def _check_invoices(live: Live, taken: Taken, found: list[Receipt]) -> None:
    """The next invoice of each changed line, as the simulated PSA bills it, against the maker's figure."""
    psa = copy.copy(live.psa)
    psa.model = _copied(live.model)
    lines: dict[str, list[InvoiceLine]] = {}
    played: dict[str, tuple[Key, Played]] = {
        row.key: (row_key(row), live.world.played[row_key(row)]) for row in taken.rows.values() if row_key(row) in live.world.played
    }
    for receipt in found:
        change = receipt.change
        if change.agreement_id not in lines:
            through = psa.model.invoiced_through[int(change.agreement_id)]
            lines[change.agreement_id] = psa.invoice(int(change.agreement_id), (through or TODAY) + DAY)
        key, what = played[change.row_key]
        mine = {change.line_id, *(w.record_id for w in receipt.writes if w.kind is WriteKind.CREATE)}
        billed = sum((line.amount for line in lines[change.agreement_id] if str(line.addition_id) in mine), Decimal("0.00"))
        wanted = (what.next_invoice or Decimal("0.00")) + what.catch_up
        live.checks.same(f"next invoice of {' '.join(key)}", wanted, billed)


def _copied(model: Model) -> Model:
    """The same PSA, to be invoiced without touching the one that the month goes on with."""
    tables = ("companies", "cycles", "agreements", "additions", "products", "invoices", "invoiced_through", "billed_through")
    return replace(model, audit=[], lock=threading.RLock(), **{name: copy.deepcopy(getattr(model, name)) for name in tables})


def _again(live: Live, taken: Taken) -> None:
    live.say("8. the same copy a second time: nothing is written twice")
    arrived, kept = len(_changing(live)), live.house.store.writes.submissions()
    again = take_copies(live.house.store, read_copies([live.folder / COPY]), live.house.key, REVIEWER, lambda _: None)
    second = submit_decided(live.house, taken.run_id, REVIEWER, again.copies, despite_problems=True)
    live.checks.same("second submission", None, second.submission)
    live.checks.same("submissions", kept, live.house.store.writes.submissions())
    live.checks.same("requests of the second time", 0, len(_changing(live)) - arrived)
    live.say(f"  {counted(len(second.notices), 'change')} submitted before, nothing new")


def _undo(live: Live, taken: Taken, submission: Submission) -> None:
    first = next(r for r in receipts(live.house.store, submission.id) if len(r.writes) == 1 and r.writes[0].kind is WriteKind.SET)
    live.say(f"9. undo of one line: {first.change.customer}, {first.change.what}")
    taken_back = undo(live.house, submission.id, REVIEWER, [first.change.id])
    if taken_back.submission is None:
        raise AssertionError("nothing was taken back")
    _send(live, taken_back.submission)
    live.say("\n".join(show_writes.submission(live.house.store, taken_back.submission.id)))
    number = int(first.writes[0].path.rpartition("/")[2])
    live.checks.same(f"line {number} after the undo", _shown(live, live.before[number]), _shown(live, live.model.additions[number]))


def _next(live: Live, issued: Issued) -> None:
    live.say("11. the workbook of the next revision, with the mapping and the decisions that stand")
    store = live.house.store
    live.checks.same("revisions", [1, 2], [r.number for r in store.revisions(issued.run_id)])
    check_rows(live.checks, {**live.world.expected, **live.world.after}, store.reconciliation(issued.run_id), whole=True)
    decided = standing(store, issued.run_id)
    issue(store, issued.run_id, live.folder / NEXT, live.house.key, "demo", lambda _: None, recipient=REVIEWER, decided=decided)
    live.checks.same("activity log", None, store.verify_activity())


def _changing(live: Live) -> list[tuple[str, str]]:
    """What arrived at the PSA and could change something: all but reading, and the probe of permissions."""
    return [request for request in live.psa.faults.seen if request[0] != "GET"]


def _where_to_look(live: Live) -> None:
    for name, what in (
        (WORKBOOK, "the reconciliation workbook: read Cover first, decide on the vendors' sheets"),
        (COPY, "the reviewer's copy, as it came back"),
        (COST_COPY, "the copy in which a cost was decided"),
        (NEXT, "the next revision, with the decisions that stand"),
        ("store/tieout.sqlite", "the store: tieout status, log or show RUN with --store"),
    ):
        live.say(f"  {live.folder / name}  {what}")
