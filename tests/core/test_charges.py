"""R2 and R11: what each subscription stands at, out of charges, refunds, corrections and counts of any files."""

import datetime as dt
from typing import Any

import pytest

from core import buckets
from core.charges import count_usage
from core.frames import frame, records
from core.periods import Period
from core.records import Charge, ChargeKind, NotCompared, State
from tests.core.build import ACCOUNT, NOVEMBER, TODAY, D, charge, compared, inputs, line, mapped, only, service, source

NOV, DEC, JAN = dt.date(2026, 11, 1), dt.date(2026, 12, 1), dt.date(2027, 1, 1)
NOV_10 = dt.date(2026, 11, 10)
REFUND, CANCELLED = ChargeKind.REFUND, ChargeKind.CANCELLATION
UNDATED: dict[str, Any] = {"start": None, "until": None, "kind": ChargeKind.COUNT}


@pytest.mark.parametrize(
    ("charges", "counts"),
    [
        ([charge(25), charge(-25, kind=REFUND, start=NOV_10), charge(28, start=NOV_10)], {"sub-1": (28, True)}),
        ([charge(25), charge(-25, kind=REFUND, start=NOV_10)], {"sub-1": (25, False)}),  # its charge is missing
        ([charge(25), charge(-20, kind=REFUND, start=DEC, until=JAN)], {"sub-1": (25, True)}),  # of another month
        ([charge(25), charge(-25, kind=CANCELLED, start=NOV_10)], {"sub-1": (0, True)}),
        ([charge(-25, kind=CANCELLED)], {"sub-1": (0, True)}),  # without its charge
        ([charge(-25, kind=CANCELLED), charge(5, start=NOV_10)], {"sub-1": (5, True)}),  # taken up again
        ([charge(25), charge(-25, kind=CANCELLED, start=dt.date(2026, 11, 27))], {"sub-1": (25, True)}),  # after the as-of day
        ([charge(25), charge(30, start=dt.date(2026, 11, 27))], {"sub-1": (25, True)}),
        ([charge(25, until=NOV_10)], {}),
        ([charge(25, until=TODAY)], {}),
        ([charge(25, until=dt.date(2026, 11, 27))], {"sub-1": (25, True)}),
        ([charge(25, start=TODAY)], {"sub-1": (25, True)}),
        (
            [charge(25), charge(3, kind=ChargeKind.PRORATION, start=NOV_10), charge(9, kind=ChargeKind.CREDIT)],
            {"sub-1": (25, True)},
        ),
        ([charge(25), charge(12, source="other.csv", start=NOV_10)], {"sub-1": (12, True)}),  # in two files
        ([charge(25), charge(25)], {"sub-1": (25, True)}),
        ([charge(100, subscription="annual"), charge(20, subscription="monthly")], {"annual": (100, True), "monthly": (20, True)}),
        ([charge(4), charge(5, vendor="Pax8")], {"sub-1": (5, True)}),  # of each vendor its own
        ([charge(3, kind=ChargeKind.USAGE, until=NOV_10)], {"sub-1": (0, True)}),
        ([charge(3, kind=ChargeKind.USAGE, final=False)], {"sub-1": (0, False)}),
        ([charge(0)], {"sub-1": (0, True)}),
    ],
)
def test_a_subscription_counts_its_last_charge_that_covers_the_day(charges: list[Charge], counts: dict[str, Any]) -> None:
    usage = count_usage(frame(Charge, charges), NOVEMBER, TODAY).usage
    assert dict(zip(usage["subscription_id"], zip(usage["quantity"], usage["final"], strict=True), strict=True)) == counts
    assert len(usage) == (2 if len({c.vendor for c in charges}) == 2 else len(counts))


def test_rows_without_a_subscription_each_count() -> None:
    usage = count_usage(frame(Charge, [charge(2, subscription=None), charge(3, subscription=None)]), NOVEMBER, TODAY).usage
    assert usage["quantity"].to_list() == [2, 3]


