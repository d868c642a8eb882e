"""Copies come back: the one way by which decisions are taken, from whichever direction they arrive (R17, R19).

A copy is judged against the newest revision of its run. Mapping decisions come first: they make that revision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.changes import Change, plan
from core.decisions import Judge, Judged, Status, content, describe
from core.frames import records
from core.mapping import Mapping
from core.mapping_decisions import resolve
from core.records import Agreement, Comparison, Decision, Problem
from core.run import Reconciliation
from core.settings import Settings
from server.errors import Refused, refuse
from server.reconciling import Say, file_hash, revise
from server.store import Store
from server.store.errors import UnknownWorkbook
from workbooks.compare_issued import as_issued, changed_cells
from workbooks.identity import verify
from workbooks.reader import Returned, WorkbookRefused, read_workbook
from workbooks.unverified import comparison_from_cells


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the copies."""

    run_id: str
    revision: int | None  # None: unverified
    rows: dict[str, Comparison]
    judged: list[Judged]
    changes: list[Change]
    problems: list[Problem]  # rows that stay undecided
    notices: list[Problem]  # used or harmless, and worth saying
    remapped: int  # entries added to the mapping


def take_copies(store: Store, paths: Sequence[Path], key: bytes, by: str, say: Say) -> Taken:
    """Takes the decisions of returned copies of one run. Refused where a copy is not one of ours; then nothing was kept.

    Each step is a transaction of its own and harmless when repeated: after a crash the same copies are taken again.
    """
    returned = [_known(store, r, key) for r in _read(paths)]
    run_id = _one_run(returned)
    issued = {r.identity.revision: store.reconciliation(run_id, r.identity.revision) for r in returned}
    notices = [p for r in returned for p in (*changed_cells(r, issued[r.identity.revision]), *r.notices)]
    returned = [as_issued(r, issued[r.identity.revision]) for r in returned]
    copies = [store.save_copy(r.identity.workbook_id, r.file, file_hash(p), by)[0] for r, p in zip(returned, paths, strict=True)]
    result, problems, added = _remap(store, run_id, returned, copies, by, say)
    rows = {r.key: r for r in records(Comparison, result.comparisons)}
    earlier = _earlier(store, run_id, copies)
    judge = Judge(rows, result.agreements, result.inputs.settings, result.inputs.today)
    decisions = [d for r in returned for d in r.decisions]
    judged = [_against_earlier(j, earlier) for j in judge.judge(decisions)]
    revision = store.revisions(run_id)[-1].number
    for copy, r in zip(copies, returned, strict=True):
        store.save_decisions(copy, run_id, revision, [j for j in judged if j.decision in r.decisions], by)
    problems = [p for r in returned for p in r.problems] + problems + _problems_of(judged)
    changes = plan(judged, result.mapping.rules, result.inputs.settings, result.inputs.today)
    return Taken(run_id, revision, rows, judged, changes, problems, notices, added)


def _read(paths: Sequence[Path]) -> list[Returned]:
    """Every copy, or one refusal that names all that cannot be read."""
    found, problems = [], []
    for path in paths:
        try:
            found.append(read_workbook(path))
        except WorkbookRefused as refusal:
            problems.append(Problem(path.name, str(refusal).removeprefix(f"{path.name} ")))
        except FileNotFoundError:
            problems.append(Problem(str(path), "there is no such file"))
        except (OSError, IsADirectoryError) as error:
            problems.append(Problem(str(path), f"cannot be read: {error.strerror or error}"))
    if problems:
        raise Refused(problems)
    return found


def _known(store: Store, returned: Returned, key: bytes) -> Returned:
    """The same copy, if this store issued it and its identity is as it was signed."""
    identity = returned.identity
    try:
        store.workbook(identity.workbook_id)
    except UnknownWorkbook:
        said = "this store did not issue it: use the store that did, or read it with --unverified, which vouches for nothing"
        raise refuse(returned.file, said) from None
    if not verify(identity, key):
        raise refuse(returned.file, "its identity was changed, or another installation issued it: return the file as it was issued")
    return returned


def _one_run(returned: Iterable[Returned]) -> str:
    runs = {r.identity.run_id: r.file for r in returned}
    if len(runs) > 1:
        each = ", ".join(f"{file} of {run}" for run, file in runs.items())
        raise refuse(next(iter(runs.values())), f"the copies are of different runs ({each}): take them run by run")
    return next(iter(runs))


