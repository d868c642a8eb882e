"""The values of the formulas of Dated steps in the rows that are issued: empty ones, and steps that were accepted."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.exact import QUANTITY, decimals
from workbooks.columns import Columns


def client(columns: Columns) -> pa.Array:
    """What the formula finds by the row's Ref."""
    return columns.array("client")


def service(columns: Columns) -> pa.Array:
    """What the formula finds by the row's Ref."""
    return columns.array("service")


def check(columns: Columns) -> pa.Array:
    """Nothing where a row is empty."""
    return pc.if_else(pa.array(columns.given("ref")), "ok", None)


def last(columns: Columns) -> pa.Array:
    """The quantity of each line's last step."""
    quantity, typed = columns.scaled("quantity")
    days, lines = columns.scaled("from")[0], columns.scaled("ref")[0]
    order = np.lexsort((days, lines))
    ends = np.append(np.diff(lines[order]) != 0, True) if len(order) else np.zeros(0, dtype=bool)
    remains = np.zeros(len(order), dtype=bool)
    remains[order[ends]] = True
    return decimals(np.where(typed & remains, quantity, 0), typed & remains, QUANTITY)
