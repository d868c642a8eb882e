"""Keeps the last few revisions that were read: a revision never changes, and one request looks at the same one several times."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from core.run import Reconciliation

MOST = 2
"""Revisions: a run of 100,000 lines takes more than 100 MB."""


@dataclass(slots=True)
class Recent:
    """Revisions by run and number; nobody changes the frames that are handed out."""

    _kept: OrderedDict[tuple[str, int], Reconciliation] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, run_id: str, number: int, load: Callable[[], Reconciliation]) -> Reconciliation:
        """The revision, loaded where it is not at hand."""
        found = self.find(run_id, number)
        if found is not None:
            return found
        found = load()  # outside of the lock: others need not wait for a long run
        with self._lock:
            self._kept[run_id, number] = found
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return found

    def find(self, run_id: str, number: int) -> Reconciliation | None:
        """The revision if it is at hand."""
        with self._lock:
            found = self._kept.get((run_id, number))
            if found is not None:
                self._kept.move_to_end((run_id, number))
            return found
