"""Groups (R1): PSA lines and counted usage of one customer and service, summed on each side before they are joined.

A group falls into parts where a subscription or a site is tied to one of its lines. Every part is a number, so the outer
join of the two sides is an index, and whether a part has lines, usage or both is its indicator: the same as a merge, without
copying rows.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa

from core import mapping as maps
from core.exact import PRICE, QUANTITY, Flags, Ints, round_up, to_int
from core.frames import Objects, codes, values
from core.mapping import ServiceRule
from core.records import Measure

NO_MINIMUM = -1
FULL = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the join: the customer and service of each entry, and its quantity (scaled)."""

    customer: pa.Array
    service: pa.Array
    quantity: Ints
    counts: Flags  # False: money only, neither a line nor a count
    tied_line: Ints  # usage: position of the PSA line it is tied to, or -1
    rank: Ints  # lines: by id; usage: none


@dataclass(frozen=True, slots=True)
class Groups:
    """The parts of all groups, with what each sums to. Quantities are scaled."""

    line_part: Ints  # part of each line
    usage_part: Ints  # part of each usage entry, those that are money only included
    customer: Objects  # id, of each part
    service: Objects
    lines: Ints  # how many
    usages: Ints  # how many counts
    psa: Ints
    vendor: Ints  # the vendor's own count, before multiplier and minimum
    to_bill: Ints
    minimum: Ints  # NO_MINIMUM where there is none
    at_minimum: Flags  # the minimum is above what is used
    tolerance: Ints
    money: Flags  # measured in money
    markup: Ints  # scaled as a price
    keep_at_zero: Flags


def sums(codes: Ints, values: Ints, length: int) -> Ints:
    """Exact integer sums of values by code; OverflowError where one could be beyond 64 bits."""
    if len(values) and max(int(values.max()), -int(values.min())) * len(values) > FULL:
        _sum_of_magnitudes(codes, values, length)
    total = np.zeros(length, dtype=np.int64)
    np.add.at(total, codes, values)
    return total


def _sum_of_magnitudes(codes: Ints, values: Ints, length: int) -> None:
    """Adds without a sign in Python's own integers, which do not overflow in silence."""
    total = [0] * length
    for code, value in zip(codes.tolist(), values.tolist(), strict=True):
        total[code] += abs(value)
    if max(total) > FULL:
        raise OverflowError("a sum has more digits than a number of 64 bits")


