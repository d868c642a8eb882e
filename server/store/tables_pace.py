"""The table by which all processes together keep to the pace of a connection."""

from sqlalchemy import BigInteger, Column, Table, Text

from server.store.tables import metadata

paces = Table(
    "paces",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("next_at", BigInteger, nullable=False),  # microseconds since 1970 of the first slot that nobody has
)
