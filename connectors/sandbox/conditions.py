"""ConnectWise's `conditions`: `name like "%inc%" and (company/id=5 or not cancelledFlag=true)`, read strictly.

Comparisons joined by and, or, not and brackets; texts in double quotes, times in square brackets, lists in round ones.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
Test = Callable[[Row], bool]
Known = Callable[[str], bool]

TOKEN = re.compile(
    r"""\s*(?: (?P<text>"[^"]*") | (?P<time>\[[^\]]*\]) | (?P<number>-?\d+(?:\.\d+)?(?![\w/]))
    | (?P<word>[A-Za-z_][\w/]*) | (?P<op><=|>=|!=|=|<|>) | (?P<bracket>[(),]) )""",
    re.VERBOSE,
)
TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?")


class ConditionError(ValueError):
    """The conditions cannot be read."""


def parse(text: str, known: Known) -> Test:
    """The test that a row passes; ConditionError for a field that `known` does not know, or what is no condition."""
    parser = _Parser(text, known)
    test = parser.either()
    if parser.tokens:
        raise ConditionError(f"unexpected {parser.tokens[0][1]}")
    return test


def value_at(row: Row, path: str) -> Any:
    """The value under a path such as company/id; lastUpdated stands in _info."""
    value: Any = row
    for name in ("_info", "lastUpdated") if path == "lastUpdated" else path.split("/"):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


class _Parser:
    def __init__(self, text: str, known: Known) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.known = known
        at = 0
        text = text.rstrip()
        while at < len(text):
            found = TOKEN.match(text, at)
            if not found or found.lastgroup is None:
                raise ConditionError(f"cannot read {text[at : at + 20]!r}")
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()

    def take(self, *words: str) -> bool:
        if self.tokens and self.tokens[0][0] != "text" and self.tokens[0][1].lower() in words:
            self.tokens.pop(0)
            return True
        return False

    def next(self, *groups: str) -> tuple[str, str]:
        if not self.tokens or self.tokens[0][0] not in groups:
            raise ConditionError(f"{' or '.join(groups)} expected, found {self.tokens[0][1] if self.tokens else 'the end'}")
        return self.tokens.pop(0)

    def either(self) -> Test:
        tests = [self.both()]
        while self.take("or"):
            tests.append(self.both())
        return lambda row: any(test(row) for test in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self.take("and"):
            tests.append(self.one())
        return lambda row: all(test(row) for test in tests)

    def one(self) -> Test:
        if self.take("not"):
            test = self.one()
            return lambda row: not test(row)
        if self.take("("):
            test = self.either()
            if not self.take(")"):
                raise ConditionError("a bracket is not closed")
            return test
        return self.comparison()

    def comparison(self) -> Test:
        _, field = self.next("word")
        if not self.known(field):
            raise ConditionError(f"there is no field {field}")
        negated = self.take("not")
        if self.take("in"):
            values = self.listed()
            return lambda row: (value_at(row, field) in values) is not negated
        if self.take("like"):
            return _like(field, self.next("text")[1][1:-1], negated)
        if self.take("contains"):
            return _like(field, f"%{self.next('text')[1][1:-1]}%", negated)
        if negated:
            raise ConditionError("after not, in, like or contains was expected")
        return _compare(field, self.next("op")[1], self.value())

    def listed(self) -> list[Any]:
        if not self.take("("):
            raise ConditionError("a list in brackets was expected")
        values = [self.value()]
        while self.take(","):
            values.append(self.value())
        if not self.take(")"):
            raise ConditionError("a bracket is not closed")
        return values

    def value(self) -> Any:
        group, text = self.next("text", "time", "number", "word")
        if group == "text":
            return text[1:-1]
        if group == "number":
            return Decimal(text)
        if group == "time":
            if not TIME.fullmatch(text[1:-1]):
                raise ConditionError(f"{text} is not a time")
            return text[1:-1] if "T" in text else f"{text[1:-1]}T00:00:00Z"
        words = {"true": True, "false": False, "null": None}
        if text.lower() not in words:
            raise ConditionError(f"{text} is not a value; texts stand in double quotes")
        return words[text.lower()]


def _like(field: str, pattern: str, negated: bool) -> Test:
    expression = re.compile(".*".join(map(re.escape, pattern.split("%"))), re.IGNORECASE | re.DOTALL)
    return lambda row: bool(expression.fullmatch(str(value_at(row, field) or ""))) is not negated


COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _compare(field: str, operator: str, value: Any) -> Test:
    compare = COMPARE[operator]

    def test(row: Row) -> bool:
        found = value_at(row, field)
        if isinstance(found, str) and isinstance(value, str):
            return compare(found.casefold(), value.casefold())
        if operator in ("=", "!="):
            return compare(found, value)
        numbers = all(isinstance(each, (int, Decimal)) and not isinstance(each, bool) for each in (found, value))
        return numbers and compare(found, value)

    return test
