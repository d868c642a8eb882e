"""Both sides brought together: which lines are compared, which counts meet them, and the state of every part (R1, R3, R9)."""

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core import groups
from core.charges import Counted
from core.evidence import Evidence, Said
from core.exact import Ints, scaled
from core.frames import array, codes, picked, values
from core.groups import Groups, Side, sums
from core.records import Cause, State
from core.resolve import Resolved
from core.run import Inputs
from core.scope import Scope

STATES = (State.NO_CHANGE, State.RECONCILE, State.NEW_REVENUE, State.NO_USAGE, State.NOT_KNOWN)
NO_CHANGE, RECONCILE, NEW_REVENUE, NO_USAGE, NOT_KNOWN = range(5)
NO_ROW = 5


@dataclass(frozen=True, slots=True)
class Joined:
    """Both sides joined: what the rows, and the completeness proof, are made from."""

    line: Ints  # positions of the compared lines in the frame of lines
    groups: Groups
    part_usage: Ints  # usage row of each mapped charge part, or -1 where it counts nothing
    own: Ints  # its own quantity, scaled
    state: Ints  # of each part of a group
    why_not: dict[int, Said]  # of parts that are not known


@dataclass(frozen=True, slots=True)
class Grouped:
    """The two sides brought together, before anything is said of them."""

    line: Ints  # positions of the compared lines in the frame of lines
    groups: Groups
    part_usage: Ints  # usage row of each mapped charge part, or -1 where it counts nothing
    own: Ints  # its own quantity, scaled


def group_sides(inputs: Inputs, resolved: Resolved, counted: Counted, scope: Scope, sold: Container[str]) -> Grouped:
    """Sums both sides by group and joins them. sold: the PSA services that a vendor's service is mapped to."""
    services, names = codes(inputs.lines["service_id"])
    has_vendor = np.array([n in sold for n in names], dtype=bool)[services]
    line = np.flatnonzero(scope.compared & has_vendor)
    taken = picked(inputs.lines, line, ("line_id", "customer_id", "service_id", "quantity"))
    psa = scaled(taken["quantity"])[0]
    at = np.full(len(inputs.charges), -1, dtype=np.int64)
    at[np.asarray(counted.usage["row"], dtype=np.int64)] = np.arange(len(counted.usage))
    part_usage = at[resolved.part_row]
    counts = part_usage >= 0
    quantity = np.where(counts, scaled(counted.usage["quantity"])[0][part_usage], 0) if len(counted.usage) else part_usage * 0
    own, after = groups.share_quantities(quantity, resolved.shares, resolved.multipliers, resolved.part_row)
    lines = Side(
        taken["customer_id"],
        taken["service_id"],
        psa,
        np.ones(len(line), dtype=bool),
        line * 0 - 1,
        _ranks(resolved, taken),
    )
    tied = _tied_lines(inputs, resolved, taken["line_id"])
    usage = Side(resolved.part_customer, resolved.part_service, after, counts, tied, tied[:0])
    return Grouped(line, groups.join(lines, usage, own, resolved.mapping), part_usage, own)


def join(inputs: Inputs, resolved: Resolved, counted: Counted, scope: Scope, evidence: Evidence) -> Joined:
    """Sums both sides by group, joins them and gives every part its state."""
    made = group_sides(inputs, resolved, counted, scope, evidence.counted_by)
    not_known = _not_known(made.groups, inputs, resolved, counted, made.part_usage, evidence)
    return Joined(made.line, made.groups, made.part_usage, made.own, _states(made.groups, not_known), not_known)


def _ranks(resolved: Resolved, lines: dict[str, pa.Array]) -> Ints:
    """The order by id of the lines of customers that have a tied line; only ties ask for it."""
    tied = pc.is_in(lines["line_id"], value_set=pa.array([t.line_id for t in resolved.mapping.ties], pa.string()))
    among = pc.is_in(lines["customer_id"], value_set=lines["customer_id"].filter(tied).unique())
    return groups.line_order(lines["line_id"], np.asarray(among))


