"""What was synced in, a frozen run and its workbook out."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from core.frames import frame
from core.periods import Period
from core.reconcile import reconcile
from core.records import Charge, Source
from core.settings import Settings
from server.progress import Say
from server.reading import standing_settings
from server.reconciling import Issued, check_workbook_target, issue
from server.slices import as_named
from server.store import Store
from server.synced import synced_inputs
from workbooks.writer import Options, WorkbookNotWritten


@dataclass(frozen=True, slots=True)
class SyncedRequest:
    """What is to be reconciled of what the connections gave."""

    period: Period
    out: Path
    today: dt.date
    by: str
    settings: Settings | None = None  # None: those of the newest run
    recipient: str = ""
    charges: pd.DataFrame = field(default_factory=lambda: frame(Charge, []))  # of files of vendors that no connection reads
    sources: Sequence[Source] = ()  # of those files
    customers: Sequence[str] = ()  # whose rows the workbook is to hold; none: all
    vendors: Sequence[str] = ()  # and at which vendors; none: at all
    options: Options | None = None  # its layout, and whether its sheets are protected


def reconcile_synced(store: Store, request: SyncedRequest, key: bytes, say: Say) -> Issued:
    """Compares the newest good reads, freezes the run and issues its workbook.

    Refused names every connection that is being read or was never read; then nothing was saved.
    """
    check_workbook_target(request.out)
    settings = request.settings or standing_settings(store)
    inputs = synced_inputs(store, request.period, request.today, settings, charges=request.charges, sources=request.sources)
    for source in inputs.sources:
        say(f"  {source.name}: {source.rows:,} rows, " + (f"data of {source.as_of}" if source.as_of else "no date of its data"))
        for note in source.notes:
            say(f"  {source.name}: {note}")
    say("comparing")
    result = reconcile(inputs)
    as_named(result, request.customers, request.vendors)  # refused before anything is saved
    say("freezing the run")
    run_id = store.save_run(result, request.by)
    try:
        return issue(
            store, run_id, request.out, key, request.by, say,
            recipient=request.recipient, result=result, customers=request.customers, vendors=request.vendors,
            options=request.options,
        )  # fmt: skip
    except WorkbookNotWritten as error:
        again = f"the run {run_id} is kept; write its workbook with: tieout issue {run_id} --out FILE.xlsx"
        raise WorkbookNotWritten(f"{error}; {again}") from error
