"""Explanations of changes come back: what a copy says that it was not issued with, each once, and kept in the activity."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from core.history import History
from core.records import Explanation, Problem
from core.run import Reconciliation
from server.copies import Copied
from server.history import changes_held, changes_of, explanations
from server.slices import Names
from server.store import Event, Store
from server.store.past import EXPLAINED
from workbooks.identity import Identity
from workbooks.layout_history import CHANGES

OF_COPY = 16
"""Characters of a copy's hash that tell it apart in the log."""


@dataclass(frozen=True, slots=True)
class IssuedChanges:
    """What stood on the sheets Changes of issued workbooks: against the runs that were there at that moment."""

    store: Store
    made: dict[tuple[int, tuple[str, int] | None], pd.DataFrame] = field(default_factory=dict)

    def of(self, copy: Copied, run: Reconciliation, held: Reconciliation) -> History:
        """The changes that a copy's workbook held; nothing where the copy has no such sheet."""
        identity = copy.returned.identity
        if not any(cells.sheet is CHANGES for cells in copy.returned.cells.values()):
            return History()
        at = self.store.workbook(identity.workbook_id).issued_at
        which = (identity.revision, self.store.past.last_run(identity.period, at))
        if which not in self.made:
            self.made[which] = changes_of(self.store, identity.run_id, run, at)
        return History(changes=changes_held(self.made[which], run, held, _names(identity)))


def _names(identity: Identity) -> Names:
    return Names(identity.customers, identity.vendors)


@dataclass(frozen=True, slots=True)
class Explaining:
    """What is new in the copies, as lines of the activity, and what is to be told of it."""

    events: tuple[Event, ...] = ()
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()


def explaining(store: Store, run_id: str, copies: Sequence[Copied]) -> Explaining:
    """Which explanations are new: not as issued, not taken before, and not told otherwise by another of these copies.

    A later copy replaces what an earlier one said; both stay in the activity.
    """
    lines = store.past.explained([run_id]) if any(copy.returned.explanations for copy in copies) else []
    stands = {line.subject: line.new or "" for line in lines}
    seen = {(line.subject, line.new, (line.detail or "")[-OF_COPY:]) for line in lines}
    said: dict[str, list[tuple[Copied, Explanation]]] = {}
    for copy in copies:
        for one in _typed(store, copy):
            if (one.key, one.text, copy.sha256[:OF_COPY]) not in seen:
                said.setdefault(one.key, []).append((copy, one))
    return _sorted_out(run_id, said, stands)


def _typed(store: Store, copy: Copied) -> Iterable[Explanation]:
    """What a person typed: an explanation that the workbook was issued with is nobody's new word."""
    if not copy.returned.explanations:
        return []
    identity = copy.returned.identity
    issued = explanations(store, identity.run_id, store.workbook(identity.workbook_id).issued_at)
    return [one for one in copy.returned.explanations if one.text != issued.get(one.key)]


def _sorted_out(run_id: str, said: Mapping[str, Sequence[tuple[Copied, Explanation]]], stands: Mapping[str, str]) -> Explaining:
    events, problems, notices = [], [], []
    for key, found in said.items():
        if len({one.text for _, one in found}) > 1:
            problems += [Problem(one.place, "another copy explains this change differently: agree on one") for _, one in found]
            continue
        copy, one = found[0]
        before = stands.get(key)
        if before == one.text:
            continue
        if before is not None:
            notices.append(Problem(one.place, f"replaces the explanation {before!r}"))
        detail = f"{one.by} at {one.place}, copy {copy.sha256[:OF_COPY]}"
        events.append(Event(EXPLAINED, key, run_id, copy.returned.identity.workbook_id, before, one.text, detail))
    return Explaining(tuple(events), tuple(problems), tuple(notices))
