"""Seconds and peak memory of a piece of work, in a fork of this process, for the benches."""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """What a piece of work took."""

    seconds: float
    peak: float | None  # MiB above what the process held before; None where the system does not say


def measured(work: Callable[[], Any], first: Callable[[], Any] | None = None) -> Measured:
    """Runs the work in a fork; RuntimeError where it ended without an answer.

    first: the same in small, which is done before the measuring begins, so that threads and pools of memory are there.
    """
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_child, args=(work, first, theirs))
    child.start()
    theirs.close()
    try:
        found = Measured(*ours.recv())
    except EOFError:
        raise RuntimeError("the measured work failed; see its traceback above") from None
    child.join()
    return found


def seconds(work: Callable[[], Any]) -> float:
    """Seconds of the work, here."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _child(work: Callable[[], Any], first: Callable[[], Any] | None, answer: Connection) -> None:
    if first is not None:
        first()
    before = _reset_peak()
    start = time.perf_counter()
    kept = work()
    taken = time.perf_counter() - start
    peak = _status("VmHWM")
    answer.send((taken, (peak - before) / MIB if peak and before else None))
    del kept


def _reset_peak() -> int | None:
    """Sets the process's peak memory to what it holds now, where the system can; bytes."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return None
    return _status("VmRSS")


def _status(name: str) -> int | None:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), None)
