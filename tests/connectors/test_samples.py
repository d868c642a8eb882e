"""Every sample file as it is read: the golden file beside it holds the records, the agreements without lines and the source."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.files import read_agreements, read_catalogue, read_usage
from core.frames import records
from core.records import AgreementLine, Charge
from core.settings import Settings
from tests.connectors.files import SAMPLES


def _plain(record: Any) -> dict[str, Any]:
    return {key: value for key, value in dataclasses.asdict(record).items() if value is not None}


def _read(path: Path) -> dict[str, Any]:
    if path.name.startswith("catalogue"):
        catalogue = read_catalogue(path, Settings())
        return {"source": _plain(catalogue.source), "services": [_plain(service) for service in catalogue.services]}
    if path.name.startswith("agreements"):
        taken = read_agreements(path, Settings())
        lines = [_plain(line) for line in records(AgreementLine, taken.frame)]
        return {"source": _plain(taken.source), "agreements": [_plain(a) for a in taken.agreements], "lines": lines}
    taken = read_usage(path, Settings())
    return {"source": _plain(taken.source), "charges": [_plain(charge) for charge in records(Charge, taken.frame)]}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.stem)
def test_a_sample_is_read_as_its_golden_file_says(path: Path, golden: Callable[[Path, str], None]) -> None:
    text = json.dumps(_read(path), indent=1, default=str, ensure_ascii=False)
    golden(path.with_suffix(".json"), text + "\n")
