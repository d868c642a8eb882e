"""Plays scenarios on all cores and prints what was found: python -m tests.crash --scenarios 50000. Exit status 1: something was.

A worker is a process with one thread, since it forks.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.components import COMPONENTS
from tests.crash import points, wire
from tests.crash.broken import BROKEN
from tests.crash.desk import Clock
from tests.crash.judge import judge
from tests.crash.play import NOW, Scenario, Stage
from tests.crash.points import COMMIT
from tests.crash.scenarios import Enumeration
from tests.crash.stores import open_any
from tests.databases import serving
from tests.scratch import in_memory

FAULTS = ("lost", "doubled", "wrongly told", "unexplained")
SHOWN = 20
TOLD_EVERY = 1_000
"""Scenarios of a worker between two lines of progress."""
MORE = 50
"""Scenarios beyond those asked for, to kill also at the points that were reached last."""

DATABASES = ("sqlite", "postgresql")


@dataclass
class Tally:
    """What a worker found."""

    scenarios: int = 0
    starts: int = 0
    kills: int = 0
    found: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    killed: set[str] = field(default_factory=set)
    unkilled: set[str] = field(default_factory=set)

    def plain(self) -> dict[str, Any]:
        return {**vars(self), "killed": sorted(self.killed), "unkilled": sorted(self.unkilled)}

    def add(self, other: dict[str, Any]) -> None:
        self.scenarios += other["scenarios"]
        self.starts += other["starts"]
        self.kills += other["kills"]
        self.found.update(other["found"])
        self.examples += other["examples"]
        self.killed.update(other["killed"])
        self.unkilled = (self.unkilled | set(other["unkilled"])) - self.killed


def main(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(arguments)
    if given.only:
        return _show(given)
    if given.location:
        print(json.dumps(_work(given).plain()))
        return 0
    return _tell(_all(given), given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--scenarios", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--on", action="append", choices=DATABASES, help="by default both")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--broken", choices=BROKEN, help="takes a safeguard out")
    parser.add_argument("--until", action="append", choices=FAULTS, default=[], help="ends as soon as each of these was found")
    parser.add_argument("--server", help="URL of an empty PostgreSQL database, for one worker; by default a server is started")
    parser.add_argument("--only", help="plays one scenario, as an example shows it, and tells all")
    parser.add_argument("--location", help=argparse.SUPPRESS)  # of a worker: its folder, or the URL of its database
    parser.add_argument("--part", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--parts", type=int, default=1, help=argparse.SUPPRESS)
    return parser


# the whole


def _all(given: argparse.Namespace) -> Tally:
    """Every database in turn, each on all workers at once."""
    tally, chosen = Tally(), given.on or list(DATABASES)
    for database in chosen:
        share = -(-given.scenarios // len(chosen))
        with _places(database, given) as places:
            if len(chosen) == len(places) == 1:  # nothing to wait for: this process has one thread too
                given.location, given.scenarios = places[0], share
                return _work(given)
            started = [_start(given, share, place, part, len(places)) for part, place in enumerate(places)]
            for worker in started:
                tally.add(_finished(worker))
    return tally


@contextmanager
def _places(database: str, given: argparse.Namespace) -> Iterator[list[str]]:
    """An empty place for the store of each worker."""
    if database == "postgresql" and given.server:
        yield [given.server]
    elif database == "postgresql":
        programs = COMPONENTS["postgresql"].find()
        if programs is None:
            raise SystemExit("PostgreSQL is missing: make system-packages")
        with serving(programs) as server:
            names = [f"crash_{part}" for part in range(given.workers)]
            for name in names:
                server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
            yield [server.url(name) for name in names]
    else:
        with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
            found = [Path(folder) / str(part) for part in range(given.workers)]
            for each in found:
                each.mkdir()
            yield [str(each) for each in found]


def _start(given: argparse.Namespace, share: int, place: str, part: int, parts: int) -> subprocess.Popen[str]:
    mine = share // parts + (part < share % parts)
    command = [sys.executable, "-m", "tests.crash", "--location", place, "--scenarios", str(mine), "--seed", str(given.seed)]
    command += ["--part", str(part), "--parts", str(parts), *(["--broken", given.broken] if given.broken else [])]
    command += [part for name in given.until for part in ("--until", name)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _finished(worker: subprocess.Popen[str]) -> dict[str, Any]:
    told, _ = worker.communicate()
    if worker.returncode:
        raise SystemExit("a worker of the crash suite failed")
    found: dict[str, Any] = json.loads(told)
    return found


def _tell(tally: Tally, given: argparse.Namespace) -> int:
    """Prints the table; 1 where anything is wrong, or a commit was never killed at."""
    commits = sorted(label for label in tally.unkilled if COMMIT in label)
    for example in tally.examples[:SHOWN]:
        print(example)
    print(f"databases: {', '.join(given.on or DATABASES)}; seed {given.seed}; broken on purpose: {given.broken or 'no'}")
    print(f"scenarios {tally.scenarios}, starts {tally.starts}, kills {tally.kills}, kill points {len(tally.killed)}")
    print(_counts(tally))
    for label in commits:
        print(f"never killed: {label}")
    return 1 if tally.found or commits else 0


def _counts(tally: Tally) -> str:
    return ", ".join(f"{name} {tally.found[name]}" for name in FAULTS)


# one worker


def _work(given: argparse.Namespace) -> Tally:
    stage, plays, tally = _stage(given), Enumeration(given.seed, given.part, given.parts), Tally()
    for scenario in plays:
        if tally.scenarios >= given.scenarios + (MORE if plays.unkilled and given.scenarios > MORE else 0):
            break
        if given.until and all(tally.found[name] for name in given.until):
            break
        played = stage.play(scenario)
        wrong = judge(stage.store, scenario, played)
        plays.learn(scenario, played)
        tally.scenarios += 1
        tally.starts += len(played.points)
        tally.kills += len(played.killed)
        tally.found.update({name: len(said) for name, said in wrong.by_name.items() if said})
        if wrong.all and len(tally.examples) < SHOWN:
            tally.examples.append("\n    ".join([f"--only '{scenario}'", *wrong.all]))
        if tally.scenarios % TOLD_EVERY == 0:
            print(f"worker {given.part + 1}: {tally.scenarios} scenarios, {_counts(tally)}", file=sys.stderr, flush=True)
    tally.killed, tally.unkilled = plays.killed, plays.unkilled
    return tally


def _stage(given: argparse.Namespace) -> Stage:
    points.watch_commits()
    wire.install()
    clock = Clock(NOW)
    stage = Stage(open_any(given.location, clock), clock)
    stage.prepare()
    gc.collect()
    gc.freeze()  # so that a fork copies less
    return replace(stage, timing=BROKEN[given.broken]()) if given.broken else stage


def _show(given: argparse.Namespace) -> int:
    """Plays one scenario and prints all that is known of it."""
    with tempfile.TemporaryDirectory() as folder:
        given.location = given.server or folder
        stage = _stage(given)
        scenario = eval(given.only, {"Scenario": Scenario})  # noqa: S307 - typed by whoever runs it
        played = stage.play(scenario)
        wrong = judge(stage.store, scenario, played)
        for line in reversed(stage.store.activity(limit=1000)):
            moved = f"{line.old or ''} -> {line.new or ''}"
            print(f"{line.at:%H:%M:%S} {line.by}: {line.action} {line.subject} {moved} {line.detail or ''}")
        for entry in played.desk.journal:
            print(f"PSA: {entry.what} {entry.method} {entry.path} {entry.body}")
        print(f"killed: {played.killed}", *wrong.all, sep="\n")
        stage.store.close()
    return 1 if wrong.all else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
