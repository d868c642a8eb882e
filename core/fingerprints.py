"""The fingerprint of a row: a digest of everything that a decision on it rests on (R17)."""

import hashlib
from typing import Any

import pyarrow as pa

from core.exact import scaled

RESTS_ON = (
    "key", "state", "proven", "service_id", "agreement_id", "psa_quantity", "to_bill", "group_to_bill", "unit_price",
    "proposed_price", "unit_cost", "vendor_unit_cost", "included", "currency", "bill_customer", "effective_date",
    "invoiced_through", "prorates", "months", "starts", "ends",
)  # fmt: skip
"""What a decision rests on: if one of these moves, the decision is suspended."""


def fingerprints(made: dict[str, Any]) -> list[str]:
    """A short digest of each row's values of RESTS_ON."""
    columns = [_as_texts(made[name]) for name in RESTS_ON]
    return [hashlib.blake2b("\x1f".join(v).encode(), digest_size=8).hexdigest() for v in zip(*columns, strict=True)]


def _as_texts(column: Any) -> list[str]:
    if isinstance(column, pa.Array) and pa.types.is_decimal(column.type):
        numbers, valid = scaled(column)
        return [str(n) if v else "" for n, v in zip(numbers.tolist(), valid.tolist(), strict=True)]
    if isinstance(column, pa.Array) and pa.types.is_string(column.type):
        return ["" if v is None else v for v in column.to_pylist()]
    if isinstance(column, pa.Array):
        return ["" if v is None else str(v) for v in column.cast(pa.int32()).to_pylist()]
    return ["" if v is None else str(v) for v in column.tolist()]
