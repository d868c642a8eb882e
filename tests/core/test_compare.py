"""R1, R3, R10, R12 to R15: groups, quantities, money and the keys of rows."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from core.mapping import AccountMapping, Kind, ServiceRule, Tie
from core.records import BillCustomer, Cause, ChargeKind, Comparison, Measure, Service, State
from core.row_names import new_key
from core.run import Earlier, Inputs
from core.settings import Settings
from tests.core.build import ACCOUNT, SERVICE, D, charge, compared, inputs, line, mapped, only, service

NO_CHARGE = BillCustomer.NO_CHARGE
PAX8_ACCOUNT = AccountMapping("Pax8", "p-acme", "Acme", Kind.MAPPED, "Acme")
PAX8_SERVICE = service("P-BP", "BP", vendor="Pax8")


def by_line(made: Inputs) -> dict[str | None, Comparison]:
    return {r.line_id: r for r in compared(made)[1]}


def differences(lines: list[Any], count: int, **changes: Any) -> dict[str | None, Any]:
    return {k: r.difference for k, r in by_line(inputs(lines, [charge(count)], **changes)).items()}


@pytest.mark.parametrize(
    ("lines", "count", "wanted"),
    [
        ([line("1", 10), line("2", 10, bill_customer=NO_CHARGE)], 23, {"1": 3, "2": 0}),  # the only billable one
        ([line("10", 10), line("9", 10)], 23, {"10": 0, "9": 3}),  # of equal lines the lowest id, as a number
        ([line("b", 10), line("a", 10)], 23, {"a": 3, "b": 0}),
        ([line("1", 5, bill_customer=NO_CHARGE), line("2", 10), line("3", 10)], 28, {"1": 0, "2": 3, "3": 0}),
        ([line("1", 5, "9.00", bill_customer=NO_CHARGE), line("2", 10), line("3", 10)], 28, {"1": 0, "2": 3, "3": 0}),
        ([line("1", 5, bill_customer=NO_CHARGE), line("2", 5, bill_customer=NO_CHARGE)], 12, {"1": 2, "2": 0}),
        ([line("1", 10), line("2", 10, "23.00")], 23, {"1": None, "2": None}),
        ([line("1", 10), line("2", 10, included=D(1))], 23, {"1": None, "2": None}),
        ([line("1", 10), line("2", 10, unit_cost=D("18.00"))], 23, {"1": None, "2": None}),
        ([line("1", 10, unit_cost=None), line("2", 10, unit_cost=D(0))], 23, {"1": None, "2": None}),
        ([line("1", 10), line("2", 10, cycle_months=12)], 23, {"1": None, "2": None}),
        ([line("1", 10), line("2", 10, currency="EUR")], 23, {"1": None, "2": None}),
        ([line("1", 10), line("2", 10, "23.00")], 20, {"1": 0, "2": 0}),
        ([line("1", 3), line("2", 20, bill_customer=NO_CHARGE)], 15, {"1": None, "2": None}),  # below zero on its target
        ([line("1", 3), line("2", 20)], 20, {"1": 0 - 3, "2": 0}),
        ([line("1", 10), line("2", 10, "23.00")], 0, {"1": -10, "2": -10}),  # used by nobody: all end
        ([line("1", 10), line("2", 0, "23.00")], 0, {"1": -10, "2": 0}),
    ],
)
def test_a_groups_difference_goes_to_one_line_or_to_none(lines: list[Any], count: int, wanted: dict[str, Any]) -> None:
    assert differences(lines, count) == wanted


def test_lines_on_several_agreements_and_a_child_are_one_group_and_customers_of_one_name_are_not() -> None:
    lines = [line("1", 10), line("2", 10, agreement_id="872", parent_agreement="Managed 365"), line("3", 9, customer_id="other")]
    rows = by_line(inputs(lines, [charge(23)]))
    assert {k: (r.group_size, r.difference) for k, r in rows.items()} == {"1": (2, 3), "2": (2, 0), "3": (1, None)}
    assert rows["3"].state is State.NOT_KNOWN
    assert rows["2"].why == "the difference stands on line 1"


RULE: dict[str, Any] = {"service_id": "BP"}


@pytest.mark.parametrize(
    ("rule", "count", "state", "difference"),
    [
        ({}, 25, State.NO_CHANGE, 0),
        ({"tolerance": D(3)}, 28, State.NO_CHANGE, 0),
        ({"tolerance": D(3)}, 29, State.RECONCILE, 4),
        ({"tolerance": D(3)}, 22, State.NO_CHANGE, 0),
        ({"tolerance": D(3)}, 21, State.RECONCILE, -4),
        ({"tolerance": D(25)}, 0, State.NO_CHANGE, 0),
        ({"tolerance": D(24)}, 0, State.NO_USAGE, -25),
        ({"round_up_to": D(10)}, 21, State.RECONCILE, 5),
        ({"round_up_to": D(25)}, 1, State.NO_CHANGE, 0),
        ({"minimum": D(30)}, 28, State.RECONCILE, 5),
        ({"minimum": D(30)}, 31, State.RECONCILE, 6),
        ({"minimum": D(25)}, 0, State.NO_CHANGE, 0),
        ({"minimum": D(0)}, 0, State.NO_USAGE, -25),
    ],
)
def test_what_is_to_be_billed_follows_the_services_rule(rule: dict[str, Any], count: int, state: State, difference: int) -> None:
    row = only(inputs([line()], [charge(count)], mapped(rules=(ServiceRule(**RULE, **rule),))))
    assert (row.state, row.difference) == (state, difference)


def test_a_customers_own_rule_wins() -> None:
    rules = (ServiceRule("BP", minimum=D(99)), ServiceRule("BP", "Acme", minimum=D(26)), ServiceRule("X", minimum=D(1)))
    assert only(inputs([line()], [charge(1)], mapped(rules=rules))).to_bill == 26


@pytest.mark.parametrize("turned", [False, True])
def test_a_minimum_with_ties_falls_on_the_loose_line_else_on_the_lowest(turned: bool) -> None:
    lines = [line("9", 10), line("10", 10), line("11", 0)]
    charges = [charge(8, subscription="a"), charge(9, subscription="b")]
    lines, charges = (lines[::-1], charges[::-1]) if turned else (lines, charges)
    rules, ties = (ServiceRule("BP", minimum=D(20)),), (Tie("Microsoft", "a", "10"), Tie("Microsoft", "b", "9"))
    tied = by_line(inputs(lines, charges, mapped(rules=rules, ties=ties)))
    assert {k: r.to_bill for k, r in tied.items()} == {"9": 9, "10": 8, "11": 3}
    two = by_line(inputs([a for a in lines if a.line_id != "11"], charges, mapped(rules=rules, ties=ties)))
    assert {k: r.to_bill for k, r in two.items()} == {"9": 12, "10": 8}


def test_a_tie_to_a_line_of_another_group_or_that_leaves_usage_homeless_is_none() -> None:
    elsewhere = mapped(ties=(Tie("Microsoft", "sub-1", "2"),))
    rows = by_line(inputs([line("1"), line("2", 4, service_id="X")], [charge(28)], elsewhere))
    assert rows["1"].difference == 3
    homeless = mapped(ties=(Tie("Microsoft", "sub-1", "1"),))
    assert by_line(inputs([line("1")], [charge(20), charge(8, subscription="loose")], homeless))["1"].difference == 3


def test_a_site_is_tied_by_its_account() -> None:
    accounts = (ACCOUNT, AccountMapping("Microsoft", "t-two", "Acme Two", Kind.MAPPED, "Acme"))
    made = [charge(14), charge(9, subscription="x", account_id="t-two")]
    rows = by_line(inputs([line("1", 10), line("2", 9)], made, mapped(accounts=accounts, ties=(Tie("Microsoft", "t-two", "2"),))))
    assert {k: r.difference for k, r in rows.items()} == {"1": 4, "2": 0}


def shared(first: str, second: str, *charges: Any) -> dict[str | None, Comparison]:
    accounts = [AccountMapping("Microsoft", "t-acme", "Both", Kind.MAPPED, c, D(s)) for c, s in (("Acme", first), ("Beta", second))]
    return by_line(inputs([line("1", 10), line("2", 10, customer_id="Beta", customer="Beta")], charges, mapped(accounts=accounts)))


def test_a_shared_account_counts_for_each_by_its_share_and_never_twice() -> None:
    rows = shared("0.3333", "0.6667", charge(30, unit_cost=None))
    assert {k: (r.vendor_quantity, r.to_bill) for k, r in rows.items()} == {"1": (D("9.999"), 10), "2": (D("20.001"), 21)}


def test_a_shared_cost_in_money_adds_up_to_the_row() -> None:
    accounts = [AccountMapping("Microsoft", "t-acme", "Both", Kind.MAPPED, c, D("0.5")) for c in ("Acme", "Beta")]
    lines = [line("1", 1), line("2", 1, customer_id="Beta", customer="Beta")]
    usage = charge(1, "100.01", kind=ChargeKind.USAGE)
    rows = by_line(inputs(lines, [usage], mapped(accounts=accounts, rules=(ServiceRule("BP", measure=Measure.MONEY),))))
    assert sorted(str(r.vendor_cost) for r in rows.values()) == ["50.00", "50.01"]


def test_several_vendors_count_one_service_on_the_sheet_of_the_larger() -> None:
    both = mapped(SERVICE, PAX8_SERVICE, accounts=(ACCOUNT, PAX8_ACCOUNT))
    pax8 = charge(20, "0.00", "p", vendor="Pax8", account_id="p-acme", vendor_service_id="P-BP")
    row = only(inputs([line()], [charge(8), pax8], both))
    assert (row.vendor, row.vendor_quantity, row.difference, row.vendor_account) == ("Pax8", 28, 3, "Acme")
    assert only(inputs([line()], [charge(20), replace(pax8, quantity=D(8))], both)).vendor == "Microsoft"
    assert only(inputs([line()], [charge(14), replace(pax8, quantity=D(14))], both)).vendor == "Microsoft"
    other = charge(1, "0.00", "q", vendor="Pax8", account_id="p-acme", vendor_service_id="P-X")
    row = only(
        inputs(
            [line()], [other, charge(1, subscription="z", account_id="t-z", account="Zed")], replace(both, accounts=(PAX8_ACCOUNT,))
        )
    )
    assert row.vendor == "Pax8"


@pytest.mark.parametrize(
    ("changes", "unit_cost", "cost", "effect"),
    [
        ({}, D("17.60"), D("492.80"), D("66.00")),
        ({"cost_months": 12}, D("1.466667"), D("41.07"), D("66.00")),
        ({"unit_cost": None}, None, None, D("66.00")),
        ({"currency": "EUR"}, None, None, D("66.00")),
    ],
)
def test_a_vendors_cost_is_per_month_in_the_lines_own_currency_or_empty(
    changes: dict[str, Any], unit_cost: Any, cost: Any, effect: Any
) -> None:
    row = only(inputs([line()], [replace(charge(28), **changes)]))
    assert (row.vendor_unit_cost, row.vendor_cost, row.effect, row.currency) == (unit_cost, cost, effect, "USD")


def test_two_costs_are_mixed_and_two_currencies_are_none() -> None:
    two = [charge(8, subscription="a"), charge(20, subscription="b", unit_cost=D("21.12"))]
    row = only(inputs([line()], two))
    assert (row.vendor_unit_cost, row.vendor_cost) == (None, D("563.20"))
    foreign = [two[0], replace(two[1], currency="EUR")]
    assert only(inputs([line()], foreign)).vendor_cost is None


@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_usage_in_money_of_another_currency_proposes_no_price(currency: str) -> None:
    rules = (ServiceRule("BP", measure=Measure.MONEY),)
    usage = charge(1, "100.00", kind=ChargeKind.USAGE, currency=currency)
    row = only(inputs([line(quantity=1, price="90.00")], [usage], mapped(rules=rules)))
    assert row.proposed_price == (D(100) if currency == "USD" else None)
    assert row.why == (
        "cost 100.00 + 0 % = 100.00"
        if currency == "USD"
        else "cost 100.00; not one unit, monthly and in the cost's currency: type a price"
    )
    new = only(inputs([], [usage, replace(usage, subscription_id="t", currency="USD")], mapped(rules=rules)))
    assert new.proposed_price == (D(200) if currency == "USD" else None)


def test_money_of_billions_is_exact() -> None:
    rules = (ServiceRule("BP", measure=Measure.MONEY, markup=D("0.15")),)
    usage = charge(1, "500000000000.01", kind=ChargeKind.USAGE)
    assert only(inputs([line(quantity=1)], [usage], mapped(rules=rules))).proposed_price == D("575000000000.01")


def test_new_revenue_without_a_price_is_not_priced_and_not_zero() -> None:
    made = mapped(service("SKU-BP", "DEF"))
    row = only(inputs([], [charge(7)], made, services=(Service("DEF", "Defender", None, None),)))
    assert (row.state, row.unit_price, row.effect, row.revenue_before, row.revenue_after) == (
        State.NEW_REVENUE,
        None,
        None,
        0,
        None,
    )
    assert only(inputs([], [charge(7)], made)).service == "DEF"


def test_keys_are_made_of_ids_only() -> None:
    assert new_key("Acme", "BP", "SKU-BP") == only(inputs([], [charge(7)])).key == "new:" + new_key("Acme", "BP", "SKU-BP")[4:]
    assert len({new_key("a", "b", "c"), new_key("ab", "", "c"), new_key("a", "b", None)}) == 3
    assert only(inputs([line()], [charge(7)])).key == "line:3589"
    two = [charge(7, subscription="x", vendor_service_id="SKU-Z"), charge(1)]
    both = mapped(SERVICE, service("SKU-Z", "BP"))
    assert {only(inputs([], c, both)).key for c in (two, two[::-1])} == {new_key("Acme", "BP", "SKU-BP")}


@pytest.mark.parametrize(
    ("lines", "count", "settings", "large"),
    [
        ([line(quantity=40)], 50, Settings(), True),  # 10 units, 25 %
        ([line(quantity=41, price="1")], 51, Settings(), False),  # 24 %
        ([line(quantity=20, price="1")], 29, Settings(), False),
        ([line(quantity=80, price="1")], 90, Settings(large_percent=D("12.5")), True),
        ([line(quantity=81, price="1")], 91, Settings(large_percent=D("12.5")), False),
        ([line(quantity=80, price="1")], 91, Settings(large_percent=D("13.75")), True),
        ([line(quantity=80, price="1")], 91, Settings(large_percent=D("13.76")), False),
        ([line(quantity=100, price="125")], 102, Settings(), True),  # 250 a month
        ([line(quantity=100, price="124.99")], 102, Settings(), False),
        ([line(quantity=1, price="1")], 0, Settings(), True),  # to nothing
        ([line(quantity=100, price="125")], 98, Settings(), True),
        ([line(quantity=9)], 9, Settings(large_units=D(0), large_percent=D(0)), False),
        ([], 12, Settings(), True),
    ],
)
def test_a_large_change_stands_out(lines: list[Any], count: int, settings: Settings, large: bool) -> None:
    assert only(inputs(lines, [charge(count)], settings=settings)).large is large


def test_what_the_month_before_said_is_kept_beside() -> None:
    earlier = {"line:3589": Earlier(D(27), 2)}
    row = only(inputs([line()], [charge(28)], earlier=earlier))
    assert (row.last_month, row.age) == (27, 3)
    assert only(inputs([line()], [charge(25)], earlier=earlier)).age == 0
    assert only(inputs([line()], [charge(28)], earlier={"line:1": Earlier(None, 9)})).age == 1
    assert only(inputs([line()], [charge(28)])).age == 1


@pytest.mark.parametrize(
    ("changes", "charges", "missed"),
    [
        ({}, [charge(28)], "66.00"),
        ({}, [charge(28, start=dt.date(2026, 11, 16))], "33.00"),
        ({}, [charge(20)], None),
        ({}, [charge(28, start=None)], None),
        ({"invoiced_through": dt.date(2026, 10, 31)}, [charge(28)], None),  # nothing of it is invoiced
        ({"invoiced_through": None}, [charge(28)], None),
        ({"bill_customer": NO_CHARGE}, [charge(28)], "0.00"),
    ],
)
def test_what_the_invoiced_period_missed(changes: dict[str, Any], charges: list[Any], missed: str | None) -> None:
    row = only(inputs([line(**changes)], charges))
    assert row.missed == (D(missed) if missed else None)


@pytest.mark.parametrize(
    ("made", "cause", "why"),
    [
        (inputs([line()], [charge(28)]), Cause.BILLING_GAP, "uses 28, billed 25"),
        (inputs([line()], [charge(28, start=dt.date(2026, 11, 10))]), Cause.TIMING, "uses 28 since 10 Nov 2026, billed 25"),
        (
            inputs([line(bill_customer=NO_CHARGE)], [charge(28)]),
            Cause.BILLING_GAP,
            "uses 28, billed 25; the line is NoCharge: no money",
        ),
        (inputs([line(bill_customer=NO_CHARGE)], [charge(25)]), Cause.NONE, "the line is NoCharge: no money"),
        (inputs([line(quantity=1250)], [charge("1250.5")]), Cause.BILLING_GAP, "uses 1,250.5, billed 1,250"),
        (inputs([line()], [charge(3)], mapped(rules=(ServiceRule("BP", minimum=D(10)),))), Cause.COMMITMENT, "minimum 10, used 3"),
        (inputs([], [charge(7)]), Cause.BILLING_GAP, "uses 7, billed on no line"),
    ],
)
def test_why_says_it_in_one_sentence(made: Inputs, cause: Cause, why: str) -> None:
    row = only(made)
    assert (row.cause, row.why) == (cause, why)


def test_licences_count_what_is_bought_and_say_what_is_assigned() -> None:
    row = only(inputs([line()], [replace(charge(28), assigned=D(19))]))
    assert (row.bought, row.assigned, row.to_bill) == (28, 19, 28)
    partly = [replace(charge(8), assigned=D(8)), charge(20, subscription="b")]
    assert only(inputs([line()], partly)).assigned is None


def test_rows_to_decide_come_first_by_what_is_at_stake() -> None:
    lines = [line("1", 25), line("2", 5, service_id="B"), line("3", 5, service_id="C"), line("4", 5, service_id="D")]
    made = mapped(SERVICE, *(service(f"SKU-{s}", s) for s in "BCD"), service("SKU-E", "E"))
    charges = [charge(25), *(charge(n, subscription=s, vendor_service_id=f"SKU-{s}") for s, n in (("B", 6), ("C", 9), ("E", 1)))]
    _, rows = compared(inputs(lines, charges, made))
    assert [(r.line_id, str(r.state), abs(r.effect or 0)) for r in rows] == [
        ("4", "No usage", 110), ("3", "Reconcile", 88), ("2", "Reconcile", 22), (None, "New revenue", 0), ("1", "No change", 0),
    ]  # fmt: skip
