"""R16: every row that came in stands in exactly one bucket, counted here from the raw rows and not from the ledger's own sums."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from core import buckets
from core.charges import count_usage
from core.completeness import unexplained
from core.frames import frame, records
from core.mapping import Mapping
from core.reconcile import reconcile
from core.records import (
    AgreementLine,
    BillCustomer,
    Charge,
    Comparison,
    NotCompared,
    NoVendor,
    State,
    Tally,
    UnmappedAccount,
    UnmappedService,
)
from core.run import Inputs, Reconciliation
from tests.core.build import D, charge, inputs, line
from tests.core.hostile import worlds

Sums = dict[tuple[str, ...], list[Decimal]]


def cent(value: Decimal) -> Decimal:
    return value.quantize(D("0.01"), ROUND_HALF_UP)


def add(sums: Sums, key: tuple[str, ...], *values: Any) -> None:
    entry = sums.setdefault(key, [D(0)] * len(values))
    for i, value in enumerate(values):
        entry[i] += D(value or 0)


def month(a: AgreementLine) -> Decimal:
    """R10, by hand."""
    billed = a.quantity if a.quantity < 0 else max(D(0), a.quantity - a.included)
    billing = a.bill_customer is BillCustomer.BILLABLE
    return cent(cent(billed * a.unit_price) / max(1, a.cycle_months)) if billing else D(0)


def tallies(result: Reconciliation, ledger: str) -> dict[tuple[str, str, str], list[Decimal]]:
    found = [t for t in records(Tally, result.ledger) if t.ledger == ledger]
    return {(t.source, t.currency, t.bucket): [D(t.rows), t.units, t.money] for t in found}


def raw_in(made: Inputs) -> tuple[Sums, Sums]:
    """What came in, of both sides, by source and currency."""
    vendor: Sums = {}
    psa: Sums = {}
    usage = count_usage(made.charges, made.period, made.today, made.sources).usage
    units = dict(zip(usage["row"].to_list(), usage["quantity"].to_list(), strict=True))
    for i, c in enumerate(records(Charge, made.charges)):
        add(vendor, (c.source, c.currency, buckets.IN), 1, units.get(i, 0), c.amount)
    for a in records(AgreementLine, made.lines):
        add(psa, (a.place.rsplit(" row ", 1)[0], a.currency, buckets.IN), 1, a.quantity, month(a))
    return vendor, psa


def check_complete(made: Inputs) -> None:
    result = reconcile(made)
    for ledger, raw in zip(("vendor", "psa"), raw_in(made), strict=True):
        found = tallies(result, ledger)
        assert {k: v for k, v in found.items() if k[2] == buckets.IN} == raw
        spread: Sums = {}
        for (source, currency, bucket), values in found.items():
            if bucket != buckets.IN:
                add(spread, (source, currency, buckets.IN), *values)
        assert spread == raw
    assert all((t.rows, t.units, t.money) == (0, 0, 0) for t in records(Tally, unexplained(result.ledger)))
    check_frames(made, result)


def check_frames(made: Inputs, result: Reconciliation) -> None:
    """The rows that a person sees add up to the ledger, and each line stands on exactly one of them."""
    rows, none = records(Comparison, result.comparisons), records(NoVendor, result.no_vendor)
    listed = records(NotCompared, result.not_compared)
    out = [n.reference.removeprefix("line ") for n in listed if n.side == "PSA"]
    stand = [r.line_id for r in rows if r.line_id] + [n.line_id for n in none] + out
    assert sorted(stand) == sorted(made.lines["line_id"].to_list())
    assert len({r.key for r in rows}) == len(rows)
    assert len({n.key for n in listed}) == len(listed)
    seen: Sums = {}
    lines = {a.line_id: a for a in records(AgreementLine, made.lines)}
    where = {State.NO_USAGE: buckets.NO_USAGE, State.NOT_KNOWN: buckets.NOT_KNOWN}
    for r in rows:
        if r.line_id:
            add(
                seen,
                ("psa", r.currency, where.get(r.state, buckets.COMPARED)),
                1,
                lines[r.line_id].quantity,
                month(lines[r.line_id]),
            )
    for n in none:
        add(seen, ("psa", n.currency, buckets.NO_VENDOR), 1, n.quantity, n.revenue)
    for x in listed:
        if x.side == "PSA":
            add(seen, ("psa", x.currency, x.bucket), 1, x.quantity, x.money)
        else:
            more = int(x.reference.rsplit("(+", 1)[1][:-1]) if "(+" in x.reference else 0
            add(seen, ("vendor", x.currency, x.bucket), 1 + more, x.quantity, x.money)
    unmapped = [*records(UnmappedAccount, result.unmapped_accounts), *records(UnmappedService, result.unmapped_services)]
    for u in unmapped:
        if u.rows:
            add(seen, ("vendor", u.currency, buckets.UNMAPPED), u.rows, u.units, u.money)
    ledger: Sums = {}
    for t in records(Tally, result.ledger):
        if t.bucket not in (buckets.IN, buckets.TO_LINES, buckets.NEW_REVENUE):
            add(ledger, (t.ledger, t.currency, t.bucket), t.rows, t.units, t.money)
    assert seen == ledger


@settings(max_examples=25, deadline=None)
@given(made=worlds())
def test_every_row_stands_in_exactly_one_bucket_whatever_comes_in(made: Inputs) -> None:
    check_complete(made)


@pytest.mark.parametrize(
    ("lines", "charges"),
    [([], []), ([line()], []), ([], [charge()])],
    ids=["neither", "no charges", "no lines"],
)
@pytest.mark.parametrize("mapping", [None, Mapping()], ids=["mapped", "unmapped"])
def test_an_empty_side_is_complete(lines: list[Any], charges: list[Any], mapping: Mapping | None) -> None:
    check_complete(inputs(lines, charges, mapping) if mapping else inputs(lines, charges))


def test_a_line_that_stood_nowhere_would_show_as_unexplained() -> None:
    result = reconcile(inputs([line()], [charge()]))
    rows = [t for t in records(Tally, result.ledger) if t.bucket != buckets.COMPARED]
    left = {t.ledger: (t.rows, t.units, t.money) for t in records(Tally, unexplained(frame(Tally, rows)))}
    assert left == {"psa": (1, 25, D("550.00")), "vendor": (0, 0, 0)}


def test_the_units_and_money_of_one_world_by_hand() -> None:
    made = inputs(
        [line("1", 25), line("2", 4, "3.00", service_id="HELP"), line("3", -2)],
        [
            charge(28, "492.80", "a"),
            charge(-5, "-88.00", "a", kind="refund"),
            charge(2, "35.20", "b", account_id="t-x", account="Zz"),
        ],
    )
    found: dict[str, list[tuple[str, Decimal, Decimal, Decimal]]] = defaultdict(list)
    for t in records(Tally, reconcile(made).ledger):
        found[t.ledger].append((t.bucket, D(t.rows), t.units, t.money))
    assert found["vendor"] == [("in", 3, 30, D("440.00")), ("to PSA lines", 2, 28, D("404.80")), ("unmapped", 1, 2, D("35.20"))]
    assert found["psa"] == [
        ("in", 3, 27, D("518.00")), ("compared", 1, 25, D("550.00")), ("no vendor", 1, 4, D("12.00")),
        ("out of scope", 1, -2, D("-44.00")),
    ]  # fmt: skip


OTHER = charge(1, "9.00", "x", account_id="t-other", account="Somebody Else")


@pytest.mark.parametrize(
    ("row", "charges", "bucket"),
    [
        (line(), [charge(28)], buckets.COMPARED),
        (line(), [charge(25)], buckets.COMPARED),
        (line(), [charge(0)], buckets.NO_USAGE),
        (line(), [OTHER], buckets.NO_USAGE),
        (line(), [], buckets.NOT_KNOWN),
        (line(service_id="X"), [charge(28)], buckets.NO_VENDOR),
        (line(quantity=-1), [charge(28)], buckets.OUT_OF_SCOPE),
    ],
)
def test_a_line_stands_in_the_bucket_of_its_state(row: AgreementLine, charges: list[Charge], bucket: str) -> None:
    found = tallies(reconcile(inputs([row], charges)), "psa")
    assert {b for _, _, b in found} == {buckets.IN, bucket}
