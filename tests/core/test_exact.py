"""R18: columns of scaled integers agree with Decimal, digit for digit."""

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exact import LARGEST, MONEY, PRICE, QUANTITY, cents, decimals, divide, round_up, scaled, to_cent, to_int
from core.groups import share_quantities, sums

D = Decimal
whole = st.integers(-(10**15), 10**15)


def ints(*values: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array(values, dtype=np.int64)


@given(st.integers(-(10**12), 10**12), st.integers(-(10**9), 10**9))
def test_cents_are_the_exact_product_rounded_half_up(quantity: int, price: int) -> None:
    exact = D(quantity).scaleb(-QUANTITY) * D(price).scaleb(-PRICE)
    assert cents(ints(quantity), ints(price)).tolist() == [int(exact.quantize(D("0.01"), ROUND_HALF_UP).scaleb(2))]


@given(whole, st.integers(0, 400))
def test_divide_rounds_half_away_from_zero_and_takes_no_divisor_as_one(value: int, divisor: int) -> None:
    assert divide(ints(value), ints(divisor)).tolist() == [int((D(value) / max(1, divisor)).to_integral_value(ROUND_HALF_UP))]


@given(st.integers(0, 10**15), st.integers(0, 10**6))
def test_round_up_is_the_next_multiple(value: int, unit: int) -> None:
    wanted = int((D(value) / unit).to_integral_value(ROUND_CEILING)) * unit if unit else value
    assert round_up(ints(value), ints(unit)).tolist() == [wanted]


@given(st.lists(st.one_of(st.none(), st.integers(-LARGEST, LARGEST)), max_size=20), st.integers(0, 5))
def test_scaled_and_decimals_are_each_others_inverse_slices_included(values: list[int | None], skipped: int) -> None:
    numbers, valid = ints(*(v or 0 for v in values)), np.array([v is not None for v in values], dtype=bool)
    column = decimals(numbers, valid, QUANTITY)
    assert column.to_pylist() == [None if v is None else D(v).scaleb(-QUANTITY) for v in values]
    back, there = scaled(column.slice(skipped))
    assert (back.tolist(), there.tolist()) == (numbers[skipped:].tolist(), valid[skipped:].tolist())


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-LARGEST, LARGEST)), max_size=20))
def test_sums_are_exact_or_refused(pairs: list[tuple[int, int]]) -> None:
    wanted = [sum(v for c, v in pairs if c == code) for code in range(4)]
    magnitudes = [sum(abs(v) for c, v in pairs if c == code) for code in range(4)]
    codes, values = ints(*(c for c, _ in pairs)), ints(*(v for _, v in pairs))
    if max(magnitudes) < 2**63:
        assert sums(codes, values, 4).tolist() == wanted
    else:
        with pytest.raises(OverflowError):
            sums(codes, values, 4)


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(1, 99), min_size=1, max_size=5))
def test_shares_of_a_row_add_up_to_the_row(quantity: int, weights: list[int]) -> None:
    parts = [(D(w) / sum(weights)).quantize(D("0.000001")) for w in weights]
    parts[-1] = 1 - sum(parts[:-1], D(0))
    row = np.zeros(len(parts), dtype=np.int64)
    own, after = share_quantities(row + quantity, dict(enumerate(parts)), {0: D(2)}, row)
    assert own.sum() == quantity
    assert after.tolist() == [own[0] * 2, *own[1:].tolist()]


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [("1.5", "0.01", "0.02"), ("-1.5", "0.01", "-0.02"), ("0.5", "0.03", "0.02"), ("999999999999", "1", "999999999999.00")],
)
def test_half_a_cent_rounds_away_from_zero_and_large_numbers_keep_all_digits(quantity: str, price: str, amount: str) -> None:
    product = cents(ints(to_int(D(quantity), QUANTITY)), ints(to_int(D(price), PRICE)))
    assert D(int(product[0])).scaleb(-MONEY) == D(amount) == to_cent(D(quantity) * D(price))


@pytest.mark.parametrize(("value", "places"), [("1.00001", QUANTITY), ("1234567890123.1234567", PRICE), ("1e15", QUANTITY)])
def test_a_number_that_a_column_cannot_hold_is_refused(value: str, places: int) -> None:
    with pytest.raises(ValueError, match=r"more than \d decimal places or 18 digits"):
        to_int(D(value), places)


@pytest.mark.parametrize("value", [LARGEST + 1, -LARGEST - 1])
def test_more_than_18_digits_never_become_a_decimal(value: int) -> None:
    with pytest.raises(OverflowError):
        decimals(ints(value), None, MONEY)


def test_an_empty_or_wholly_missing_column_has_no_values() -> None:
    for column in (pa.array([], pa.decimal128(18, 4)), pa.nulls(2, pa.decimal128(18, 4))):
        numbers, valid = scaled(column)
        assert (numbers.tolist(), valid.tolist()) == ([0] * len(column), [False] * len(column))


def test_a_third_is_rounded_once() -> None:
    assert divide(ints(100, -100, 50, 1), ints(3, 3, 100, 2)).tolist() == [33, -33, 1, 1]
    assert Fraction(100, 3) > 33
