"""Which scenarios there are: every simple one, those that kill where nobody was killed yet, and a seeded sample of the rest."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, product, repeat, zip_longest

from tests.crash.desk import READ_FAULTS, WRITE_FAULTS
from tests.crash.kinds import KINDS
from tests.crash.people import ALL
from tests.crash.play import Played, Scenario

SLOW = ("batch",)
"""Kinds of several changes, which are drawn more rarely."""

EXTRA = 8
"""Points and calls beyond those of a run in which nothing went wrong."""


@dataclass
class Enumeration:
    """The scenarios of one part of the whole, and what was learned from those played so far."""

    seed: int
    part: int = 0
    parts: int = 1
    reached: dict[str, tuple[Scenario, int]] = field(default_factory=dict)  # where a point was first passed
    killed: set[str] = field(default_factory=set)
    points: dict[str, int] = field(default_factory=dict)  # of each kind, where nothing goes wrong
    calls: dict[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Scenario]:
        draw = random.Random(f"{self.seed} {self.part}")  # noqa: S311 - not for secrets
        for kind in KINDS:
            yield Scenario(kind)
        for scenario in self._mine([*_in_turns(self._killed(), self._faulty())]):
            yield scenario
            yield from self._not_killed_yet()
        rest = self._mine([*self._unreadable(), *self._peopled()])
        draw.shuffle(rest)
        for scenario in chain(rest, repeat(None)):
            if scenario:
                yield scenario
            yield self._drawn(draw)
            yield from self._not_killed_yet()

    def _mine(self, scenarios: list[Scenario]) -> list[Scenario]:
        return scenarios[self.part :: self.parts]

    def learn(self, scenario: Scenario, played: Played) -> None:
        """Notes what points were passed, and where a process died."""
        self.killed.update(played.killed)
        for fork, points in enumerate(played.points):
            for number, label in enumerate(points, 1):
                self.reached.setdefault(label, (replace(scenario, kills=scenario.kills[:fork]), number))
        if scenario == Scenario(scenario.kind):
            self.points[scenario.kind] = len(played.points[0])
            self.calls[scenario.kind] = played.desk.counts["call"]

    @property
    def unkilled(self) -> set[str]:
        return set(self.reached) - self.killed

    def _killed(self) -> Iterator[Scenario]:
        return (Scenario(kind, kills=(point,)) for kind in KINDS for point in range(1, self.points[kind] + 1))

    def _faulty(self) -> Iterator[Scenario]:
        for kind, number, fault in product(KINDS, (1, 2), WRITE_FAULTS):
            yield Scenario(kind, (("write", number, fault),))

    def _unreadable(self) -> Iterator[Scenario]:
        for kind, number, fault in product(KINDS, (1, 2, 3), READ_FAULTS):
            yield Scenario(kind, (("read", number, fault),))

    def _peopled(self) -> Iterator[Scenario]:
        for kind in KINDS:
            for call, act in product(range(1, self.calls[kind] + 1), ALL):
                yield Scenario(kind, people=((call, act),))

    def _not_killed_yet(self) -> Iterator[Scenario]:
        """The scenarios in which a process dies at the points that were passed only."""
        for label in sorted(self.unkilled):
            scenario, number = self.reached[label]
            yield replace(scenario, kills=(*scenario.kills, number))

    def _drawn(self, draw: random.Random) -> Scenario:
        kind = draw.choice([*KINDS, *(k for k in KINDS if k not in SLOW)])
        points, calls = self.points[kind] + EXTRA, self.calls[kind] + EXTRA
        kills = tuple(draw.randint(1, points) for _ in range(draw.choice((0, 1, 1, 1, 2, 2))))
        faults = {self._fault(draw) for _ in range(draw.choice((0, 1, 1, 1, 2, 2)))}
        people = {draw.randint(1, calls): draw.choice(ALL) for _ in range(draw.choice((0, 0, 1, 1, 1, 2)))}
        return Scenario(kind, tuple(sorted(faults)), tuple(sorted(people.items())), kills)

    @staticmethod
    def _fault(draw: random.Random) -> tuple[str, int, str]:
        what = draw.choice(("write", "write", "write", "read"))
        return what, draw.randint(1, 3 if what == "write" else 6), draw.choice(WRITE_FAULTS if what == "write" else READ_FAULTS)


def _in_turns(*several: Iterator[Scenario]) -> Iterator[Scenario]:
    return (scenario for each in zip_longest(*several) for scenario in each if scenario)
