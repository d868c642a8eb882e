"""What must hold at the end of any day: nothing lost, nothing done twice, nothing told wrongly, and all of it told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.connectwise_writing import _addition
from connectors.fields import Fields
from server.store.write_records import PlannedWrite, Submission, WriteKind, WriteState
from tests.server.jobs.site import Site

ENDS = ("done", "conflict", "refused", "asked")


@dataclass
class Verdict:
    """What is wrong, by kind."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrongly_told: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)


def judge(site: Site, submissions: Sequence[Submission]) -> Verdict:
    """Compares what the store tells with what took effect at the PSA."""
    verdict = Verdict()
    for submission in submissions:
        for number, state in enumerate(site.outcomes(submission)):
            if state not in ENDS:
                verdict.lost.append(f"change {number} is {state}")
        for write in site.store.writes.of_submission(submission.id):
            _judge_write(site, write, verdict)
    if broken := site.store.verify_activity():
        verdict.untold.append(f"the activity is broken: {broken}")
    return verdict


def _judge_write(site: Site, write: PlannedWrite, verdict: Verdict) -> None:
    said = f"write {write.id} ({write.says}): {write.state}, {write.said}"
    times = sum(_is_of(write, *each) for each in site.psa.service.applied)
    if write.open:
        verdict.lost.append(said)
    if times > 1:
        verdict.doubled.append(f"{said}; applied {times} times")
    if (write.state is WriteState.DONE) != (times == 1):
        verdict.wrongly_told.append(f"{said}; applied {times} times")
    if write.state is WriteState.DONE and not _stands(site, write):
        verdict.wrongly_told.append(f"{said}; the PSA shows otherwise")


def _is_of(write: PlannedWrite, method: str, path: str, body: Any) -> bool:
    if (method, path) != (write.method, write.path):
        return False
    if write.kind is not WriteKind.CREATE:
        return True
    return bool(body["product"]["id"] == {"BP": 412, "NEW": 413}[str(write.after["product"])])


def _stands(site: Site, write: PlannedWrite) -> bool:
    """Whether the PSA shows the record as the write was to leave it; one that was taken back since is not there."""
    row = site.model.additions.get(int(write.record_id or write.path.rpartition("/")[2]))
    if row is None or write.kind is WriteKind.REMOVE:
        return row is None
    values = _addition(Fields(row))
    return all(values.get(name) == value for name, value in write.after.items())
