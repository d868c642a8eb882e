"""What a profile must and may say beyond its form: columns that exist, types that fit our fields, words with a meaning."""

from collections.abc import Iterator

from connectors.files.profile import ColumnRule, Profile, Role, Type
from connectors.files.strict import StrictTable
from connectors.files.values import convert
from core.records import BillCustomer

NUMBERS = {
    "quantity": Type.QUANTITY, "assigned": Type.QUANTITY, "included": Type.QUANTITY,
    "unit_price": Type.PRICE, "unit_cost": Type.PRICE, "price": Type.PRICE, "cost": Type.PRICE, "amount": Type.MONEY,
}  # fmt: skip
DATES = ("start", "end", "as_of", "can_reduce_from", "effective", "cancelled", "invoiced_through")
TEXTS = (
    "vendor", "account_id", "account", "vendor_service_id", "vendor_service", "sku", "term", "subscription_id", "agreement_id",
    "agreement", "parent_agreement", "customer_id", "customer", "service_id", "service", "line_id", "status",
)  # fmt: skip
ALLOWED: dict[str, tuple[Type, ...]] = {
    **{name: (kind,) for name, kind in NUMBERS.items()},
    **dict.fromkeys(DATES, (Type.DATE,)),
    **dict.fromkeys(TEXTS, (Type.TEXT, Type.ID)),
    **dict.fromkeys(("prorates", "in_arrears", "final"), (Type.BOOLEAN, Type.CHOICE)),
    **dict.fromkeys(("cycle_months", "bill_customer"), (Type.CHOICE,)),
    "currency": (Type.CURRENCY,),
}
"""Columns that are read into one of our fields, with the types that fit it, the usual one first; others may have any."""

MEANINGS: dict[str, tuple[object, ...]] = {
    "cycle_months": tuple(range(121)),
    "bill_customer": tuple(kind.value for kind in BillCustomer),
    **dict.fromkeys(("prorates", "in_arrears", "final"), (True, False)),
}
"""What the words of a choice may mean."""

FILLED = {
    Role.AGREEMENTS: ("customer", "agreement", "service_id", "quantity", "unit_price", "cycle_months"),
    Role.CATALOGUE: ("service_id", "service"),
    Role.CHARGES: ("vendor", "account_id", "account", "vendor_service_id", "vendor_service", "quantity"),
    Role.COUNTS: ("vendor", "account_id", "account", "vendor_service_id", "vendor_service", "quantity"),
}
"""What a profile of each role must say, as a column or composed of columns."""


def usual_type(name: str) -> Type:
    """The type of a column that names none."""
    return ALLOWED.get(name, (Type.TEXT,))[0]


def check_column(table: StrictTable, name: str, rule: ColumnRule) -> None:
    """A column's type fits the field it is read into, and its words and default can be read."""
    allowed = ALLOWED.get(name, tuple(Type))
    if rule.type not in allowed:
        expected = " or ".join(repr(kind.value) for kind in allowed)
        table.fail("type", f"{rule.type.value!r} was found, {expected} was expected for this column")
    if not rule.headers:
        table.fail("headers", "at least one header was expected")
    if rule.type is Type.CHOICE and not rule.values:
        table.fail("values", "a choice needs its words and what they mean")
    for word, meaning in rule.values.items():
        _check_meaning(table, name, word, meaning)
    for reason in convert([""], rule, ".", False).wrong.values():
        table.fail("default", f"{rule.default!r} {reason}")


def _check_meaning(table: StrictTable, name: str, word: str, meaning: object) -> None:
    meanings = MEANINGS.get(name)
    if meanings is None and not isinstance(meaning, str):
        table.fail(f"values.{word}", f"{meaning!r} was found, a text was expected")
    if meanings is not None and not any(meaning is m or (meaning == m and type(meaning) is type(m)) for m in meanings):
        expected = "a number of months" if name == "cycle_months" else " or ".join(map(repr, meanings))
        table.fail(f"values.{word}", f"{meaning!r} was found, {expected} was expected")


def check_profile(table: StrictTable, profile: Profile) -> None:
    """Every column that the profile speaks of must be one that it declares."""
    known = {*profile.columns, *profile.compose, "vendor"}
    for key, names in profile.mentioned():
        for name in names:
            if name not in known:
                table.fail(key, f"{name!r} is not one of the columns declared")
    for name in profile.recognise:
        if name not in profile.columns:
            table.fail("recognise", f"{name!r} is not one of the columns declared")
    for name in profile.compose:
        if Type.TEXT not in ALLOWED.get(name, (Type.TEXT,)):
            table.fail(f"compose.{name}", "only texts are composed; give this one a column")
    for key, names, expected in _typed(profile):
        for name in profile.columns.keys() & set(names):
            found = profile.columns[name].type
            if found is not expected and (found, expected) != (Type.ID, Type.TEXT):
                table.fail(key, f"the column {name!r} is read as {found.value!r}, not as {expected.value!r}")
    for name in FILLED[profile.role]:
        if name not in known:
            table.fail("columns", f"{name!r} is missing; a profile of {profile.role.value} must fill it")


def _typed(profile: Profile) -> Iterator[tuple[str, tuple[str, ...], Type]]:
    """The columns that rules compare with words, dates or prices."""
    kinds = profile.charge_kinds
    yield "charge_kinds", (*filter(None, [kinds.column]), *(rule.column for rule in kinds.rules)), Type.TEXT
    if profile.ended:
        yield "ended", (profile.ended.column,), Type.TEXT
    if profile.unit_cost:
        yield "unit_cost", (profile.unit_cost.column, profile.unit_cost.whole_months), Type.PRICE
    if profile.commitment:
        yield "commitment", (profile.commitment.start, profile.commitment.end), Type.DATE
