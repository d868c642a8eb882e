"""What kind of charge each row is: the file's word, the sign of the row, then the profile's rules."""

from collections.abc import Sequence
from decimal import Decimal
from fnmatch import fnmatchcase

from connectors.files.profile import KindRule, KindRules
from connectors.files.reading import Reading
from connectors.files.table import header_key
from connectors.files.values import shown
from core.records import ChargeKind


def charge_kinds(reading: Reading) -> list[ChargeKind]:
    """A kind for every row; a word that the profile does not know is a problem of its row."""
    rules = reading.profile.charge_kinds
    kinds = _by_word(reading, rules) if rules.column in reading.columns else [rules.default] * len(reading.rows)
    if rules.charge_when:
        filled = zip(*(reading.column(name) for name in rules.charge_when), strict=True)
        kinds = [ChargeKind.CHARGE if None not in row else kind for row, kind in zip(filled, kinds, strict=True)]
    matched = [(rule, _matching(reading.column(rule.column), rule)) for rule in rules.rules]
    return [_ruled(reading, position, kind, matched) for position, kind in enumerate(kinds)]


def _ruled(reading: Reading, position: int, kind: ChargeKind | None, matched: Sequence[tuple[KindRule, set[int]]]) -> ChargeKind:
    for rule, positions in matched:
        if position in positions and (kind is None or kind in rule.among):
            return rule.kind
    if kind is not None:
        return kind
    rules = reading.profile.charge_kinds
    word = reading.column(rules.column or "")[position]
    known = ", ".join(rules.values)
    reading.find(position, rules.column, f"{shown(word)} is not a known kind of charge; known are {known}")
    return rules.default


def _by_word(reading: Reading, rules: KindRules) -> list[ChargeKind | None]:
    known = {header_key(word): kinds for word, kinds in rules.values.items()}
    rows = zip(reading.column(rules.column or ""), reading.column("quantity"), reading.column("amount"), strict=True)
    keys = {word: header_key(word) for word in set(reading.column(rules.column or "")) if word}
    kinds: list[ChargeKind | None] = []
    for word, quantity, amount in rows:
        if word is None:
            kinds.append(rules.default)
        else:
            pair = known.get(keys[word])
            kinds.append(pair and pair[_negative(quantity, amount)])
    return kinds


def _negative(quantity: Decimal | None, amount: Decimal | None) -> bool:
    """A refund shows in either number: layouts differ in which of the two carries the sign."""
    return (amount is not None and amount < 0) or (quantity is not None and quantity < 0)


def _matching(values: Sequence[str | None], rule: KindRule) -> set[int]:
    matches = {value for value in set(values) if value and any(fnmatchcase(value.casefold(), p) for p in rule.matches)}
    return {position for position, value in enumerate(values) if value in matches} if matches else set()
