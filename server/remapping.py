"""Mapping decisions of issued workbooks (R13): which entries they add, and which of them something else already decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from core.mapping import AccountMapping, ServiceMapping
from core.mapping import Mapping as Mapped
from core.mapping_decisions import resolve
from core.records import Problem
from core.run import Reconciliation
from workbooks.reader import Returned

Entry = AccountMapping | ServiceMapping
Subject = tuple[str, str, str]
"""("account" or "service", vendor, id)."""


@dataclass(frozen=True, slots=True)
class Remapping:
    """What is added to the mapping, and the decisions that could not be used."""

    added: Mapped
    problems: tuple[Problem, ...]

    @property
    def count(self) -> int:
        return len(self.added.accounts) + len(self.added.services) + len(self.added.none_expected)


def remapping(returned: Sequence[Returned], issued: Sequence[Reconciliation], of_run: Mapped, standing: Mapped) -> Remapping:
    """The entries that the copies' decisions add to a run's mapping; the same decision a second time adds nothing.

    issued: what each copy was issued from: its rows were unmapped then. standing: the mapping of today, which a later
    run may have changed; a decision against either is a problem, never a silent replacement.
    """
    decisions = [d for r in returned for d in r.mapping_decisions]
    if not decisions:
        return Remapping(Mapped(), ())
    made = resolve(decisions, _as_offered(issued))
    places = {(d.subject, d.vendor, d.vendor_id): d.place for d in decisions}
    held = _meanings(of_run)
    others = [held, _meanings(standing)]
    problems = list(made.problems)
    added: list[Entry] = []
    entries: list[Entry] = [*made.accounts, *made.services]
    for entry in entries:
        subject, meaning = _subject(entry), _meaning(entry)
        clash = next((found for one in others if (found := one.get(subject, {meaning})) != {meaning}), None)
        if clash:
            problems.append(Problem(places[subject], _said(entry, clash)))
        elif subject not in held:
            added.append(entry)
    return Remapping(
        Mapped(
            tuple(e for e in added if isinstance(e, AccountMapping)),
            tuple(e for e in added if isinstance(e, ServiceMapping)),
            none_expected=frozenset(made.none_expected) - of_run.none_expected,
        ),
        tuple(problems),
    )


def _as_offered(issued: Sequence[Reconciliation]) -> Reconciliation:
    """The last revision with every row that any of them offered."""
    return replace(
        issued[-1],
        unmapped_accounts=_together([one.unmapped_accounts for one in issued]),
        unmapped_services=_together([one.unmapped_services for one in issued]),
    )


def _together(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True).drop_duplicates("key", keep="last")


def _subject(entry: Entry) -> Subject:
    if isinstance(entry, AccountMapping):
        return "account", entry.vendor, entry.account_id
    return "service", entry.vendor, entry.vendor_service_id


def _meaning(entry: Entry) -> str:
    """What an entry says of its subject, in words that a message can show."""
    target = entry.customer_id if isinstance(entry, AccountMapping) else entry.service_id
    return f"{entry.kind} to {target}" if target else str(entry.kind)


def _meanings(mapping: Mapped) -> Mapping[Subject, set[str]]:
    found: dict[Subject, set[str]] = {}
    entries: list[Entry] = [*mapping.accounts, *mapping.services]
    for entry in entries:
        found.setdefault(_subject(entry), set()).add(_meaning(entry))
    return found


def _said(entry: Entry, clash: Iterable[str]) -> str:
    already = " and ".join(sorted(clash))
    return f"{_meaning(entry)} is decided here, but it is already {already}: change that in the mapping workbook (tieout mapping)"
