"""The comparison: one row a PSA line, or what would be one, against its share of its group's usage (R1 to R5, R10, R12).

Rows stand in one order throughout: the compared lines first, then what is new revenue. Numbers are scaled integers until the end.
"""

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core import causes
from core.evidence import Evidence
from core.exact import MONEY, QUANTITY, Flags, Ints, to_int
from core.fingerprints import fingerprints
from core.frames import Objects, codes, frame_of_columns
from core.joining import NEW_REVENUE, NO_CHANGE, NO_USAGE, NOT_KNOWN, RECONCILE, STATES, Joined
from core.records import Agreement, Comparison, Service
from core.row_dates import row_dates
from core.row_names import row_names, sheet_vendors
from core.row_numbers import row_numbers
from core.rows import Bills, Rows, apply_money_measure, bills_of, make_rows
from core.run import Inputs
from core.scope import Scope
from core.usage_of_parts import UsageOfParts


def compare(
    inputs: Inputs,
    services: dict[str, Service],
    agreements: tuple[Agreement, ...],
    joined: Joined,
    usage: UsageOfParts,
    scope: Scope,
    evidence: Evidence,
) -> pd.DataFrame:
    """The Comparison frame: by vendor; rows to decide first by absolute effect, then Not known, No change last."""
    rows = make_rows(inputs, joined, usage, services)
    apply_money_measure(rows, joined, usage)
    bills = bills_of(rows)
    vendor = sheet_vendors(rows, joined, usage, evidence)
    order = _order(inputs, rows, joined, bills, vendor)
    rows, bills, vendor = rows.put(order), bills.put(order), vendor[order]
    made = row_numbers(rows, bills, joined, usage)
    made |= row_names(inputs, rows, joined, vendor, usage, evidence, services)
    made |= row_dates(inputs, rows, joined, usage, scope, agreements)
    made |= _judgement(inputs, rows, bills, joined, usage, scope)
    made |= _history(inputs, rows, made)
    made["fingerprint"] = fingerprints(made)
    return frame_of_columns(Comparison, made)


def _judgement(inputs: Inputs, rows: Rows, bills: Bills, joined: Joined, usage: UsageOfParts, scope: Scope) -> dict[str, Any]:
    """State, cause, the sentence under Why, and whether the change is large."""
    cause, why = causes.sentences(inputs, rows, joined, usage, scope)
    return {
        "state": np.array([str(s) for s in STATES], dtype=object)[rows.state],
        "cause": cause,
        "why": why,
        "large": _large(inputs, rows, bills),
    }


def _large(inputs: Inputs, rows: Rows, bills: Bills) -> Flags:
    """R14: many units that are also a large part, much money, or to nothing."""
    settings = inputs.settings
    gap = np.abs(rows.difference)
    units = gap >= to_int(settings.large_units, QUANTITY)
    percent = Fraction(settings.large_percent) / 100
    share = gap * percent.denominator >= rows.psa * percent.numerator
    effect = np.abs(bills.month_after - bills.month_before)
    amount = bills.known & (effect >= to_int(settings.large_amount, MONEY))
    deciding = np.isin(rows.state, (RECONCILE, NEW_REVENUE, NO_USAGE))
    return np.asarray(deciding & ((units & share & rows.proposed) | amount | (rows.state == NO_USAGE)))


def _history(inputs: Inputs, rows: Rows, made: dict[str, Any]) -> dict[str, Any]:
    """What the period before said of the same key, and for how many months in a row the row has stood open."""
    standing = rows.state != NO_CHANGE
    if not inputs.earlier:
        return {"age": standing.astype(np.int64)}
    earlier = [inputs.earlier.get(k) for k in made["key"]]
    before = np.array([e.age if e else 0 for e in earlier], dtype=np.int64)
    return {
        "last_month": [e.vendor_quantity if e else None for e in earlier],
        "age": np.where(standing, before + 1, 0),
    }


def _order(inputs: Inputs, rows: Rows, joined: Joined, bills: Bills, vendor: Objects) -> Ints:
    """By vendor; to decide by absolute effect, an unpriced one after the priced; then Not known; No change last."""
    effect = np.where(bills.known, bills.month_after - bills.month_before, 0)
    rank = np.select([rows.state == NO_CHANGE, rows.state == NOT_KNOWN], [2, 1], 0)
    by = (_rank(joined.groups.service[rows.part]), _rank(joined.groups.customer[rows.part]), -np.abs(effect), ~bills.known, rank)
    return np.lexsort((np.arange(len(rank)), *by, _rank(vendor)))


def _rank(names: Objects) -> Ints:
    numbers, distinct = codes(pa.array(names, pa.string()))
    order = np.argsort(distinct.astype(str)) if len(distinct) else np.array([], dtype=np.int64)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[numbers] if len(distinct) else numbers
