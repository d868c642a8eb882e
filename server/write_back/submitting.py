"""Submitting: what of the approved changes is new, a dry run of it, and keeping it to be sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from connectors.writing import Shown, Writer
from core.changes import Change
from core.cost_decisions import of_cost
from core.records import Problem
from server.store import Store
from server.store.write_records import PlannedChange, PlannedWrite, Submission, WriteKind, WriteState
from server.write_back.looking import Looker
from server.write_back.outcomes import deciding, outcome
from server.write_back.planning import Plan, plan, request_of, submission_of
from server.write_back.protocol import Finding, in_the_way


@dataclass(frozen=True, slots=True)
class Prepared:
    """What would be sent, and what was left out because it was submitted before."""

    plan: Plan
    before: tuple[tuple[Change, str], ...]  # with what became of it


class Verdict(StrEnum):
    """What would become of a change if it were sent now."""

    WRITE = "would be written"
    ALREADY = "is so already"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One change as a look at the PSA foresees it."""

    change: PlannedChange
    verdict: Verdict
    said: str
    writes: tuple[PlannedWrite, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """What a set of changes does to the money, per currency. Amounts are before tax."""

    currency: str
    changes: int
    effect: Decimal  # per month
    next_invoice_before: Decimal
    next_invoice_after: Decimal
    catch_up: Decimal


def prepare(
    store: Store,
    writer: Writer,
    run_id: str,
    changes: Sequence[Change],
    *,
    decided: Mapping[str, int] | None = None,
    again: bool = False,
) -> Prepared:
    """The plan of those changes that no earlier submission holds. `decided`: the decision of each row by its key.

    One that was undone since, or ended otherwise than done, is sent once more only where `again` says so.
    """
    starts = {change.id: f"{run_id}/{change.id}" for change in changes}
    newest = _newest(store, starts.values())
    keys, before = {}, []
    for change in changes:
        earlier = newest.get(starts[change.id])
        if earlier is None:
            keys[change.id] = f"{starts[change.id]}/1"
        elif earlier.may_be_sent_again(again):
            keys[change.id] = f"{starts[change.id]}/{earlier.generation + 1}"
        else:
            before.append((change, earlier.told))
    held = _without_catalogue([c for c, _ in before if newest[starts[c.id]].state is not WriteState.DONE])
    before += [(c, "its cost is not in the catalogue") for c in changes if c.id in keys and c.line_id and c.key in held]
    fresh = [c for c in changes if c.id in keys and not (c.line_id and c.key in held)]
    planned = plan(fresh, keys, run_id, store.inputs(run_id), writer, decided) if fresh else Plan((), (), ())
    return Prepared(planned, tuple(before))


def _without_catalogue(not_done: Iterable[Change]) -> set[str]:
    """The costs whose catalogue has not got them: no line gets one before the catalogue."""
    return {change.key for change in not_done if of_cost(change.key) and not change.line_id}


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The newest generation of a change."""

    change: PlannedChange
    state: WriteState
    said: str
    undone: bool

    @property
    def generation(self) -> int:
        return int(self.change.key.rpartition("/")[2])

    @property
    def told(self) -> str:
        ending = ", and undone" if self.undone else ""
        return f"in submission {self.change.submission_id}: {self.state}{ending}" + (f" ({self.said})" if self.said else "")

    def may_be_sent_again(self, again: bool) -> bool:
        failed = self.state in (WriteState.CONFLICT, WriteState.REFUSED, WriteState.ASKED, WriteState.CANCELLED)
        return again and (self.undone or failed)


def _newest(store: Store, starts: Iterable[str]) -> dict[str, _Earlier]:
    found = {change.key.rpartition("/")[0]: change for change in store.writes.changes_with_keys(starts)}
    ids = [change.id for change in found.values()]
    undoing = store.writes.undoing(ids)
    writes = store.writes.of_changes([*ids, *(u.id for u in undoing.values())])
    made = {}
    for start, change in found.items():
        undo = undoing.get(change.id)
        undone = undo is not None and outcome(writes[undo.id]) is WriteState.DONE
        made[start] = _Earlier(change, outcome(writes[change.id]), deciding(writes[change.id]).said, undone)
    return made


def dry_run(planned: Plan, looker: Looker) -> list[Foreseen]:
    """Looks at every record that would be written, and writes nothing."""
    of = by_change(planned.writes)
    return [_foreseen(change, of[change.id], looker) for change in planned.changes]


def _foreseen(change: PlannedChange, ordered: Sequence[PlannedWrite], looker: Looker) -> Foreseen:
    found = [_look(write, change.row_key, looker) for write in ordered]
    for finding, said in found:
        if finding in (Finding.OTHER, Finding.SEVERAL):
            return Foreseen(change, Verdict.CONFLICT, said, tuple(ordered))
    if all(finding is Finding.NEW for finding, _ in found):
        return Foreseen(change, Verdict.ALREADY, found[0][1], tuple(ordered))
    return Foreseen(change, Verdict.WRITE, "; then ".join(w.says for w in ordered), tuple(ordered))


def _look(write: PlannedWrite, row_key: str, looker: Looker) -> tuple[Finding, str]:
    look, lines = looker.look(write)
    if write.kind is WriteKind.CREATE:
        other = in_the_way(write, lines, looker.added(write, row_key))
        return (Finding.OTHER, _added(other)) if other else (Finding.OLD, write.says)
    return look.finding, look.said


def _added(other: Shown) -> str:
    return f"line {other.id} of the same service was added meanwhile"


def missing_permissions(planned: Plan, writer: Writer) -> list[str]:
    """The permissions that the keys lack for this plan, by the PSA's own names."""
    return writer.missing([request_of(write) for write in planned.writes])


def submit(
    store: Store, connection: str, run_id: str, planned: Plan, by: str, *, key: str = "", undoes: str | None = None
) -> Submission | None:
    """Keeps the plan, to be driven. The same key, or the same plan, again is the same submission; None for an empty plan."""
    if not planned.changes:
        return None
    at = store.writes.clock()
    return store.writes.save(submission_of(planned, key, connection, run_id, at, by, undoes), planned.changes, planned.writes)


def money(changes: Iterable[PlannedChange]) -> list[Money]:
    """The changes' sums, a row per currency."""
    found: dict[str, list[PlannedChange]] = {}
    for change in changes:
        found.setdefault(change.currency, []).append(change)
    return [
        Money(
            currency,
            len(mine),
            sum((c.effect for c in mine), Decimal("0.00")),
            sum((c.next_invoice_before for c in mine), Decimal("0.00")),
            sum((c.next_invoice_after for c in mine), Decimal("0.00")),
            sum((c.catch_up for c in mine), Decimal("0.00")),
        )
        for currency, mine in sorted(found.items())
    ]


def left_out(prepared: Prepared) -> list[Problem]:
    """What was submitted before, as notices with their places."""
    return [Problem(change.place, f"{change.what}: submitted before, {said}") for change, said in prepared.before]


def by_change(ordered: Iterable[PlannedWrite]) -> Mapping[int, list[PlannedWrite]]:
    """Writes by the change that they are of."""
    found: dict[int, list[PlannedWrite]] = {}
    for write in ordered:
        found.setdefault(write.change_id, []).append(write)
    return found
