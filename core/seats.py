"""The evidence: the subscriptions, accounts and charges behind each count, and what each of them counts for (R2, R11)."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.behind import Behind, behind
from core.charges import FAR, day_number, days
from core.exact import MONEY, QUANTITY, Flags, Ints, decimals, scaled
from core.frames import Money, Objects, Price, Quantity, array, frame_of_columns, texts
from core.groups import share_quantities
from core.records import ChargeKind
from core.run import Reconciliation
from core.scope import short_date

MONEY_ONLY = (ChargeKind.REFUND, ChargeKind.PRORATION, ChargeKind.CREDIT, ChargeKind.ONE_OFF)


@dataclass(frozen=True, slots=True)
class Seat:
    """One vendor row behind a count. Of a row that customers share, the share of this one."""

    key: str
    line_key: str  # of the comparison row
    customer: str
    service: str
    vendor: str
    account: str
    account_id: str
    subscription_id: str | None
    vendor_service: str
    vendor_service_id: str
    term: str | None
    kind: str
    start: dt.date | None
    until: dt.date | None  # first day not covered
    quantity: Quantity | None  # bought
    assigned: Quantity | None
    counted: Quantity | None  # None: money only
    why: str  # it counts nothing, or something else than its quantity
    unit_cost: Price | None
    cost_months: int | None
    amount: Money | None
    currency: str
    can_reduce_from: dt.date | None
    source: str  # the file
    row: int


TAKEN = (
    "vendor", "account", "account_id", "subscription_id", "vendor_service", "vendor_service_id", "term", "kind", "start", "until",
    "unit_cost", "cost_months", "currency", "can_reduce_from", "source", "row",
)  # fmt: skip


def seats(result: Reconciliation, found: Behind | None = None) -> pd.DataFrame:
    """A Seat frame: every vendor row that stands behind a row of the comparison, in the comparison's order.

    found: what `behind` says of the result, where it is known already.
    """
    found = found or behind(result)
    part = np.flatnonzero(found.row >= 0)
    part = part[np.argsort(found.row[part], kind="stable")]
    charge, row = pa.array(found.charge[part]), pa.array(found.row[part])
    charges = {name: array(result.inputs.charges[name]).take(charge) for name in TAKEN}
    compared = {name: array(result.comparisons[name]).take(row) for name in ("key", "customer_id", "customer", "service")}
    counts = found.usage[part] >= 0
    key = pc.binary_join_element_wise(charges["source"], charges["row"].cast(pa.string()), compared["customer_id"], ":")
    shares = {name: _own_share(result, found, name, part) for name in ("quantity", "assigned", "amount")}
    return frame_of_columns(
        Seat,
        {
            **charges,
            "key": key,
            "line_key": compared["key"],
            "customer": compared["customer"],
            "service": compared["service"],
            **{name: decimals(*shares[name], places) for name, places in _PLACES.items()},
            "counted": decimals(found.units[part], counts, QUANTITY),
            "why": pa.array(_why(result, found, part), pa.string()),
        },
    )


_PLACES = {"quantity": QUANTITY, "assigned": QUANTITY, "amount": MONEY}


def _own_share(result: Reconciliation, found: Behind, name: str, part: Ints) -> tuple[Ints, Flags]:
    number, valid = scaled(result.inputs.charges[name])
    own, _ = share_quantities(number[found.charge], found.resolved.shares, {}, found.charge)
    return own[part], valid[found.charge[part]]


def _why(result: Reconciliation, found: Behind, part: Ints) -> Objects:
    """Why a row counts nothing, or not what it says (R11); empty where it counts its quantity."""
    charge, charges = found.charge[part], result.inputs.charges
    kind = texts(charges["kind"])[charge]
    as_of = result.inputs.period.as_of(result.inputs.today)
    start, until = days(charges["start"], -FAR)[charge], days(charges["until"], FAR)[charge]
    covers = (start <= day_number(as_of)) & (day_number(as_of) < until)
    counts = found.usage[part] >= 0
    quantity = scaled(charges["quantity"])[0][charge]
    metered, ending = kind == ChargeKind.USAGE, kind == ChargeKind.CANCELLATION
    money = np.isin(kind.astype(str), [str(k) for k in MONEY_ONLY])
    conditions = [
        counts & metered,
        counts & ending,
        counts & (quantity != 0) & (found.units[part] == 0) & ~np.isin(part, list(found.resolved.shares)),
        counts,
        money | ending,
        ~covers,
    ]
    said = [
        "metered: its amount counts, not its units",
        "cancelled: counts 0",
        "cancelled since: counts 0",
        "",
        "money only",
        f"does not cover {short_date(as_of)}",
    ]
    chosen = np.select(conditions, range(len(said)), len(said))
    why: Objects = np.array([*said, "another row of the subscription counts"], dtype=object)[chosen]
    return why
