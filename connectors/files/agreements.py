"""The PSA's agreements export as agreement lines, and the agreements that have none."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.files.charges import Import
from connectors.files.loading import load_profiles
from connectors.files.profile import Profile, Role
from connectors.files.reading import Reading, read
from core.frames import frame_of_columns
from core.records import Agreement, AgreementLine
from core.settings import Settings

NEEDED_IN_LINE = ("service_id", "quantity", "unit_price")

MADE_OF = ("agreement_id", "service_id", "effective")
"""What an id is made of where the export has none."""

ORDERED_BY = ("service", "unit_price", "unit_cost", "cancelled", "included", "quantity")
"""What orders lines alike in that: first what changes least from month to month."""

USUAL = {"included": Decimal(0), "status": "Active", "bill_customer": "Billable", "in_arrears": False, "prorates": False}
"""What holds where the profile gives no default of its own."""


def read_agreements(path: Path | str, settings: Settings, profiles: Sequence[Profile] | None = None) -> Import:
    """The export as AgreementLine rows; ImportRefused names everything that is wrong with it."""
    known = load_profiles() if profiles is None else profiles
    reading = read(Path(path), [p for p in known if p.role is Role.AGREEMENTS], settings.currency)
    reading.compose()
    for name, value in USUAL.items():
        reading.default(name, value)
    lines = _lines(reading)
    _check(reading, lines)
    ids = _line_ids(reading, lines)
    reading.findings.refuse_if_any()
    columns = _columns(reading, lines, ids)
    return Import(frame_of_columns(AgreementLine, columns), reading.source("PSA"), _agreements(reading, set(lines)))


def _lines(reading: Reading) -> list[int]:
    """The positions that hold a line; the others only declare their agreement."""
    cells = zip(reading.column("service_id"), reading.column("quantity"), strict=True)
    return [position for position, (service, quantity) in enumerate(cells) if service is not None or quantity is not None]


def _check(reading: Reading, lines: Sequence[int]) -> None:
    for name in NEEDED_IN_LINE:
        values = reading.column(name)
        for position in lines:
            if values[position] is None and not reading.found_at(position, name):
                reading.find(position, name, "is empty; a line needs its product, its quantity and its price (0 where it has none)")


def _line_ids(reading: Reading, lines: Sequence[int]) -> list[str]:
    """The PSA's line ids, or ids made of what a line is; two rows with one id are a problem."""
    if "line_id" not in reading.columns:
        reading.notes.append("it has no line ids; they were made of agreement, product, effective date and order")
        return _made_ids(reading, lines)
    ids = reading.column("line_id")
    first: dict[str, int] = {}
    for position in lines:
        if ids[position] is None:
            if not reading.found_at(position, "line_id"):
                reading.find(position, "line_id", "is empty; every line needs its id where the export has the column")
        elif first.setdefault(ids[position], position) != position:
            earlier = reading.table.sheet.row_number(reading.rows[first[ids[position]]])
            reading.find(position, "line_id", f"{ids[position]!r} stands in row {earlier} already; a line id may stand once")
    return [ids[position] for position in lines]


def _made_ids(reading: Reading, lines: Sequence[int]) -> list[str]:
    """Ids that do not depend on the order of the rows, but for lines that are equal in everything."""
    parts = list(zip(*(reading.column(name) for name in MADE_OF), strict=True))
    content = list(zip(*(reading.column(name) for name in ORDERED_BY), strict=True))
    alike = defaultdict(list)
    for position in lines:
        alike["/".join("-" if part is None else str(part) for part in parts[position])].append(position)
    made = {}
    for text, positions in alike.items():
        for number, position in enumerate(sorted(positions, key=lambda at: tuple(map(str, content[at]))), 1):
            made[position] = f"{text}/{number}"
    return [made[position] for position in lines]


def _columns(reading: Reading, lines: Sequence[int], ids: list[str]) -> dict[str, Any]:
    values = {name: [reading.column(name)[position] for position in lines] for name in reading.columns}
    empty = [None] * len(lines)
    columns = {
        name: values.get(name, empty)
        for name in (
            "agreement_id", "agreement", "parent_agreement", "customer_id", "customer", "service_id", "quantity", "included",
            "unit_price", "unit_cost", "effective", "cancelled", "cycle_months", "bill_customer", "in_arrears", "prorates",
            "invoiced_through", "currency",
        )
    }  # fmt: skip
    services = zip(values.get("service", empty), values["service_id"], strict=True)
    return columns | {
        "line_id": ids,
        "service": [service or service_id for service, service_id in services],
        "agreement_status": values["status"],
        "place": [_place(reading, position) for position in lines],
        "version": empty,
    }


def _place(reading: Reading, position: int) -> str:
    return f"{reading.book.file} row {reading.table.sheet.row_number(reading.rows[position])}"


def _agreements(reading: Reading, lines: set[int]) -> tuple[Agreement, ...]:
    names = (
        "agreement_id", "agreement", "parent_agreement", "customer_id", "customer", "status", "cycle_months", "in_arrears",
        "prorates", "invoiced_through", "currency",
    )  # fmt: skip
    rows = (position for position in range(len(reading.rows)) if position not in lines)
    columns = [reading.column(name) for name in names]
    return tuple(dict.fromkeys(Agreement(*(column[position] for column in columns)) for position in rows))
