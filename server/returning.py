"""Copies come back: the one way by which decisions are taken, from whichever direction they arrive (R17, R19).

A copy is judged against the newest revision of its run; its mapping decisions come first, for they make that revision.
Everything is worked out before anything is kept, and each step of keeping is harmless when repeated: after a crash the same
copies are taken again, and the end is the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core import buckets
from core.changes import Change, plan
from core.cost_decisions import costs_asked, judge_all, plan_costs
from core.costs import Cost
from core.decided_rows import rows_of_decisions
from core.decisions import Judged, content
from core.frames import records
from core.reconcile import reconcile
from core.records import Comparison, Decision, Problem, Tally
from core.resting import collector_resting
from core.run import Reconciliation
from server.arrivals import Arrivals
from server.copies import Copied, known, one_run
from server.explaining import Explaining, IssuedChanges, explaining
from server.progress import Say
from server.remapping import Remapping, remapping
from server.slices import slice_for
from server.standing import tally_of_run
from server.store import Event, Store
from server.store.mapping import merged
from server.taken import InvoiceTotal, Taken, problems_of
from server.words import counted
from workbooks.compare_issued import against_issued
from workbooks.layout_tables import INVOICE_TOTALS

TOTAL_TYPED = "invoice total typed"


@dataclass(frozen=True, slots=True)
class _Verdicts:
    """What became of the decisions of all copies, and what is kept of each copy."""

    judged: list[Judged]
    of_copy: dict[str, list[Judged]]  # by the copy's hash
    notices: list[Problem]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Copies of one run, judged, and all that would be kept of them. Nothing is kept yet."""

    run_id: str
    revision: int  # the newest
    copies: Sequence[Copied]  # with what was issued in place of what was changed
    result: Reconciliation
    mapped: Remapping
    verdicts: _Verdicts
    explained: Explaining
    totals: Sequence[InvoiceTotal]
    rows: dict[str, Comparison]
    changes: list[Change]
    problems: list[Problem]
    notices: list[Problem]

    def told(self) -> Taken:
        """What became of the decisions, or would."""
        return Taken(
            self.run_id, self.revision, self.result.inputs.period, self.rows, self.verdicts.judged, self.changes, self.problems,
            self.notices, self.mapped.count, tuple(self.totals), explained=len(self.explained.events),
        )  # fmt: skip


def take_copies(
    store: Store, copies: Sequence[Copied], key: bytes, by: str, say: Say, *, replacing: bool = False, tallied: bool = True
) -> Taken:
    """Takes the decisions of returned copies of one run. Refused where a copy is not one of ours; then nothing was kept.

    replacing: the copies' decisions count although others decided differently before. tallied: with the rows to decide of the
    whole run, which take as long as all the rest where there are many.
    """
    with collector_resting():
        taken = keep(store, judge_copies(store, copies, key, say, replacing=replacing), by, say)
        return replace(taken, tally=tuple(tally_of_run(store, taken.run_id))) if tallied else taken


def check_copies(store: Store, copies: Sequence[Copied], key: bytes, say: Say, *, replacing: bool = False) -> Taken:
    """What taking these copies would give, by the same judgement, with their ids and tally left out. Refused as take_copies."""
    with collector_resting():
        return judge_copies(store, copies, key, say, replacing=replacing).told()


