"""Seconds, rows a second and peak memory of import, compare, issue and read, each size in a process of its own: make bench.

Compare stands beside a bare pandas outer merge of the same frames, in turns, and its ratio is the median of pairs. Machines
are noisy: read medians and ratios, not single seconds.
"""

import datetime as dt
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from connectors.files import read_agreements, read_catalogue, read_usage
from connectors.sandbox.make import LINES_EACH, make_world
from connectors.sandbox.world import PERIOD, TODAY, World
from connectors.sandbox.world_files import CATALOGUE, write_world
from core import compare
from core.reconcile import reconcile
from core.run import Inputs, Reconciliation
from tests.measuring import measured, seconds
from workbooks.identity import Identity
from workbooks.reader import read_workbook
from workbooks.writer import write_workbook

SIZES = (300, 5_000, 100_000)
PAIRS = {300: 9, 5_000: 7, 100_000: 5}


def main(sizes: tuple[int, ...]) -> None:
    print(f"{'step':34}{'lines':>10}{'rows':>10}{'seconds':>10}{'rows/s':>12}{'peak MiB':>10}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            _bench(size, Path(folder))


def run_of(size: int) -> Reconciliation:
    """The run of a made month with about that many lines."""
    world = make_world(max(20, round(size / LINES_EACH)), lines=size)
    with tempfile.TemporaryDirectory() as folder:
        return reconcile(_import(world, *write_world(world, Path(folder))))


def _bench(size: int, folder: Path) -> None:
    world = make_world(max(20, round(size / LINES_EACH)), lines=size)
    paths = write_world(world, folder)
    inputs = _measured("import", size, lambda: _import(world, *paths))
    result = _measured("compare, fingerprints and all", size, lambda: reconcile(inputs))
    _ratio(inputs, result, size)
    identity = Identity("bench", f"{PERIOD}-1", 1, PERIOD, "all", "", dt.datetime.now(dt.UTC), "bench", "Northbridge IT Services")
    book = folder / "bench.xlsx"
    rows = len(result.comparisons)
    _timed("issue", size, lambda: write_workbook(result, book, identity), rows)
    _timed("read", size, lambda: read_workbook(book), rows)


def _import(world: World, agreements: Path, usage: list[Path]) -> Inputs:
    lines = read_agreements(agreements, world.settings)
    found = [read_usage(path, world.settings) for path in usage]
    catalogue = read_catalogue(agreements.parent / CATALOGUE, world.settings)
    charges = pd.concat([f.frame for f in found], ignore_index=True)
    sources = (lines.source, *(f.source for f in found), catalogue.source)
    return Inputs(PERIOD, TODAY, lines.frame, charges, sources, catalogue.services, lines.agreements, world.mapping, world.settings)


def _measured(step: str, size: int, work: Callable[[], Any]) -> Any:
    """Times the work, and runs it here once more for its result."""
    result = work()
    inputs = result if isinstance(result, Inputs) else result.inputs
    _timed(step, size, work, len(inputs.lines) + len(inputs.charges))
    return result


def _timed(step: str, size: int, work: Callable[[], Any], rows: int) -> None:
    took = measured(work)
    peak = "-" if took.peak is None else f"{took.peak:,.0f}"
    print(f"{step:34}{size:>10,}{rows:>10,}{took.seconds:>10.3f}{rows / took.seconds:>12,.0f}{peak:>10}", flush=True)


def _ratio(inputs: Inputs, result: Reconciliation, size: int) -> None:
    """Compare without fingerprints against a bare outer merge of the same frames, pair by pair."""
    inputs = replace(inputs, mapping=result.mapping)  # the merge is told who is who, and so is the comparison
    usage = _mapped(inputs.charges, result)
    pairs = [
        (seconds(lambda: _without_fingerprints(inputs)), seconds(lambda: _bare_merge(inputs.lines, usage)))
        for _ in range(PAIRS.get(size, 3))
    ]
    ours, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"{'  compare without fingerprints':34}{size:>10,}{'':>10}{ours:>10.3f}")
    print(f"{'  bare pandas outer merge':34}{size:>10,}{'':>10}{bare:>10.3f}   ratio {ratio:.1f} (at most 8 wanted at 100,000)")


def _mapped(charges: pd.DataFrame, result: Reconciliation) -> pd.DataFrame:
    """The charges with the customer and service that they are mapped to: what a bare merge needs to be told."""
    customers = {(a.vendor, a.account_id): a.customer_id for a in result.mapping.accounts}
    services = {(s.vendor, s.vendor_service_id): s.service_id for s in result.mapping.services}
    vendors = charges["vendor"].to_list()
    text = pd.ArrowDtype(pa.string())
    return charges.assign(
        customer_id=pd.array([customers.get(k) for k in zip(vendors, charges["account_id"], strict=True)], dtype=text),
        service_id=pd.array([services.get(k) for k in zip(vendors, charges["vendor_service_id"], strict=True)], dtype=text),
    )


def _bare_merge(lines: pd.DataFrame, usage: pd.DataFrame) -> pd.DataFrame:
    return lines.merge(usage, how="outer", on=["customer_id", "service_id"], indicator=True)


def _without_fingerprints(inputs: Inputs) -> Reconciliation:
    kept = compare.fingerprints
    compare.fingerprints = lambda made: [""] * len(made["vendor"])
    try:
        return reconcile(inputs)
    finally:
        compare.fingerprints = kept


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
