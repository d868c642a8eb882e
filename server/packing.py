"""What an API gave, packed for the next quick read: exact JSON, compressed."""

import datetime as dt
import json
import zlib
from decimal import Decimal

from connectors.engine import Taken
from connectors.exact_json import exact_json


def packed(taken: Taken) -> bytes:
    """The rows as bytes."""
    return zlib.compress(exact_json({"at": taken.at.isoformat(), "rows": taken.rows}).encode())


def unpacked(data: bytes) -> Taken:
    """The same rows again."""
    found = json.loads(zlib.decompress(data), parse_float=Decimal)
    return Taken(dt.datetime.fromisoformat(found["at"]), found["rows"])