def judge_copies(store: Store, copies: Sequence[Copied], key: bytes, say: Say, *, replacing: bool = False) -> Judgement:
    """Works out everything that taking these copies comes to, as the store is now. Refused as take_copies."""
    copies = known(store, copies, key)
    run_id = one_run(copy.returned for copy in copies)
    say("comparing with what was issued")
    copies, issued, notices = _with_issued(store, run_id, copies)
    revision = store.revisions(run_id)[-1].number
    before = issued.get(revision) or store.reconciliation(run_id)
    mapped = remapping([c.returned for c in copies], list(issued.values()), before.inputs.mapping, store.mapping())
    result = _remapped(before, mapped, say)
    keys = [d.key for c in copies for d in c.returned.decisions]
    rows, costs = rows_of_decisions(result.comparisons, keys), costs_asked(result, keys)
    verdicts = _judge(store, run_id, copies, result, rows, costs, replacing)
    totals, unclear = _totals(copies, before)
    explained = explaining(store, run_id, copies)
    changes = plan(verdicts.judged, result.mapping.rules, result.inputs.settings, result.inputs.today)
    changes += plan_costs(verdicts.judged, result)
    unusable = (p for c in copies for p in c.returned.problems)
    problems = [*unusable, *mapped.problems, *unclear, *explained.problems, *problems_of(verdicts.judged)]
    notices = [*notices, *explained.notices, *verdicts.notices]
    return Judgement(run_id, revision, copies, result, mapped, verdicts, explained, totals, rows, changes, problems, notices)


def keep(store: Store, judgement: Judgement, by: str, say: Say) -> Taken:
    """Keeps what was judged, as long as the store says the same as then; each step is harmless when repeated."""
    say("keeping the decisions")
    revision = _keep(store, judgement, by)
    _log_totals(store, judgement.run_id, judgement.totals, by)
    if judgement.explained.events:
        store.log(by, *judgement.explained.events)
    return replace(judgement.told(), revision=revision, copies=_keep_problems(store, judgement.copies, judgement.problems))


def _with_issued(
    store: Store, run_id: str, copies: Sequence[Copied]
) -> tuple[list[Copied], dict[int, Reconciliation], list[Problem]]:
    """The copies with what was issued in place of what was changed, the revisions they were issued from, and what was said."""
    found = {c.returned.identity.revision for c in copies}
    issued = {revision: store.reconciliation(run_id, revision) for revision in sorted(found)}
    notices: list[Problem] = []
    mended = []
    held, changes = _held(copies, issued), IssuedChanges(store)
    for copy in copies:
        identity = copy.returned.identity
        of = held[identity.revision, identity.scope]
        counting, changed = against_issued(copy.returned, of, changes.of(copy, issued[identity.revision], of))
        notices += [*changed, *copy.returned.notices]
        mended.append(replace(copy, returned=counting))
    return mended, issued, notices


def _held(copies: Sequence[Copied], issued: Mapping[int, Reconciliation]) -> dict[tuple[int, str], Reconciliation]:
    """What the workbooks held, by revision and scope: the whole run, or the rows of a slice."""
    identities = {(i.revision, i.scope): i for i in (copy.returned.identity for copy in copies)}
    return {whose: slice_for(issued[i.revision], i) for whose, i in identities.items()}


def _remapped(before: Reconciliation, mapped: Remapping, say: Say) -> Reconciliation:
    """The run compared again where its mapping changes."""
    if not mapped.count:
        return before
    say(f"{counted(mapped.count, 'mapping decision')}: comparing again")
    return reconcile(replace(before.inputs, mapping=merged(before.inputs.mapping, mapped.added)))


def _judge(
    store: Store,
    run_id: str,
    copies: Sequence[Copied],
    result: Reconciliation,
    rows: Mapping[str, Comparison],
    costs: Mapping[str, Cost],
    replacing: bool,
) -> _Verdicts:
    marks = {row.key: row.fingerprint for row in rows.values()} | {cost.key: cost.fingerprint for cost in costs.values()}
    arrivals = Arrivals.of(store, run_id, copies, marks)
    given, notices = [], []
    for copy in copies:
        for decision in copy.returned.decisions:
            later = arrivals.superseded_by(copy.sha256, decision)
            if later is None:
                given.append((copy.sha256, decision))
            else:
                said = f"a later copy decides differently ({later.place}) and counts; this copy came before"
                notices.append(Problem(decision.place, said))
    judged = judge_all(result, rows, costs, (decision for _, decision in given))
    which = {id(decision): (decision.key, content(decision)) for _, decision in given}
    alike: dict[object, list[tuple[str, Decision]]] = {}
    for copy_hash, decision in given:
        alike.setdefault(which[id(decision)], []).append((copy_hash, decision))
    if not replacing:
        judged = [arrivals.against_earlier(j, alike[which[id(j.decision)]]) for j in judged]
    verdict = {which[id(j.decision)]: j for j in judged}
    of_copy: dict[str, list[Judged]] = {copy.sha256: [] for copy in copies}
    for copy_hash, decision in given:
        of_copy[copy_hash].append(_own(verdict[which[id(decision)]], decision))
    return _Verdicts(judged, of_copy, notices)


