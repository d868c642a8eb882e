"""Lets all stores of a test session share their compiled SQL: an engine keeps its own, and every test opens new ones."""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_COMPILED: dict[type, LRUCache[Any, Any]] = {}
_own = Engine.__init__


def _sharing(self: Engine, *given: Any, **options: Any) -> None:
    _own(self, *given, **options)
    self._compiled_cache = _COMPILED.setdefault(type(self.dialect), LRUCache(1_000))


for _dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):  # the cache tells engines apart by their dialects
    _dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[assignment, method-assign]
    _dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[assignment, method-assign]

Engine.__init__ = _sharing  # type: ignore[method-assign]
