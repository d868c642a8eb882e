"""Exact arithmetic on whole columns: Arrow decimals as scaled 64-bit integers, and products rounded half-up.

A decimal128 value of at most 18 digits keeps all of them in the low 64 bits of its 128, so a column becomes an integer
array without touching a single Python Decimal. Sums stay integers; only a product of quantity and price needs more digits,
and Arrow computes that.
"""

from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core import frames
from core.frames import DIGITS

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

QUANTITY, PRICE, MONEY = 4, 6, 2
"""Decimal places of the three kinds of numbers."""

CENT = Decimal("0.01")
LARGEST = 10**DIGITS - 1


def scaled(series: pd.Series | pa.Array) -> tuple[Ints, Flags]:
    """The values times ten to the column's places, and which rows have one; a row without one is 0."""
    array = frames.array(series)
    valid = ~np.asarray(array.is_null())
    words = np.frombuffer(array.buffers()[1], dtype="<i8")[2 * array.offset : 2 * (array.offset + len(array)) : 2]
    return np.where(valid, words, 0), valid


def decimals(values: Ints, valid: Flags | None, places: int) -> pa.Array:
    """The Arrow decimals of scaled integers; OverflowError beyond 18 digits."""
    values = np.ascontiguousarray(values, dtype="<i8")
    if len(values) and (values.max(initial=0) > LARGEST or values.min(initial=0) < -LARGEST):
        raise OverflowError(f"a number has more than {DIGITS} digits")
    words = np.empty(2 * len(values), dtype="<i8")
    words[::2], words[1::2] = values, values >> 63
    mask = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.decimal128(DIGITS, places), len(values), [mask, pa.py_buffer(words.tobytes())])


def cents(quantities: Ints, prices: Ints) -> Ints:
    """Quantity (scale 4) times price (scale 6), rounded half-up to the cent, as integers."""
    product = pc.multiply(decimals(quantities, None, QUANTITY), decimals(prices, None, PRICE))
    rounded = pc.round(product, ndigits=MONEY, round_mode="half_towards_infinity")
    return scaled(rounded.cast(pa.decimal128(DIGITS, MONEY)))[0]


def divide(values: Ints, divisors: Ints) -> Ints:
    """Integer quotients rounded half-up, away from zero; a divisor of 0 counts as 1."""
    divisors = np.where(divisors == 0, 1, divisors)
    return np.asarray(np.sign(values) * ((2 * np.abs(values) + divisors) // (2 * divisors)))


def round_up(values: Ints, units: Ints) -> Ints:
    """The next multiple of the unit sold; a unit of 0 leaves the value as it is."""
    units = np.where(units == 0, 1, units)
    return np.asarray(-(-values // units) * units)


EXACT = Context(prec=DIGITS, traps=[Inexact, InvalidOperation])


def to_int(value: Decimal, places: int) -> int:
    """One Decimal as a scaled integer; ValueError where it has more places, or more digits than a column."""
    try:
        return int(value.quantize(Decimal(1).scaleb(-places), context=EXACT).scaleb(places))
    except (Inexact, InvalidOperation):
        raise ValueError(f"{value} has more than {places} decimal places or {DIGITS} digits") from None


def to_cent(value: Decimal) -> Decimal:
    """One amount, rounded half-up to the cent."""
    return value.quantize(CENT, ROUND_HALF_UP)
