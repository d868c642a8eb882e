"""The store: what a run froze, what was mapped, issued, returned and decided, and who did it.

Every method is one transaction; one that changes something writes its line of the activity in the same.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Lookup
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import pandas as pd
from sqlalchemy import Connection

from core.decisions import Judged
from core.mapping import Mapping
from core.periods import Period
from core.records import Problem
from core.run import Earlier, Inputs, Reconciliation
from server.store import activity, connections, decisions, mapping, reads, runs, schema, workbooks
from server.store.engine import Engines, connect, default_location
from server.store.mapping import NOTHING
from server.store.past import Past
from server.store.recent import Recent
from server.store.records import Activity, BrokenLine, Copy, Event, KeptDecision, MappingEntry, Revision, Run, Workbook
from server.store.sync_records import Finished, KeptConnection, KeptRead, ReadKind, ReadParts
from server.store.tokens import Tokens
from server.store.writes import Writes

Clock = Callable[[], dt.datetime]


def now() -> dt.datetime:
    """This moment, in UTC."""
    return dt.datetime.now(dt.UTC)


class Store:
    """One open store; `open_store` makes it."""

    def __init__(self, engines: Engines, clock: Clock, recent: Recent | None = None) -> None:
        self._engines = engines
        self._clock = clock
        self.writes = Writes(engines, clock)
        self.tokens = Tokens(engines, clock)
        self.past = Past(engines)
        self.recent = recent or Recent()

    @contextmanager
    def _writing(self) -> Iterator[tuple[Connection, dt.datetime]]:
        with self._engines.writing() as connection:
            yield connection, self._clock()

    def close(self) -> None:
        """Closes every connection."""
        self._engines.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None) -> None:
        self.close()

    def save_run(self, result: Reconciliation, by: str, note: str = "") -> str:
        """Keeps the inputs and the result as revision 1 of a new run; the run's id, such as 2026-11-3."""
        with self._writing() as (connection, at):
            return runs.save(connection, at, result, by, note)

    def save_revision(self, run_id: str, result: Reconciliation, cause: str, by: str) -> int:
        """Keeps another comparison of the run's own records; its number."""
        with self._writing() as (connection, at):
            return runs.save_revision(connection, at, run_id, result, cause, by)

    def inputs(self, run_id: str, revision: int | None = None) -> Inputs:
        """The frozen inputs of a run, with the mapping that the revision (by default the newest) was given."""
        with self._engines.reading() as connection:
            return runs.load_inputs(connection, run_id, revision)

    def reconciliation(self, run_id: str, revision: int | None = None) -> Reconciliation:
        """A revision of a run as it was saved, by default the newest. Its frames are shared: they are not to be changed."""
        with self._engines.reading() as connection:
            number = runs.require_revision(connection, run_id, revision)
            return self.recent.get(run_id, number, lambda: runs.load(connection, run_id, number))

    def result(self, run_id: str, name: str, revision: int | None = None) -> pd.DataFrame:
        """One frame of a revision by its name, such as `comparisons`, without reading the others. It is shared as well."""
        with self._engines.reading() as connection:
            number = runs.require_revision(connection, run_id, revision)
            held = self.recent.find(run_id, number)
            return runs.frame_of(held, name) if held else runs.result_frame(connection, name, run_id, number)

    def run(self, run_id: str) -> Run:
        """The run of that id; UnknownRun lists those there are."""
        with self._engines.reading() as connection:
            return runs.require(connection, run_id)

    def runs(self, period: Period | None = None) -> list[Run]:
        """The runs of a period, or all; newest first."""
        with self._engines.reading() as connection:
            return runs.listed(connection, period)

    def newest_run(self, period: Period) -> str | None:
        """The id of the period's newest run."""
        return next((run.id for run in self.runs(period)), None)

    def revisions(self, run_id: str) -> list[Revision]:
        """The revisions of a run, oldest first."""
        with self._engines.reading() as connection:
            return runs.revisions_of(connection, run_id)

    def earlier(self, period: Period) -> dict[str, Earlier]:
        """What the newest run before this period said of each key; empty where there is none."""
        with self._engines.reading() as connection:
            return runs.earlier(connection, period)

    def mapping(self) -> Mapping:
        """The mapping as it stands."""
        with self._engines.reading() as connection:
            return mapping.at_version(connection, mapping.newest_version(connection))

    def mapping_version(self) -> int:
        """The number of the mapping's newest version; 0 where nothing was ever mapped."""
        with self._engines.reading() as connection:
            return mapping.newest_version(connection)

    def mapping_at(self, version: int) -> Mapping:
        """The mapping as that version left it."""
        with self._engines.reading() as connection:
            return mapping.at_version(connection, version)

    def save_mapping(self, changes: Mapping, by: str, origin: str, removals: Mapping = NOTHING) -> int:
        """Adds or replaces what `changes` says of each account, service, rule and tie, and ends what `removals` names.

        All rows of an account stand for its whole share: those in `changes` replace all that were there. The version that
        then holds; where nothing differs, the one that held before.
        """
        with self._writing() as (connection, at):
            return mapping.save(connection, at, changes, removals, by, origin)

    def mapping_history(self) -> list[MappingEntry]:
        """Every entry of the mapping that was ever made, oldest first."""
        with self._engines.reading() as connection:
            return mapping.history(connection)

    def save_workbook(
        self,
        workbook_id: str,
        run_id: str,
        revision: int,
        *,
        scope: str,
        recipient: str,
        sha256: str,
        file_name: str,
        layout_version: int,
        by: str,
    ) -> Workbook:
        """Keeps that a file was issued; its id, from `new_id`, is in the file."""
        with self._writing() as (connection, at):
            workbook = Workbook(workbook_id, run_id, revision, scope, recipient, at, by, sha256, file_name, layout_version)
            workbooks.save(connection, at, workbook)
            return workbook

    def workbook(self, workbook_id: str) -> Workbook:
        """The issued workbook of that id; UnknownWorkbook lists those there are."""
        with self._engines.reading() as connection:
            return workbooks.require(connection, workbook_id)

    def rows_issued(self, workbook_id: str) -> int | None:
        """How many rows the run of an issued workbook has; None where the store did not issue it."""
        with self._engines.reading() as connection:
            found = workbooks.find(connection, workbook_id)
            return runs.rows(connection, found.run_id, found.revision) if found else None

    def workbooks(self, run_id: str) -> list[Workbook]:
        """The workbooks issued from a run, oldest first."""
        with self._engines.reading() as connection:
            return workbooks.issued(connection, run_id)

    def save_copy(self, workbook_id: str | None, file_name: str, sha256: str, by: str) -> tuple[str, bool]:
        """The id of the copy with these bytes, and whether it came for the first time."""
        with self._writing() as (connection, at):
            return workbooks.save_copy(connection, at, workbook_id, file_name, sha256, by)

    def copy(self, copy_id: str) -> Copy:
        """The returned copy of that id."""
        with self._engines.reading() as connection:
            return workbooks.require_copy(connection, copy_id)

    def keep_copy_problems(self, copy_id: str, problems: Iterable[Problem]) -> None:
        """Notes what could not be used of a copy when it was last taken."""
        with self._writing() as (connection, _):
            workbooks.keep_problems(connection, copy_id, problems)

    def copy_problems(self, copy_id: str) -> list[Problem]:
        """What could not be used of a copy when it was last taken."""
        with self._engines.reading() as connection:
            return workbooks.problems_of(connection, copy_id)

    def copies(self, workbook_id: str) -> list[Copy]:
        """The copies of a workbook that came back, in the order of their arrival."""
        with self._engines.reading() as connection:
            return workbooks.copies_of(connection, workbook_id)

    def save_decisions(self, copy_id: str, run_id: str, revision: int, judged: Iterable[Judged], by: str) -> int:
        """Adds a copy's decisions as judged against a revision; the same again adds none. The number added."""
        with self._writing() as (connection, at):
            return decisions.save(connection, at, copy_id, run_id, revision, judged, by)

    def decisions_of_run(self, run_id: str) -> list[KeptDecision]:
        """All decisions of a run in the order of their arrival."""
        with self._engines.reading() as connection:
            return decisions.of_run(connection, run_id)

    def decisions(self, run_id: str) -> list[KeptDecision]:
        """The accepted decisions that count: of each person the newest for a key."""
        with self._engines.reading() as connection:
            return decisions.standing(connection, run_id)

    # connections, their secrets, and what was read

    def add_connection(
        self, name: str, connector: str, role: str, settings: Lookup[str, str], per_minute: int | None, by: str
    ) -> KeptConnection:
        """Keeps a connection without its secrets; ConnectionExists, or SecondPsa where there is a PSA already."""
        with self._writing() as (connection, at):
            new = KeptConnection(name, connector, role, settings, per_minute, at, by, None, None, None)
            return connections.add(connection, at, new)

    def connection(self, name: str) -> KeptConnection:
        """The connection of that name; UnknownConnection lists those there are."""
        with self._engines.reading() as connection:
            return connections.require(connection, name)

    def connections(self) -> list[KeptConnection]:
        """Those that are not removed: the PSA, then the vendors by name."""
        with self._engines.reading() as connection:
            return connections.listed(connection)

    def change_connection(self, name: str, settings: Lookup[str, str], per_minute: int | None, by: str) -> KeptConnection:
        """Gives a connection other settings; the next read of it is a full one."""
        with self._writing() as (connection, at):
            return connections.change(connection, at, name, settings, per_minute, by)

    def remove_connection(self, name: str, by: str) -> None:
        """Removes a connection with its secrets; a read that runs is cancelled. Its reads stay for the runs made of them."""
        with self._writing() as (connection, at):
            reads.fail_running(connection, at, name, "the connection was removed", by)
            connections.remove(connection, at, name, by)

    def pause_connection(self, name: str, why: str, until: dt.datetime | None, by: str) -> None:
        """Nothing is asked of it until that moment; without one, until a person resumes it."""
        with self._writing() as (connection, at):
            connections.pause(connection, at, name, why, until, by)

    def resume_connection(self, name: str, by: str) -> None:
        """Takes a pause back."""
        with self._writing() as (connection, at):
            connections.resume(connection, at, name, by)

    def keep_secret(self, name: str, setting: str, ciphertext: str | None, place: str, by: str) -> None:
        """Keeps a secret as ciphertext; None: it is kept in `place` instead, and what stood here goes."""
        with self._writing() as (connection, at):
            connections.keep_secret(connection, at, name, setting, ciphertext, place, by)

    def secret(self, name: str, setting: str) -> str | None:
        """The ciphertext of a connection's setting."""
        with self._engines.reading() as connection:
            return connections.secret(connection, name, setting)

    def secrets(self) -> dict[tuple[str, str], str]:
        """Every ciphertext, by connection and setting."""
        with self._engines.reading() as connection:
            return connections.all_secrets(connection)

    def forget_secrets(self, name: str, by: str) -> None:
        """Removes every ciphertext of a connection."""
        with self._writing() as (connection, at):
            connections.forget_secrets(connection, at, name, by)

    def renew_secrets(self, renewed: Lookup[tuple[str, str], tuple[str, str]], by: str) -> int:
        """Replaces ciphertexts, each given as (old, new); one that changed meanwhile stays. The number replaced."""
        with self._writing() as (connection, at):
            return connections.renew_secrets(connection, at, renewed, by)

    def begin_read(self, name: str, kind: ReadKind, by: str) -> KeptRead:
        """A new read of a connection; ReadRunning where one runs that gave a sign of life lately."""
        with self._writing() as (connection, at):
            return reads.begin(connection, at, name, kind, by)

    def tell_read(self, read_id: int, what: str, pages: int, rows: int) -> bool:
        """Notes how far a read is, so that others can show it; False where it is to stop."""
        with self._writing() as (connection, at):
            return reads.tell(connection, at, read_id, what, pages, rows)

    def finish_read(self, read_id: int, done: Finished, by: str) -> KeptRead:
        """Keeps all that a read gave; the read as it stands, with nothing kept where it was cancelled meanwhile."""
        with self._writing() as (connection, at):
            return reads.finish(connection, at, read_id, done, by)

    def fail_read(self, read_id: int, problem: str, by: str) -> KeptRead:
        """Ends a read that runs in failure."""
        with self._writing() as (connection, at):
            return reads.fail(connection, at, read_id, problem, by)

    def cancel_read(self, read_id: int, by: str) -> KeptRead:
        """Stops a read that runs, within its next page; one that has ended stays as it is."""
        return self.fail_read(read_id, f"cancelled by {by}", by)

    def accept_read(self, read_id: int, by: str) -> KeptRead:
        """Takes a read that is held back for right; NotHeld where there is nothing to accept."""
        with self._writing() as (connection, at):
            return reads.accept(connection, at, read_id, by)

    def read(self, read_id: int) -> KeptRead:
        """The read of that number."""
        with self._engines.reading() as connection:
            return reads.require(connection, read_id)

    def reads(self, name: str, limit: int | None = None) -> list[KeptRead]:
        """The reads of a connection since it was added, newest first."""
        with self._engines.reading() as connection:
            return reads.listed(connection, name, limit)

    def newest_good_read(self, name: str) -> KeptRead | None:
        """What is compared of a connection."""
        with self._engines.reading() as connection:
            return reads.newest_good(connection, name)

    def newest_partial_read(self, name: str) -> KeptRead | None:
        """The newest read that came to its end with records in it that could not be read."""
        with self._engines.reading() as connection:
            return reads.newest_partial(connection, name)

    def running_read(self, name: str) -> KeptRead | None:
        """The read of a connection that runs and gives signs of life; one that gives none is dead, and stands in no way."""
        with self._engines.reading() as connection:
            return reads.running(connection, self._clock(), name)

    def read_parts(self, read_id: int) -> ReadParts:
        """The records that a read gave, as they were."""
        with self._engines.reading() as connection:
            return reads.parts_of(connection, read_id)

    def read_taken(self, read_id: int) -> bytes | None:
        """What the next quick read is laid over; only the newest good read and those after it have it."""
        with self._engines.reading() as connection:
            return reads.taken_of(connection, read_id)

    def log(self, by: str, *events: Event) -> None:
        """Adds a line to the activity for each thing that changes nothing else in the store."""
        with self._writing() as (connection, at):
            for event in events:
                activity.append(connection, at, by, event)

    def activity(
        self, limit: int = 100, run: str | None = None, since: dt.datetime | None = None, before: int | None = None
    ) -> list[Activity]:
        """The newest lines of the activity first; `before`: only those before the line of that number."""
        with self._engines.reading() as connection:
            return activity.lines(connection, limit, run, since, before)

    def verify_activity(self) -> BrokenLine | None:
        """The first line of the activity that is not as it was written; None where the chain holds."""
        with self._engines.reading() as connection:
            return activity.verify(connection)


def open_store(location: str | Path | None = None, clock: Clock = now) -> Store:
    """The store at a path or URL, by default at `default_location()`; its tables are created or upgraded."""
    engines = connect(str(location) if location is not None else default_location())
    try:
        schema.prepare(engines)
    except BaseException:
        engines.close()
        raise
    return Store(engines, clock)
