"""Everything that a reconciliation rests on, read from its files; or one refusal that names all that is wrong with any of them."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import pandas as pd

from connectors import files
from connectors.files import CatalogueImport, Import, ImportRefused, Profile
from core.frames import frame
from core.mapping import Mapping
from core.periods import Period
from core.records import Charge, Problem, Source
from core.settings import Settings
from server.copies import known, read_copies
from server.errors import Refused
from server.progress import Say
from server.remapping import remapping
from server.store import Store
from server.words import counted
from workbooks.compare_issued import as_issued
from workbooks.mapping_file import is_issued, read_mapping

T = TypeVar("T")


Usage = Sequence[tuple[str | None, Path]]
"""Vendors' files, each with the vendor's name where it is given."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be reconciled."""

    agreements: Path
    usage: Usage
    out: Path
    today: dt.date
    by: str
    period: Period | None = None
    mapping: Path | None = None
    catalogue: Path | None = None
    profiles: Path | None = None
    recipient: str = ""

    @property
    def files(self) -> tuple[Path | None, ...]:
        """Every file that is read."""
        return (self.agreements, self.catalogue, self.mapping, *(path for _, path in self.usage))


@dataclass(frozen=True, slots=True)
class MappingGiven:
    """What --mapping adds to the mapping."""

    changes: Mapping
    settings: Settings | None  # None: it says nothing of them
    origin: str


@dataclass(frozen=True, slots=True)
class Read:
    """Everything that was read."""

    agreements: Import
    usage: Sequence[Import]
    catalogue: CatalogueImport | None
    mapping: MappingGiven | None
    settings: Settings

    @property
    def charges(self) -> pd.DataFrame:
        return _charges(self.usage)

    @property
    def sources(self) -> tuple[Source, ...]:
        found = (self.agreements.source, *(i.source for i in self.usage))
        return (*found, self.catalogue.source) if self.catalogue else found


@dataclass(frozen=True, slots=True)
class ReadBeside:
    """Files of vendors that no connection reads, and what a mapping file adds."""

    usage: Sequence[Import]
    mapping: MappingGiven | None
    settings: Settings

    @property
    def charges(self) -> pd.DataFrame:
        return _charges(self.usage)


def _charges(usage: Sequence[Import]) -> pd.DataFrame:
    return pd.concat([i.frame for i in usage], ignore_index=True) if usage else frame(Charge, [])


def read_files(store: Store, request: Request, key: bytes, say: Say) -> Read:
    """Every file, or Refused with every problem of every file."""
    problems = _given_twice(request)
    if problems:
        raise Refused(problems)
    mapping = _read_mapping(store, request.mapping, key, problems, say) if request.mapping else None
    settings = (mapping.settings if mapping else None) or standing_settings(store)
    profiles = _attempt(partial(files.load_profiles, request.profiles), problems)
    if profiles is None:
        raise Refused(problems)
    say(f"reading {request.agreements.name}")
    agreements = _attempt(partial(files.read_agreements, request.agreements, settings, profiles), problems)
    catalogue = _read_catalogue(request.catalogue, settings, profiles, problems)
    usage = _read_usage(request.usage, settings, profiles, problems, say)
    taken = [i for i in (agreements, catalogue, *usage) if i is not None]
    problems += _twice([i.source for i in taken])
    if problems or agreements is None:
        raise Refused(problems)
    for found in taken:
        for note in found.source.notes:
            say(f"  {note}" if found.source.name in note else f"  {found.source.name}: {note}")
    return Read(agreements, usage, catalogue, mapping, settings)


def read_beside(store: Store, usage: Usage, mapping: Path | None, profiles: Path | None, key: bytes, say: Say) -> ReadBeside:
    """The files that stand beside what connections read, or Refused with every problem of every file."""
    problems: list[Problem] = []
    given = _read_mapping(store, mapping, key, problems, say) if mapping else None
    settings = (given.settings if given else None) or standing_settings(store)
    known_profiles = _attempt(partial(files.load_profiles, profiles), problems)
    imports = _read_usage(usage, settings, known_profiles or (), problems, say) if known_profiles is not None else []
    problems += _twice([i.source for i in imports])
    if problems:
        raise Refused(problems)
    return ReadBeside(imports, given, settings)


def _read_catalogue(
    path: Path | None, settings: Settings, profiles: Sequence[Profile], problems: list[Problem]
) -> CatalogueImport | None:
    if path is None:
        return None
    return _attempt(partial(files.read_catalogue, path, settings, profiles), problems)


def _read_usage(usage: Usage, settings: Settings, profiles: Sequence[Profile], problems: list[Problem], say: Say) -> list[Import]:
    imports = []
    for vendor, path in usage:
        say(f"reading {path.name}")
        found = _attempt(partial(files.read_usage, path, settings, vendor, profiles), problems)
        imports += [found] if found is not None else []
    return imports


def _attempt(read: Callable[[], T], problems: list[Problem]) -> T | None:
    """What was read; None where it was refused, and then its problems are added."""
    try:
        return read()
    except ImportRefused as refusal:
        problems += refusal.problems
        if refusal.more:
            problems.append(Problem(refusal.problems[0].place.split(",")[0], f"and {refusal.more:,} more"))
        return None


def _read_mapping(store: Store, path: Path, key: bytes, problems: list[Problem], say: Say) -> MappingGiven:
    """From a mapping workbook, or from the Unmapped sheets of an issued workbook."""
    say(f"reading {path.name}")
    if is_issued(path):
        return _of_issued(store, path, key, problems, say)
    found = read_mapping(path)
    problems += found.problems
    return MappingGiven(found.mapping, found.settings, f"file {path.name}")


def _of_issued(store: Store, path: Path, key: bytes, problems: list[Problem], say: Say) -> MappingGiven:
    """The mapping decisions of a workbook that this store issued; decisions on lines are for `tieout changes`."""
    (copy,) = known(store, read_copies([path], store.rows_issued), key)
    identity, standing = copy.returned.identity, store.mapping()
    issued = store.reconciliation(identity.run_id, identity.revision)
    found = remapping([as_issued(copy.returned, issued)], [issued], standing, standing)
    problems += [*copy.returned.problems, *found.problems]
    say(f"  {path.name}: {counted(found.count, 'mapping decision')}")
    if copy.returned.decisions:
        say(f"  {path.name}: {counted(len(copy.returned.decisions), 'decision')} on lines not taken here: use tieout changes")
    return MappingGiven(found.added, None, f"workbook {identity.workbook_id}, file {path.name}")


def standing_settings(store: Store) -> Settings:
    """The settings of the newest run, or the defaults."""
    newest = next(iter(store.runs()), None)
    return newest.settings if newest else Settings()


def _given_twice(request: Request) -> list[Problem]:
    """One file in two places of the command."""
    paths = [path.resolve() for path in request.files if path is not None]
    twice = dict.fromkeys(path for path in paths if paths.count(path) > 1)
    return [Problem(path.name, "is given twice: name the PSA's export once, then each vendor's file once") for path in twice]


def _twice(sources: Sequence[Source]) -> list[Problem]:
    """The same bytes given twice would count twice; of two files with one name nobody could tell which a row is of."""
    problems = []
    for place, source in enumerate(sources):
        for earlier in sources[:place]:
            if source.sha256 == earlier.sha256:
                problems.append(Problem(source.name, f"is the same file as {earlier.name}: give it once"))
                break
            if source.name == earlier.name:
                problems.append(Problem(source.name, "two files have this name: rename one, so that their rows can be told apart"))
                break
    return problems
