"""The past beside a run, gathered from the store when a workbook is issued: only of the rows that the workbook holds."""

import datetime as dt
from collections.abc import Iterable, Sequence

import pandas as pd
import pyarrow as pa

from core.carried import carried
from core.frames import column, frame, records, texts
from core.history import Changed, Explained, History, LastRun, Moved, PastDecision, PastRun, PastWrite
from core.logbook import amount, log
from core.moved import moved
from core.periods import Period
from core.reach import MONTHS_CARRIED, MONTHS_OF_LOG
from core.run import Reconciliation
from server.receipts import Receipt, receipts
from server.slices import Names, customer_ids
from server.store import Run, Store
from server.store.past import Arrived
from server.store.write_records import WriteKind, WriteState

CHANGE, ENDED = "change:", "ended:"
"""How the keys of the sheet Changes begin, before the line's own."""


def history_of(store: Store, run_id: str, run: Reconciliation, held: Reconciliation, names: Names) -> History:
    """What the workbook's sheets of the past show. run: the newest revision, whole; held: what of it the workbook holds."""
    changes = changes_held(changes_of(store, run_id, run), run, held, names)
    earlier = _within(_earlier(store, run_id), run.inputs.period, MONTHS_CARRIED)
    own = store.run(run_id)
    arrived = store.past.arrived([own.id, *(one.id for one in earlier)])
    decisions = _with_copies(arrived)
    past = _past(store, earlier, decisions)
    return History(changes, carried(held, past, decisions), _log(store, own, past, decisions, held, changes))


def changes_of(store: Store, run_id: str, run: Reconciliation, at: dt.datetime | None = None) -> pd.DataFrame:
    """The Changed rows of a whole run; at: against the run, and with the explanations, that were there at that moment."""
    found = store.past.last_run(run.inputs.period, at)
    if found is None:
        return frame(Changed, [])
    names = ("comparisons", "no_vendor", "not_compared")
    last = LastRun(f"{found[0]}, revision {found[1]}", *(store.result(found[0], name, found[1]) for name in names))
    return moved(run, last, explanations(store, run_id, at))


def explanations(store: Store, run_id: str, at: dt.datetime | None = None) -> dict[str, str]:
    """What stands as explanation of each change of a run, by the row's key."""
    return {line.subject: line.new or "" for line in store.past.explained([run_id], at)}


def changes_held(changes: pd.DataFrame, run: Reconciliation, held: Reconciliation, names: Names) -> pd.DataFrame:
    """The changes of the rows that a workbook holds, and of the lines that ended at its customers and vendors."""
    if not names:
        return changes
    keys = {*texts(held.comparisons["key"]), *texts(held.no_vendor["key"])}
    ids, called = customer_ids(run, names.customers), {name.casefold() for name in names.customers}
    columns = (texts(changes[name]) for name in ("line_key", "what", "customer_id", "customer", "vendor"))
    own = []
    for key, what, customer_id, customer, vendor in zip(*columns, strict=True):
        whose = not called or (customer_id in ids if customer_id else customer.casefold() in called)
        ended_here = what == Moved.ENDED and whose and (not names.vendors or vendor in names.vendors)
        own.append(key in keys or ended_here)
    return changes[pd.Series(own, dtype=bool)].reset_index(drop=True)


def _earlier(store: Store, run_id: str) -> list[Run]:
    """The runs before this one, newest first: of earlier periods, and of its own those that were made before."""
    listed = store.runs()
    return listed[[one.id for one in listed].index(run_id) + 1 :]


def _within(runs: Iterable[Run], period: Period, months: int) -> list[Run]:
    oldest = period.year * 12 + period.month - months
    return [one for one in runs if one.period.year * 12 + one.period.month >= oldest]


