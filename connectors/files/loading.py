"""Profiles from their TOML files, read strictly: people write them, and a misspelt key must not pass in silence."""

import tomllib
from collections.abc import Iterator
from enum import StrEnum
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TypeVar

from connectors.files.checking import check_column, check_profile, usual_type
from connectors.files.errors import refused
from connectors.files.profile import (
    ColumnRule,
    CommitmentRule,
    End,
    EndedRule,
    KindRule,
    KindRules,
    Profile,
    Role,
    Type,
    UnitCostRule,
)
from connectors.files.strict import StrictTable
from connectors.files.table import header_key
from core.records import ChargeKind

E = TypeVar("E", bound=StrEnum)


def load_profiles(folder: Path | None = None) -> tuple[Profile, ...]:
    """The profiles of a folder, if one is given, and then those that come with the product; the former win a tie."""
    builtin = [_load(file) for file in _toml_files(resources.files(__package__) / "profiles")]
    if folder is None:
        return tuple(builtin)
    if not folder.is_dir():
        raise refused(folder.name, "there is no such folder of import profiles")
    own = [_load(file) for file in _toml_files(folder)]
    names = {profile.name for profile in own}
    return (*own, *(profile for profile in builtin if profile.name not in names))


def _toml_files(folder: Traversable) -> Iterator[Traversable]:
    return iter(sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name))


def _load(file: Traversable) -> Profile:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise refused(file.name, f"this import profile cannot be read: {error}") from None
    return _profile(StrictTable(file.name, "", data))


def _profile(table: StrictTable) -> Profile:
    columns = {name: _column(table, name) for name in list(table.data.get("columns") or {})}
    table.data.pop("columns", None)
    profile = Profile(
        name=table.text("name"),
        title=table.text("title"),
        role=table.one_of("role", Role),
        columns=columns,
        recognise=table.texts("recognise", ()),
        excludes=table.texts("excludes", ()),
        vendor=table.text("vendor", None),
        end=table.one_of("end", End, End.LAST_DAY),
        decimal={"point": ".", "comma": ","}[table.member("decimal", _Decimal, table.text("decimal", "point"))],
        day_first=table.member("dates", _Dates, table.text("dates", "month first")) is _Dates.DAY,
        final=table.flag("final", True),
        totals=table.texts("totals", Profile.__dataclass_fields__["totals"].default),
        compose=_compose(table),
        charge_kinds=_kinds(table),
        unit_cost=_unit_cost(table.table("unit_cost")),
        commitment=_commitment(table.table("commitment")),
        ended=_ended(table.table("ended")),
    )
    table.done()
    check_profile(table, profile)
    return profile


class _Decimal(StrEnum):
    POINT = "point"
    COMMA = "comma"


class _Dates(StrEnum):
    MONTH = "month first"
    DAY = "day first"


def _column(parent: StrictTable, name: str) -> ColumnRule:
    data = parent.data["columns"]
    if not isinstance(data, dict) or not isinstance(data[name], dict):
        parent.fail(f"columns.{name}", "a table was expected")
    table = StrictTable(parent.file, f"columns.{name}.", data[name])
    kind = table.one_of("type", Type, usual_type(name))
    rule = ColumnRule(
        headers=table.texts("headers"),
        type=kind,
        required=table.flag("required", False),
        otherwise=table.texts("otherwise", ()),
        default=table.text("default", None),
        values=_values(table),
    )
    check_column(table, name, rule)
    table.done()
    return rule


def _values(table: StrictTable) -> dict[str, str | int | bool]:
    values = table.table("values")
    if values is None:
        return {}
    for key, value in values.data.items():
        if not isinstance(value, str | int | bool):
            values.fail(key, f"{value!r} was found; a text, a whole number, true or false was expected")
    return dict(values.data)


def _compose(table: StrictTable) -> dict[str, tuple[str, ...]]:
    composed = table.table("compose")
    return {} if composed is None else {key: composed.texts(key) for key in list(composed.data)}


def _kinds(parent: StrictTable) -> KindRules:
    table = parent.table("charge_kinds")
    if table is None:
        return KindRules(ChargeKind.CHARGE)
    words = table.table("values")
    rules = KindRules(
        default=table.one_of("default", ChargeKind),
        column=table.text("column", None),
        values={word: _signed(words, word) for word in list(words.data)} if words else {},
        rules=tuple(_kind_rule(rule) for rule in table.tables("rules")),
        charge_when=table.texts("charge_when", ()),
    )
    table.done()
    return rules


def _signed(words: StrictTable, word: str) -> tuple[ChargeKind, ChargeKind]:
    value = words.data[word]
    kinds = value if isinstance(value, list) else [value, value]
    if len(kinds) != 2:
        words.fail(word, f"{value!r} was found; one kind, or two (positive, negative), was expected")
    return words.member(word, ChargeKind, kinds[0]), words.member(word, ChargeKind, kinds[1])


def _kind_rule(table: StrictTable) -> KindRule:
    among = table.texts("among", (ChargeKind.CHARGE.value, ChargeKind.REFUND.value))
    rule = KindRule(
        column=table.text("column"),
        matches=tuple(pattern.casefold() for pattern in table.texts("matches")),
        kind=table.one_of("kind", ChargeKind),
        among=tuple(table.member("among", ChargeKind, kind) for kind in among),
    )
    table.done()
    return rule


def _unit_cost(table: StrictTable | None) -> UnitCostRule | None:
    if table is None:
        return None
    types = tuple(map(header_key, table.texts("types")))
    rule = UnitCostRule(table.text("column"), table.text("whole_months"), types, table.whole_numbers("months"))
    table.done()
    return rule


def _commitment(table: StrictTable | None) -> CommitmentRule | None:
    if table is None:
        return None
    monthly = tuple(pattern.casefold() for pattern in table.texts("monthly"))
    rule = CommitmentRule(table.text("start"), table.text("end"), monthly)
    table.done()
    return rule


def _ended(table: StrictTable | None) -> EndedRule | None:
    if table is None:
        return None
    rule = EndedRule(table.text("column"), tuple(map(header_key, table.texts("values"))))
    table.done()
    return rule