@pytest.mark.parametrize(
    ("start", "until", "inside"),
    [
        (NOV, DEC, True),
        (None, None, True),
        (DEC, JAN, False),
        (None, NOV, False),
        (dt.date(2026, 11, 30), None, True),
        (DEC, None, False),
    ],
)
def test_a_row_belongs_to_the_periods_that_it_touches(start: dt.date | None, until: dt.date | None, inside: bool) -> None:
    counted = count_usage(frame(Charge, [charge(1, start=start, until=until)]), NOVEMBER, TODAY)
    assert counted.in_period.tolist() == [inside]


@pytest.mark.parametrize(
    ("stated", "days", "months"),
    [
        (None, (NOV, DEC), 1),
        (None, (NOV, dt.date(2027, 11, 1)), 12),
        (3, (NOV, DEC), 3),
        (None, (NOV, NOV_10), 1),
        (None, (None, None), 1),
    ],
)
def test_a_cost_is_of_the_stated_months_or_of_the_longest_row(stated: int | None, days: Any, months: int) -> None:
    made = frame(Charge, [charge(1, cost_months=stated, start=days[0], until=days[1])])
    assert count_usage(made, Period(2026, 11), dt.date(2026, 11, 5)).usage["cost_months"].to_list() == [months]


def two_months(**november: Any) -> Any:
    """The same counts exported in October and in November; a customer's row may be missing in the second."""
    rows = [charge(20, "0.00", None, source="october.csv", **UNDATED)]
    rows += [charge(25, "0.00", None, source="november.csv", **UNDATED | november)]
    sources = (
        source("agreements.csv", "PSA"),
        source("october.csv", "Microsoft", as_of=dt.date(2026, 10, 26)),
        source("november.csv", "Microsoft", as_of=dt.date(2026, 11, 26)),
    )
    return inputs([line()], rows, sources=sources)


def test_a_count_without_a_date_speaks_of_its_files_month_only() -> None:
    result, (row,) = compared(two_months())
    assert (row.state, row.vendor_quantity) == (State.NO_CHANGE, 25)
    (listed,) = records(NotCompared, result.not_compared)
    assert (listed.bucket, listed.reference) == (buckets.OTHER_PERIOD, "october.csv row 2")


def test_a_customer_who_left_does_not_keep_last_months_count() -> None:
    other = mapped(accounts=(ACCOUNT,))
    gone = two_months(account_id="t-x", account="Somebody")
    row = only(inputs([line()], records(Charge, gone.charges), other, sources=gone.sources))
    assert (row.state, row.vendor_quantity) == (State.NO_USAGE, None)


def test_an_older_file_alone_leaves_its_customers_not_known() -> None:
    sources = (source("agreements.csv", "PSA"), source("october.csv", "Microsoft", as_of=dt.date(2026, 10, 26)))
    row = only(inputs([line()], [charge(20, "0.00", None, source="october.csv", **UNDATED)], sources=sources))
    assert (row.state, row.why) == (State.NOT_KNOWN, "stale: Microsoft's data ends 26 Oct 2026")


def test_huge_numbers_keep_every_digit() -> None:
    many = D("99999999999999")
    row = only(inputs([line(quantity=many - 1, price="0.01")], [charge(many, unit_cost=D("0.01"))]))
    assert (row.difference, row.vendor_cost) == (1, D("999999999999.99"))
    with pytest.raises(OverflowError):
        only(inputs([line()], [charge(many, subscription=str(i), unit_cost=None) for i in range(11)]))


def test_several_vendor_services_meet_in_one_and_a_multiplier_applies() -> None:
    made = mapped(service("SKU-BP", "BP"), service("SKU-PACK", "BP", multiplier=D("2.5")))
    row = only(inputs([line()], [charge(20), charge(3, subscription="p", vendor_service_id="SKU-PACK")], made))
    assert (row.vendor_quantity, row.to_bill) == (23, 28)
