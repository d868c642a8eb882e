"""The vendor rows behind the comparison's rows: which of them belong to which row, and what each of them counts.

Worked out again from a finished reconciliation, with its mapping, so that nothing more has to be kept of a run.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.charges import Counted, count_usage
from core.evidence import counted_by
from core.exact import Flags, Ints, scaled
from core.frames import Objects, array
from core.groups import Groups
from core.joining import Grouped, group_sides
from core.resolve import Resolved, resolve
from core.run import Reconciliation
from core.scope import scope_lines

APART = "\x1f"


@dataclass(frozen=True, slots=True)
class Behind:
    """The mapped charge rows. One that customers share stands once for each of them, as a part."""

    counted: Counted
    resolved: Resolved
    grouped: Grouped
    row: Ints  # of each part: position of the comparison row that it stands behind, or -1

    @property
    def charge(self) -> Ints:
        """Of each part: position of its row in the frame of charges."""
        return self.resolved.part_row

    @property
    def usage(self) -> Ints:
        """Of each part: position of its count in the usage, or -1 where it is money only."""
        return self.grouped.part_usage

    @property
    def units(self) -> Ints:
        """Of each part: the units that it counts, scaled; 0 where it is money only."""
        return self.grouped.own

    @property
    def money(self) -> Flags:
        """Of each part: whether its row is compared in money."""
        return self.grouped.groups.money[self.grouped.groups.usage_part]


def behind(result: Reconciliation) -> Behind:
    """Every mapped vendor row with the comparison row that it stands behind.

    Of several lines in one group, the first that carries the difference.
    """
    inputs = result.inputs
    counted = count_usage(inputs.charges, inputs.period, inputs.today, inputs.sources)
    resolved = resolve(inputs.charges, counted.in_period, result.mapping, {}, ())  # the result's mapping is complete
    scope = scope_lines(inputs.lines, inputs.today, inputs.settings)
    grouped = group_sides(inputs, resolved, counted, scope, counted_by(result.mapping))
    return Behind(counted, resolved, grouped, _row_of_parts(result, grouped)[grouped.groups.usage_part])


def _row_of_parts(result: Reconciliation, grouped: Grouped) -> Ints:
    """Of each part of a group: the position of its comparison row, or -1."""
    groups, comparisons = grouped.groups, result.comparisons
    part = np.full(len(comparisons), -1, dtype=np.int64)
    line_ids = array(comparisons["line_id"])
    compared = array(result.inputs.lines["line_id"]).take(pa.array(grouped.line))
    at = _places(line_ids, compared)
    part[at >= 0] = groups.line_part[at[at >= 0]]
    new = np.flatnonzero(np.asarray(line_ids.is_null()))
    empty = np.flatnonzero(groups.lines == 0)
    asked = _joined(array(comparisons["customer_id"]).take(pa.array(new)), array(comparisons["service_id"]).take(pa.array(new)))
    found = _places(asked, _names_of(groups, empty))
    part[new[found >= 0]] = empty[found[found >= 0]]
    return _first_of(part, np.asarray(scaled(comparisons["difference"])[0] != 0), len(groups.lines))


def _first_of(part: Ints, carries: Flags, count: int) -> Ints:
    found = np.full(count, -1, dtype=np.int64)
    rows = np.flatnonzero(part >= 0)
    order = rows[np.lexsort((rows, ~carries[rows]))][::-1]  # the first is written last
    found[part[order]] = order
    return found


def _places(asked: pa.Array, known: pa.Array) -> Ints:
    """Where each asked text stands among the known ones, or -1."""
    return np.asarray(pc.fill_null(pc.index_in(asked, value_set=known), -1), dtype=np.int64)


def _names_of(groups: Groups, parts: Ints) -> pa.Array:
    return _joined(_texts(groups.customer[parts]), _texts(groups.service[parts]))


def _texts(found: Objects) -> pa.Array:
    return pa.array(found, pa.string())


def _joined(*columns: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*columns, APART)