def join(lines: Side, usage: Side, counted: Ints, mapping: maps.Mapping) -> Groups:
    """Joins the two sides. `usage.quantity` is after the multiplier and share, `counted` is the vendor's own quantity."""
    n_lines = len(lines.quantity)
    customers, customer_names = codes(pa.concat_arrays([lines.customer, usage.customer]))
    services, service_names = codes(pa.concat_arrays([lines.service, usage.service]))
    group = customers * max(1, len(service_names)) + services
    tie = _ties(group, lines, usage)
    part, first = pd.factorize(group * (n_lines + 1) + tie + 1)
    part = part.astype(np.int64)
    part_group = first // (n_lines + 1)
    customer = customer_names[part_group // max(1, len(service_names))]
    service = service_names[part_group % max(1, len(service_names))]
    line_part, usage_part, count = part[:n_lines], part[n_lines:], len(first)
    rules = _rules(mapping.rules, customer, service)
    psa, used = sums(line_part, lines.quantity, count), sums(usage_part, usage.quantity, count)
    usages = np.bincount(usage_part[usage.counts], minlength=count)
    floor = _minimum_by_part(rules.minimum, part_group, first, used)
    return Groups(
        line_part,
        usage_part,
        customer,
        service,
        np.bincount(line_part, minlength=count),
        usages,
        psa,
        sums(usage_part, counted, count),
        round_up(np.maximum(used, floor), rules.unit),
        rules.minimum,
        floor > used,
        rules.tolerance,
        rules.money,
        rules.markup,
        rules.keep_at_zero,
    )


def _ties(group: Ints, lines: Side, usage: Side) -> Ints:
    """The rank of every entry's tied line, or -1; a tie across groups, or that leaves usage without a line, is none."""
    n_lines = len(lines.quantity)
    tie = np.full(len(group), -1, dtype=np.int64)
    tied = np.flatnonzero(usage.tied_line >= 0)
    tied = tied[group[usage.tied_line[tied]] == group[n_lines + tied]]
    if not len(tied):
        return tie
    tie[n_lines + tied] = tie[usage.tied_line[tied]] = lines.rank[usage.tied_line[tied]]
    loose_usage = set(group[n_lines:][(tie[n_lines:] < 0) & usage.counts].tolist())
    loose_lines = set(group[:n_lines][tie[:n_lines] < 0].tolist())
    homeless = loose_usage - loose_lines
    tie[np.isin(group, list(homeless))] = -1
    return tie


def _minimum_by_part(minimum: Ints, part_group: Ints, part_code: Ints, used: Ints) -> Ints:
    """What each part bills at least: a group's minimum less what its other parts use.

    The part without a tie carries it; where all are tied, the one of the lowest line.
    """
    order = np.argsort(part_code, kind="stable")
    head = np.append(True, part_group[order][1:] != part_group[order][:-1])[: len(order)]
    total = np.add.reduceat(used[order], np.flatnonzero(head)) if len(order) else used
    floor = used.copy()
    first = order[head]
    floor[first] = np.where(minimum[first] == NO_MINIMUM, used[first], minimum[first] - (total - used[first]))
    return np.maximum(floor, 0)


@dataclass(frozen=True, slots=True)
class _Rules:
    minimum: Ints
    unit: Ints
    tolerance: Ints
    money: Flags
    markup: Ints
    keep_at_zero: Flags


def _rules(rules: Iterable[ServiceRule], customer: Objects, service: Objects) -> _Rules:
    """The rule of every part: the customer's own, else the service's, else none."""
    by_key = {(r.service_id, r.customer_id): r for r in rules}
    none = ServiceRule("")
    distinct, code = [none], {none: 0}
    found = np.zeros(len(service), dtype=np.int64)
    if by_key:
        for index, (c, s) in enumerate(zip(customer, service, strict=True)):
            rule = by_key.get((s, c)) or by_key.get((s, None))
            if rule is not None:
                found[index] = code.setdefault(rule, len(distinct))
                if code[rule] == len(distinct):
                    distinct.append(rule)
    return _Rules(
        _of(distinct, found, lambda r: NO_MINIMUM if r.minimum is None else to_int(r.minimum, QUANTITY)),
        _of(distinct, found, lambda r: to_int(r.round_up_to, QUANTITY)),
        _of(distinct, found, lambda r: to_int(r.tolerance, QUANTITY)),
        _of(distinct, found, lambda r: int(r.measure is Measure.MONEY)).astype(bool),
        _of(distinct, found, lambda r: to_int(r.markup, PRICE)),
        _of(distinct, found, lambda r: int(r.keep_at_zero)).astype(bool),
    )


def _of(distinct: list[ServiceRule], found: Ints, value: Callable[[ServiceRule], int]) -> Ints:
    return np.array([value(rule) for rule in distinct], dtype=np.int64)[found]


@dataclass(frozen=True, slots=True)
class Allocation:
    """How the parts' differences fall on their lines. Quantities are scaled."""

    difference: Ints  # of each line
    target: Flags  # the line that carries its part's difference
    proposed: Flags  # False: no line can be told to carry it, so each must be typed


def allocate(groups: Groups, psa: Ints, billable: Flags, alike: Ints, order: Ints) -> Allocation:
    """R1: the difference goes to the only open billable line, else among equal ones to the lowest id, else to none.

    psa, billable: of each line. alike: a number that is equal for lines of equal price, cost and included quantity.
    order: rank by id. A decrease below zero of that line goes to none, and a part used by nobody ends all its lines.
    """
    part = groups.line_part
    gap = groups.to_bill - groups.psa
    gap = np.where(np.abs(gap) <= groups.tolerance, 0, gap)
    ends = (groups.to_bill == 0)[part]
    target = _targets(groups, billable, alike, order)
    has_target = sums(part, target.astype(np.int64), len(gap)) > 0
    below = np.zeros(len(gap), dtype=bool)
    below[part[target & (psa + gap[part] < 0)]] = True
    proposed = (has_target & ~below)[part] | ends | (gap[part] == 0)
    difference = np.where(ends, -psa, np.where(target & proposed, gap[part], 0))
    return Allocation(np.where(gap[part] == 0, 0, difference), target, proposed)


def _targets(groups: Groups, billable: Flags, alike: Ints, order: Ints) -> Flags:
    part, count = groups.line_part, len(groups.lines)
    able = billable | (sums(part, billable.astype(np.int64), count) == 0)[part]
    at = part[able]
    low, high, lowest = np.full(count, FULL), np.full(count, -1), np.full(count, FULL)
    np.minimum.at(low, at, alike[able])
    np.maximum.at(high, at, alike[able])
    np.minimum.at(lowest, at, order[able])
    return np.asarray(able & (low == high)[part] & (order == lowest[part]))


def share_quantities(
    quantity: Ints, shares: Mapping[int, Decimal], multipliers: Mapping[int, Decimal], row: Ints
) -> tuple[Ints, Ints]:
    """Each part's own quantity and its quantity after the multiplier; the parts of one row add up to the row exactly."""
    own = quantity.copy()
    given: dict[int, tuple[Decimal, int]] = {}
    for part, share in sorted(shares.items()):
        so_far, before = given.get(int(row[part]), (Decimal(0), 0))
        upto = int((Decimal(int(quantity[part])) * (so_far + share)).to_integral_value())
        own[part], given[int(row[part])] = upto - before, (so_far + share, upto)
    after = own.copy()
    for part, multiplier in multipliers.items():
        after[part] = int((Decimal(int(own[part])) * multiplier).to_integral_value())
    return own, after


def line_order(line_ids: pa.Array, among: Flags) -> Ints:
    """The rank of each line by id among the flagged ones, numbers before text, so that line 9 comes before line 10."""
    wanted = np.flatnonzero(among)
    ids = values(line_ids.take(pa.array(wanted, pa.int64())))
    keys = [(0, int(i), "") if i.isdigit() else (1, 0, i) for i in ids]
    rank = np.zeros(len(line_ids), dtype=np.int64)
    rank[wanted[sorted(range(len(keys)), key=keys.__getitem__)]] = np.arange(len(keys))
    return rank
