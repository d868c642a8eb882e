"""The same write-back with a safeguard taken out. The suite must notice each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from server.store import moving
from server.store.moving import Step
from server.store.write_records import PlannedWrite, WriteState
from server.store.writes import Writes
from server.write_back import driving, looking
from server.write_back.protocol import Finding, Look, Timing


def no_look() -> Timing:
    """Whatever the PSA shows, it is as it was decided on."""
    looking.looked = lambda *_: Look(Finding.OLD, "not looked")  # type: ignore[attr-defined]
    driving.in_the_way = lambda *_: None  # type: ignore[attr-defined]
    return Timing()


def no_settling() -> Timing:
    """After an unclear answer the look comes at once."""
    return Timing(settle=timedelta(0), call=timedelta(0))


def no_commit_before_the_call() -> Timing:
    """That a write is sent is only kept together with what became of it."""

    def begin(
        self: Writes, write: PlannedWrite, settle_until: datetime, known: tuple[str, ...], begun: bool
    ) -> PlannedWrite | None:
        at = self.clock()
        return replace(write, state=WriteState.SENDING, attempts=write.attempts + 1, sent_at=at, known=known)

    def finish(
        self: Writes, run_id: str, write: PlannedWrite, step: Step, withdrawals: Sequence[PlannedWrite]
    ) -> PlannedWrite | None:
        if write.state is WriteState.SENDING:
            planned = replace(write, state=WriteState.PLANNED, attempts=write.attempts - 1)
            with self.engines.writing() as connection:
                moving.begin(connection, self.clock(), planned, self.clock(), write.known, True)
                return moving.finish(connection, self.clock(), run_id, write, step, withdrawals)
        return whole(self, run_id, write, step, withdrawals)

    whole: Any = Writes.finish
    Writes.begin, Writes.finish = begin, finish  # type: ignore[method-assign]
    return Timing()


BROKEN: Mapping[str, Callable[[], Timing]] = {
    "no-look": no_look,
    "no-settling": no_settling,
    "no-commit": no_commit_before_the_call,
}
