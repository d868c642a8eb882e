"""The store: SQLite by default, PostgreSQL by URL. Open it with `open_store`."""

from server.store.engine import default_location
from server.store.records import (
    Activity,
    BrokenLine,
    Copy,
    Event,
    KeptDecision,
    MappingEntry,
    Revision,
    Run,
    Subject,
    Workbook,
)
from server.store.store import Store, open_store
from server.store.workbooks import new_id

__all__ = [
    "Activity",
    "BrokenLine",
    "Copy",
    "Event",
    "KeptDecision",
    "MappingEntry",
    "Revision",
    "Run",
    "Store",
    "Subject",
    "Workbook",
    "default_location",
    "new_id",
    "open_store",
]
