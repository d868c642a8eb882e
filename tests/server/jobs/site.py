"""An installation beside a simulated PSA, with as many decided changes as a test asks for."""

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from connectors.client import Patience
from connectors.sandbox.connectwise_model import Model
from core.changes import Change
from core.dialects import Amend
from core.reconcile import reconcile
from core.records import Action, Agreement
from server.connecting import add_connection
from server.house import House
from server.jobs.settings import JobSettings
from server.secrets import open_vault
from server.store import Store, open_store
from server.store.write_records import Submission
from server.write_back.outcomes import outcome
from server.write_back.protocol import Timing
from server.write_back.submitting import prepare, submit
from tests.connectors.api.sandboxes import Sandbox, add_agreement, add_line, add_product
from tests.crash.kinds import DEC_15, NOV_30, amend, change_of, inputs_of

D = Decimal
SECONDS = dt.timedelta(seconds=1)
TIMING = Timing(settle=4 * SECONDS, call=3 * SECONDS, busy=SECONDS, again=SECONDS)
PATIENCE = Patience(attempts=3, first_wait=0.01, longest_wait=0.1, timeout=2.0)
OFTEN = JobSettings(sweep="* * * * * *", reads=None, looks_every=0.15)
"""As in use, only sooner."""

FIRST = 1000


@dataclass(frozen=True, slots=True)
class Site:
    """One installation beside one PSA."""

    psa: Sandbox
    house: House

    @property
    def store(self) -> Store:
        return self.house.store

    @property
    def model(self) -> Model:
        model: Model = self.psa.service.model
        return model

    def submission(self, changes: Sequence[Change], **options: Any) -> Submission:
        """The changes, compared with what the PSA shows now, and kept to be sent."""
        agreements = [_agreement(number) for number in self.model.agreements]
        inputs = replace(inputs_of(self.model), agreements=tuple(agreements))
        run = self.store.save_run(reconcile(inputs), "ann")
        with self.house.writer() as writer:
            prepared = prepare(self.store, writer, run, changes)
            assert not prepared.plan.problems
            kept = submit(self.store, "psa", run, prepared.plan, "ann", **options)
        assert kept is not None
        return kept

    def outcomes(self, submission: Submission) -> list[str]:
        changes = self.store.writes.changes(submission.id)
        of = self.store.writes.of_changes(c.id for c in changes)
        return [str(outcome(of[c.id])) for c in changes]

    def at_end(self, *submissions: Submission) -> Callable[[], bool]:
        return lambda: not any(w.open for s in submissions for w in self.store.writes.of_submission(s.id))


@contextmanager
def site_at(location: str, psa: Sandbox, *, per_minute: int | None = None) -> Iterator[Site]:
    """An installation whose store is there, connected to the simulator."""
    with open_store(location) as store:
        house = house_at(store, location)
        if not store.connections():
            add_connection(store, house.vault, "psa", "connectwise", {"address": psa.url, **psa.keys}, "ann", per_minute)
        yield Site(psa, house)


def house_at(store: Store, location: str) -> House:
    return House(store, open_vault(store, location), b"key", location, loopback=True, patience=PATIENCE, timing=TIMING)


@dataclass
class Made:
    """Changes of every kind, with the PSA's records that they are about."""

    model: Model
    changes: list[Change] = field(default_factory=list)

    def agreement(self, number: int) -> "Made":
        """A quantity, an end, a quantity from the middle of a month, and a new line; on one agreement."""
        add_agreement(self.model, number)
        lines = [add_line(self.model, number, quantity=25, unitPrice=D("22.00"), unitCost=D("17.60")) for _ in range(3)]
        self._add(amend(lines[0], agreement_id=str(number)))
        self._add(amend(lines[1], agreement_id=str(number), action=Action.END_LINE, new_quantity=D(0)))
        self._add(amend(lines[2], agreement_id=str(number), day=DEC_15))
        self._add(amend(None, agreement_id=str(number), service_id="NEW", action=Action.ADD_LINE, new_quantity=D(7)))
        return self

    def quantity(self, number: int) -> "Made":
        """An agreement of which one quantity changes."""
        add_agreement(self.model, number)
        line = add_line(self.model, number, quantity=25, unitPrice=D("22.00"), unitCost=D("17.60"))
        self._add(amend(line, agreement_id=str(number)))
        return self

    def _add(self, decided: Amend) -> None:
        self.changes.append(change_of(len(self.changes), decided))


def made(model: Model) -> Made:
    """Nothing decided yet."""
    if 413 not in model.products:
        add_product(model, 413, "NEW")
    return Made(model)


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Waits for what must come true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)


def _agreement(number: int) -> Agreement:
    return Agreement(str(number), "Managed 365", None, "Acme", "Acme", "Active", 1, False, False, NOV_30, "USD")
