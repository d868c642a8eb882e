"""The tables of writes to the PSA. The partial unique index is the guard that no two writes of an agreement are ever in flight."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Integer, Table, Text

from server.store.tables import metadata
from server.store.types import Moment, Scaled, Word
from server.store.write_records import IN_FLIGHT, WriteKind, WriteState


def _text(name: str, nullable: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=nullable)


submissions = Table(
    "submissions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    _text("digest"),
    _text("connection"),
    Column("run_id", Text, ForeignKey("runs.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    _text("by"),
    Column("large", Boolean, nullable=False),
    Column("undoes", Text, ForeignKey("submissions.id"), nullable=True),
    Column("approved_at", Moment, nullable=True),
    _text("approved_by", nullable=True),
    Column("paused_at", Moment, nullable=True),
    Column("cancelled_at", Moment, nullable=True),
    sa.Index(None, "run_id"),
)

changes = Table(
    "changes",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("submission_id", Text, ForeignKey("submissions.id"), nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("run_id", Text, ForeignKey("runs.id"), nullable=False),
    _text("row_key"),
    _text("customer"),
    _text("service"),
    _text("agreement_id"),
    _text("agreement"),
    _text("line_id", nullable=True),
    _text("action"),
    _text("what"),
    Column("effective_date", Date, nullable=False),
    Column("old_quantity", Scaled(4), nullable=True),
    Column("new_quantity", Scaled(4), nullable=True),
    Column("old_price", Scaled(6), nullable=True),
    Column("new_price", Scaled(6), nullable=True),
    Column("effect", Scaled(2), nullable=False),
    Column("next_invoice_before", Scaled(2), nullable=False),
    Column("next_invoice_after", Scaled(2), nullable=False),
    Column("catch_up", Scaled(2), nullable=False),
    _text("currency"),
    _text("reason", nullable=True),
    _text("note", nullable=True),
    _text("by"),
    _text("place"),
    Column("large", Boolean, nullable=False),
    Column("invoiced_through", Date, nullable=True),
    Column("decision_id", BigInteger, ForeignKey("decisions.id"), nullable=True),
    Column("needs", BigInteger, ForeignKey("changes.id"), nullable=True),
    Column("undoes", BigInteger, ForeignKey("changes.id"), nullable=True),
    sa.Index(None, "submission_id"),
)

_IN_FLIGHT = sa.text("state IN ({})".format(", ".join(f"'{state}'" for state in IN_FLIGHT)))

writes = Table(
    "writes",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("change_id", BigInteger, ForeignKey("changes.id"), nullable=False),
    Column("submission_id", Text, ForeignKey("submissions.id"), nullable=False),
    _text("connection"),
    _text("lane"),
    _text("agreement_id"),
    Column("position", Integer, nullable=False),
    Column("kind", Word(WriteKind), nullable=False),
    _text("method"),
    _text("path"),
    _text("request"),
    _text("before"),
    _text("after"),
    _text("version", nullable=True),
    _text("known"),
    _text("says"),
    Column("withdraws", Boolean, nullable=False),
    Column("state", Word(WriteState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("waits", Integer, nullable=False),
    Column("not_before", Moment, nullable=True),
    Column("sent_at", Moment, nullable=True),
    Column("settle_until", Moment, nullable=True),
    Column("answered", Boolean, nullable=False),
    _text("record_id", nullable=True),
    _text("seen", nullable=True),
    _text("seen_version", nullable=True),
    _text("said"),
    Column("finished_at", Moment, nullable=True),
    sa.UniqueConstraint("change_id", "position"),
    sa.Index(None, "submission_id", "lane"),
    sa.Index(None, "state"),
    sa.Index(
        "one_write_in_flight", "connection", "agreement_id", unique=True, sqlite_where=_IN_FLIGHT, postgresql_where=_IN_FLIGHT
    ),
)
