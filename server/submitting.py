"""From decisions that stand to the PSA: one way for the command line, uploads and the API. Dry run, submission, undo."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.changes import Change, plan
from core.cost_decisions import costs_asked, judge_all, plan_costs
from core.decided_rows import rows_of_decisions
from core.decisions import Judged, Status
from core.records import AgreementLine, Problem
from server.errors import Refused, refuse
from server.house import House
from server.store import KeptDecision, Store
from server.store.write_records import Submission
from server.taken import problems_of
from server.words import counted
from server.write_back.costs import cost_row, plan_cost
from server.write_back.looking import Looker
from server.write_back.submitting import (
    Foreseen,
    Money,
    Prepared,
    Verdict,
    dry_run,
    left_out,
    missing_permissions,
    money,
    prepare,
    submit,
)
from server.write_back.undoing import Credit, plan_undo


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a submission would do now. Nothing was written, and nothing kept."""

    run_id: str
    foreseen: tuple[Foreseen, ...]
    money: tuple[Money, ...]  # of what would be written
    missing: tuple[str, ...]  # permissions
    problems: tuple[Problem, ...]  # decisions that cannot be written
    notices: tuple[Problem, ...]  # submitted before
    large: bool  # wants a second person
    digest: str  # of what would be written


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a submission keeps."""

    submission: Submission | None  # None: everything was submitted before
    notices: tuple[Problem, ...]
    credits: tuple[Credit, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """What the standing decisions of a run come to."""

    changes: list[Change]
    problems: list[Problem]
    decisions: dict[str, int]  # the decision of each row, by its key
    judged: list[Judged]  # as they were decided, on the newest revision


def decided_changes(store: Store, run_id: str, copies: Collection[str] = ()) -> Decided:
    """The changes of all standing decisions of a run, or only of those that these copies brought.

    All of them are judged together, so that lines of one group which came in two copies are seen side by side.
    """
    standing = {kept.key: kept for kept in store.decisions(run_id)}
    chosen = {key: kept.id for key, kept in standing.items() if not copies or kept.copy_id in copies}
    result = store.reconciliation(run_id)
    rows = rows_of_decisions(result.comparisons, standing)
    every = judge_all(result, rows, costs_asked(result, standing), [kept.decision for kept in standing.values()])
    judged = [j for j in every if j.decision.key in chosen]
    changes = plan(judged, result.mapping.rules, result.inputs.settings, result.inputs.today) + plan_costs(judged, result)
    return Decided(changes, [*problems_of(judged), *_contested(store, run_id, standing, chosen)], chosen, judged)


def _contested(store: Store, run_id: str, standing: Mapping[str, KeptDecision], chosen: Collection[str]) -> list[Problem]:
    """Rows on which somebody decided otherwise later, and nobody has settled it."""
    found: dict[str, KeptDecision] = {}
    for kept in store.decisions_of_run(run_id):
        if kept.key in chosen and kept.id > standing[kept.key].id:
            found[kept.key] = kept
    said = "{} decides otherwise here than {}: agree on one and return it"
    return [
        Problem(kept.place, said.format(kept.by or "somebody", standing[kept.key].by or "somebody else"))
        for kept in found.values()
        if kept.status is Status.CONFLICT
    ]


def foresee(house: House, run_id: str, copies: Collection[str] = (), *, again: bool = False) -> DryRun:
    """Looks at everything that would be written."""
    decided = decided_changes(house.store, run_id, copies)
    with house.writer() as writer:
        prepared = prepare(house.store, writer, run_id, decided.changes, decided=decided.decisions, again=again)
        foreseen = dry_run(prepared.plan, Looker(house.store.writes, writer, run_id))
        missing = missing_permissions(prepared.plan, writer)
    wanted = money(f.change for f in foreseen if f.verdict is Verdict.WRITE and f.change.invoices)
    problems = [*decided.problems, *open_problems(house.store, run_id, copies), *prepared.plan.problems]
    return DryRun(
        run_id, tuple(foreseen), tuple(wanted), tuple(missing), tuple(dict.fromkeys(problems)), tuple(left_out(prepared)),
        prepared.plan.large, prepared.plan.digest,
    )  # fmt: skip


def submit_decided(
    house: House,
    run_id: str,
    by: str,
    copies: Collection[str] = (),
    *,
    key: str = "",
    digest: str = "",
    again: bool = False,
    despite_problems: bool = False,
) -> Submitted:
    """Keeps what is decided and not yet submitted, to be sent. Refused names what stands against it; then nothing was kept.

    digest: of a dry run; refused where something else would be written now.
    """
    decided = decided_changes(house.store, run_id, copies)
    with house.writer() as writer:
        prepared = prepare(house.store, writer, run_id, decided.changes, decided=decided.decisions, again=again)
        problems = [*decided.problems, *open_problems(house.store, run_id, copies), *prepared.plan.problems]
        _refuse_problems(problems, despite_problems)
        _refuse_other(run_id, prepared, digest)
        _refuse_missing(house, prepared, missing_permissions(prepared.plan, writer))
    return _kept(house, run_id, prepared, by, key)


def open_problems(store: Store, run_id: str, copies: Collection[str]) -> list[Problem]:
    """What could not be used of these copies when they came (R19); without any, of each person's newest of each workbook."""
    if not copies:
        newest = {(c.workbook_id, c.by): c.id for w in store.workbooks(run_id) for c in store.copies(w.id)}
        copies = newest.values()
    return [problem for copy_id in sorted(copies) for problem in store.copy_problems(copy_id)]


