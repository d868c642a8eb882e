"""The made MSP, written as files and read back, once a test run for each seed and size."""

import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pandas as pd

from connectors import files
from connectors.sandbox.make import make_world
from connectors.sandbox.world import PERIOD, TODAY, Key, World
from connectors.sandbox.world_files import CATALOGUE, write_world
from core.frames import records
from core.reconcile import reconcile
from core.records import Comparison
from core.run import Inputs, Reconciliation

WORLDS = [*((seed, 40) for seed in range(1, 5)), (5, 200)]


@dataclass(frozen=True, slots=True)
class Made:
    """A world, what was read of it, and what the comparison says."""

    world: World
    inputs: Inputs
    result: Reconciliation
    rows: dict[Key, Comparison]


@cache
def made(seed: int, customers: int) -> Made:
    world = make_world(customers, seed)
    with tempfile.TemporaryDirectory() as folder:
        agreements, usage = write_world(world, Path(folder))
        psa = files.read_agreements(agreements, world.settings)
        catalogue = files.read_catalogue(Path(folder) / CATALOGUE, world.settings)
        read = [files.read_usage(path, world.settings) for path in usage]
    charges = pd.concat([r.frame for r in read], ignore_index=True)
    sources = (psa.source, *(r.source for r in read), catalogue.source)
    inputs = Inputs(PERIOD, TODAY, psa.frame, charges, sources, catalogue.services, psa.agreements, world.mapping, world.settings)
    result = reconcile(inputs)
    return Made(world, inputs, result, {key_of(r): r for r in records(Comparison, result.comparisons)})


def key_of(row: Comparison) -> Key:
    return ("line", row.line_id, "") if row.line_id else ("new", row.customer_id, row.service_id)


def again(world: Made, **changes: object) -> Reconciliation:
    return reconcile(replace(world.inputs, **changes))  # type: ignore[arg-type]