def _remap(
    store: Store, run_id: str, returned: Sequence[Returned], copies: Sequence[str], by: str, say: Say
) -> tuple[Reconciliation, list[Problem], int]:
    """Takes mapping decisions; where they change the mapping, the run gets its next revision."""
    result = store.reconciliation(run_id)
    decisions = [d for r in returned for d in r.mapping_decisions]
    if not decisions:
        return result, [], 0
    made = resolve(decisions, result)
    changes = made.changes
    count = len(changes.accounts) + len(changes.services) + len(changes.none_expected)
    if not count:
        return result, made.problems, 0
    store.save_mapping(changes, by, f"copy {', '.join(copies)}")
    mapping = merged(result.inputs.mapping, changes)
    say(f"{count} mapping decisions: comparing again")
    return revise(store, run_id, mapping, f"{count} mapping decisions of copy {', '.join(copies)}", by), made.problems, count


def merged(mapping: Mapping, changes: Mapping) -> Mapping:
    """The mapping with the changes added; what they speak of is replaced."""
    accounts = {(a.vendor, a.account_id) for a in changes.accounts}
    services = {(s.vendor, s.vendor_service_id) for s in changes.services}
    return replace(
        mapping,
        accounts=(*(a for a in mapping.accounts if (a.vendor, a.account_id) not in accounts), *changes.accounts),
        services=(*(s for s in mapping.services if (s.vendor, s.vendor_service_id) not in services), *changes.services),
        none_expected=mapping.none_expected | changes.none_expected,
    )


def _earlier(store: Store, run_id: str, copies: Sequence[str]) -> dict[str, Decision]:
    """Decisions on the run that stand already, from other copies."""
    return {k.key: k.decision for k in store.decisions(run_id) if k.copy_id not in copies}


def _against_earlier(judged: Judged, earlier: dict[str, Decision]) -> Judged:
    """R17: another person's different decision is a conflict; one's own later copy replaces the earlier."""
    before, now = earlier.get(judged.decision.key), judged.decision
    if judged.status is not Status.ACCEPTED or before is None or content(before) == content(now):
        return judged
    if before.by and before.by == now.by:
        return replace(judged, warnings=(*judged.warnings, f"replaces {describe(before)}"))
    said = f"{describe(now)}, but an earlier copy said {describe(before)} at {before.place}: agree on one and return it"
    return replace(judged, status=Status.CONFLICT, problem=Problem(now.place, said))


def _problems_of(judged: Iterable[Judged]) -> list[Problem]:
    return [j.problem for j in judged if j.problem]


def take_unverified(paths: Sequence[Path]) -> Taken:
    """Plans changes from workbooks that no store vouches for: their own cells are all there is, and nothing is kept."""
    returned = _read(paths)
    run_id = _one_run(returned)
    rows: dict[str, Comparison] = {}
    problems: list[Problem] = []
    for r in returned:
        found, bad = comparison_from_cells(r)
        rows |= {row.key: row for row in records(Comparison, found)}
        problems += bad
    decisions = [d for r in returned for d in r.decisions]
    agreements = _agreements_as_typed(decisions, rows)
    today = returned[0].identity.issued_at.date()
    judged = Judge(rows, agreements, Settings(), today).judge(decisions)
    notices = [Problem(r.file, "unverified: its own cells are used, and nothing is kept") for r in returned]
    notices += [p for r in returned for p in r.notices]
    problems += [p for r in returned for p in r.problems] + _problems_of(judged)
    return Taken(run_id, None, rows, judged, plan(judged, (), Settings(), today), problems, notices, 0)


def _agreements_as_typed(decisions: Iterable[Decision], rows: dict[str, Comparison]) -> list[Agreement]:
    """The agreements that decisions name, taken at their word: Name [id]."""
    named = {}
    for d in decisions:
        row = rows.get(d.key)
        if d.agreement and row:
            name, _, rest = d.agreement.rpartition(" [")
            agreement_id = rest.removesuffix("]") if name else d.agreement
            named[row.customer_id, agreement_id] = Agreement(
                agreement_id, name or d.agreement, None, row.customer_id, row.customer, "Active", row.months, row.in_arrears,
                row.prorates, row.invoiced_through, row.currency,
            )  # fmt: skip
    return list(named.values())
