"""Quantities, prices and money of every row (R3, R10, R12), each empty where it is not known."""

from typing import Any

import numpy as np

from core.exact import MONEY, PRICE, QUANTITY, Flags, Ints, cents, decimals, divide
from core.groups import NO_MINIMUM
from core.joining import NOT_KNOWN, Joined
from core.rows import WHOLE_PRICE, Bills, Rows
from core.usage_of_parts import UsageOfParts


def row_numbers(rows: Rows, bills: Bills, joined: Joined, usage: UsageOfParts) -> dict[str, Any]:
    """Quantities, prices and money, each empty where it is not known."""
    shared, part, is_line = joined.groups, rows.part, rows.is_line
    known, in_units = rows.state != NOT_KNOWN, ~rows.money
    decided = known & rows.proposed & in_units
    vendor, has_vendor = _vendor_share(rows, joined)
    cost, has_cost = _vendor_cost(rows, joined, usage, vendor, has_vendor)
    minimum = shared.minimum[part]
    return {
        "psa_quantity": decimals(rows.psa, is_line & in_units, QUANTITY),
        "vendor_quantity": decimals(vendor, has_vendor & in_units, QUANTITY),
        "to_bill": decimals(rows.to_bill, decided, QUANTITY),
        "difference": decimals(rows.difference, decided, QUANTITY),
        "group_size": np.where(is_line, shared.lines[part], 0),
        "group_to_bill": decimals(shared.to_bill[part], known & in_units, QUANTITY),
        "proposed": rows.proposed,
        "proven": ((shared.usages > 0) & (shared.to_bill == 0))[part],
        "included": decimals(rows.included, None, QUANTITY),
        "minimum": decimals(np.maximum(minimum, 0), minimum != NO_MINIMUM, QUANTITY),
        "unit_price": decimals(rows.price, rows.priced & ~(rows.money & ~is_line), PRICE),
        "proposed_price": decimals(rows.proposal, rows.proposal >= 0, PRICE),
        "vendor_unit_cost": decimals(*_unit_cost(rows, usage), PRICE),
        "vendor_cost": decimals(cost, has_cost & known, MONEY),
        "months": rows.months,
        "revenue_before": decimals(bills.month_before, known, MONEY),
        "revenue_after": decimals(bills.month_after, bills.known, MONEY),
        "effect": decimals(bills.month_after - bills.month_before, bills.known, MONEY),
        "next_invoice_effect": decimals(bills.after - bills.before, bills.known, MONEY),
        "bought": decimals(vendor, has_vendor & in_units, QUANTITY),
        "assigned": decimals(usage.assigned[part], usage.has_assigned[part] & rows.target & in_units, QUANTITY),
    }


def _vendor_share(rows: Rows, joined: Joined) -> tuple[Ints, Flags]:
    """The part of the vendor's count that each line stands against; nothing where no line can be told to carry it."""
    shared, part = joined.groups, rows.part
    alone = (shared.lines <= 1)[part]
    one_to_one = (shared.vendor == shared.to_bill)[part]
    share = np.where(alone, shared.vendor[part], np.where(one_to_one, rows.to_bill, shared.vendor[part]))
    counted = (shared.usages > 0)[part]
    return share, counted & rows.proposed & (alone | one_to_one | rows.target)


def _unit_cost(rows: Rows, usage: UsageOfParts) -> tuple[Ints, Flags]:
    """What the vendor charges for one unit over one billing cycle of the line; measure money: the whole cost.

    From the full period's price, never a prorated one; two costs are no cost (R15).
    """
    by_amount = usage.amount[rows.part] * WHOLE_PRICE
    a_cycle = divide(usage.unit_cost[rows.part] * rows.months, usage.cost_months[rows.part])
    has = np.where(rows.money, usage.has_amount[rows.part], usage.one_cost[rows.part]) & rows.own_currency
    return np.where(rows.money, by_amount, a_cycle), has


def _vendor_cost(rows: Rows, joined: Joined, usage: UsageOfParts, vendor: Ints, has_vendor: Flags) -> tuple[Ints, Flags]:
    """R10: what the vendor charges a month, where it does in the line's currency.

    Of several lines each carries its share, or, at mixed costs, the target all of it.
    """
    part = rows.part
    alone = (joined.groups.lines <= 1)[part]
    whole = np.where(rows.money, usage.amount[part], usage.cost[part])
    has_whole = np.where(rows.money, usage.has_amount[part], usage.has_cost[part])
    each = divide(cents(np.where(has_vendor, vendor, 0), usage.unit_cost[part]), usage.cost_months[part])
    shares = ~alone & usage.one_cost[part] & has_vendor & ~rows.money
    return np.where(shares, each, whole), (shares | (has_whole & (alone | rows.target))) & rows.own_currency
