"""Runs and their revisions: one period over frozen inputs; a changed mapping makes a new revision over the same (R17)."""

import datetime as dt

import pandas as pd
from sqlalchemy import Connection, RowMapping, case, func, insert, select

from core.frames import declared, frame, records
from core.periods import Period
from core.records import Agreement, State
from core.run import Earlier, Inputs, Reconciliation
from core.settings import Settings
from server.store import activity, inputs, mapping
from server.store.errors import OtherInputs, UnknownRevision, UnknownRun
from server.store.frozen import insert_arrays, positions, read_frame, select_of
from server.store.plain import from_json, to_json
from server.store.records import Event, Revision, Run
from server.store.tables import RESULTS, EarlierRow, revisions, runs

FIRST = "first comparison"


def save(connection: Connection, at: dt.datetime, result: Reconciliation, by: str, note: str) -> str:
    """A new run of its period with its first revision; the run's id."""
    given = result.inputs
    ordinal = 1 + (connection.scalar(select(func.max(runs.c.ordinal)).where(runs.c.period == str(given.period))) or 0)
    run_id = f"{given.period}-{ordinal}"
    connection.execute(
        insert(runs).values(
            id=run_id,
            period=str(given.period),
            ordinal=ordinal,
            today=given.today,
            created_at=at,
            created_by=by,
            settings=to_json(given.settings),
            note=note,
        )
    )
    _save_revision(connection, at, run_id, 1, result, FIRST, by)
    detail = f"{len(given.lines)} lines, {len(given.charges)} charges, {len(result.comparisons)} comparisons"
    activity.append(connection, at, by, Event("run saved", f"run {run_id}", run=run_id, new="revision 1", detail=detail))
    return run_id


def save_revision(connection: Connection, at: dt.datetime, run_id: str, result: Reconciliation, cause: str, by: str) -> int:
    """The next revision of a run; OtherInputs where it does not compare the run's own records."""
    run, newest = require(connection, run_id), newest_revision(connection, run_id)
    _save_revision(connection, at, run_id, newest + 1, result, cause, by)
    _refuse_other_inputs(connection, run, newest + 1, result.inputs)
    old, new = f"revision {newest}", f"revision {newest + 1}"
    activity.append(connection, at, by, Event("revision saved", f"run {run_id}", run=run_id, old=old, new=new, detail=cause))
    return newest + 1


def _save_revision(
    connection: Connection, at: dt.datetime, run_id: str, number: int, result: Reconciliation, cause: str, by: str
) -> None:
    version = mapping.version_saying(connection, result.inputs.mapping)
    connection.execute(
        insert(revisions).values(run_id=run_id, number=number, mapping_version=version, created_at=at, created_by=by, cause=cause)
    )
    inputs.save(connection, run_id, number, result.inputs, result.mapping)
    for name, (record, table) in RESULTS.items():
        columns = declared(record, frame_of(result, name))
        owner, order = {"run_id": run_id, "revision": number}, positions(len(next(iter(columns.values()))))
        insert_arrays(connection, table, owner, {"position": order, **columns})


def _refuse_other_inputs(connection: Connection, run: Run, number: int, given: Inputs) -> None:
    """The lists tell: equal records in equal order are the same list. Raising undoes what was saved."""
    first, this = (inputs.shared(inputs.list_ids(connection, run.id, revision)) for revision in (1, number))
    if (first, run.period, run.today, run.settings) != (this, given.period, given.today, given.settings):
        raise OtherInputs(run.id)


def frame_of(result: Reconciliation, name: str) -> pd.DataFrame:
    """One frame of a result by its name."""
    value = getattr(result, name)
    return value if isinstance(value, pd.DataFrame) else frame(RESULTS[name][0], value)


def load_inputs(connection: Connection, run_id: str, revision: int | None) -> Inputs:
    """The frozen inputs of a run with the mapping of one revision, by default the newest."""
    return inputs.load(connection, require(connection, run_id), _revision(connection, run_id, revision))


