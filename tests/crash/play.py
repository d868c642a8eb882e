"""One scenario: processes are forked and killed, time passes and people act, until every write is at its end.

A process that is to die is forked; one that is not starts here, from what the store holds, since a fork takes longer than the work.
Nothing that a killed one knew is left here.
"""

import datetime as dt
import os
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing import Pipe
from typing import Any

from connectors.sandbox.connectwise_model import Model
from connectors.sandbox.connectwise_server import ConnectWise
from connectors.writing import Writer
from core.reconcile import reconcile
from server.store import Store
from server.store.write_records import Submission
from server.write_back.driving import Driver
from server.write_back.planning import Plan, plan, submission_of
from server.write_back.protocol import Timing
from server.write_back.undoing import plan_undo
from tests.connectors.api.sandboxes import kept as contents
from tests.connectors.api.sandboxes import restored
from tests.crash.desk import Clock, Desk
from tests.crash.kinds import KINDS, Kind, change_of, fill, inputs_of
from tests.crash.people import IN_THE_PSA
from tests.crash.points import POINTS, Watched, arm, not_watched
from tests.crash.stores import AnyStore
from tests.crash.wire import Wire, open_writer, over

NOW = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)
FORKS, ROUNDS = 12, 60
PSA = "psa"

Sleep = Callable[[dt.datetime], None]
"""Waits until a moment."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is written, what goes wrong on which call, what people do before which call, and where processes die."""

    kind: str
    faults: tuple[tuple[str, int, str], ...] = ()  # "read" or "write", number of the call, fault
    people: tuple[tuple[int, str], ...] = ()  # number of the call, act
    kills: tuple[int, ...] = ()  # the point at which the first process dies, the second, ...


@dataclass(frozen=True, slots=True)
class Ready:
    """A kind of change, made ready once: what its store and its PSA hold, and what is to be written."""

    kind: Kind
    kept: Any
    psa: bytes
    now: dt.datetime
    plan: Plan
    run_id: str
    undoes: str | None


@dataclass
class Played:
    """What happened."""

    ready: Ready
    desk: Desk
    submission: Submission
    points: list[list[str]] = field(default_factory=list)  # of each process
    killed: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    ended: bool = False


