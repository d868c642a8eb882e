"""Submissions: looked at before, sent, followed, let go by a second person, stopped, taken back."""

from typing import Any

from apiflask import Schema
from marshmallow import fields
from marshmallow.validate import Length, Range

from server.api.deciding import KeyHeader, ProblemShape
from server.api.fields import Decimals, Switch, Text, Whole, count
from server.api.registry import ID, Asked, Route
from server.api.shapes import answer, page
from server.receipts import Progress, progress, receipts
from server.store.errors import KeyReused
from server.store.tokens import Scope
from server.store.write_records import PlannedChange, PlannedWrite, Submission, SubmissionState
from server.submitting import Submitted, approve, foresee, submit_decided, undo
from server.write_back.submitting import Money

INSIDE = ("version", "known", "settle_until", "not_before", "seen_version", "waits", "lane", "submission_id", "change_id")
"""What a write needs to be driven, and tells nobody anything."""

ChangeShape = answer(PlannedChange, "Change", ("submission_id", "key"))
WriteShape = answer(PlannedWrite, "Write", INSIDE)
SubmissionShape = answer(
    Submission,
    "Submission",
    ("digest",),
    state=fields.String(required=True, metadata={"enum": [str(s) for s in SubmissionState]}),
    changes=fields.Integer(required=True),
    counts=fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, metadata={"description": "changes by what became of them"}
    ),
)


class Foreseen(Schema):
    """One change as a look at the PSA foresees it."""

    change = fields.Nested(ChangeShape, required=True)
    verdict = fields.String(required=True)
    said = fields.String(required=True)
    writes = fields.List(fields.Nested(WriteShape), required=True)


class DryRunShape(Schema):
    """What a submission would do now."""

    run_id = fields.String(required=True)
    foreseen = fields.List(fields.Nested(Foreseen), required=True)
    money = fields.List(fields.Nested(answer(Money)), required=True)
    missing = fields.List(fields.String(), required=True, metadata={"description": "permissions that the PSA's keys lack"})
    problems = fields.List(fields.Nested(ProblemShape), required=True)
    notices = fields.List(fields.Nested(ProblemShape), required=True)
    large = fields.Boolean(required=True, metadata={"description": "wants a second person's approval"})
    digest = fields.String(required=True)


class ReceiptShape(Schema):
    """What became of one change, in the PSA's words, with what each write was decided on and what the PSA showed."""

    change = fields.Nested(ChangeShape, required=True)
    outcome = fields.String(required=True)
    said = fields.String(required=True)
    writes = fields.List(fields.Nested(WriteShape), required=True)


class CreditShape(Schema):
    """A change that was invoiced since: a credit that a person writes."""

    change = fields.Nested(ChangeShape, required=True)
    invoiced_through = fields.Date(required=True)
    amount = Decimals(required=True)
    said = fields.String(required=True)


class SubmittedShape(Schema):
    """What is kept; no submission: everything was submitted before, as the notices say."""

    submission = fields.Nested(SubmissionShape, required=True, allow_none=True)
    notices = fields.List(fields.Nested(ProblemShape), required=True)
    credits = fields.List(fields.Nested(CreditShape), required=True)


class Cancelled(Schema):
    """The submission, and how many writes were never sent and now will not be."""

    submission = fields.Nested(SubmissionShape, required=True)
    not_sent = fields.Integer(required=True)


class DryRunIn(Schema):
    """Of which copies only; none: everything that stands. again: also what ended otherwise than done."""

    copies = fields.List(Text(pattern=ID, longest=200), load_default=list, validate=Length(max=1_000))
    again = Switch(load_default=False)


class SubmitIn(DryRunIn):
    """digest: the dry run's; where something else would be written now, it is refused."""

    digest = Text(required=True, longest=64, pattern="^[0-9a-f]{64}$")
    despite_problems = Switch(load_default=False)


class UndoIn(Schema):
    """Which changes, by their ids; none: all that can be taken back."""

    changes = fields.List(Whole(validate=Range(1, 2**53 - 1)), load_default=list, validate=Length(max=10_000))


class SubmissionsQuery(Schema):
    """Of which run, and how many."""

    run = Text(pattern=ID, longest=200, load_default=None)
    limit = count(50, 500)


def dry_run(asked: Asked, run_id: str, body: dict[str, Any]) -> Any:
    """Looks at everything that would be written. Nothing is written, and nothing kept."""
    asked.house.store.run(run_id)
    return foresee(asked.house, run_id, body["copies"], again=body["again"])


