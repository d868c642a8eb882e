"""What was checked a moment ago, with its judgement: to take it then, it need be neither sent nor judged once more."""

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.resting import collector_resting
from server.copies import Copied
from server.progress import Say
from server.returning import Judgement, judge_copies, keep
from server.store import Store
from server.taken import Taken

HELD_FOR = dt.timedelta(minutes=5)
MOST_HELD = 40_000
"""Decisions of all that is held. The oldest goes; the newest is held however large it is."""

Whose = tuple[str, str]
"""A person, and the key under which they will send."""


class NotChecked(LookupError):  # noqa: N818 - named for what happened
    """Nothing that was checked under that key is held: it is too long ago, or another process did it. It is sent once more."""

    def __init__(self, under: str) -> None:
        super().__init__(f"nothing is held that was checked under the key {under}: send the decisions themselves")


@dataclass(frozen=True, slots=True)
class _Held:
    copies: Sequence[Copied]
    replacing: bool
    newest: int  # line of the activity when it was judged: every change to the store adds one
    judgement: Judgement
    until: dt.datetime

    @property
    def size(self) -> int:
        return sum(len(copy.returned.decisions) for copy in self.copies)


@dataclass(frozen=True, slots=True)
class Checks:
    """What this process has checked."""

    _held: dict[Whose, _Held] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(
        self, store: Store, copies: Sequence[Copied], key: bytes, by: str, under: str, say: Say, *, replacing: bool = False
    ) -> Taken:
        """As server.returning.check_copies; and it is held for a while, for the person who is going to send it under that key."""
        with collector_resting():
            newest = _newest(store)
            judgement = judge_copies(store, copies, key, say, replacing=replacing)
            self._hold(store, (by, under), _Held(copies, replacing, newest, judgement, store.writes.clock() + HELD_FOR))
            return judgement.told()

    def take(self, store: Store, key: bytes, by: str, under: str, say: Say, *, replacing: bool = False) -> Taken:
        """As server.returning.take_copies, of what this person has checked under that key: judged again only where anything in
        the store has changed since, or others' decisions are to be replaced now. NotChecked where it is not held, also because
        it was taken: who got no answer sends it under the same key, and it is taken once."""
        with self._lock:
            held = self._held.get((by, under))
        if held is None or held.until < store.writes.clock():
            raise NotChecked(under)
        with collector_resting():
            judgement = held.judgement
            if (held.newest, held.replacing) != (_newest(store), replacing):
                judgement = judge_copies(store, held.copies, key, say, replacing=replacing)
            taken = keep(store, judgement, by, say)
        with self._lock:
            self._held.pop((by, under), None)
        return taken

    def _hold(self, store: Store, whose: Whose, new: _Held) -> None:
        now = store.writes.clock()
        with self._lock:
            self._held.pop(whose, None)
            self._held[whose] = new
            size = sum(held.size for held in self._held.values())
            for other, held in list(self._held.items())[:-1]:
                if held.until < now or size > MOST_HELD:
                    del self._held[other]
                    size -= held.size


def _newest(store: Store) -> int:
    return next((line.id for line in store.activity(limit=1)), 0)