def load(connection: Connection, run_id: str, number: int) -> Reconciliation:
    """A revision as it was saved."""
    run = require(connection, run_id)
    frames = {name: result_frame(connection, name, run_id, number) for name in RESULTS}
    agreements = tuple(records(Agreement, frames.pop("agreements")))
    effective = inputs.effective_mapping(connection, run_id, number)
    return Reconciliation(inputs=inputs.load(connection, run, number), mapping=effective, agreements=agreements, **frames)


def result_frame(connection: Connection, name: str, run_id: str, revision: int) -> pd.DataFrame:
    """One frame of a revision's result."""
    record, table = RESULTS[name]
    query = select_of(table).where(table.c.run_id == run_id, table.c.revision == revision).order_by(table.c.position)
    return read_frame(connection, record, query, dict(table.c.items()))


def rows(connection: Connection, run_id: str, revision: int) -> int:
    """How many rows a revision's result has in all its frames, which are numbered without gaps."""
    tables = [table for _, table in RESULTS.values()]
    of_revision = [select(func.max(t.c.position)).where(t.c.run_id == run_id, t.c.revision == revision) for t in tables]
    return sum(1 + last for query in of_revision if (last := connection.scalar(query)) is not None)


def require(connection: Connection, run_id: str) -> Run:
    """The run; UnknownRun, which lists those there are, where there is none."""
    row = connection.execute(select(runs).where(runs.c.id == run_id)).first()
    if row is None:
        raise UnknownRun(run_id, [run.id for run in listed(connection, None)])
    return _run(row._mapping)


def listed(connection: Connection, period: Period | None) -> list[Run]:
    """The runs of a period, or all; newest first."""
    query = select(runs).order_by(runs.c.period.desc(), runs.c.ordinal.desc())
    if period is not None:
        query = query.where(runs.c.period == str(period))
    return [_run(row._mapping) for row in connection.execute(query)]


def revisions_of(connection: Connection, run_id: str) -> list[Revision]:
    """The revisions of a run, oldest first."""
    require(connection, run_id)
    query = select(revisions).where(revisions.c.run_id == run_id).order_by(revisions.c.number)
    return [Revision(**row._mapping) for row in connection.execute(query)]


def newest_revision(connection: Connection, run_id: str) -> int:
    """The number of a run's newest revision."""
    return connection.scalar(select(func.max(revisions.c.number)).where(revisions.c.run_id == run_id)) or 0


def earlier(connection: Connection, period: Period) -> dict[str, Earlier]:
    """What the newest run of the newest earlier period said of each key; a line without a change has no age."""
    query = select(runs.c.id).where(runs.c.period < str(period))
    run_id = connection.scalar(query.order_by(runs.c.period.desc(), runs.c.ordinal.desc()).limit(1))
    if run_id is None:
        return {}
    _, table = RESULTS["comparisons"]
    age = case((table.c.state == State.NO_CHANGE, 0), else_=table.c.age)
    asked = select_of(table).where(table.c.run_id == run_id, table.c.revision == newest_revision(connection, run_id))
    return inputs.earlier_of(read_frame(connection, EarlierRow, asked, {**dict(table.c.items()), "age": age}))


def require_revision(connection: Connection, run_id: str, wanted: int | None) -> int:
    """The number of that revision of a run, by default the newest; UnknownRun or UnknownRevision where there is none."""
    require(connection, run_id)
    return _revision(connection, run_id, wanted)


def _revision(connection: Connection, run_id: str, wanted: int | None) -> int:
    newest = newest_revision(connection, run_id)
    if wanted is not None and not 1 <= wanted <= newest:
        raise UnknownRevision(run_id, wanted, newest)
    return wanted or newest


def _run(row: RowMapping) -> Run:
    return Run(
        id=row["id"],
        period=Period.parse(row["period"]),
        today=row["today"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        settings=from_json(Settings, row["settings"]),
        note=row["note"],
    )
