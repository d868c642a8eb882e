"""The frozen inputs of a run, in and out: the same inputs give the same reconciliation, for ever (R17)."""

import json
from collections.abc import Mapping as Lookup
from dataclasses import asdict

import pandas as pd
from sqlalchemy import Connection, insert, select

from core.frames import frame, records
from core.mapping import Mapping
from core.records import Agreement, Service, Source
from core.run import Earlier, Inputs
from server.store.mapping import mapping_of, rows_of
from server.store.plain import canonical
from server.store.records import Run
from server.store.tables import (
    AGREEMENTS,
    CHARGES,
    EARLIER,
    LINES,
    MAPPING,
    SERVICES,
    SOURCES,
    EarlierRow,
    MappingRow,
    Part,
    SourceRow,
    Versioned,
    revision_parts,
)
from server.store.versions import keep, kept_frame

KEPT: dict[Part, Versioned] = {
    Part.LINES: LINES,
    Part.CHARGES: CHARGES,
    Part.SERVICES: SERVICES,
    Part.AGREEMENTS: AGREEMENTS,
    Part.SOURCES: SOURCES,
    Part.EARLIER: EARLIER,
    Part.GIVEN: MAPPING,
    Part.EFFECTIVE: MAPPING,
}


def save(connection: Connection, run_id: str, revision: int, inputs: Inputs, effective: Mapping) -> None:
    """Keeps what the store does not have yet, and names each part of the revision."""
    kept = {part: keep(connection, KEPT[part], data) for part, data in _frames(inputs, effective).items()}
    rows = [{"run_id": run_id, "revision": revision, "part": part, "list_id": number} for part, number in kept.items()]
    connection.execute(insert(revision_parts), rows)


def load(connection: Connection, run: Run, revision: int) -> Inputs:
    """The inputs as they were saved."""
    kept = list_ids(connection, run.id, revision)

    def part(name: Part) -> pd.DataFrame:
        return kept_frame(connection, KEPT[name], kept[name])

    return Inputs(
        period=run.period,
        today=run.today,
        lines=part(Part.LINES),
        charges=part(Part.CHARGES),
        sources=tuple(_source(row) for row in records(SourceRow, part(Part.SOURCES))),
        services=tuple(records(Service, part(Part.SERVICES))),
        agreements=tuple(records(Agreement, part(Part.AGREEMENTS))),
        mapping=mapping_of(records(MappingRow, part(Part.GIVEN))),
        settings=run.settings,
        earlier=earlier_of(part(Part.EARLIER)),
    )


def effective_mapping(connection: Connection, run_id: str, revision: int) -> Mapping:
    """The mapping of a revision with the certain matches of names added."""
    kept = list_ids(connection, run_id, revision)
    return mapping_of(records(MappingRow, kept_frame(connection, MAPPING, kept[Part.EFFECTIVE])))


def list_ids(connection: Connection, run_id: str, revision: int) -> dict[Part, int]:
    """The list that each part of a revision is."""
    parts = revision_parts.c
    query = select(parts.part, parts.list_id).where(parts.run_id == run_id, parts.revision == revision)
    return {row.part: row.list_id for row in connection.execute(query)}


def shared(kept: Lookup[Part, int]) -> dict[Part, int]:
    """Those parts that all revisions of a run have in common."""
    return {part: number for part, number in kept.items() if part not in (Part.GIVEN, Part.EFFECTIVE)}


def _frames(inputs: Inputs, effective: Mapping) -> dict[Part, pd.DataFrame]:
    return {
        Part.LINES: inputs.lines,
        Part.CHARGES: inputs.charges,
        Part.SERVICES: frame(Service, inputs.services),
        Part.AGREEMENTS: frame(Agreement, inputs.agreements),
        Part.SOURCES: frame(SourceRow, [_source_row(source) for source in inputs.sources]),
        Part.EARLIER: frame(EarlierRow, [EarlierRow(key, e.vendor_quantity, e.age) for key, e in inputs.earlier.items()]),
        Part.GIVEN: frame(MappingRow, rows_of(inputs.mapping)),
        Part.EFFECTIVE: frame(MappingRow, rows_of(effective)),
    }


def _source_row(source: Source) -> SourceRow:
    return SourceRow(**{**asdict(source), "notes": canonical(list(source.notes))})


def _source(row: SourceRow) -> Source:
    return Source(**{**asdict(row), "notes": tuple(json.loads(row.notes))})


def earlier_of(data: pd.DataFrame) -> dict[str, Earlier]:
    """The rows of an EarlierRow frame, by key."""
    return {row.key: Earlier(row.vendor_quantity, row.age) for row in records(EarlierRow, data)}
