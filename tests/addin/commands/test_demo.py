"""The demo's reviewer, played with the add-in's own buttons in a real LibreOffice, against the service on loopback.

The same month, the same decisions and the same end as in `tieout demo`: only the way in which they are typed and sent is the
add-in's.
"""

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from addin.errors import NotReady
from addin.machine import Machine
from addin.workbook import Lines
from connectors.sandbox.make import make_world
from core.frames import records
from core.records import Comparison
from core.words import REASON_OTHER
from server.demo import live as demo
from server.demo.checks import REVIEWER, reviewer, row_key
from server.receipts import receipts
from server.reconciling import Issued
from server.store.tokens import Scope
from server.submitting import approve
from tests.addin.commands.world import Desk, opened, served, signed_in
from tests.server.api.one_app import App
from tests.server.api.site import DoneAtOnce, Person
from workbooks.layout_vendor import VENDOR

on_libreoffice = pytest.mark.parametrize("app", ["libreoffice"], indirect=True)


class Now:
    """The demo's clock, for jobs that are done at once."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock

    def __call__(self) -> dt.datetime:
        now: dt.datetime = self._clock()
        return now

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@pytest.fixture
def month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[demo.Live, Issued]]:
    """The demo's month, synced and issued to its reviewer."""
    monkeypatch.setattr(demo, "make_world", lambda: make_world(20))
    with demo.prepared(tmp_path / "demo", lambda _: None) as made:
        demo._sync(made)
        yield made, demo._issue(made)


Typed = Mapping[str, Any]


def as_typed(value: Any) -> Any:
    return dt.datetime.combine(value, dt.time()) if type(value) is dt.date else value


def decide(desk: Desk, lines: Lines, wanted: Mapping[str, Typed], by_hand: Container[str]) -> dict[str, int]:
    """Decides the rows of a sheet as the reviewer does: with the button where one is enough, else in the yellow cells."""
    rows = {key: lines.first + place for place, key in enumerate(lines.read("key")["key"]) if key in wanted}
    at_once: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for key, row in rows.items():
        entry = wanted[key]
        match dict(entry):
            case {"decision": "Dismiss", "reason": reason}:
                note = [entry["note"]] if reason == REASON_OTHER else []
                at_once["dismiss_selected", reason, *note].append(row)
            case {"decision": "Ask", "note": note}:
                at_once["ask", note].append(row)
            case {"decision": "Approve"} if len(entry) == 1 and key not in by_hand:
                at_once["accept_selected",].append(row)
            case _:
                desk.type(lines, row, **{name: as_typed(value) for name, value in entry.items()})
    for (button, *answers), selected in at_once.items():
        desk.select(lines, ",".join(f"A{row}" for row in selected))
        said = desk.press(button, *answers) or ""
        assert said.startswith(f"{len(selected)} line"), said
    return rows


@on_libreoffice
def test_the_demo_s_reviewer_decides_and_submits_with_the_add_in(
    app: Any, computer: Machine, month: tuple[demo.Live, Issued]
) -> None:
    live, issued = month
    house, checks = live.house, live.checks
    assert checks.wrong == []
    person = Person(
        App(house, DoneAtOnce(house, Now(house.store.writes.clock)), lambda _: None),
        house.store.tokens.create(REVIEWER, tuple(Scope), "the test")[1],
    )
    compared = {row.key: row for row in records(Comparison, issued.result.comparisons)}
    typed_by = reviewer(live.world, issued.result)
    entries = {key: entry for key in compared if (entry := typed_by(VENDOR, {"key": key}))}
    outcomes = {key: live.world.played[row_key(compared[key])].outcome for key in entries}
    by_hand = {key for key, outcome in outcomes.items() if outcome != "accepted"}
    unusable = {key for key, outcome in outcomes.items() if outcome in ("refused", "suspended")}
    with served(SimpleNamespace(app=person.app)) as address, opened(app, computer, issued.path) as desk:  # type: ignore[arg-type]
        signed_in(computer, address, person)
        found = {lines.name: (lines, decide(desk, lines, entries, by_hand)) for lines in desk.lines}
        assert sum(len(rows) for _, rows in found.values()) == len(entries) > len(unusable) > 0

        said = desk.press("validate") or ""
        assert said.startswith(f"{len(unusable)} line")
        with pytest.raises(NotReady, match="Nothing was sent"):
            desk.press("submit")
        for lines, rows in found.values():
            marked = lines.read("key", "result")
            wrong = {key for key, text in zip(marked["key"], marked["result"], strict=True) if text and text.startswith("✗")}
            assert wrong == unusable & rows.keys()
            if wrong:
                desk.select(lines, ",".join(f"A{rows[key]}" for key in wrong))
                desk.press("clear")
        assert house.store.writes.submissions() == []

        said = desk.press("submit", "yes") or ""
        assert "submitted. Large ones wait" in said
        (submission,) = house.store.writes.submissions()
        approve(house.store, submission.id, demo.APPROVER)
        demo._send(live, submission)
        desk.press("status")
        done = [text for lines in desk.lines for text in lines.read("result")["result"] if text]

    written = receipts(house.store, submission.id)
    planned = [one for one in live.world.played.values() if one.outcome == "accepted" and one.writes]
    assert len(written) == len(planned) > 0
    assert sum(text == "written" for text in done) == len(written)
    demo._check_lines(live, written)
    demo._check_invoices(live, SimpleNamespace(rows=compared), written)  # type: ignore[arg-type]
    assert checks.wrong == []
    assert checks.agreed > len(written)
