"""Runs the migrations on the connection that server.store.schema hands over."""

from typing import Any, Literal

from alembic import context

from server.store import tables_access, tables_pace, tables_sync, tables_write_back  # noqa: F401 -- they declare their tables
from server.store.tables import metadata
from server.store.types import Moment, Scaled


def render_item(kind: str, item: Any, _autogenerate_context: Any) -> str | Literal[False]:
    """Migrations name plain types, so that they stay as they were when ours change."""
    if kind == "type" and isinstance(item, Scaled):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__module__.startswith("server."):
        return "sa.Text()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