def _refuse_problems(problems: Sequence[Problem], despite: bool) -> None:
    found = list(dict.fromkeys(problems))
    if found and not despite:
        said = f"{counted(len(found), 'problem')}, so nothing is sent: mend the rows and return the copy, or send despite them"
        raise Refused([*found, Problem("submission", said)])


def _refuse_other(run_id: str, prepared: Prepared, digest: str) -> None:
    if digest and prepared.plan.changes and digest != prepared.plan.digest:
        raise refuse(f"run {run_id}", "something else would be written than the dry run showed: look at a new dry run first")


def _refuse_missing(house: House, prepared: Prepared, missing: Sequence[str]) -> None:
    if missing:
        place = f"connection {house.psa().name}"
        raise Refused([Problem(place, f"permission is missing: {name}; nothing was sent") for name in missing])


def _kept(house: House, run_id: str, prepared: Prepared, by: str, key: str) -> Submitted:
    kept = submit(house.store, house.psa().name, run_id, prepared.plan, by, key=key)
    if kept is None and key:
        kept = house.store.writes.submission_with_key(key)
    return Submitted(kept, tuple(left_out(prepared)))


def undo(house: House, submission_id: str, by: str, chosen: Sequence[int] = ()) -> Submitted:
    """Keeps the reversal of a submission, or of the chosen changes of it, to be sent."""
    of = house.store.writes.submission(submission_id)
    with house.writer() as writer:
        found = plan_undo(house.store, writer, submission_id, chosen)
        if found.plan.problems:
            raise Refused(found.plan.problems)
        prepared = Prepared(found.plan, ())
        _refuse_missing(house, prepared, missing_permissions(found.plan, writer))
    kept = submit(house.store, of.connection, of.run_id, found.plan, by, undoes=submission_id)
    return Submitted(kept, (), found.credits)


def approve(store: Store, submission_id: str, by: str) -> Submission:
    """R14: a second person lets a large submission go. Refused for the one who sent it."""
    found = store.writes.submission(submission_id)
    if not found.large:
        raise refuse(f"submission {submission_id}", "it holds no large change, so it waits for nobody")
    if _same_person(found.by, by):
        raise refuse(f"submission {submission_id}", f"{by} sent it: a large change wants somebody else's approval")
    if not found.approved_at and not found.cancelled_at:
        store.writes.approve(submission_id, by)
    return store.writes.submission(submission_id)


def _same_person(one: str, other: str) -> bool:
    """Whether two names are one but for case, width and spacing."""
    first, second = (" ".join(unicodedata.normalize("NFKC", name).split()).casefold() for name in (one, other))
    return first == second


def foresee_cost(
    house: House, run_id: str, service_id: str, cost: Decimal, by: str, *, own_too: bool = False
) -> tuple[DryRun, tuple[AgreementLine, ...]]:
    """Looks at everything that a new cost would be written to, and names the open lines that have a cost of their own."""
    own = cost_row(house.store.reconciliation(run_id), service_id).own
    with house.writer() as writer:
        planned = plan_cost(house.store, writer, run_id, service_id, cost, by, own_too=own_too)
        foreseen = dry_run(planned, Looker(house.store.writes, writer, run_id))
        missing = missing_permissions(planned, writer)
    return DryRun(run_id, tuple(foreseen), (), tuple(missing), (), (), False, planned.digest), own


def submit_cost(
    house: House, run_id: str, service_id: str, cost: Decimal, by: str, *, own_too: bool = False, key: str = "", digest: str = ""
) -> Submitted:
    """Keeps a cost to be written: the catalogue's, then each line's."""
    with house.writer() as writer:
        planned = plan_cost(house.store, writer, run_id, service_id, cost, by, own_too=own_too)
        prepared = Prepared(planned, ())
        _refuse_other(run_id, prepared, digest)
        _refuse_missing(house, prepared, missing_permissions(planned, writer))
    return _kept(house, run_id, prepared, by, key)
