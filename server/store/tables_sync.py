"""The tables of connections, of their secrets as ciphertext, and of reads, whose records are kept by change as a run's are."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Integer, LargeBinary, Table, Text

from server.store.sync_records import PSA, ReadKind, ReadState
from server.store.tables import Part, metadata
from server.store.types import Moment, Word


def _text(name: str, nullable: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=nullable)


_ONE_PSA = sa.text(f"role = '{PSA}' AND removed_at IS NULL")
_RUNNING = sa.text(f"state = '{ReadState.RUNNING}'")

connections = Table(
    "connections",
    metadata,
    Column("name", Text, primary_key=True),
    _text("connector"),
    _text("role"),
    _text("settings"),
    Column("per_minute", Integer, nullable=True),
    Column("created_at", Moment, nullable=False),
    _text("by"),
    Column("removed_at", Moment, nullable=True),
    Column("paused_until", Moment, nullable=True),
    _text("paused_why", nullable=True),
    sa.Index("one_psa", "role", unique=True, sqlite_where=_ONE_PSA, postgresql_where=_ONE_PSA),
)

secrets = Table(
    "secrets",
    metadata,
    Column("connection", Text, ForeignKey("connections.name"), primary_key=True),
    Column("setting", Text, primary_key=True),
    _text("ciphertext"),
)

reads = Table(
    "reads",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("connection", Text, ForeignKey("connections.name"), nullable=False),
    Column("kind", Word(ReadKind), nullable=False),
    Column("state", Word(ReadState), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("told_at", Moment, nullable=False),
    Column("finished_at", Moment, nullable=True),
    _text("by"),
    _text("what"),
    Column("pages", Integer, nullable=False),
    Column("rows_read", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=True),
    Column("as_of", Date, nullable=True),
    _text("problem", nullable=True),
    _text("accepted_by", nullable=True),
    Column("has_parts", Boolean, nullable=False),
    _text("source_name", nullable=True),
    _text("source_role", nullable=True),
    _text("source_layout", nullable=True),
    _text("source_sha256", nullable=True),
    Column("source_complete", Boolean, nullable=True),
    _text("source_notes", nullable=True),
    Column("taken", LargeBinary, nullable=True),
    sa.Index(None, "connection", "state"),
    sa.Index("one_read_running", "connection", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING),
)

read_parts = Table(
    "read_parts",
    metadata,
    Column("read_id", BigInteger, ForeignKey("reads.id"), primary_key=True, autoincrement=False),
    Column("part", Word(Part), primary_key=True),
    Column("list_id", BigInteger, ForeignKey("lists.id"), nullable=False),
)