def _tied_lines(inputs: Inputs, resolved: Resolved, line_ids: pa.Array) -> Ints:
    """For every part the compared line that its subscription or account is tied to, or -1."""
    tied = np.full(len(resolved.part_row), -1, dtype=np.int64)
    if not resolved.mapping.ties:
        return tied
    position = {line_id: i for i, line_id in enumerate(values(line_ids))}
    ties = {(t.vendor, t.reference): position.get(t.line_id, -1) for t in resolved.mapping.ties}
    references = pa.array([t.reference for t in resolved.mapping.ties], pa.string())
    named = [np.asarray(pc.is_in(array(inputs.charges[c]), value_set=references)) for c in ("subscription_id", "account_id")]
    asked = np.flatnonzero(np.any(named, axis=0)[resolved.part_row])
    rows = picked(inputs.charges, resolved.part_row[asked], ("vendor", "subscription_id", "account_id"))
    columns = (values(column) for column in rows.values())
    for i, vendor, subscription, account in zip(asked.tolist(), *columns, strict=True):
        tied[i] = ties.get((vendor, subscription), ties.get((vendor, account), -1))
    return tied


def _not_known(
    joined: Groups, inputs: Inputs, resolved: Resolved, counted: Counted, part_usage: Ints, evidence: Evidence
) -> dict[int, Said]:
    """Parts of which nothing can be said, each with the reason (R9)."""
    if evidence.psa:
        return dict.fromkeys(range(len(joined.lines)), (Cause.STALE_DATA, evidence.psa))
    found: dict[int, Said] = {}
    counting = np.flatnonzero(part_usage >= 0)
    vendors_of: dict[int, set[str]] = defaultdict(set)
    if evidence.stale or evidence.silent:
        vendors = values(inputs.charges["vendor"].iloc[resolved.part_row[counting]])
        for part, vendor in zip(joined.usage_part[counting].tolist(), vendors, strict=True):
            vendors_of[part].add(vendor)
    for part, named in vendors_of.items():
        if stale := sorted(named & evidence.stale.keys()):
            found[part] = (Cause.STALE_DATA, evidence.stale[stale[0]])
    if len(counting):
        final = np.asarray(counted.usage["final"], dtype=bool)[part_usage[counting]]
        for part in joined.usage_part[counting][~final].tolist():
            found.setdefault(part, (Cause.TIMING, "the vendor's usage is not final yet"))
    priced = sums(joined.usage_part, scaled(inputs.charges["amount"])[1][resolved.part_row].astype(np.int64), len(joined.lines))
    for part in np.flatnonzero(joined.money & (joined.usages > 0) & (priced == 0)).tolist():
        found.setdefault(part, (Cause.STALE_DATA, "compared in money, and the vendor's file has no amounts"))
    short = (joined.lines > 0) & (joined.money | (joined.psa - joined.to_bill > joined.tolerance))
    for part in np.flatnonzero(short & np.isin(np.arange(len(short)), list(vendors_of))).tolist():
        if said := evidence.why_incomplete(joined.customer[part], joined.service[part], vendors_of[part]):
            found.setdefault(part, said)
    for part in np.flatnonzero((joined.lines > 0) & ((joined.usages == 0) | (joined.to_bill == 0)) & (joined.psa != 0)).tolist():
        if joined.money[part] and joined.usages[part]:
            continue
        if said := evidence.why_not_known(joined.customer[part], joined.service[part]):
            found.setdefault(part, said)
    return found


def _states(joined: Groups, not_known: dict[int, Said]) -> Ints:
    gap = np.abs(joined.to_bill - joined.psa) > joined.tolerance
    has_lines, used = joined.lines > 0, joined.to_bill > 0
    money_used = joined.money & (joined.usages > 0)
    state = np.select(
        [~has_lines & (used | money_used), ~has_lines, money_used, used & gap, ~used & (joined.psa != 0) & gap],
        [NEW_REVENUE, NO_ROW, RECONCILE, RECONCILE, NO_USAGE],
        NO_CHANGE,
    )
    unknown = np.array(sorted(not_known), dtype=np.int64)
    state[unknown[state[unknown] != NO_ROW]] = NOT_KNOWN
    return np.asarray(state, dtype=np.int64)
