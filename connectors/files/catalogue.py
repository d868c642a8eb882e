"""The PSA's catalogue export as services."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.files.loading import load_profiles
from connectors.files.profile import Profile, Role
from connectors.files.reading import Reading, read
from core.records import Service, Source
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class CatalogueImport:
    """A catalogue that was taken."""

    services: tuple[Service, ...]
    source: Source


def read_catalogue(path: Path | str, settings: Settings, profiles: Sequence[Profile] | None = None) -> CatalogueImport:
    """The export's services; ImportRefused names everything that is wrong with it."""
    known = load_profiles() if profiles is None else profiles
    reading = read(Path(path), [p for p in known if p.role is Role.CATALOGUE], settings.currency)
    reading.compose()
    _check(reading)
    reading.findings.refuse_if_any()
    columns = [reading.column(name) for name in ("service_id", "service", "price", "cost", "sku")]
    services = tuple(Service(*row) for row in zip(*columns, strict=True))
    return CatalogueImport(services, reading.source("catalogue"))


def _check(reading: Reading) -> None:
    """A product stands once: with two prices nobody could say which one a new line gets."""
    first: dict[str, int] = {}
    for position, service_id in enumerate(reading.column("service_id")):
        if service_id is not None and first.setdefault(service_id, position) != position:
            earlier = reading.table.sheet.row_number(reading.rows[first[service_id]])
            reading.find(position, "service_id", f"{service_id!r} stands in row {earlier} already; a product may stand once")
