"""Costs side by side (R15): which vendor costs there are, which lines carry the catalogue's, and what is proposed."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from core.costs import Cost, cost_rows, costs
from core.frames import records
from core.records import AgreementLine, BillCustomer, Charge, Service
from core.settings import Settings
from tests.core.build import ACCOUNT, SERVICE, D, charge, compared, inputs, line, mapped, service

BP = Service("BP", "Business Premium", D("22.00"), D("17.60"))
ANNUAL, MONTHLY = {"unit_cost": D("17.60")}, {"unit_cost": D("21.12"), "subscription": "sub-2"}


def cost_of(lines: list[AgreementLine], charges: list[Charge], **changes: Any) -> Cost:
    result, _ = compared(inputs(lines, charges, **{"services": (BP,), **changes}))
    (found,) = records(Cost, costs(result))
    return found


@pytest.mark.parametrize(
    ("charges", "state", "proposed", "shown"),
    [
        ([charge(25)], "Same", D("17.60"), "Microsoft 17.60 USD (25 units)"),
        ([charge(25, unit_cost=D("18.2"))], "Differs", D("18.20"), "Microsoft 18.20 USD (25 units)"),
        (
            [charge(20, **ANNUAL), charge(5, **MONTHLY)], "Mixed", None,
            "Microsoft 17.60 USD (20 units); Microsoft 21.12 USD (5 units)",
        ),
        ([charge(25, currency="EUR")], "Other currency", None, "Microsoft 17.60 EUR (25 units)"),
        ([charge(25, unit_cost=D("211.20"), cost_months=12)], "Same", D("17.60"), "Microsoft 17.60 USD (25 units)"),
    ],
)  # fmt: skip
def test_what_is_said_of_the_costs(charges: list[Charge], state: str, proposed: Any, shown: str) -> None:
    found = cost_of([line()], charges)
    assert (found.state, found.vendor_cost, found.vendor_costs, found.to_decide) == (state, proposed, shown, state != "Same")


def test_two_costs_of_one_customer_and_service_are_mixed_though_no_row_of_the_comparison_has_a_cost() -> None:
    result, (row,) = compared(inputs([line()], [charge(20, **ANNUAL), charge(5, **MONTHLY)], services=(BP,)))
    assert row.vendor_unit_cost is None
    assert [found.mixed for found in cost_rows(result)] == [True]


def test_lines_with_the_catalogues_cost_are_told_from_those_with_one_of_their_own() -> None:
    found = cost_of(
        [
            line("1", 5),
            line("2", 5),
            line("3", 5, unit_cost=D("16.00")),
            line("4", 5, unit_cost=None, agreement_id="872"),
            line("5", 5, cancelled=dt.date(2026, 10, 31)),
            line("6", 0),
            line("7", 5, agreement_status="Expired"),
            line("8", 5, bill_customer=BillCustomer.NO_CHARGE, agreement_id="873"),
        ],
        [charge(25)],
    )
    assert (found.agreements, found.carrying, found.own) == (3, 3, 2)


def test_a_line_in_another_currency_does_not_carry_the_catalogues_cost() -> None:
    found = cost_of([line("1"), line("2", currency="EUR")], [charge(50)], settings=Settings(currency="USD"))
    assert (found.carrying, found.own, found.currency) == (1, 1, "USD")


def test_a_catalogue_without_a_cost_differs_and_lines_without_one_carry_it() -> None:
    found = cost_of([line(unit_cost=None)], [charge(25)], services=(replace(BP, cost=None),))
    assert (found.state, found.catalogue_cost, found.carrying) == ("Differs", None, 1)


def test_one_of_several_vendor_units_costs_its_part() -> None:
    packs = [replace(SERVICE, multiplier=D(10))]
    found = cost_of([line(quantity=30)], [charge(3, unit_cost=D("176.00"))], mapping=mapped(*packs))
    assert (found.state, found.vendor_cost, found.units) == ("Same", D("17.60"), D(3))


def test_what_counts_nothing_charges_no_cost_for_a_unit() -> None:
    result, _ = compared(inputs([line()], [charge(25), charge(0, unit_cost=D("9.00"), subscription="sub-9")], services=(BP,)))
    assert [(c.cost, c.units) for c in cost_rows(result)[0].vendor_costs] == [(D("17.6"), D(25))]


def test_a_service_that_the_catalogue_lacks_is_listed_for_the_command_and_not_on_the_sheet() -> None:
    result, _ = compared(inputs([line()], [charge(25)], services=()))
    assert len(costs(result)) == 0
    assert [(row.service.service_id, row.service.cost, len(row.own)) for row in cost_rows(result)] == [("BP", None, 1)]


def test_to_decide_come_first_then_by_name() -> None:
    names = {"A": ("Alpha", "9.00"), "B": ("beta", "17.60"), "C": ("Gamma", "17.60"), "D": ("Delta", "9.00")}
    result, _ = compared(
        inputs(
            [line(s, 1, service_id=s) for s in names],
            [charge(1, subscription=s, vendor_service_id=f"SKU-{s}") for s in names],
            mapped(*(service(f"SKU-{s}", s) for s in names), accounts=[ACCOUNT]),
            services=tuple(Service(s, name, None, D(cost)) for s, (name, cost) in names.items()),
        )
    )
    assert [c.service for c in records(Cost, costs(result))] == ["Alpha", "Delta", "beta", "Gamma"]


@pytest.mark.parametrize(
    ("lines", "charges", "moves"),
    [
        ([line()], [charge(25)], False),
        ([line()], [charge(30)], False),  # how many units is no part of the decision
        ([line()], [charge(25, unit_cost=D("18.20"))], True),
        ([line(), line("2")], [charge(25)], True),
    ],
)
def test_the_fingerprint_moves_with_what_a_decision_rests_on(
    lines: list[AgreementLine], charges: list[Charge], moves: bool
) -> None:
    before = cost_of([line()], [charge(25)])
    assert (cost_of(lines, charges).fingerprint != before.fingerprint) is moves
    assert cost_of([line()], [charge(25)], services=(replace(BP, cost=D("17.600000")),)).fingerprint == before.fingerprint
    assert cost_of([line()], [charge(25)], services=(replace(BP, cost=D("17.50")),)).fingerprint != before.fingerprint