def submitted(asked: Asked, run_id: str, body: dict[str, Any], headers: dict[str, Any]) -> Any:
    """Keeps what the dry run showed, and begins to send it; a large change waits for a second person."""
    asked.house.store.run(run_id)
    kept = submit_decided(
        asked.house, run_id, asked.by, body["copies"],
        key=headers["key"], digest=body["digest"], again=body["again"], despite_problems=body["despite_problems"],
    )  # fmt: skip
    return woken(asked, own_key(asked, kept, run_id, headers["key"]))


def submissions(asked: Asked, query: dict[str, Any]) -> Any:
    """Submissions, newest first, each with how far it is."""
    store = asked.house.store
    if query["run"]:
        store.run(query["run"])
    found = store.writes.submissions(query["run"])[: query["limit"]]
    return {"submissions": [_shown(progress(store, one.id)) for one in found]}


def submission(asked: Asked, submission_id: str) -> Any:
    """One submission, with how far it is."""
    return _shown(progress(asked.house.store, submission_id))


def submission_receipts(asked: Asked, submission_id: str) -> Any:
    """What became of each change: what was written, what the PSA showed, and its words."""
    return {"receipts": receipts(asked.house.store, submission_id)}


def submission_paused(asked: Asked, submission_id: str) -> Any:
    """Nothing more of it begins; what has begun is seen to its end."""
    asked.house.store.writes.pause(submission_id, asked.by)
    return submission(asked, submission_id)


def submission_resumed(asked: Asked, submission_id: str) -> Any:
    """Ends the pause."""
    asked.house.store.writes.resume(submission_id, asked.by)
    asked.jobs.wake(submission_id)
    return submission(asked, submission_id)


def submission_cancelled(asked: Asked, submission_id: str) -> Any:
    """Cancels what was never sent; what was sent is seen to its end."""
    number = asked.house.store.writes.cancel(submission_id, asked.by)
    asked.jobs.wake(submission_id)
    return {"submission": submission(asked, submission_id), "not_sent": number}


def submission_approved(asked: Asked, submission_id: str) -> Any:
    """A second person lets the large changes go."""
    approve(asked.house.store, submission_id, asked.by)
    asked.jobs.wake(submission_id)
    return submission(asked, submission_id)


def submission_undone(asked: Asked, submission_id: str, body: dict[str, Any]) -> Any:
    """Takes done changes back, as a submission of its own; what was invoiced since is in the credits, for a person to write."""
    return woken(asked, undo(asked.house, submission_id, asked.by, body["changes"]))


def own_key(asked: Asked, kept: Submitted, run_id: str, key: str) -> Submitted:
    """What was kept, unless the key brought up what somebody else submitted, or of another run."""
    found = kept.submission
    if found is not None and (found.run_id, found.by) != (run_id, asked.by):
        raise KeyReused(key, found.id)
    return kept


def woken(asked: Asked, kept: Submitted) -> dict[str, Any]:
    """What was kept, on its way."""
    if kept.submission is not None:
        asked.jobs.wake(kept.submission.id)
    shown = submission(asked, kept.submission.id) if kept.submission else None
    return {"submission": shown, "notices": kept.notices, "credits": kept.credits}


def _shown(found: Progress) -> dict[str, Any]:
    own = {name: getattr(found.submission, name) for name in Submission.__dataclass_fields__}
    counts = {str(state): number for state, number in found.counts.items()}
    return own | {"state": str(found.state), "changes": found.changes, "counts": counts}


READ, SUBMIT = Scope.READ, Scope.SUBMIT
ASKS = (409, 502, 503)
ONE = "/submissions/<submission_id>"
ROUTES = (
    Route("POST", "/runs/<run_id>/dry-run", dry_run, SUBMIT, DryRunShape, body=DryRunIn, fails=ASKS),
    Route(
        "POST", "/runs/<run_id>/submissions", submitted, SUBMIT, SubmittedShape,
        body=SubmitIn, headers=KeyHeader, fails=ASKS,
    ),
    Route("GET", "/submissions", submissions, READ, page("submissions", SubmissionShape), query=SubmissionsQuery, fails=(404,)),
    Route("GET", ONE, submission, READ, SubmissionShape),
    Route("GET", f"{ONE}/receipts", submission_receipts, READ, page("receipts", ReceiptShape)),
    Route("POST", f"{ONE}/pause", submission_paused, SUBMIT, SubmissionShape),
    Route("POST", f"{ONE}/resume", submission_resumed, SUBMIT, SubmissionShape),
    Route("POST", f"{ONE}/cancel", submission_cancelled, SUBMIT, Cancelled),
    Route("POST", f"{ONE}/approve", submission_approved, Scope.APPROVE, SubmissionShape),
    Route("POST", f"{ONE}/undo", submission_undone, SUBMIT, SubmittedShape, body=UndoIn, fails=ASKS),
)  # fmt: skip