def _own(judged: Judged, decision: Decision) -> Judged:
    """The verdict on an equal decision, perhaps of another copy, with this one's words and place."""
    if judged.decision is decision:
        return judged
    problem = replace(judged.problem, place=decision.place) if judged.problem else None
    return replace(judged, decision=decision, problem=problem)


def _keep(store: Store, judgement: Judgement, by: str) -> int:
    """Keeps the copies, then what they map, then what they decide; the number of the newest revision."""
    run_id, mapped = judgement.run_id, judgement.mapped
    ids = {c.sha256: store.save_copy(c.returned.identity.workbook_id, c.returned.file, c.sha256, by)[0] for c in judgement.copies}
    if mapped.count:
        origin = f"copy {', '.join(ids.values())}"
        store.save_mapping(mapped.added, by, origin)
        store.save_revision(run_id, judgement.result, f"{counted(mapped.count, 'mapping decision')} of {origin}", by)
    revision = store.revisions(run_id)[-1].number
    for copy_hash, judged in judgement.verdicts.of_copy.items():
        store.save_decisions(ids[copy_hash], run_id, revision, judged, by)
    return revision


def _keep_problems(store: Store, copies: Sequence[Copied], problems: Sequence[Problem]) -> tuple[str, ...]:
    """Notes with each copy what could not be used of it, so that nothing of it is sent unawares; the copies' ids."""
    workbooks = {copy.returned.identity.workbook_id for copy in copies}
    ids = {found.sha256: found.id for workbook in workbooks for found in store.copies(workbook)}
    for copy in copies:
        store.keep_copy_problems(ids[copy.sha256], [p for p in problems if p.place.startswith(copy.returned.file)])
    return tuple(ids[copy.sha256] for copy in copies)


def _totals(copies: Iterable[Copied], result: Reconciliation) -> tuple[list[InvoiceTotal], list[Problem]]:
    """R16: each typed invoice total against what came in of its source; two copies that type differently are told."""
    came_in = {
        (t.source, t.currency): t.money for t in records(Tally, result.ledger) if (t.ledger, t.bucket) == ("vendor", buckets.IN)
    }
    found: dict[tuple[str, str], list[InvoiceTotal]] = {}
    for copy in copies:
        for whose, typed in copy.returned.typed_totals.items():
            total = InvoiceTotal(*whose, typed, came_in.get(whose, Decimal(0)), _place(copy, whose))
            found.setdefault(whose, []).append(total)
    unclear = [total for totals in found.values() if len({t.typed for t in totals}) > 1 for total in totals]
    said = "{0.source}: the invoice total {0.typed:,.2f} is another one in another copy: agree on one"
    problems = [Problem(total.place, said.format(total)) for total in unclear]
    return [totals[0] for totals in found.values() if totals[0] not in unclear], problems


def _place(copy: Copied, whose: tuple[str, str]) -> str:
    cells = copy.returned.cells.get("|".join(whose))
    return cells.at("typed") if cells and cells.sheet is INVOICE_TOTALS else copy.returned.file


def _log_totals(store: Store, run_id: str, totals: Iterable[InvoiceTotal], by: str) -> None:
    """A line of the activity for each total that was not typed before."""
    there = {(a.subject, a.new) for a in store.activity(limit=1_000_000, run=run_id) if a.action == TOTAL_TYPED}
    for total in totals:
        event = Event(
            TOTAL_TYPED, f"{total.source}, {total.currency}", run_id, None, f"{total.rows:f}", f"{total.typed:f}",
            f"difference {total.difference:+f}, at {total.place}",
        )  # fmt: skip
        if (event.subject, event.new) not in there:
            store.log(by, event)