@dataclass(frozen=True)
class Stage:
    """What all scenarios of a process play on."""

    place: AnyStore
    clock: Clock
    timing: Timing = field(default_factory=Timing)
    ready: dict[str, Ready] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.place.store

    def prepare(self) -> None:
        """Makes every kind ready."""
        self.store.add_connection(PSA, "connectwise", "PSA", {}, None, "ann")
        desk = self._desk(Model(clock=self.clock))
        fill(desk.psa.model)
        inputs = inputs_of(desk.psa.model)
        run_id = self.store.save_run(reconcile(inputs), "ann")
        kept, psa = self.place.keep("empty"), contents(desk.psa.model)
        for kind in KINDS.values():
            self._restore(kept, psa, NOW)
            self.ready[kind.name] = self._made(kind, run_id, inputs, kept, psa)

    def _made(self, kind: Kind, run_id: str, inputs: Any, kept: Any, psa: bytes) -> Ready:
        decided = [change_of(number, made) for number, made in enumerate(kind.decided)]
        desk = self._restore(kept, psa, NOW)
        writer = open_writer(desk)
        planned = plan(decided, {c.id: f"{run_id}/{c.id}/1" for c in decided}, run_id, inputs, writer)
        assert not planned.problems, planned.problems
        if not kind.undo:
            return Ready(kind, kept, psa, NOW, planned, run_id, None)
        done = submission_of(planned, "done", PSA, run_id, self.clock(), "ann")
        self.store.writes.save(done, planned.changes, planned.writes)
        drive(self.store, writer, done.id, self.clock, self.timing, self.clock.until)
        undo = plan_undo(self.store, writer, done.id).plan
        assert undo.writes, undo.problems
        return Ready(kind, self.place.keep(kind.name), contents(desk.psa.model), self.clock.now, undo, run_id, done.id)

    def _desk(self, model: Model, **options: Any) -> Desk:
        desk = Desk(ConnectWise(model), self.clock, **options)
        Wire.ask = desk.answer
        return desk

    def _restore(self, kept: Any, psa: bytes, now: dt.datetime, **options: Any) -> Desk:
        self.place.back(kept)
        self.clock.now = now
        return self._desk(restored(psa, self.clock), **options)

    def play(self, scenario: Scenario) -> Played:
        """Plays it to its end; a person resumes what only a person can."""
        ready = self.ready[scenario.kind]
        submission = submission_of(ready.plan, "one", PSA, ready.run_id, ready.now, "ann", ready.undoes)
        faults: Mapping[tuple[str, int], str] = {(kind, number): fault for kind, number, fault in scenario.faults}
        people = {number: self._act(act, submission) for number, act in scenario.people}
        desk = self._restore(ready.kept, ready.psa, ready.now, faults=faults, people=people)
        played = Played(ready, desk, submission)
        for number in range(FORKS):
            kill_at = scenario.kills[number] if number < len(scenario.kills) else 0
            if self._forked(played, kill_at) if kill_at else self._here(played):
                break
        desk.close()
        return played

    def _act(self, act: str, submission: Submission) -> Any:
        def in_tieout(desk: Desk) -> None:
            with not_watched():
                if self.store.writes.submission_with_key(submission.key):
                    getattr(self.store.writes, act)(submission.id, "bob")

        return IN_THE_PSA.get(act, in_tieout)

    def _here(self, played: Played) -> bool:
        """What a process does that is not killed; whether there is nothing left to do."""
        arm(0, lambda passed: None)
        try:
            held = self._work(played, self.clock.until)
        except Exception:
            return self._after(played, "failed", [traceback.format_exc()], False)
        return self._after(played, "ended", list(POINTS.passed), held)

    def _forked(self, played: Played, kill_at: int) -> bool:
        """One process, served until it ends or dies; whether there is nothing left to do."""
        self.place.rest()
        line, theirs = Pipe()
        process = os.fork()
        if process == 0:
            line.close()
            self._child(theirs, played, kill_at)
        theirs.close()
        how, points, held = "died", [], False
        try:
            while how == "died":
                message = line.recv()
                if message[0] in ("call", "sleep"):
                    line.send((self._serve(played.desk, *message), self.clock.now))
                else:
                    how, points, held = message
        except EOFError:
            played.failures.append("a process died where it was not killed")
        line.close()
        os.waitpid(process, 0)
        return self._after(played, how, points, held)

    def _serve(self, desk: Desk, what: str, *asked: Any) -> Any:
        return desk.answer(*asked) if what == "call" else self.clock.until(*asked)

    def _after(self, played: Played, how: str, points: list[str], held: bool) -> bool:
        if how == "failed":
            played.failures += points
            return True
        played.points.append(points)
        if how == "killed":
            played.killed.append(points[-1])
            self.clock.now += dt.timedelta(seconds=1)
            return False
        if how == "ended" and held:
            self._resume(played.submission)
        played.ended = not held
        return played.ended

    def _resume(self, submission: Submission) -> None:
        """What a person does where the connection or the submission waits for one."""
        with not_watched():
            self.store.resume_connection(PSA, "bob")
            if self.store.writes.submission(submission.id).paused_at:
                self.store.writes.resume(submission.id, "bob")

    def _child(self, line: Any, played: Played, kill_at: int) -> None:
        """A process of its own. Does not come back."""
        try:
            self.place.forked()
            arm(kill_at, lambda passed: line.send(("killed", passed, False)))
            Wire.ask, sleep = over(line, self.clock)
            held = self._work(played, sleep)
            line.send(("ended", POINTS.passed, held))
        except BaseException:
            line.send(("failed", [traceback.format_exc()], False))
        finally:
            os._exit(0)

    def _work(self, played: Played, sleep: Sleep) -> bool:
        """From the saving of the submission to its end; whether something is left that a person must resume."""
        planned, writer = played.ready.plan, Watched(open_writer(played.desk))
        submission = replace(played.submission)
        self.store.writes.save(submission, planned.changes, planned.writes)
        return drive(self.store, writer, submission.id, self.clock, self.timing, sleep)


def drive(store: Store, writer: Writer, submission_id: str, clock: Clock, timing: Timing, sleep: Sleep) -> bool:
    """Drives every lane as far as time alone moves it; whether something is left that a person must resume."""
    driver = Driver(store.writes, writer, submission_id, clock, timing)
    for _ in range(ROUNDS):
        lanes = [lane.lane for lane in store.writes.open_lanes() if lane.submission_id == submission_id]
        again = [driver.lane(lane) for lane in lanes]
        waits = [moment for moment in again if moment is not None]
        if not waits:
            return any(lane.submission_id == submission_id for lane in store.writes.open_lanes())
        sleep(min(waits))
    raise AssertionError(f"{submission_id} does not come to its end")
