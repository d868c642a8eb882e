"""Where a process is killed: before and after every commit of the store, and before and after every call of the writer."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection

from connectors.writing import Request, Writer
from server.store import activity
from server.store.engine import Engines
from server.store.records import Event

Told = Callable[[list[str]], None]
COMMIT = "commit"


@dataclass
class Points:
    """Those that a process has passed, and the one that it dies at (from 1; 0: at none)."""

    kill_at: int = 0
    before_death: Told = lambda passed: None
    passed: list[str] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)  # what the transaction under way tells the activity
    watched: bool = True

    def reach(self, label: str) -> None:
        if not self.watched:
            return
        self.passed.append(label)
        if len(self.passed) == self.kill_at:
            self.before_death(self.passed)
            os.kill(os.getpid(), signal.SIGKILL)


POINTS = Points()
"""Of this process: a fork starts with its own."""


def arm(kill_at: int, before_death: Told) -> None:
    """Starts counting anew."""
    POINTS.kill_at, POINTS.before_death = kill_at, before_death
    POINTS.passed.clear()


@contextmanager
def not_watched() -> Iterator[None]:
    """While a person does something, which is no point of the process."""
    POINTS.watched = False
    try:
        yield
    finally:
        POINTS.watched = True


def watch_commits() -> None:
    """Makes every writing transaction of every store pass its two points. They are named by what it tells the activity."""
    writing, append = Engines.writing, activity.append

    @contextmanager
    def watched(self: Engines) -> Iterator[Connection]:
        POINTS.commits = []
        with writing(self) as connection:
            yield connection
            label = f"{COMMIT} {' and '.join(sorted(set(POINTS.commits))) or 'nothing'}"
            POINTS.reach(f"before {label}")
        POINTS.reach(f"after {label}")

    def noted(connection: Connection, at: Any, by: str, event: Event) -> None:
        moved = f" {event.old} to {event.new}" if event.action == "write" else ""
        POINTS.commits.append(f"{event.action}{moved}")
        append(connection, at, by, event)

    Engines.writing, activity.append = watched, noted  # type: ignore[method-assign]


CALLS = ("look", "lines", "send", "invoiced_through")
"""The writer's calls that ask the PSA."""


@dataclass(frozen=True)
class Watched:
    """A writer whose calls pass two points each."""

    writer: Writer

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.writer, name)
        return partial(self._between, name, call) if name in CALLS else call

    @staticmethod
    def _between(name: str, call: Callable[..., Any], asked: Any) -> Any:
        label = f"{name} {asked.method}" if isinstance(asked, Request) else name
        POINTS.reach(f"before {label}")
        try:
            return call(asked)
        finally:
            POINTS.reach(f"after {label}")
