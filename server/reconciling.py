"""Files in, a frozen run and its workbook out."""

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors import files
from core import buckets
from core.frames import records
from core.periods import Period
from core.reconcile import reconcile
from core.records import Decision, Tally
from core.run import Inputs, Reconciliation
from server.copies import file_hash
from server.errors import refuse
from server.history import history_of
from server.progress import Say
from server.reading import Read, Request, read_files
from server.slices import as_named, slice_of
from server.store import Store, new_id
from server.store.mapping import merged
from server.targets import check_target
from workbooks.identity import Identity, scope_of, sign
from workbooks.layout import SCHEMA_VERSION
from workbooks.writer import Options, WorkbookNotWritten, write_workbook


@dataclass(frozen=True, slots=True)
class Issued:
    """A workbook, and the run and revision that it was issued from."""

    run_id: str
    revision: int
    workbook_id: str
    path: Path
    result: Reconciliation  # what the workbook holds


def reconcile_files(store: Store, request: Request, key: bytes, say: Say) -> Issued:
    """Reads every file, compares, freezes the run and issues its workbook.

    Refused names every file, row and cell that is wrong; then nothing was saved.
    """
    check_workbook_target(request.out, *request.files)
    read = read_files(store, request, key, say)
    period = _period(request, read)
    say(f"period {period}" + ("" if request.period else ", the month of most charge dates"))
    say("comparing")
    result = reconcile(_inputs(store, request, read, period))
    _refuse_without_data(result, request)
    say("freezing the run")
    if read.mapping:
        store.save_mapping(read.mapping.changes, request.by, read.mapping.origin)
    run_id = store.save_run(result, request.by)
    try:
        return issue(store, run_id, request.out, key, request.by, say, recipient=request.recipient, result=result)
    except WorkbookNotWritten as error:
        again = f"the run {run_id} is kept; write its workbook with: tieout issue {run_id} --out FILE.xlsx"
        raise WorkbookNotWritten(f"{error}; {again}") from error


def _period(request: Request, read: Read) -> Period:
    period = request.period or files.most_charge_month(read.charges)
    if period is None:
        raise refuse(str(request.agreements), "no usage file has a charge date: say which month with --period YYYY-MM")
    return period


def _inputs(store: Store, request: Request, read: Read, period: Period) -> Inputs:
    standing = store.mapping()
    return Inputs(
        period,
        request.today,
        read.agreements.frame,
        read.charges,
        read.sources,
        read.catalogue.services if read.catalogue else (),
        read.agreements.agreements,
        merged(standing, read.mapping.changes) if read.mapping else standing,
        read.settings,
        store.earlier(period),
    )


def _refuse_without_data(result: Reconciliation, request: Request) -> None:
    """A month that no row of any vendor file speaks of: a typing slip, or the wrong files."""
    found = [t for t in records(Tally, result.ledger) if t.ledger == "vendor"]
    count = {bucket: sum(t.rows for t in found if t.bucket == bucket) for bucket in (buckets.IN, buckets.OTHER_PERIOD)}
    if count[buckets.IN] and count[buckets.IN] == count[buckets.OTHER_PERIOD]:
        names = ", ".join(path.name for _, path in request.usage)
        said = f"none of the {count[buckets.IN]:,} rows speaks of {result.inputs.period}: check --period, or give its files"
        raise refuse(names, said)


def check_workbook_target(out: Path, *read: Path | None) -> None:
    """Before any work: the workbook can be put there."""
    check_target(out, "the workbook", (".xlsx",), read)


def issue(
    store: Store,
    run_id: str,
    out: Path,
    key: bytes,
    by: str,
    say: Say,
    *,
    recipient: str = "",
    result: Reconciliation | None = None,
    decided: Mapping[str, Decision] | None = None,
    customers: Sequence[str] = (),
    vendors: Sequence[str] = (),
    options: Options | None = None,
) -> Issued:
    """Writes a workbook from the newest revision of a run and keeps that it was issued.

    customers, vendors: names of those whose rows it is to hold; none: it holds the whole run. Refused where one is unknown.
    options: its layout, and whether its sheets are protected.
    """
    check_workbook_target(out)
    run = result or store.reconciliation(run_id)
    names = as_named(run, customers, vendors)
    scope = scope_of(names.customers, names.vendors)
    held = slice_of(run, names.customers, names.vendors) if names else run
    revision = store.revisions(run_id)[-1].number
    inputs = run.inputs
    identity = Identity(
        new_id(), run_id, revision, inputs.period, scope, recipient, dt.datetime.now(dt.UTC).replace(microsecond=0), by,
        inputs.settings.entity or "(your company: set it in the mapping file)",
    )  # fmt: skip
    history = history_of(store, run_id, run, held, names)
    say("writing the workbook")
    with _beside(out) as written:
        wrote = lambda sheet, rows: say(f"  sheet {sheet}: {rows:,} rows")  # noqa: E731
        write_workbook(held, written, sign(identity, key), decided, wrote, run, history, options)
        store.save_workbook(
            identity.workbook_id, run_id, revision, scope=scope, recipient=recipient, sha256=file_hash(written), file_name=out.name,
            layout_version=SCHEMA_VERSION, by=by,
        )  # fmt: skip
    return Issued(run_id, revision, identity.workbook_id, out, held)


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A place to write to, whose file is put in its own only when all went well: the store knows each file that is there."""
    try:
        with tempfile.TemporaryDirectory(prefix=".tieout-", dir=out.parent) as folder:
            yield Path(folder) / out.name
            (Path(folder) / out.name).replace(out)
    except OSError as error:
        raise WorkbookNotWritten(f"{out.name} could not be written: close it where it is open, then try again ({error})") from error
