"""The whole way on a simulator: what the PSA and a vendor's file say, a run, decisions, a submission, and its writes over HTTP."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from connectors.sandbox.connectwise_invoices import InvoiceLine
from connectors.sandbox.connectwise_model import Model
from core.decisions import Judge, Judged
from core.frames import frame, records
from core.mapping import AccountMapping, Kind, Mapping, ServiceMapping, ServiceRule
from core.reconcile import reconcile
from core.records import Action, Charge, Comparison, Decision
from core.settings import Settings
from server.connecting import add_connection
from server.house import House
from server.secrets import open_vault
from server.store import Store
from server.store.write_records import PlannedChange, PlannedWrite, Submission
from server.submitting import Submitted, approve, submit_decided
from server.synced import synced_inputs
from server.syncing import sync
from server.write_back.outcomes import outcome
from server.write_back.protocol import Timing
from server.write_back.sending import send
from tests.connectors.api.sandboxes import QUICK, Sandbox
from tests.core.build import CHARGE, NOVEMBER, source

D = Decimal
FAST = Timing(*(dt.timedelta(seconds=s) for s in (120, 40, 30, 60)))


class Time:
    """A clock that a test moves; whoever sleeps moves it on."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        self.now += dt.timedelta(milliseconds=1)
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


@dataclass
class Loop:
    """One installation beside one PSA."""

    psa: Sandbox
    house: House
    time: Time
    runs: list[str] = field(default_factory=list)

    @property
    def model(self) -> Model:
        found: Model = self.psa.service.model
        return found

    @property
    def store(self) -> Store:
        return self.house.store

    def run(self, charges: Sequence[Charge], *rules: ServiceRule, **settings: Any) -> str:
        """Reads the PSA and compares it with the vendor's charges; the new run's id."""
        with self.house.connect("psa") as connection:
            sync(self.store, connection, "psa", full=True, by="anna", clock=self.time)
        self.store.save_mapping(_mapping(charges, rules), "anna", "test")
        last = self.model.switches.cancelled_date_is_last_billed_day
        inputs = synced_inputs(
            self.store, NOVEMBER, dt.date(2026, 11, 26), Settings(cancelled_date_is_last_billed_day=last, **settings),
            charges=frame(Charge, charges), sources=[source("microsoft.csv", "Microsoft")],
        )  # fmt: skip
        self.runs.append(self.store.save_run(reconcile(inputs), "anna"))
        return self.runs[-1]

    def rows(self) -> list[Comparison]:
        return records(Comparison, self.store.result(self.runs[-1], "comparisons"))

    def decide(self, action: Action, *, line: int | None = None, by: str = "anna", **typed: Any) -> Judged:
        """A copy with one decision comes back."""
        (row,) = [r for r in self.rows() if line is None or r.line_id == str(line)]
        decision = Decision(row.key, row.fingerprint, action, by=by, place="anna.xlsx, Microsoft!A5", **typed)
        result = self.store.reconciliation(self.runs[-1])
        judge = Judge({r.key: r for r in self.rows()}, result.agreements, result.inputs.settings, result.inputs.today)
        (judged,) = judge.judge([decision])
        number = len(self.store.activity(10_000))
        copy, _ = self.store.save_copy(None, f"{by}.xlsx", f"{number:064}", by)
        self.store.save_decisions(copy, self.runs[-1], 1, [judged], by)
        return judged

    def submit(self, **options: Any) -> Submitted:
        return submit_decided(self.house, self.runs[-1], "anna", **options)

    def send(self, submission: Submission | None) -> bool:
        assert submission is not None
        with self.house.writer() as writer:
            return send(self.store, writer, submission.id, self.house.timing, clock=self.time, sleep=self.time.sleep)

    def write(self, **options: Any) -> list[str]:
        """Submits what is decided and sends it; what became of each change."""
        submitted = self.submit(**options)
        if submitted.submission is None:
            return []
        if submitted.submission.large:
            approve(self.store, submitted.submission.id, "ben")
        self.send(submitted.submission)
        return self.outcomes(submitted.submission)

    def outcomes(self, submission: Submission) -> list[str]:
        return [str(outcome(self.writes(change))) for change in self.changes(submission)]

    def changes(self, submission: Submission) -> list[PlannedChange]:
        return self.store.writes.changes(submission.id)

    def writes(self, change: PlannedChange) -> list[PlannedWrite]:
        return self.store.writes.of_change(change.id)

    def requests(self) -> list[tuple[str, str]]:
        """Everything that arrived and could change something."""
        return [(method, path.rpartition("/finance/agreements")[2]) for method, path in self.psa.faults.seen if method != "GET"]

    def next_invoice(self, through: dt.date = dt.date(2026, 12, 31), agreement: int = 871) -> list[InvoiceLine]:
        lines: list[InvoiceLine] = self.psa.service.invoice(agreement, through)
        return lines


@contextmanager
def loop_of(psa: Sandbox, store: Store, location: str, time: Time) -> Iterator[Loop]:
    """An installation whose store that is, connected to the simulator unless it is already."""
    house = House(store, open_vault(store, location), b"key", location, loopback=True, patience=QUICK, timing=FAST)
    if store.connections():
        yield Loop(psa, house, time, [run.id for run in reversed(store.runs())])
        return
    values = {"address": psa.url, **psa.keys, "current_period_is": "in arrears"}
    add_connection(store, house.vault, "psa", "connectwise", values, "anna")
    yield Loop(psa, house, time)


def charge(quantity: int, amount: str = "440.00", subscription: str = "sub-1", **changes: Any) -> Charge:
    return replace(CHARGE, quantity=D(quantity), amount=D(amount), subscription_id=subscription, **changes)


def _mapping(charges: Sequence[Charge], rules: Sequence[ServiceRule]) -> Mapping:
    account = AccountMapping("Microsoft", "t-acme", "Acme", Kind.MAPPED, "250")
    numbers = dict.fromkeys(c.vendor_service_id for c in charges) or {"SKU-BP": None}
    services = tuple(ServiceMapping("Microsoft", number, number, Kind.MAPPED, "BP") for number in numbers)
    return Mapping((account,), services, tuple(rules))
