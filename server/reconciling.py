"""Files in, a frozen run and its workbook out."""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from connectors import files
from connectors.files import CatalogueImport, Import, ImportRefused, Profile
from core.frames import frame
from core.mapping import Mapping as Mapped
from core.periods import Period
from core.reconcile import reconcile
from core.records import Charge, Decision, Problem
from core.run import Inputs, Reconciliation
from core.settings import Settings
from server.errors import Refused, refuse
from server.store import Store, new_id
from workbooks.identity import Identity, sign
from workbooks.layout import SCHEMA_VERSION
from workbooks.mapping_file import MappingFile, read_mapping
from workbooks.writer import write_workbook

Say = Callable[[str], None]
ALL = "all"


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be reconciled."""

    agreements: Path
    usage: Sequence[tuple[str | None, Path]]  # with the vendor's name, where it is given
    out: Path
    today: dt.date
    by: str
    period: Period | None = None
    mapping: Path | None = None
    catalogue: Path | None = None
    profiles: Path | None = None
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """A workbook, and the run and revision that it was issued from."""

    run_id: str
    revision: int
    workbook_id: str
    path: Path
    result: Reconciliation


@dataclass(frozen=True, slots=True)
class _Read:
    agreements: Import
    usage: list[Import]
    catalogue: CatalogueImport | None
    mapping: MappingFile | None
    settings: Settings


def reconcile_files(store: Store, request: Request, key: bytes, say: Say) -> Issued:
    """Reads every file, compares, freezes the run and issues its workbook.

    Refused names every file, row and cell that is wrong; then nothing was saved.
    """
    check_target(request.out)
    read = _read(store, request, say)
    charges = pd.concat([i.frame for i in read.usage], ignore_index=True) if read.usage else frame(Charge, [])
    period = request.period or files.most_charge_month(charges)
    if period is None:
        raise refuse(str(request.agreements), "no usage file has a charge date: say which month with --period YYYY-MM")
    say(f"period {period}" + ("" if request.period else ", the month of most charge dates"))
    if read.mapping:
        store.save_mapping(read.mapping.mapping, request.by, f"file {request.mapping}")
    inputs = Inputs(
        period,
        request.today,
        read.agreements.frame,
        charges,
        (read.agreements.source, *(i.source for i in read.usage), *((read.catalogue.source,) if read.catalogue else ())),
        read.catalogue.services if read.catalogue else (),
        read.agreements.agreements,
        store.mapping(),
        read.settings,
        store.earlier(period),
    )
    say("comparing")
    result = reconcile(inputs)
    say("freezing the run")
    run_id = store.save_run(result, request.by)
    return issue(store, run_id, request.out, key, request.by, say, recipient=request.recipient, result=result)


def _read(store: Store, request: Request, say: Say) -> _Read:
    """Every file, or one refusal that names all that is wrong with any of them."""
    problems: list[Problem] = []
    mapping = _read_mapping(request, problems)
    settings = (mapping.settings if mapping else None) or _standing_settings(store)
    profiles = _attempt(lambda: files.load_profiles(request.profiles), problems)
    if profiles is None:
        raise Refused(problems)
    agreements = _attempt(lambda: files.read_agreements(request.agreements, settings, profiles), problems)
    catalogue = _attempt(lambda: _read_catalogue(request, settings, profiles), problems)
    usage = []
    for vendor, path in request.usage:
        say(f"reading {path.name}")
        found = _attempt(lambda v=vendor, p=path: files.read_usage(p, settings, v, profiles), problems)  # type: ignore[misc]
        if found is not None:
            usage.append(found)
    problems += _twice([i.source.sha256 for i in usage], [i.source.name for i in usage])
    if problems or agreements is None:
        raise Refused(problems)
    for found in (agreements, *usage):
        for note in found.source.notes:
            say(f"  {note}" if found.source.name in note else f"  {found.source.name}: {note}")
    return _Read(agreements, usage, catalogue, mapping, settings)


def _attempt(read: Callable[[], "object"], problems: list[Problem]):  # type: ignore[no-untyped-def]
    try:
        return read()
    except ImportRefused as refusal:
        problems += refusal.problems
        if refusal.more:
            problems.append(Problem(refusal.problems[0].place.split(",")[0], f"and {refusal.more:,} more"))
        return None


def _read_mapping(request: Request, problems: list[Problem]) -> MappingFile | None:
    if request.mapping is None:
        return None
    found = read_mapping(request.mapping)
    problems += found.problems
    return found


def _read_catalogue(request: Request, settings: Settings, profiles: Sequence[Profile]) -> CatalogueImport | None:
    return files.read_catalogue(request.catalogue, settings, profiles) if request.catalogue else None


def _standing_settings(store: Store) -> Settings:
    """The settings of the newest run, or the defaults."""
    newest = next(iter(store.runs()), None)
    return newest.settings if newest else Settings()


def _twice(hashes: Sequence[str], names: Sequence[str]) -> list[Problem]:
    """The same bytes given twice would count twice."""
    first: dict[str, str] = {}
    return [
        Problem(name, f"is the same file as {first[h]}: give it once")
        for h, name in zip(hashes, names, strict=True)
        if first.setdefault(h, name) is not name
    ]


def check_target(out: Path) -> None:
    """Before any work: the workbook can be put there."""
    if out.suffix.casefold() != ".xlsx":
        raise refuse(str(out), "the workbook's name must end in .xlsx")
    if any(c in out.name for c in "=|;"):
        raise refuse(str(out), "a file name with =, | or ; cannot be mailed and opened everywhere: choose another")
    if not out.parent.is_dir():
        raise refuse(str(out.parent), "there is no such folder: make it, or choose another with --out")


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
) -> Issued:
    """Writes a workbook from the newest revision of a run and keeps that it was issued."""
    check_target(out)
    result = result or store.reconciliation(run_id)
    revision = store.revisions(run_id)[-1].number
    inputs = result.inputs
    identity = Identity(
        new_id(), run_id, revision, inputs.period, ALL, recipient, dt.datetime.now(dt.UTC).replace(microsecond=0), by,
        inputs.settings.entity or "(your company: set it in the mapping file)",
    )  # fmt: skip
    write_workbook(result, out, sign(identity, key), decided, lambda sheet, rows: say(f"  sheet {sheet}: {rows:,} rows"))
    store.save_workbook(
        identity.workbook_id, run_id, revision, scope=ALL, recipient=recipient, sha256=file_hash(out), file_name=out.name,
        layout_version=SCHEMA_VERSION, by=by,
    )  # fmt: skip
    return Issued(run_id, revision, identity.workbook_id, out, result)


def file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def revise(store: Store, run_id: str, mapping: Mapped, cause: str, by: str) -> Reconciliation:
    """Compares a run's frozen records again under another mapping, and keeps the result as its next revision."""
    result = reconcile(replace(store.inputs(run_id), mapping=mapping))
    store.save_revision(run_id, result, cause, by)
    return result
