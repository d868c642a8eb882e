"""Numbers as people and programs write them, read exactly.

Which sign marks the decimals is decided for the whole file, from the values that leave no doubt: `1,234` alone does not tell.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from core.frames import DIGITS

_SPACES = " \u00a0\u2007\u2009\u202f"
_MINUS = "-\u2212\u2013"
_SYMBOL = r"(?:[A-Z]{1,3}[.]?)?[$€£¥₹₽₩₺₪฿₫₴₦₱]|[A-Z]{3}|kr[.]?|zł|Fr[.]?"
_NUMBER = re.compile(
    rf"(?P<open>\()?\s*(?P<minus>[{_MINUS}+])?\s*(?P<before>{_SYMBOL})?\s*(?P<inner>[{_MINUS}])?\s*"
    rf"(?P<body>[0-9.,](?:[0-9.,'’{_SPACES}]*[0-9.,])?)(?P<exponent>[eE][+-]?[0-9]{{1,3}})?"
    rf"\s*(?P<after>{_SYMBOL})?\s*(?P<trailing>[{_MINUS}])?\s*(?P<close>\))?"
)
CODES = {"€": "EUR", "£": "GBP", "zł": "PLN"}
_EXPECTED = "is not a number; write it like 1234.56"


@dataclass(frozen=True, slots=True)
class Written:
    """A number taken apart, before it is decided which sign marks its decimals."""

    negative: bool
    body: str
    exponent: str
    currency: str | None  # a code written beside it; "$" names no single currency

    @property
    def proves(self) -> str | None:
        """The decimal sign that this number leaves no doubt about, or None."""
        points, commas = self.body.count("."), self.body.count(",")
        if points and commas:
            return max(".,", key=self.body.rindex)
        sign = "." if points else ","
        if points + commas > 1:
            return _other(sign)
        left, found, right = self.body.partition(sign)
        if not found or (not self.exponent and _may_group(left, right)):
            return None
        return sign

    @property
    def doubtful(self) -> bool:
        return self.proves is None and ("," in self.body or "." in self.body)

    def value(self, decimal: str) -> Decimal:
        """The exact value; ValueError where the digits are not grouped as a number is."""
        whole, _, fraction = self.body.partition(decimal)
        digits = _ungrouped(whole, _other(decimal))
        if digits is None or (fraction and not fraction.isdigit()) or not digits + fraction:
            raise ValueError(_EXPECTED)
        return Decimal(f"{'-' if self.negative else ''}{digits}.{fraction}{self.exponent}")


def _other(sign: str) -> str:
    return "," if sign == "." else "."


def _may_group(left: str, right: str) -> bool:
    """Whether the sign between may separate thousands: 1 to 3 digits before it, 3 after it, no leading zero."""
    return len(right) == 3 and right.isdigit() and left.isdigit() and len(left) <= 3 and not left.startswith("0")


def _ungrouped(whole: str, group: str) -> str | None:
    """The digits of the whole part, or None where its groups are not those of a number."""
    if not whole or whole.isdigit():
        return whole
    separators = {sign for sign in whole if not sign.isdigit()}
    if len(separators) != 1 or separators - {group, "'", "’", *_SPACES}:
        return None
    first, *groups = whole.split(separators.pop())
    thousands = 1 <= len(first) <= 3 and all(len(digits) == 3 for digits in groups)
    lakhs = 1 <= len(first) <= 2 and len(groups[-1]) == 3 and all(len(digits) == 2 for digits in groups[:-1])
    return first + "".join(groups) if thousands or lakhs else None


def take_apart(text: str) -> Written:
    """A number's parts; ValueError says what was expected."""
    if "%" in text:
        raise ValueError("is a percentage; a plain number was expected")
    found = _NUMBER.fullmatch(text.strip())
    if not found or bool(found["open"]) != bool(found["close"]):
        raise ValueError(_EXPECTED)
    marks = [found["open"], found["minus"] if found["minus"] != "+" else None, found["inner"], found["trailing"]]
    if sum(map(bool, marks)) > 1 or (found["before"] and found["after"]):
        raise ValueError(_EXPECTED)
    mark = found["before"] or found["after"]
    currency = CODES.get(mark, mark if mark and re.fullmatch("[A-Z]{3}", mark) else None) if mark else None
    return Written(any(marks), found["body"], found["exponent"] or "", currency)


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up to so many places; ValueError where the number is too large for any column."""
    if value and value.adjusted() >= DIGITS - places:
        raise ValueError(f"has more than {DIGITS - places} digits before the decimals")
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
