"""What vendors charge for one unit beside the catalogue's cost (R15), and the agreement lines that carry the catalogue's.

A cost is of one unit and one month, from the full period's price, never a prorated one.
"""

import hashlib
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.behind import Behind, behind
from core.causes import number
from core.exact import PRICE, QUANTITY, Flags, Ints, divide, scaled, to_int
from core.frames import Price, Quantity, alike, array, codes, frame, picked, records, values
from core.groups import sums
from core.records import AgreementLine, Service
from core.run import Inputs, Reconciliation

COST = "cost:"
"""How the key of a service's cost begins."""


class CostState(StrEnum):
    """What the costs of a service say."""

    SAME = "Same"
    DIFFERS = "Differs"  # the vendor's is another one than the catalogue's
    MIXED = "Mixed"  # there is more than one: nothing is proposed
    OTHER_CURRENCY = "Other currency"  # there is one, in another currency: nothing is proposed


@dataclass(frozen=True, slots=True)
class VendorCost:
    """What a vendor charges for one unit and month, and for how many units."""

    vendor: str
    currency: str
    cost: Decimal
    units: Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """One catalogue service with its costs."""

    key: str
    fingerprint: str  # of everything a decision rests on
    state: CostState
    service_id: str
    service: str
    agreements: int  # that have a line of it which is billed
    carrying: int  # lines with the catalogue's cost
    own: int  # lines with a cost of their own
    catalogue_cost: Price | None
    vendors: str
    vendor_costs: str  # with their units
    vendor_cost: Price | None  # the one that is proposed; None: nothing is
    units: Quantity  # that the vendors charge
    currency: str  # of the catalogue
    to_decide: bool


@dataclass(frozen=True, slots=True)
class CostRow:
    """A service's costs, side by side, and its lines."""

    service: Service
    vendor_costs: tuple[VendorCost, ...]
    carrying: tuple[AgreementLine, ...]  # open lines with the catalogue's cost
    own: tuple[AgreementLine, ...]  # open lines with a cost of their own

    @property
    def mixed(self) -> bool:
        """Whether nothing can be proposed: there is more than one cost."""
        return len({(found.currency, found.cost) for found in self.vendor_costs}) > 1

    @property
    def differs(self) -> bool:
        return any(found.cost != self.service.cost for found in self.vendor_costs)


def cost_key(service_id: str) -> str:
    """The key of a service's cost: the same in every run."""
    return COST + service_id


def costs(result: Reconciliation, found: Behind | None = None) -> pd.DataFrame:
    """A Cost frame: every service of the catalogue whose vendors say what a unit costs; those to decide first, then by name.

    found: what `behind` says of the result, where it is known already.
    """
    charged = vendor_costs(result, found)
    services = {s.service_id: s for s in result.inputs.services if s.service_id in charged}
    lines = _lines(result.inputs, services)
    currency = catalogue_currency(result.inputs)
    rows = [_cost(service, charged[id_], lines.get(id_, (0, 0, 0)), currency) for id_, service in services.items()]
    return frame(Cost, sorted(rows, key=lambda r: (r.state is CostState.SAME, r.service.casefold(), r.service_id)))


def _cost(service: Service, charged: tuple[VendorCost, ...], lines: tuple[int, int, int], currency: str) -> Cost:
    state, proposed = _state(service, charged, currency)
    told = "; ".join(f"{c.vendor} {amount(c.cost)} {c.currency} ({number(c.units)} units)" for c in charged)
    vendors = ", ".join(dict.fromkeys(c.vendor for c in charged))
    units = sum((c.units for c in charged), Decimal(0))
    return Cost(
        cost_key(service.service_id), _fingerprint(service, charged, lines, currency), state, service.service_id,
        service.service, *lines, service.cost, vendors, told, proposed, units, currency,
        state is not CostState.SAME,
    )  # fmt: skip


def _fingerprint(service: Service, charged: tuple[VendorCost, ...], lines: tuple[int, int, int], currency: str) -> str:
    old = "" if service.cost is None else amount(service.cost)
    rests_on = [service.service_id, old, currency, *map(str, lines)]
    rests_on += [text for c in charged for text in (c.vendor, c.currency, amount(c.cost))]
    return hashlib.blake2b("\x1f".join(rests_on).encode(), digest_size=8).hexdigest()


def _state(service: Service, charged: tuple[VendorCost, ...], currency: str) -> tuple[CostState, Decimal | None]:
    """What is said of the costs, and the one that is proposed."""
    if len({(c.currency, c.cost) for c in charged}) > 1:
        return CostState.MIXED, None
    (one, *_) = charged
    if one.currency != currency:
        return CostState.OTHER_CURRENCY, None
    return (CostState.SAME if one.cost == service.cost else CostState.DIFFERS), one.cost


def amount(cost: Decimal) -> str:
    """A cost as sentences show it: with two places, or as many as it has."""
    whole, _, places = f"{cost.normalize():f}".partition(".")
    return f"{whole}.{places:0<2}"


def catalogue_currency(inputs: Inputs) -> str:
    """The currency of the catalogue's costs: that of all lines, or where they have several the one that is set."""
    found = values(inputs.lines["currency"].drop_duplicates())
    return str(found[0]) if len(found) == 1 else inputs.settings.currency


def vendor_costs(result: Reconciliation, found: Behind | None = None) -> dict[str, tuple[VendorCost, ...]]:
    """What each vendor charges for a unit and month, by PSA service, from the rows that count for a row of the comparison.

    The last answer is kept as long as its result: one request asks several times.
    """
    kept = _last.get("answer")
    if kept is not None and kept[0]() is result:
        return kept[1]
    made = _vendor_costs(result, found or behind(result))
    _last["answer"] = (weakref.ref(result, lambda _: _last.clear()), made)
    return made


