"""A PSA on a bad day: what goes wrong is drawn from a seed, and everything that took effect is noted."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.registry import CONNECTORS
from connectors.sandbox.connectwise_model import Model
from connectors.sandbox.connectwise_server import PREFIX, ConnectWise
from connectors.sandbox.faults import Fault, Faults
from connectors.sandbox.service import Call, Reply, serve
from tests.connectors.api.sandboxes import Clock, Sandbox, small_psa

LATE, TAKES = 1.2, 0.05
SHARES = (("drop before", 0.06), ("drop after", 0.08), ("late", 0.06), ("500 before", 0.04), ("500 after", 0.04), ("429", 0.03))
"""Of the requests that change something."""


class Dice(Faults):
    """Faults by chance; of reads, one in a hundred is told to wait."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._dice = random.Random(seed)  # noqa: S311 -- no secret
        self.kinds: Counter[str] = Counter()

    def _take(self, method: str, path: str) -> Fault | None:
        with self._lock:
            self.seen.append((method, path))
            kind = self._drawn(() if method == "GET" else SHARES) or ("429" if self._dice.random() < 0.01 else None)
            if kind is None:
                return None
            self.kinds[kind] += 1
            return Fault(kind, seconds=LATE if kind == "late" else 1.0)

    def _drawn(self, shares: tuple[tuple[str, float], ...]) -> str | None:
        left = self._dice.random()
        for kind, share in shares:
            left -= share
            if left < 0:
                return kind
        return None


class Noting(ConnectWise):
    """Notes every change that took effect."""

    applied: list[tuple[str, str, Any]]

    def answer(self, call: Call) -> Reply:
        time.sleep(TAKES)
        reply = super().answer(call)
        if call.method != "GET" and reply.status < 300:
            body = json.loads(call.body) if call.body else None
            self.applied.append((call.method, call.path.removeprefix(PREFIX), body))
        return reply


@contextmanager
def troubled(seed: int) -> Iterator[Sandbox]:
    """A ConnectWise PSA on such a day."""
    psa = Noting(Model(), faults=Dice(seed))
    psa.applied = []
    small_psa(psa.model)
    keys = psa.keys
    asked = {"company": keys.company, "public_key": keys.public_key, "private_key": keys.private_key, "client_id": keys.client_id}
    with serve(psa.app) as running:
        yield Sandbox(CONNECTORS["connectwise"], psa, psa.faults, running.url, asked, lambda count: None, Clock(), "")
