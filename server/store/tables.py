"""Every table, declared once. The columns of frames come from their record classes, the rest is written here.

What a run froze is kept by change: each content of a record once (`*_versions`), each list of records once (`*_lists`), and a
revision names its lists. Where a record stood (file and row) changes with every export, so it belongs to the list, not to the
record. A revision's result is its own and kept whole.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Date, ForeignKey, ForeignKeyConstraint, Integer, LargeBinary, MetaData, Table, Text

from core.decisions import Status
from core.frames import Quantity, schema
from core.records import (
    Action,
    Agreement,
    AgreementLine,
    Charge,
    Comparison,
    NotCompared,
    NoVendor,
    Service,
    Tally,
    UnmappedAccount,
    UnmappedService,
)
from server.store.types import Moment, Scaled, Steps, Word, column_type

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A core.records.Source as its table holds it: the notes are JSON."""

    name: str
    role: str
    layout: str
    sha256: str
    rows: int
    complete: bool
    as_of: dt.date | None
    notes: str


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """What the run of the period before said of a key: core.run.Earlier."""

    key: str
    vendor_quantity: Quantity | None
    age: int


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One entry of a mapping that a revision froze."""

    subject: str
    content: str


class Part(StrEnum):
    """What a revision rests on, each part a list of records. All but the mappings are the same in every revision of a run."""

    LINES = "lines"
    CHARGES = "charges"
    SERVICES = "services"
    AGREEMENTS = "agreements"
    SOURCES = "sources"
    EARLIER = "earlier"
    GIVEN = "given mapping"
    EFFECTIVE = "effective mapping"  # with the certain matches of names added


@dataclass(frozen=True, slots=True)
class Versioned:
    """A record class kept by change: its contents, each once, and the links of each list to them, in order."""

    record: type
    versions: Table
    links: Table
    located: tuple[str, ...]  # fields that say where a record stood: kept with the link


def _text(name: str, nullable: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=nullable)


def _run(**options: Any) -> Column[Any]:
    return Column("run_id", Text, ForeignKey("runs.id"), nullable=False, **options)


def _revision_key(name: str = "revision", **options: Any) -> tuple[Any, ...]:
    return (
        Column("run_id", Text, nullable=False, **options),
        Column(name, Integer, nullable=False, **options),
        ForeignKeyConstraint(["run_id", name], ["revisions.run_id", "revisions.number"]),
    )


def _id() -> Column[Any]:
    return Column("id", BigInteger, primary_key=True, autoincrement=False)


def _of_record(record: type, names: tuple[str, ...] | None = None, without: tuple[str, ...] = ()) -> list[Column[Any]]:
    return [
        Column(c.name, column_type(c.type), nullable=c.nullable)
        for c in schema(record)
        if c.name not in without and (names is None or c.name in names)
    ]


def _versioned(record: type, name: str, located: tuple[str, ...] = ()) -> Versioned:
    versions = Table(
        f"{name}_versions",
        metadata,
        _id(),
        Column("hash", LargeBinary(32), nullable=False, unique=True),
        *_of_record(record, without=located),
    )
    links = Table(
        f"{name}_lists",
        metadata,
        Column("list_id", BigInteger, ForeignKey("lists.id"), primary_key=True, autoincrement=False),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("version_id", BigInteger, ForeignKey(versions.c.id), nullable=False),
        *_of_record(record, names=located),
        sqlite_with_rowid=False,
    )
    return Versioned(record, versions, links, located)


def _of_revision(record: type, name: str) -> Table:
    return Table(
        name,
        metadata,
        *_revision_key(primary_key=True, autoincrement=False),
        Column("position", Integer, primary_key=True, autoincrement=False),
        *_of_record(record),
    )


activity = Table(
    "activity",
    metadata,
    _id(),
    Column("at", Moment, nullable=False),
    _text("by"),
    _text("action"),
    _text("subject"),
    _text("run", nullable=True),
    _text("workbook", nullable=True),
    _text("old", nullable=True),
    _text("new", nullable=True),
    _text("detail", nullable=True),
    _text("previous"),
    _text("hash"),
    sa.Index(None, "run"),
)

mapping_versions = Table(
    "mapping_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    _text("by"),
    _text("origin"),
    _text("digest"),
    sa.Index(None, "digest"),
)

mapping_entries = Table(
    "mapping_entries",
    metadata,
    _id(),
    Column("version", Integer, ForeignKey("mapping_versions.version"), nullable=False),
    _text("subject"),
    _text("identity"),
    _text("content", nullable=True),
    Column("replaces", BigInteger, ForeignKey("mapping_entries.id"), nullable=True),
    sa.UniqueConstraint("version", "subject", "identity"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    _text("period"),
    Column("ordinal", Integer, nullable=False),
    Column("today", Date, nullable=False),
    Column("created_at", Moment, nullable=False),
    _text("created_by"),
    _text("settings"),
    _text("note"),
    sa.UniqueConstraint("period", "ordinal"),
)

revisions = Table(
    "revisions",
    metadata,
    _run(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("mapping_version", Integer, ForeignKey("mapping_versions.version"), nullable=True),
    Column("created_at", Moment, nullable=False),
    _text("created_by"),
    _text("cause"),
)

lists = Table("lists", metadata, _id(), Column("digest", LargeBinary(32), nullable=False, unique=True))

revision_parts = Table(
    "revision_parts",
    metadata,
    *_revision_key(primary_key=True, autoincrement=False),
    Column("part", Word(Part), primary_key=True),
    Column("list_id", BigInteger, ForeignKey("lists.id"), nullable=False),
)

LINES = _versioned(AgreementLine, "line", located=("place", "version"))
CHARGES = _versioned(Charge, "charge", located=("source", "row"))
SERVICES = _versioned(Service, "service")
AGREEMENTS = _versioned(Agreement, "agreement")
SOURCES = _versioned(SourceRow, "source")
EARLIER = _versioned(EarlierRow, "earlier")
MAPPING = _versioned(MappingRow, "mapping_row")

RESULTS: dict[str, tuple[type, Table]] = {
    name: (record, _of_revision(record, name))
    for name, record in {
        "comparisons": Comparison,
        "no_vendor": NoVendor,
        "not_compared": NotCompared,
        "unmapped_accounts": UnmappedAccount,
        "unmapped_services": UnmappedService,
        "ledger": Tally,
        "agreements": Agreement,
    }.items()
}
"""The frames of core.run.Reconciliation (and its agreements), by their names there."""

workbooks = Table(
    "workbooks",
    metadata,
    Column("id", Text, primary_key=True),
    *_revision_key(),
    _text("scope"),
    _text("recipient"),
    Column("issued_at", Moment, nullable=False),
    _text("issued_by"),
    _text("sha256"),
    _text("file_name"),
    Column("layout_version", Integer, nullable=False),
    sa.Index(None, "run_id"),
)

copies = Table(
    "copies",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workbook_id", Text, ForeignKey("workbooks.id"), nullable=True),
    _text("file_name"),
    Column("sha256", Text, nullable=False, unique=True),
    Column("received_at", Moment, nullable=False),
    _text("by"),
    Column("problems", Text, nullable=False, server_default="[]"),
    sa.Index(None, "workbook_id"),
)

decisions = Table(
    "decisions",
    metadata,
    _id(),
    Column("copy_id", Text, ForeignKey("copies.id"), nullable=False),
    *_revision_key(),
    _text("key"),
    _text("fingerprint"),
    Column("action", Word(Action), nullable=False),
    Column("quantity", Scaled(4), nullable=True),
    Column("effective_date", Date, nullable=True),
    _text("agreement", nullable=True),
    Column("new_price", Scaled(6), nullable=True),
    _text("reason", nullable=True),
    _text("note", nullable=True),
    _text("by"),
    _text("place"),
    Column("status", Word(Status), nullable=False),
    _text("problem", nullable=True),
    Column("steps", Steps, nullable=True),
    Column("own_too", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index(None, "run_id", "key"),
    sa.Index(None, "copy_id"),
)

APPEND_ONLY = (activity, decisions, mapping_versions, mapping_entries)
"""Tables whose rows the database itself refuses to change or delete."""