def _with_copies(arrived: Arrived) -> pd.DataFrame:
    """The decisions with the day and the name of the copy that brought each, in place of its id."""
    data = arrived.decisions
    copies = [arrived.copies[copy] for copy in texts(data["source"])]
    moments, files = [minute(copy.received_at) for copy in copies], [copy.file_name for copy in copies]
    return data.assign(at=column(moments, pa.string()), source=column(files, pa.string()))


def minute(at: dt.datetime) -> str:
    """A moment as the log shows it."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M}"


def _past(store: Store, earlier: Sequence[Run], decisions: pd.DataFrame) -> list[PastRun]:
    """The newest run of each period, and those that were decided, with their rows."""
    decided = set(texts(decisions["run"]))
    newest = {one.period: one.id for one in reversed(earlier)}
    wanted = [one for one in earlier if one.id in decided or newest[one.period] == one.id]
    return [PastRun(one.id, one.period, store.past.rows(one.id)) for one in wanted]


def _log(
    store: Store, own: Run, past: Sequence[PastRun], decisions: pd.DataFrame, held: Reconciliation, changes: pd.DataFrame
) -> pd.DataFrame:
    mine = [PastRun(own.id, own.period, store.past.rows(own.id))]
    oldest = own.period.year * 12 + own.period.month - MONTHS_OF_LOG
    told = [*mine, *(one for one in past if one.period.year * 12 + one.period.month >= oldest)]
    ids = [one.id for one in told]
    lines = _lines(held, changes)
    known = set(texts(lines["line_key"]))
    made = records(PastDecision, decisions[decisions["run"].isin(ids)])
    return log(lines, told, made, list(_writes(store, ids)), list(_explained(store, ids, known)))


def _lines(held: Reconciliation, changes: pd.DataFrame) -> pd.DataFrame:
    """Every line that the workbook shows: line_key, customer, service and vendor."""
    shown = ["line_key", "customer", "service", "vendor"]
    compared = held.comparisons.rename(columns={"key": "line_key"})[shown]
    without = held.no_vendor.rename(columns={"key": "line_key"}).assign(vendor="")[shown]
    parts = [part for part in (compared, without, changes[shown]) if len(part)]
    return pd.concat(parts or [compared], ignore_index=True).drop_duplicates("line_key")


def _writes(store: Store, run_ids: Iterable[str]) -> Iterable[PastWrite]:
    for run_id in run_ids:
        for submission in store.writes.submissions(run_id):
            for receipt in receipts(store, submission.id):
                yield _write(receipt, submission.created_at)


def _write(receipt: Receipt, sent: dt.datetime) -> PastWrite:
    change = receipt.change
    ends = [w.finished_at for w in receipt.writes if w.finished_at]
    created = (w for w in receipt.writes if w.kind is WriteKind.CREATE and w.state is WriteState.DONE and not w.withdraws)
    new = f"{amount(change.new_quantity, change.new_price)} from {change.effective_date}".strip()
    return PastWrite(
        change.run_id, change.row_key, minute(max(ends, default=sent)), change.by, change.action,
        amount(change.old_quantity, change.old_price), new, change.reason, change.note, _answer(receipt),
        tuple(w.record_id for w in created if w.record_id),
    )  # fmt: skip


def _answer(receipt: Receipt) -> str:
    """What became of it, with the PSA's words, or what it showed afterwards."""
    seen = next((w.seen for w in reversed(receipt.writes) if w.seen), None) or {}
    shown = ", ".join(f"{name} {value}" for name, value in seen.items() if value is not None)
    said = receipt.said or (f"the PSA shows {shown}" if shown else "")
    return f"{receipt.outcome}: {said}" if said else str(receipt.outcome)


def _explained(store: Store, run_ids: Sequence[str], known: set[str]) -> Iterable[Explained]:
    for line in store.past.explained(run_ids):
        key = line.subject.removeprefix(CHANGE).removeprefix(ENDED)
        if key in known:
            person, _, place = (line.detail or "").partition(" at ")
            yield Explained(key, line.run or "", minute(line.at), person or line.by, line.old, line.new or "", place)
