"""The values of the formulas of Dated steps in the rows that are issued: empty ones, and steps that were accepted."""

import pyarrow as pa
import pyarrow.compute as pc

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
