"""A planned write in the words of ConnectWise's API: a product by its id, dates as times, a change as a list of operations."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.dialects import Write


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. Numbers stay exact: they are Decimals until they are written as JSON."""

    method: str
    path: str
    body: Any


def request_of(write: Write, product_ids: Mapping[str, int]) -> Request:
    """product_ids: the catalogue's ids by product identifier; KeyError where the catalogue lacks the product."""
    values = {name: _value(name, value, product_ids) for name, value in write.body.items()}
    if write.method == "PATCH":
        return Request(write.method, write.path, [{"op": "replace", "path": n, "value": v} for n, v in values.items()])
    return Request(write.method, write.path, values)


def _value(name: str, value: Any, product_ids: Mapping[str, int]) -> Any:
    if name == "product":
        return {"id": product_ids[value]}
    return f"{value.isoformat()}T00:00:00Z" if isinstance(value, dt.date) else value
