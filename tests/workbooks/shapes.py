"""Reconciliations of every shape that a month may have, built on the example month."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from itertools import cycle, islice
from typing import Any

from core.frames import frame, records
from core.records import Action, Agreement, Comparison, Decision, NotCompared, NoVendor, State, UnmappedAccount, UnmappedService
from core.run import Reconciliation
from server.slices import slice_of
from tests.workbooks.example import CUSTOMERS, IDENTITY, KEY, example
from workbooks.identity import Identity, scope_of, sign

D = Decimal
Rows = list[Comparison]

FORBIDDEN = (*(f"a{sign}b" for sign in "[]:*?/\\'\"&<>|;=\t\n\r"), "'quoted'", "History", "history ", "", " ", "cover", "Checks")
CLASHING = (*(f"A distributor with a very long name, branch {number}" for number in range(1, 8)), "x" * 31, "X" * 31, "x" * 32)
SIXTY = (
    "Cover", "cover", "Summary", "a/b", "a:b", "'", "History", "x" * 40, "X" * 40 + "!", "Checks", "=1+1", "😀" * 30,
    *(f"Vendor {number}" for number in range(48)),
)  # fmt: skip
SCRIPTS = (
    "😀" * 40, "👩‍👩‍👧‍👦 Family IT", "شركة النور للتقنية", "חברת תוכנה", "株式会社テスト", "Ünïcödé GmbH & Co. KG", "e\u0301" * 20,
    "\u202eevil\u202c",
)  # fmt: skip
FORMULAS = (
    "=1+1", '=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "=cmd|' /C calc'!A0",
    "'=1", '"=1"',
)  # fmt: skip
CODES = (*range(32), 127, 0x85, 0xFFFE, 0xFFFF)
CONTROL = (*(f"before{chr(code)}after" for code in CODES), "_x0041_", "_x000D_", "a_x", "\ufeffbom")
LONG = ("n" * 32_767, "n" * 40_000, "😀" * 20_000, "line\n" * 6_553, " " * 300 + "end ", "&" * 32_767)
ODD_WORDS = (*FORBIDDEN, *CLASHING, *SCRIPTS, *FORMULAS, *CONTROL)
AMOUNTS = tuple(D(text) for text in ("0", "-0.01", "0.01", "1000000000", "-99999999.99", "12345678.12", "1", "90071992547.01"))
DAYS = (
    None, dt.date(2026, 11, 30), dt.date(2100, 2, 28), dt.date(1, 1, 1), dt.date(1900, 1, 1), dt.date(1900, 2, 28),
    dt.date(1900, 3, 1), dt.date(9999, 12, 31),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """What write_workbook is given."""

    reconciliation: Reconciliation
    identity: Identity = IDENTITY
    decided: Mapping[str, Decision] = field(default_factory=dict)
    run: Reconciliation | None = None


def small() -> Reconciliation:
    """The example month with the first row of each vendor and state."""
    base = example()
    first = {(row.vendor, row.state): row for row in reversed(of(base))}
    return with_rows(base, list(first.values()))


def of(reconciliation: Reconciliation) -> Rows:
    return records(Comparison, reconciliation.comparisons)


def with_rows(reconciliation: Reconciliation, rows: Rows) -> Reconciliation:
    return replace(reconciliation, comparisons=frame(Comparison, rows))


def numbered(rows: Iterator[Comparison], count: int) -> Rows:
    """That many rows, each with a key of its own."""
    return [replace(row, key=f"line:{number}") for number, row in enumerate(islice(rows, count), 1)]


def bare(reconciliation: Reconciliation, rows: Rows) -> Reconciliation:
    """These rows and nothing else."""
    empty = {
        name: getattr(reconciliation, name)[:0]
        for name in ("no_vendor", "not_compared", "unmapped_accounts", "unmapped_services", "ledger")
    }
    return replace(with_rows(reconciliation, rows), agreements=(), **empty)


def worded(reconciliation: Reconciliation, words: tuple[str, ...]) -> Reconciliation:
    """Every text of every sheet is one of these words; each row still has a key of its own."""
    turn = cycle(words)
    kinds = {
        "comparisons": (Comparison, ("key", "fingerprint", "currency")),
        "no_vendor": (NoVendor, ("key", "currency")),
        "not_compared": (NotCompared, ("key", "side", "bucket", "currency")),
        "unmapped_accounts": (UnmappedAccount, ("key", "account_id", "vendor", "currency")),
        "unmapped_services": (UnmappedService, ("key", "vendor_service_id", "vendor", "currency")),
    }
    made = {
        name: frame(kind, [_worded(row, turn, kept) for row in records(kind, getattr(reconciliation, name))])
        for name, (kind, kept) in kinds.items()
    }
    agreements = tuple(_worded(one, turn, ("customer_id", "agreement_id")) for one in reconciliation.agreements)
    return replace(reconciliation, agreements=agreements, **made)


def _worded(row: Any, turn: Iterator[str], kept: tuple[str, ...]) -> Any:
    """A record with other words in its free texts."""
    names = [one.name for one in fields(row) if one.name not in kept and type(getattr(row, one.name)) is str]
    return replace(row, **{name: next(turn) for name in names})


def _vendors(base: Reconciliation, names: tuple[str, ...], count: int) -> Reconciliation:
    rows = numbered(cycle(of(base)), count)
    return with_rows(base, [replace(row, vendor=name) for row, name in zip(rows, cycle(names), strict=False)])


def _amounts(base: Reconciliation) -> Reconciliation:
    """Quantities, prices and days at the ends of what they may be."""
    amounts, days = cycle(AMOUNTS), cycle(DAYS)
    numbers = ("psa_quantity", "vendor_quantity", "to_bill", "unit_price", "unit_cost", "vendor_cost", "revenue_before", "effect")
    dated = ("since", "starts", "ends", "can_reduce_from", "as_of", "effective_date")
    return with_rows(
        base,
        [
            replace(row, **{name: next(amounts) for name in numbers}, **{name: next(days) for name in dated})
            for row in numbered(cycle(of(base)), 40)
        ],
    )


def _decided(base: Reconciliation) -> Mapping[str, Decision]:
    """Every action, every odd word and every kind of number, typed already."""
    words, days, actions = (
        cycle((*ODD_WORDS, LONG[0][:4000])),
        cycle(DAYS[1:3]),
        cycle([action for action in Action if action is not Action.UPDATE_COST]),
    )
    amounts = cycle((None, *(abs(amount) for amount in AMOUNTS if abs(amount) < 1_000)))
    return {
        row.key: Decision(
            row.key, "", next(actions), quantity=next(amounts), effective_date=next(days), new_price=next(amounts),
            agreement=next(words), reason=next(words), note=next(words),
        )
        for row in of(base)
    }  # fmt: skip


def _slice(base: Reconciliation, customers: tuple[str, ...]) -> Shape:
    identity = sign(replace(IDENTITY, scope=scope_of(customers)), KEY)
    return Shape(slice_of(base, customers), identity, run=base)


def _odd_issue(base: Reconciliation) -> Shape:
    """An entity and recipients with names that headers, footers and properties must bear."""
    return Shape(base, sign(replace(IDENTITY, entity='&Z "A&B" <x>' * 40, recipient="=1+1", issued_by="é" * 300), KEY))


def _many_agreements(base: Reconciliation) -> Reconciliation:
    """So many agreements that no drop-down could hold them as words."""
    one = base.agreements[0]
    more = tuple(replace(one, agreement_id=str(n), agreement=f"Agreement {n}, {'x' * 60}") for n in range(2_000))
    return replace(base, agreements=(*base.agreements, *more))


def _states(base: Reconciliation, state: State) -> Reconciliation:
    return with_rows(base, [row for row in of(base) if row.state is state])


def _currencies(base: Reconciliation) -> Reconciliation:
    rows = zip(of(base), cycle(("USD", "EUR", "GBP", "JPY", "")), strict=False)
    return with_rows(base, [replace(row, currency=currency) for row, currency in rows])


SHAPES: dict[str, Callable[[Reconciliation], Shape]] = {
    "as it is": lambda base: Shape(base),
    "no rows": lambda base: Shape(bare(base, [])),
    "one row": lambda base: Shape(bare(base, of(base)[:1])),
    "one vendor": lambda base: Shape(with_rows(base, [row for row in of(base) if row.vendor == "Pax8"])),
    "60 vendors": lambda base: Shape(_vendors(base, SIXTY, 60)),
    "names that clash": lambda base: Shape(_vendors(base, CLASHING, 20)),
    "names with forbidden characters": lambda base: Shape(_vendors(base, FORBIDDEN, 24)),
    "names of every script": lambda base: Shape(_vendors(base, SCRIPTS, 16)),
    "names that are formulas": lambda base: Shape(_vendors(base, FORMULAS, 14)),
    "every word odd": lambda base: Shape(worded(base, ODD_WORDS)),
    "formulas in every word": lambda base: Shape(worded(base, FORMULAS)),
    "control characters in every word": lambda base: Shape(worded(base, CONTROL)),
    "long notes": lambda base: Shape(worded(base, LONG)),
    "several currencies": lambda base: Shape(_currencies(base)),
    "amounts and days at their ends": lambda base: Shape(_amounts(base)),
    "a slice": lambda base: _slice(base, CUSTOMERS[:2]),
    "a slice of odd words": lambda base: _slice(_odd_customer(base), ("=1+1",)),
    "typed decisions": lambda base: Shape(base, decided=_decided(base)),
    "an odd issue": _odd_issue,
    "many agreements": lambda base: Shape(_many_agreements(base)),
    **{f"only {state.value}": lambda base, state=state: Shape(_states(base, state)) for state in State},  # type: ignore[misc]
}


def _odd_customer(base: Reconciliation) -> Reconciliation:
    """The first customer has a name that looks like a formula."""
    rows = [replace(row, customer="=1+1") if row.customer == CUSTOMERS[0] else row for row in of(base)]
    lines = base.inputs.lines.assign(customer=base.inputs.lines["customer"].replace({CUSTOMERS[0]: "=1+1"}))
    agreements: tuple[Agreement, ...] = tuple(
        replace(one, customer="=1+1") if one.customer == CUSTOMERS[0] else one for one in base.agreements
    )
    return replace(with_rows(base, rows), agreements=agreements, inputs=replace(base.inputs, lines=lines))
