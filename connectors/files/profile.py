"""An import profile: how one layout's columns become our records. Each stands in a TOML file in `profiles/`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

from connectors.files.compose import placeholders
from connectors.files.table import header_key
from core.records import AgreementLine, Charge, ChargeKind, Service


class Role(StrEnum):
    """What a layout's rows are."""

    AGREEMENTS = "agreements"
    CATALOGUE = "catalogue"
    CHARGES = "charges"
    COUNTS = "counts"


class Type(StrEnum):
    """How the cells of a column are read."""

    TEXT = "text"
    ID = "id"  # text whose digits must all have survived the spreadsheet
    QUANTITY = "quantity"
    PRICE = "price"
    MONEY = "money"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"  # one of the words under `values`
    CURRENCY = "currency"


OTHERS_READ = frozenset({"end", "as_of", "status"})
"""Columns that are read though no record has a field of that name."""

PLACES = {Type.QUANTITY: 4, Type.PRICE: 6, Type.MONEY: 2}


class End(StrEnum):
    """What the end of a row's period means."""

    LAST_DAY = "last day"
    FIRST_DAY_AFTER = "first day after"
    DETECT = "detect"  # whichever makes whole months of the file's periods


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """One column: the headers it is known by, most usual first, and how its cells are read."""

    headers: tuple[str, ...]
    type: Type = Type.TEXT
    required: bool = False  # the column must be there, with a value in every row
    otherwise: tuple[str, ...] = ()  # headers of a second column, for rows where the first is blank
    default: str | None = None  # read as if the cell held it
    values: Mapping[str, str | int | bool] = field(default_factory=dict)  # choice and currency: words and their meaning


@dataclass(frozen=True, slots=True)
class KindRule:
    """Rows whose cell matches one of the patterns are of this kind, where they were of one of the kinds `among`."""

    column: str
    matches: tuple[str, ...]
    kind: ChargeKind
    among: tuple[ChargeKind, ...]


@dataclass(frozen=True, slots=True)
class KindRules:
    """What kind of charge a row is: the file's word, by sign where two kinds stand for it, then the rules in order."""

    default: ChargeKind
    column: str | None = None
    values: Mapping[str, tuple[ChargeKind, ChargeKind]] = field(default_factory=dict)  # by word: positive, negative
    rules: tuple[KindRule, ...] = ()
    charge_when: tuple[str, ...] = ()  # a count with all these columns filled is a charge


@dataclass(frozen=True, slots=True)
class UnitCostRule:
    """Which column holds the price of a full period: one for rows of whole months of these types, one for the rest."""

    column: str
    whole_months: str
    types: tuple[str, ...]
    months: Mapping[str, int] = field(default_factory=dict)  # of the rest: the billing period by patterns of the term


@dataclass(frozen=True, slots=True)
class CommitmentRule:
    """The columns of a commitment's first and last day, and the terms (patterns) that commit to no more than a month."""

    start: str
    end: str
    monthly: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndedRule:
    """Rows whose state is one of these words count zero."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """One layout."""

    name: str
    title: str
    role: Role
    columns: Mapping[str, ColumnRule]
    recognise: tuple[str, ...]  # columns that tell this layout from others; the required ones always count
    excludes: tuple[str, ...] = ()  # headers that a file of this layout never has
    vendor: str | None = None
    end: End = End.LAST_DAY
    decimal: str = "."  # where the file does not tell
    day_first: bool = False  # where the file does not tell
    final: bool = True
    totals: tuple[str, ...] = ("total", "subtotal", "sub total", "grand total", "sum")
    compose: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    charge_kinds: KindRules = KindRules(ChargeKind.CHARGE)
    unit_cost: UnitCostRule | None = None
    commitment: CommitmentRule | None = None
    ended: EndedRule | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns a file must have to be of this layout."""
        return tuple(name for name, rule in self.columns.items() if rule.required or name in self.recognise)

    @property
    def vocabulary(self) -> frozenset[str]:
        """The keys of every header this layout knows."""
        return frozenset(header_key(h) for rule in self.columns.values() for h in (*rule.headers, *rule.otherwise))

    def mentioned(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The columns that each part of the profile speaks of."""
        for name, templates in self.compose.items():
            yield f"compose.{name}", tuple(placeholders(templates))
        kinds = self.charge_kinds
        yield "charge_kinds", (*filter(None, [kinds.column]), *(rule.column for rule in kinds.rules), *kinds.charge_when)
        if self.unit_cost:
            yield "unit_cost", (self.unit_cost.column, self.unit_cost.whole_months)
        if self.commitment:
            yield "commitment", (self.commitment.start, self.commitment.end)
        if self.ended:
            yield "ended", (self.ended.column,)

    @property
    def read(self) -> frozenset[str]:
        """The columns whose values are used; the others only tell the layout, and their cells may hold anything."""
        ours = {field.name for record in (AgreementLine, Charge, Service) for field in fields(record)} | OTHERS_READ
        mentioned = {name for _, names in self.mentioned() for name in names}
        return frozenset(name for name in self.columns if name in ours | mentioned)
