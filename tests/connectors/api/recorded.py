"""A server that knows only the recorded pages of a sample: what else is asked for is noted, and refused."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from connectors.engine import Connection, Connector, Read
from connectors.sandbox.faults import Faults
from connectors.sandbox.service import Call, Reply, app_of, serve
from core.frames import records
from tests.connectors.api.sandboxes import NOW, QUICK

SAMPLES = Path(__file__).parent / "samples"


@dataclass
class Recorded:
    """Pages by what asks for them, how often each was asked for, and what was asked for beside them."""

    pages: dict[tuple[str, str, str], dict[str, Any]]
    asked: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    other: list[tuple[str, str, str]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def answer(self, call: Call) -> Reply:
        self.calls.append(call)
        key = (call.method, call.path, urlencode(sorted(call.query.items())))
        if key not in self.pages:
            self.other.append(key)
            return Reply(400, {"message": "this was not recorded"})
        self.asked[key] += 1
        page = self.pages[key]
        return Reply(page.get("status", 200), page["body"], {"Link": page["link"]})


def recorded_pages(name: str) -> Recorded:
    pages = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    keys = ((p.get("method", "GET"), p["path"], urlencode(sorted((n.lower(), v) for n, v in p["query"].items()))) for p in pages)
    return Recorded(dict(zip(keys, pages, strict=True)))


@contextmanager
def served(recorded: Recorded, connector: Connector, **values: str) -> Iterator[Connection]:
    """A connection to the recorded pages."""
    given = {s.name: f"sample-{s.name}" for s in connector.settings if s.default is None}
    with serve(app_of(recorded.answer, Faults())) as running:
        asked = {**given, "address": running.url, **values}
        with Connection(connector, asked, patience=QUICK, loopback=True) as connection:
            yield connection


def as_text(read: Read, connector: Connector) -> str:
    """Everything that a read gave, to be compared with a golden file."""
    made: list[Any] = records(connector.fills, read.frame)
    found = {
        connector.fills.__name__: [asdict(record) for record in made],
        "agreements": [asdict(agreement) for agreement in read.agreements],
        "services": [asdict(service) for service in read.services],
        "notes": read.source.notes,
        "complete": read.source.complete,
    }
    return json.dumps(found, indent=1, default=str) + "\n"


def read_sample(connector: Connector, **values: str) -> tuple[Read, Recorded]:
    recorded = recorded_pages(connector.name)
    with served(recorded, connector, **values) as connection:
        return connection.read(NOW), recorded