_last: dict[str, tuple[weakref.ref[Reconciliation], dict[str, tuple[VendorCost, ...]]]] = {}


def _vendor_costs(result: Reconciliation, found: Behind) -> dict[str, tuple[VendorCost, ...]]:
    cost, has = scaled(found.counted.usage["unit_cost"])
    part = np.flatnonzero((found.row >= 0) & (found.usage >= 0) & (found.units > 0) & ~found.money)
    part = part[has[found.usage[part]]]
    usage, charge = found.usage[part], found.charge[part]
    month = divide(cost[usage], np.asarray(found.counted.usage["cost_months"], dtype=np.int64)[usage])
    month = _of_our_unit(month, part, found.resolved.multipliers)
    services, names = codes(found.resolved.part_service)
    vendors, sellers = codes(result.inputs.charges["vendor"])
    currencies, coins = codes(result.inputs.charges["currency"])
    which, first = alike((services[part], vendors[charge], currencies[charge], month))
    units = sums(which, found.units[part], len(first))
    made: dict[str, list[VendorCost]] = {}
    for at, counted in zip(first.tolist(), units.tolist(), strict=True):
        one = VendorCost(
            str(sellers[vendors[charge[at]]]), str(coins[currencies[charge[at]]]), _decimal(month[at], PRICE),
            _decimal(counted, QUANTITY),
        )  # fmt: skip
        made.setdefault(str(names[services[part[at]]]), []).append(one)
    return {service: tuple(sorted(all_, key=lambda c: (c.vendor, c.currency, c.cost))) for service, all_ in made.items()}


def _of_our_unit(month: Ints, part: Ints, multipliers: Mapping[int, Decimal]) -> Ints:
    """Where one of the vendor's units is several of ours, one of ours costs a part of it."""
    places = {int(p): at for at, p in enumerate(part)} if multipliers else {}
    for p, multiplier in multipliers.items():
        if p in places and multiplier:
            month[places[p]] = int((Decimal(int(month[places[p]])) / multiplier).to_integral_value())
    return month


def _decimal(scaled_number: int, places: int) -> Decimal:
    return Decimal(int(scaled_number)).scaleb(-places).normalize()


def _lines(inputs: Inputs, services: Mapping[str, Service]) -> dict[str, tuple[int, int, int]]:
    """By service: agreements that bill it, lines with the catalogue's cost, and lines with a cost of their own."""
    places, carries = _billed(inputs, services)
    taken = picked(inputs.lines, places, ("service_id", "agreement_id"))
    code, names = codes(taken["service_id"])
    agreements, _ = codes(taken["agreement_id"])
    _, first = alike((code, agreements))
    count = len(names)
    on = np.bincount(code[first], minlength=count) if len(places) else np.zeros(count, dtype=np.int64)
    with_it = sums(code, carries.astype(np.int64), count)
    of_own = sums(code, (~carries).astype(np.int64), count)
    return {str(name): (int(on[i]), int(with_it[i]), int(of_own[i])) for i, name in enumerate(names)}


def _billed(inputs: Inputs, services: Mapping[str, Service]) -> tuple[Ints, Flags]:
    """Where the lines of these services stand that are billed, and which of them carry the catalogue's cost, in its currency."""
    lines = inputs.lines
    ended = pc.less(array(lines["cancelled"]), pa.scalar(inputs.today)).fill_null(False)
    wanted = pc.is_in(array(lines["service_id"]), value_set=pa.array(list(services), pa.string()))
    active = pc.equal(pc.utf8_lower(array(lines["agreement_status"])), "active").fill_null(False)
    billed = np.asarray(wanted) & np.asarray(active) & ~np.asarray(ended) & (scaled(lines["quantity"])[0] > 0)
    places = np.flatnonzero(billed).astype(np.int64)
    taken = picked(lines, places, ("service_id", "unit_cost", "currency"))
    code, names = codes(taken["service_id"])
    known = [services[str(name)].cost for name in names]
    catalogue = np.array([0 if c is None else to_int(c, PRICE) for c in known], dtype=np.int64)[code]
    has_catalogue = np.array([c is not None for c in known], dtype=bool)[code]
    cost, has = scaled(taken["unit_cost"])
    here = np.asarray(pc.equal(taken["currency"], catalogue_currency(inputs)))
    return places, (cost == catalogue) & (has == has_catalogue) & here


def cost_rows(result: Reconciliation, of: Iterable[str] | None = None) -> list[CostRow]:
    """The services of a run whose vendors say what a unit costs, with their lines, by name; `of`: these services alone."""
    charged = vendor_costs(result)
    known = {service.service_id: service for service in result.inputs.services}
    wanted = list(charged if of is None else of)
    services = {id_: known.get(id_) or Service(id_, id_, None, None) for id_ in wanted}
    places, carries = _billed(result.inputs, services)
    lines: dict[str, tuple[list[AgreementLine], list[AgreementLine]]] = {id_: ([], []) for id_ in services}
    for line, carried in zip(records(AgreementLine, result.inputs.lines.iloc[places]), carries.tolist(), strict=True):
        lines[line.service_id][0 if carried else 1].append(line)
    rows = [CostRow(s, charged.get(n, ()), tuple(lines[n][0]), tuple(lines[n][1])) for n, s in services.items()]
    return sorted(rows, key=lambda row: row.service.service.casefold())
