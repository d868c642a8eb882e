"""A store that keeps nothing: copies are taken on it by the same function, so a check tells exactly what taking them would.

Reads are the store's own. What `take_copies` keeps is answered as if it were kept; any other writing is refused by the engines,
so a step of keeping that is added there and forgotten here fails loudly and keeps nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import Connection

from core.decisions import Judged
from core.mapping import Mapping
from core.records import Problem
from core.run import Reconciliation
from server.copies import Copied
from server.progress import Say
from server.returning import take_copies
from server.store import Copy, Event, Store, new_id
from server.store.engine import Engines
from server.store.mapping import NOTHING
from server.taken import Taken


def check_copies(store: Store, copies: Sequence[Copied], key: bytes, by: str, say: Say, *, replacing: bool = False) -> Taken:
    """What taking these copies would give, with their ids and tally left out: nothing is kept. Refused as take_copies."""
    return take_copies(Rehearsal(store), copies, key, by, say, replacing=replacing, tallied=False)


@dataclass(frozen=True, slots=True)
class _Reading(Engines):
    """Engines that only read."""

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        raise AssertionError("a rehearsal keeps nothing")
        yield


class Rehearsal(Store):
    """The store as it would be while copies are taken."""

    def __init__(self, store: Store) -> None:
        engines = store.writes.engines
        super().__init__(_Reading(engines.url, engines.reads, engines.writes), store.writes.clock, store.recent)
        self._copies: dict[str, Copy] = {}

    def close(self) -> NoReturn:
        raise AssertionError("the engines are the store's own, which closes them")

    def save_copy(self, workbook_id: str | None, file_name: str, sha256: str, by: str) -> tuple[str, bool]:
        known = next((c for c in self.copies(workbook_id or "") if c.sha256 == sha256), None)
        if known is None:
            known = self._copies[sha256] = Copy(new_id(), workbook_id, file_name, sha256, self._clock(), by)
        return known.id, True

    def copies(self, workbook_id: str) -> list[Copy]:
        return [*super().copies(workbook_id), *(c for c in self._copies.values() if c.workbook_id == workbook_id)]

    def save_mapping(self, changes: Mapping, by: str, origin: str, removals: Mapping = NOTHING) -> int:
        return self.mapping_version()

    def save_revision(self, run_id: str, result: Reconciliation, cause: str, by: str) -> int:
        return self.revisions(run_id)[-1].number

    def save_decisions(self, copy_id: str, run_id: str, revision: int, judged: Iterable[Judged], by: str) -> int:
        return 0

    def keep_copy_problems(self, copy_id: str, problems: Iterable[Problem]) -> None:
        """Nothing is noted."""

    def log(self, by: str, *events: Event) -> None:
        """Nothing is told."""
