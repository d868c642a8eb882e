"""The API over an installation beside the ConnectWise simulator, asked as programs ask it, and work that is done at once."""

import datetime as dt
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from server.api.registry import PREFIX
from server.house import House
from server.jobs.protocol import JobState, JobStatus, UnknownJob
from server.store import open_store
from server.store.tokens import Scope
from server.syncing import sync
from server.write_back.sending import send
from tests.connectors.api.sandboxes import NOW, Address, add_line, connectwise
from tests.server.api.one_app import App
from tests.server.write_back.loop import Loop, Time, charge, loop_of

LINE = 3589
ALL = tuple(Scope)


@dataclass
class DoneAtOnce:
    """Jobs (server.jobs.protocol) that are done when they are asked for; writes only while `sends` says so."""

    house: House
    time: Time
    sends: bool = True
    done: dict[str, JobStatus] = field(default_factory=dict)
    woken: list[str] = field(default_factory=list)

    def start_sync(self, name: str, full: bool, by: str) -> str:
        job_id = f"sync:{name}:{len(self.done) + 1}"
        with self.house.connect(name) as connection:
            read = sync(self.house.store, connection, name, full=full, by=by, clock=self.time)
        self.done[job_id] = JobStatus(job_id, JobState.FAILED if read.problem else JobState.DONE, read.problem or "")
        return job_id

    def wake(self, submission_id: str) -> None:
        self.woken.append(submission_id)
        if self.sends:
            with self.house.writer() as writer:
                send(
                    self.house.store, writer, submission_id, self.house.timing, clock=self.time, sleep=self.time.sleep
                )  # fmt: skip

    def status(self, job_id: str) -> JobStatus:
        if job_id not in self.done:
            raise UnknownJob(job_id)
        return self.done[job_id]


@dataclass(frozen=True)
class Person:
    """Somebody with a token."""

    app: App
    token: str

    def ask(self, method: str, path: str, *, expect: int | None = None, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        answer = self.app.test_client().open(PREFIX + path, method=method, headers=headers, **options)
        assert expect is None or answer.status_code == expect, (answer.status_code, answer.get_data(as_text=True)[:2000])
        return answer

    def get(self, path: str, **query: Any) -> Any:
        return self.ask("GET", path, query_string=query, expect=200).get_json()

    def post(self, path: str, body: Any = None, expect: int = 200, **options: Any) -> Any:
        sent = {} if body is None else {"json": body}
        headers = {"Idempotency-Key": uuid.uuid4().hex} | options.pop("headers", {})
        return self.ask("POST", path, expect=expect, headers=headers, **sent, **options).get_json(silent=True)


@dataclass
class Site:
    """One installation with its API."""

    loop: Loop
    jobs: DoneAtOnce
    app: App
    learnt: list[str]

    def person(self, name: str, *scopes: Scope) -> Person:
        _, text = self.loop.store.tokens.create(name, scopes or ALL, "the test")
        return Person(self.app, text)

    def run(self, quantity: int = 28, **settings: Any) -> str:
        """A PSA line of 25 and a vendor that counts otherwise; the run's id."""
        if LINE not in self.loop.model.additions:
            add_line(self.loop.model, id=LINE, quantity=25, unitPrice=Decimal("22.00"))
        return self.loop.run([charge(quantity, f"{quantity}.00")], **settings)

    def issued(self, person: Person, run_id: str, **body: Any) -> str:
        """The id of a workbook of the run."""
        answer = person.ask("POST", f"/runs/{run_id}/workbooks", json=body, expect=201)
        return answer.headers["Tieout-Workbook"]

    def decision(self, run_id: str, action: str = "Approve", **typed: Any) -> dict[str, Any]:
        """One decision on the only row."""
        (row,) = self.loop.rows()
        return {"key": row.key, "fingerprint": row.fingerprint, "action": action, **typed}

    def decided(self, person: Person, quantity: int = 28) -> str:
        """A run whose only row is approved; the run's id."""
        run_id = self.run(quantity)
        body = {"workbook_id": self.issued(person, run_id), "decisions": [self.decision(run_id)]}
        assert person.post("/decisions", body)["counts"] == {"accepted": 1}
        return run_id

    def submitted(self, person: Person, run_id: str, key: str = "key-0001", expect: int = 200, **body: Any) -> Any:
        """What the dry run shows, submitted."""
        digest = person.post(f"/runs/{run_id}/dry-run", {})["digest"]
        sent = {"digest": digest, **body}
        return person.post(f"/runs/{run_id}/submissions", sent, expect, headers={"Idempotency-Key": key})


@dataclass(frozen=True)
class Kept:
    """A site as it stood when it was left, for others to go on from: its folder, its clock, and what its PSA held and where."""

    folder: Path
    now: dt.datetime
    address: Address
    psa: bytes


@contextmanager
def make_site(folder: Path, kept: Kept | None = None, address: Address | None = None) -> Iterator[Site]:
    """A site whose clocks are one: empty, or as one was that is kept."""
    location, time = str(folder / "tieout.sqlite"), Time(kept.now if kept else NOW + dt.timedelta(hours=1))
    if kept:
        shutil.copytree(kept.folder, folder, dirs_exist_ok=True)
    simulator = connectwise(kept.address, kept.psa) if kept else connectwise(address)
    with simulator as psa, open_store(location, time) as store, loop_of(psa, store, location, time) as loop:
        jobs, learnt = DoneAtOnce(loop.house, time), list[str]()
        yield Site(loop, jobs, App(loop.house, jobs, learnt.extend), learnt)


def places(problem: Any) -> Sequence[str]:
    """Where a problem document says that something is wrong."""
    return [one["place"] for one in problem["problems"]]
