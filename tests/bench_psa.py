"""Sync and write-back against a simulator in a process of its own, each beside bare httpx making the same requests: make bench.

The simulator's time is in both figures of a pair, so that the ratio flatters nobody's connector and hides nobody's store.
"""

import datetime as dt
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.client import NOBODY, Patience
from connectors.sandbox.make import LINES_EACH
from core.changes import Change
from core.dialects import Amend, connectwise
from core.frames import frame, records
from core.mapping import Mapping
from core.periods import Period
from core.reconcile import reconcile
from core.records import Action, AgreementLine, Charge
from core.run import Inputs
from core.settings import Settings
from server.connecting import add_connection
from server.house import House, open_house
from server.store.write_records import WriteState
from server.syncing import sync
from server.write_back.outcomes import outcome
from server.write_back.sending import send
from server.write_back.submitting import by_change, prepare, submit

SYNCED = (300, 5_000, 100_000)
WRITTEN = (300, 2_000, 5_000)
PAIRS = {300: 5, 5_000: 3, 100_000: 1}
TODAY, NOVEMBER = dt.date(2026, 11, 26), Period(2026, 11)
WRITE_PAIRS = 3
BOUND = 0.5
"""Of the speed without a limit: a rate that binds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was made."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes


def main() -> None:
    print(f"\n{'sync':34}{'lines':>10}{'requests':>10}{'seconds':>10}{'lines/s':>12}")
    for lines in SYNCED:
        with simulator(lines) as settings, house(settings) as made:
            _bench_sync(made, lines)
    print(f"\n{'write-back':34}{'lines':>10}{'requests':>10}{'seconds':>10}{'ms a line':>12}")
    for lines in WRITTEN:
        with simulator(lines * 2) as settings, house(settings) as made:
            _bench_writes(made, lines)


@contextmanager
def simulator(lines: int) -> Iterator[dict[str, str]]:
    """What a connection to a PSA with about so many lines needs."""
    customers = max(20, round(lines / LINES_EACH))
    command = [sys.executable, "-m", "connectors.sandbox.programs", "connectwise", "--port", "0", "--customers", str(customers)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield dict(process.stdout.readline().split() for _ in range(5)) | {"current_period_is": "in arrears"}
    finally:
        process.terminate()
        process.wait()


@contextmanager
def house(settings: dict[str, str]) -> Iterator[House]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIEOUT_KEYRING", "off")
        with open_house(str(Path(folder) / "tieout.sqlite"), loopback=True, patience=Patience()) as made:
            add_connection(made.store, made.vault, "psa", "connectwise", settings, "bench")
            yield made


def _bench_sync(made: House, lines: int) -> None:
    with recorded() as asked:
        rows = _sync(made)
    ours, bare = [], []
    for _ in range(PAIRS[lines]):
        bare.append(_seconds(lambda: _bare(asked)))
        ours.append(_seconds(lambda: _sync(made)))
    print(f"{'full sync, into the store':34}{lines:>10,}{len(asked):>10,}{_middle(ours):>10.2f}{rows / _middle(ours):>12,.0f}")
    ratio = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
    print(
        f"{'  bare httpx, and JSON parsed':34}{lines:>10,}{len(asked):>10,}{_middle(bare):>10.2f}   ratio {ratio:.2f} (at most 2)"
    )


def _sync(made: House) -> int:
    with made.connect("psa") as connection:
        read = sync(made.store, connection, "psa", full=True, by="bench", clock=lambda: dt.datetime.now(dt.UTC))
    return read.rows or 0


@contextmanager
def recorded() -> Iterator[list[Asked]]:
    """Every request that any client makes meanwhile."""
    found: list[Asked] = []
    real = httpx.Client.send

    def note(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        response = real(client, request, **options)
        sent = response.request
        headers = {n: v for n, v in sent.headers.items() if n in ("authorization", "clientid", "accept", "content-type")}
        found.append(Asked(sent.method, str(client.base_url.copy_with(raw_path=sent.url.raw_path)), headers, sent.content))
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.Client, "send", note)
        yield found


def _bare(asked: Sequence[Asked]) -> None:
    with httpx.Client(trust_env=False, verify=NOBODY) as client:
        for one in asked:
            json.loads(client.request(one.method, one.url, headers=one.headers, content=one.content or None).content)


def _bench_writes(made: House, lines: int) -> None:
    waiting = _submitted(made, lines)
    with recorded() as asked:
        _send(made, waiting)
    own = []
    for _ in range(WRITE_PAIRS):
        bare = _seconds(lambda: _bare(asked))  # first: it moves the records
        waiting = _submitted(made, lines)
        quick = _seconds(lambda waiting=waiting: _send(made, waiting))
        own.append((quick, bare))
    quick, bare = (_middle([pair[i] for pair in own]) for i in (0, 1))
    each = statistics.median(q - b for q, b in own) * 1000 / lines
    print(f"{'no limit':34}{lines:>10,}{len(asked):>10,}{quick:>10.2f}{quick * 1000 / lines:>12.2f}")
    same = "  bare httpx, the same requests"
    print(f"{same:34}{lines:>10,}{len(asked):>10,}{bare:>10.2f}   own cost {each:.2f} ms a line (under 5)")
    rate = round(len(asked) / quick * 60 * BOUND)
    kept = made.store.connection("psa")
    made.store.change_connection("psa", kept.settings, rate, "bench")
    waiting = _submitted(made, lines)
    bound, allowed = _seconds(lambda: _send(made, waiting)), len(asked) * 60 / rate
    made.store.change_connection("psa", kept.settings, None, "bench")
    held = f"  held to {rate:,} requests a minute"
    print(f"{held:34}{lines:>10,}{len(asked):>10,}{bound:>10.2f}   {bound / allowed:.3f} of the time it allows (at most 1.05)")


def _submitted(made: House, lines: int) -> str:
    """A submission of so many quantities, each one more than the PSA has it; its id."""
    _sync(made)
    read = made.store.newest_good_read("psa")
    assert read is not None
    assert read.source is not None
    parts = made.store.read_parts(read.id)
    inputs = Inputs(
        NOVEMBER, TODAY, parts.lines, frame(Charge, []), (read.source,), parts.services, parts.agreements, Mapping(), Settings()
    )
    run = made.store.save_run(reconcile(inputs), "bench")
    chosen = [line for line in records(AgreementLine, parts.lines) if line.quantity > 0 and line.cancelled is None][:lines]
    assert len(chosen) == lines
    with made.writer() as writer:
        plan = prepare(made.store, writer, run, [_more(line) for line in chosen]).plan
    submission = submit(made.store, "psa", run, plan, "bench")
    assert submission is not None
    return submission.id


def _more(line: AgreementLine) -> Change:
    """One unit more, in place."""
    amend = Amend(
        Action.APPROVE, line.agreement_id, line.line_id, line.service_id, TODAY, TODAY, TODAY, line.quantity, line.quantity + 1,
        line.included, line.unit_price, line.unit_price, None, line.unit_cost, line.cycle_months, line.bill_customer, False, TODAY,
        line.invoiced_through, None,
    )  # fmt: skip
    writes = connectwise(amend, Settings())
    nothing = Decimal("0.00")
    return Change(
        line.line_id, line.line_id, line.customer, line.service, line.agreement_id, line.agreement, line.line_id, Action.APPROVE,
        writes[0].says, TODAY, line.quantity, line.quantity + 1, line.unit_price, line.unit_price, nothing, nothing, nothing,
        nothing, line.currency, (), None, None, "bench", "bench", writes,
    )  # fmt: skip


def _send(made: House, submission_id: str) -> None:
    with made.writer() as writer:
        send(made.store, writer, submission_id, made.timing)
    ended = by_change(made.store.writes.of_submission(submission_id))
    assert all(outcome(ordered) is WriteState.DONE for ordered in ended.values())


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _middle(values: Sequence[float]) -> float:
    return statistics.median(values)


if __name__ == "__main__":
    main()
