"""Who and what every row is about: names, ids, its key, and the sheet it stands on (R1)."""

import hashlib
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from core.evidence import Evidence
from core.exact import PRICE, decimals, scaled, to_int
from core.frames import DIGITS, Objects, array, codes, names_of
from core.joining import Joined
from core.records import BillCustomer, Measure, Service
from core.rows import Rows
from core.run import Inputs
from core.usage_of_parts import UsageOfParts


def row_names(
    inputs: Inputs,
    rows: Rows,
    joined: Joined,
    vendor: Objects,
    usage: UsageOfParts,
    evidence: Evidence,
    services: dict[str, Service],
) -> dict[str, Any]:
    """Who and what a row is about: names, ids and its key."""
    new, part = ~rows.is_line, rows.part
    customers, bought = joined.groups.customer[part[new]], joined.groups.service[part[new]]
    names = _customer_names(inputs)
    lowest = usage.lowest_service[part]
    currency = np.where(usage.currency == None, inputs.settings.currency, usage.currency)  # noqa: E711 - elementwise
    line_ids = _of_lines(inputs, rows, "line_id", None)
    keys = np.array([f"line:{i}" for i in line_ids.to_pylist()], dtype=object)
    keys[new] = [new_key(c, s, v) for c, s, v in zip(customers, bought, lowest[new], strict=True)]
    service_ids = _of_lines(inputs, rows, "service_id", bought)
    return {
        "key": keys,
        "vendor": vendor,
        "measure": np.where(rows.money, str(Measure.MONEY), str(Measure.UNITS)).astype(object),
        "customer_id": _of_lines(inputs, rows, "customer_id", customers),
        "customer": _of_lines(inputs, rows, "customer", [names.get(c, c) for c in customers]),
        "service_id": service_ids,
        "service": _of_lines(inputs, rows, "service", [services[s].service if s in services else s for s in bought]),
        "agreement_id": _of_lines(inputs, rows, "agreement_id", None),
        "agreement": _of_lines(inputs, rows, "agreement", None),
        "line_id": line_ids,
        "bill_customer": _of_lines(inputs, rows, "bill_customer", str(BillCustomer.BILLABLE)),
        "catalogue_price": _catalogue(service_ids, {s: i.price for s, i in services.items()}),
        "unit_cost": _unit_costs(inputs, rows, bought, services),
        "currency": _of_lines(inputs, rows, "currency", currency[part[new]]),
        "vendor_account": usage.accounts[part],
        "vendor_service_id": lowest,
        "vendor_service": usage.service_names[part],
        "term": usage.terms[part],
        "as_of": _as_of(inputs, vendor, evidence),
    }


def _of_lines(inputs: Inputs, rows: Rows, name: str, of_new: Any) -> pa.Array:
    """A text of each row's PSA line; new revenue has what is given for it."""
    new = np.flatnonzero(~rows.is_line)
    given = np.full(len(new), None, dtype=object)
    given[:] = of_new
    at = rows.line.copy()
    at[new] = len(inputs.lines) + np.arange(len(new))
    return pa.concat_arrays([array(inputs.lines[name]), pa.array(given, pa.string())]).take(pa.array(at))


def _customer_names(inputs: Inputs) -> dict[str, str]:
    return names_of(inputs.lines, "customer_id", "customer") | {a.customer_id: a.customer for a in inputs.agreements}


def _catalogue(service_ids: pa.Array, amounts: dict[str, Decimal | None]) -> pa.Array:
    numbers, names = codes(service_ids)
    priced = pa.array([amounts.get(n) for n in names], type=pa.decimal128(DIGITS, PRICE))
    return priced.take(pa.array(numbers))


def _unit_costs(inputs: Inputs, rows: Rows, bought: Objects, services: dict[str, Service]) -> pa.Array:
    """The cost that the PSA records: the line's, or for new revenue the catalogue's."""
    of_line, has = scaled(inputs.lines["unit_cost"])
    costs = [services[s].cost if s in services else None for s in bought]
    number, valid = np.zeros(len(rows.line), dtype=np.int64), np.zeros(len(rows.line), dtype=bool)
    number[rows.is_line], valid[rows.is_line] = of_line[rows.line[rows.is_line]], has[rows.line[rows.is_line]]
    number[~rows.is_line] = [to_int(c, PRICE) if c is not None else 0 for c in costs]
    valid[~rows.is_line] = [c is not None for c in costs]
    return decimals(number, valid, PRICE)


def _as_of(inputs: Inputs, vendor: Objects, evidence: Evidence) -> pa.Array:
    """The day each row's count speaks of: the vendor's data, but no later than the period's."""
    latest = inputs.period.as_of(inputs.today)
    days_of = {v: min(day, latest) if (day := evidence.as_of.get(v)) else None for v in set(vendor)}
    return pa.array([days_of[v] for v in vendor], type=pa.date32())


def new_key(customer_id: str, service_id: str, vendor_service_id: str | None) -> str:
    """The key of new revenue: the same in every run, for it is made of ids only (R1)."""
    text = "\x1f".join((customer_id, service_id, vendor_service_id or ""))
    return "new:" + hashlib.blake2b(text.encode(), digest_size=10).hexdigest()


def sheet_vendors(rows: Rows, joined: Joined, usage: UsageOfParts, evidence: Evidence) -> Objects:
    """R1: the vendor with the largest count; without a count, one that sells the service and knows the customer."""
    shared, chosen = joined.groups, usage.vendors.copy()
    for part in np.unique(rows.part[shared.usages[rows.part] == 0]).tolist():
        sellers = evidence.counted_by.get(shared.service[part], ("",))
        chosen[part] = next((v for v in sellers if (v, shared.customer[part]) in evidence.at_vendor), sellers[0])
    return chosen[rows.part]
