"""The evidence behind each count: every vendor row with what it counts, and why it does not."""

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.frames import records
from core.mapping import Kind, ServiceRule, Tie
from core.records import Charge, ChargeKind, Comparison, Measure
from core.seats import Seat, seats
from tests.core.build import ACCOUNT, SERVICE, D, charge, compared, inputs, line, mapped
from tests.core.made_worlds import made

OCTOBER = {"start": dt.date(2026, 10, 1), "until": dt.date(2026, 11, 1)}
EARLY = {"start": dt.date(2026, 11, 1), "until": dt.date(2026, 11, 16)}


def evidence(*charges: Charge, lines: Any = None, **changes: Any) -> list[Seat]:
    result, _ = compared(inputs(lines or [line()], charges, **changes))
    return records(Seat, seats(result))


def test_a_row_says_whose_it_is_and_where_it_was_read() -> None:
    (seat,) = evidence(charge(38, term="Annual", assigned=D(30)))
    assert (seat.line_key, seat.customer, seat.vendor, seat.subscription_id) == ("line:3589", "Acme", "Microsoft", "sub-1")
    assert (seat.term, seat.quantity, seat.assigned, seat.counted, seat.why) == ("Annual", D(38), D(30), D(38), "")
    assert (seat.source, seat.row, seat.amount, seat.currency) == ("microsoft.csv", 2, D("440.00"), "USD")


@pytest.mark.parametrize(
    ("more", "counted", "why"),
    [
        (charge(-5, "-88.00", kind=ChargeKind.REFUND, **EARLY), None, "money only"),
        (charge(5, "40.00", kind=ChargeKind.PRORATION), None, "money only"),
        (charge(20, **EARLY), None, "does not cover 26 Nov 2026"),
        (charge(20, **EARLY | {"until": dt.date(2026, 12, 1)}), None, "another row of the subscription counts"),
        (charge(0, subscription="sub-2", kind=ChargeKind.CANCELLATION), D(0), "cancelled: counts 0"),
        (charge(3, subscription="sub-2", kind=ChargeKind.USAGE), D(0), "metered: its amount counts, not its units"),
        (charge(3, subscription="sub-2"), D(3), ""),
        (charge(0, subscription="sub-2"), D(0), ""),
    ],
)
def test_what_a_row_counts_and_why_not(more: Charge, counted: Decimal | None, why: str) -> None:
    found = evidence(more, charge(25, start=dt.date(2026, 11, 2)))
    assert (found[0].counted, found[0].why) == (counted, why)
    assert found[1].counted == D(25)


def test_a_subscription_that_was_cancelled_counts_nothing_and_says_so() -> None:
    found = evidence(charge(-25, "-440.00", kind=ChargeKind.CANCELLATION), charge(25))
    assert [(seat.counted, seat.why) for seat in found] == [(None, "money only"), (D(0), "cancelled since: counts 0")]


def test_each_customer_of_a_shared_account_has_its_share() -> None:
    shared = [replace(ACCOUNT, share=D("0.75")), replace(ACCOUNT, customer_id="Beta", share=D("0.25"))]
    lines = [line(), line("2", customer_id="Beta", customer="Beta")]
    found = evidence(charge(10, "99.99"), lines=lines, mapping=mapped(accounts=shared))
    assert sorted((seat.customer, seat.quantity, seat.counted) for seat in found) == [
        ("Acme", D("7.5"), D("7.5")), ("Beta", D("2.5"), D("2.5")),
    ]  # fmt: skip
    assert sum(seat.amount or 0 for seat in found) == D("99.99")


def test_a_tied_subscription_stands_behind_its_line() -> None:
    ties = (Tie("Microsoft", "sub-2", "2"),)
    found = evidence(
        charge(10), charge(5, subscription="sub-2"), lines=[line(quantity=10), line("2", 5)], mapping=mapped(ties=ties)
    )
    assert [(seat.subscription_id, seat.line_key) for seat in found] == [("sub-1", "line:3589"), ("sub-2", "line:2")]


def test_of_equal_lines_the_one_that_carries_the_difference_is_named() -> None:
    assert [seat.line_key for seat in evidence(charge(20), lines=[line("9", 5), line("10", 10)])] == ["line:9"]
    found, _ = compared(inputs([line("9", 5), line("10", 10)], [charge(20)]))
    carrying = [r.key for r in records(Comparison, found.comparisons) if r.difference]
    assert carrying == ["line:9"]


def test_new_revenue_has_its_evidence_and_what_is_not_compared_has_none() -> None:
    (seat,) = evidence(charge(4), lines=[line(service_id="OTHER")])
    assert seat.line_key.startswith("new:")
    assert evidence(charge(4), mapping=mapped(replace(SERVICE, kind=Kind.FREE, service_id=None))) == []
    assert evidence(charge(4, **OCTOBER)) == []


def test_a_line_in_money_has_its_rows() -> None:
    rule = ServiceRule("BP", measure=Measure.MONEY)
    (seat,) = evidence(charge(None or 0, "812.37", kind=ChargeKind.USAGE), lines=[line(quantity=1)], mapping=mapped(rules=(rule,)))
    assert (seat.amount, seat.why) == (D("812.37"), "metered: its amount counts, not its units")


def test_in_a_made_month_the_rows_add_up_to_every_count() -> None:
    result = made(1, 40).result
    counted: dict[str, Decimal] = defaultdict(Decimal)
    found = records(Seat, seats(result))
    for seat in found:
        counted[seat.line_key] += seat.counted or 0
    rows = [r for r in records(Comparison, result.comparisons) if r.group_size <= 1 and r.measure is Measure.UNITS]
    wrong = [(r.key, r.vendor_quantity, counted[r.key]) for r in rows if (r.vendor_quantity or 0) != counted[r.key]]
    assert (wrong, len(rows) > 200) == ([], True)
    assert len({seat.key for seat in found}) == len(found)
