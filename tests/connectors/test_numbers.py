from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.numbers import rounded, take_apart

READ = [
    ("5", ".", "5"),
    ("-5", ".", "-5"),
    ("−5", ".", "-5"),
    ("+5", ".", "5"),
    ("5.00-", ".", "-5.00"),
    ("(5.00)", ".", "-5.00"),
    ("($1,234.56)", ".", "-1234.56"),
    ("-$5.00", ".", "-5.00"),
    ("$-5.00", ".", "-5.00"),
    ("1,234.56", ".", "1234.56"),
    ("12,345,678", ".", "12345678"),
    ("12,34,567.50", ".", "1234567.50"),
    ("1.234,56", ",", "1234.56"),
    ("1 234,56", ",", "1234.56"),
    ("1\u00a0234,56", ",", "1234.56"),
    ("1\u202f234,56", ",", "1234.56"),
    ("1'234.56", ".", "1234.56"),
    ("1’234.56", ".", "1234.56"),
    ("$1,234.56", ".", "1234.56"),
    ("US$ 12.10", ".", "12.10"),
    ("€ 5,00", ",", "5.00"),
    ("5,00 €", ",", "5.00"),
    ("USD 5.00", ".", "5.00"),
    ("5.00 USD", ".", "5.00"),
    ("CHF 1'234.50", ".", "1234.50"),
    ("1.5E3", ".", "1500"),
    ("1,5e-2", ",", "0.015"),
    (".5", ".", "0.5"),
    ("5.", ".", "5"),
    ("1,234", ".", "1234"),
    ("1,234", ",", "1.234"),
    ("0.0808", ".", "0.0808"),
    ("00042", ".", "42"),
]

REFUSED = [
    "abc", "1.2.3", "1,23,4", "12,3456.00", "--5", "(5", "5)", "(-5)", "5 5 5", "$", "USD 5 USD", "1,234.5,6", "12 apples", ".",
    "1e", "٣", "0x1F", "NaN", "Infinity", "=1+1",
]  # fmt: skip


@pytest.mark.parametrize(("text", "decimal", "expected"), READ)
def test_a_number_is_read_exactly(text: str, decimal: str, expected: str) -> None:
    assert take_apart(text).value(decimal) == Decimal(expected)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        take_apart(text).value(".")


def test_a_percentage_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="percentage"):
        take_apart("50 %")


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("1,234.56", "."), ("1.234,56", ","), ("1.5", "."), ("1,5", ","), ("1.234.567", ","), ("1,234,567", "."), ("0,123", ","),
        ("0.123", "."), ("1234,567", ","), ("1 234,567", ","), ("1.234E3", "."), ("5.", "."), (",5", ","),
        ("1,234", None), ("1.234", None), ("123", None), ("1 234", None), ("12'345", None),
    ],
)  # fmt: skip
def test_a_number_proves_its_decimal_sign_or_leaves_it_open(text: str, sign: str | None) -> None:
    assert take_apart(text).proves == sign


@pytest.mark.parametrize(
    ("text", "code"), [("EUR 5.00", "EUR"), ("5 €", "EUR"), ("£5", "GBP"), ("$5", None), ("US$5", None), ("5", None)]
)
def test_a_currency_beside_the_number_is_kept(text: str, code: str | None) -> None:
    assert take_apart(text).currency == code


@pytest.mark.parametrize(
    ("value", "places", "expected"), [("5.285", 2, "5.29"), ("-5.285", 2, "-5.29"), ("5.2849", 2, "5.28"), ("1", 4, "1.0000")]
)
def test_rounding_is_half_up(value: str, places: int, expected: str) -> None:
    assert str(rounded(Decimal(value), places)) == expected


@pytest.mark.parametrize(("value", "places"), [("1e14", 4), ("1e999999", 2), ("1e12", 6)])
def test_a_number_too_large_for_its_column_is_refused(value: str, places: int) -> None:
    with pytest.raises(ValueError, match="more than"):
        rounded(Decimal(value), places)


def _grouped(digits: str, group: str) -> str:
    parts: list[str] = []
    while len(digits) > 3:
        digits, part = digits[:-3], digits[-3:]
        parts.insert(0, part)
    return group.join([digits, *parts])


WRAPPERS = ["{}", "${}", "€ {}", "{} €", "USD {}", "{} EUR", "  {} "]
SIGNS = ["-{}", "({})", "{}-", "−{}"]


@given(
    value=st.decimals(min_value=0, max_value=10**11, allow_nan=False, allow_infinity=False, places=4),
    style=st.sampled_from([(".", ","), (",", "."), (",", " "), (",", "\u00a0"), (",", "\u202f"), (".", "'"), (".", ""), (",", "")]),
    wrapper=st.sampled_from(WRAPPERS),
    sign=st.sampled_from(["{}", *SIGNS]),
)
def test_any_decimal_in_any_format_reads_back_exactly(value: Decimal, style: tuple[str, str], wrapper: str, sign: str) -> None:
    decimal, group = style
    whole, _, fraction = f"{value:.4f}".partition(".")
    text = sign.format(wrapper.format(_grouped(whole, group) + decimal + fraction).strip())
    expected = value if sign == "{}" else -value
    assert take_apart(text).value(decimal) == expected
    assert take_apart(text).proves == decimal
