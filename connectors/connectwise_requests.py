"""A planned write in the words of ConnectWise's API: a product by its id, dates as times, a change as a list of operations.

A value of None empties its field: it is replaced with null. That this works on every field is UNSURE; what the PSA shows
afterwards says whether it did.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from connectors.writing import Request

LONGEST_PAGE = 1000
NUMBERS = ("quantity", "lessIncluded", "unitPrice", "unitCost", "price", "cost")
DAYS = ("effectiveDate", "cancelledDate")


def request_of(method: str, path: str, body: Mapping[str, Any], product_id: Callable[[str], int]) -> Request:
    """product_id: the catalogue's id of a product by its identifier; a KeyError of its own is passed on.

    Values are decimals and dates, or plain texts of such.
    """
    if method == "DELETE":
        return Request(method, path, None)
    values = {name: _value(name, value, product_id) for name, value in body.items()}
    if method == "PATCH":
        return Request(method, path, [{"op": "replace", "path": name, "value": value} for name, value in values.items()])
    return Request(method, path, {name: value for name, value in values.items() if value is not None})


def with_numbers(body: Any) -> Any:
    """A request's body with decimals where it holds plain texts of numbers: ConnectWise takes no number as a text."""
    if isinstance(body, list):
        return [{**each, "value": _number(each["path"], each["value"])} if "value" in each else each for each in body]
    return {name: _number(name, value) for name, value in body.items()} if isinstance(body, Mapping) else body


def _number(name: str, value: Any) -> Any:
    return Decimal(value) if name in NUMBERS and isinstance(value, str) else value


def _value(name: str, value: Any, product_id: Callable[[str], int]) -> Any:
    if name == "product" and isinstance(value, str):
        return {"id": product_id(value)}
    if name in DAYS and value is not None:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
        return f"{day:%Y-%m-%d}T00:00:00Z"
    return _number(name, value)
