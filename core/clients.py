"""Each customer at a glance, worst first: where to begin."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core.behind import Behind, behind
from core.exact import MONEY, QUANTITY, Flags, Ints, decimals, scaled
from core.frames import Money, Objects, Quantity, alike, codes, frame_of_columns, picked, texts, values
from core.groups import sums
from core.records import State
from core.run import Reconciliation
from core.words import CYCLES

DIFFER = (State.RECONCILE, State.NEW_REVENUE, State.NO_USAGE)


@dataclass(frozen=True, slots=True)
class Client:
    """One customer's rows in one currency."""

    key: str
    customer: str
    customer_id: str
    billing_cycle: str
    services: int
    lines: int  # rows of the vendors' sheets
    seats: Quantity  # that vendors count
    discrepancies: int
    not_known: int
    open: int  # rows that wait for somebody when the workbook is issued
    money: Money  # sum of the absolute effects per month
    effect: Money  # their sum
    not_priced: int  # discrepancies whose effect is not known
    revenue: Money  # per month, before
    currency: str


def clients(result: Reconciliation, found: Behind | None = None) -> pd.DataFrame:
    """A Client frame, a row a customer and currency: the largest absolute amount first, then the most discrepancies.

    found: what `behind` says of the result, where it is known already.
    """
    found = found or behind(result)
    rows = result.comparisons
    customers, _ = codes(rows["customer_id"])
    currencies, _ = codes(rows["currency"])
    client, first = alike((customers, currencies))
    client, count = client[: len(rows)], len(first) if len(rows) else 0
    state = texts(rows["state"])
    differs, unknown = np.isin(state.astype(str), [str(s) for s in DIFFER]), state == State.NOT_KNOWN
    effect, priced = scaled(rows["effect"])
    money = sums(client, np.abs(effect), count)
    discrepancies = _number(client, differs, count)
    counts = (found.row >= 0) & (found.usage >= 0) & ~found.money
    order = np.lexsort((np.arange(count), -discrepancies, -money))
    taken = picked(rows, first[:count][order], ("customer", "customer_id", "currency"))
    columns: dict[str, Any] = {
        "key": [f"client:{i}:{c}" for i, c in zip(values(taken["customer_id"]), values(taken["currency"]), strict=True)],
        **taken,
        "billing_cycle": pa.array(_cycles(client, np.asarray(rows["months"], dtype=np.int64), count)[order], pa.string()),
        "services": _distinct(client, codes(rows["service_id"])[0], count)[order],
        "lines": np.bincount(client, minlength=count)[order],
        "seats": decimals(sums(client[found.row[counts]], found.units[counts], count)[order], None, QUANTITY),
        "discrepancies": discrepancies[order],
        "not_known": _number(client, unknown, count)[order],
        "open": _number(client, differs | unknown, count)[order],
        "money": decimals(money[order], None, MONEY),
        "effect": decimals(sums(client, effect, count)[order], None, MONEY),
        "not_priced": _number(client, differs & ~priced, count)[order],
        "revenue": decimals(sums(client, scaled(rows["revenue_before"])[0], count)[order], None, MONEY),
    }
    return frame_of_columns(Client, columns)


def _number(client: Ints, flags: Flags, count: int) -> Ints:
    return sums(client, flags.astype(np.int64), count)


def _distinct(client: Ints, numbers: Ints, count: int) -> Ints:
    _, first = alike((client, numbers))
    return np.bincount(client[first[: len(client)]], minlength=count)


def _cycles(client: Ints, months: Ints, count: int) -> Objects:
    """The billing cycles of each client's rows, the shortest first."""
    named: list[list[str]] = [[] for _ in range(count)]
    for code, length in sorted(set(zip(client.tolist(), months.tolist(), strict=True))):
        named[code].append(CYCLES.get(length, f"{length} months"))
    return np.array([*(", ".join(names) for names in named), None], dtype=object)[:-1]
