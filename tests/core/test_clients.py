"""Each customer at a glance, worst first."""

from typing import Any

from core.clients import Client, clients
from core.frames import records
from core.mapping import AccountMapping, Kind
from core.records import AgreementLine, Charge, Comparison, State
from core.settings import Settings
from tests.core.build import D, charge, compared, inputs, line, mapped, service
from tests.core.made_worlds import made


def clients_of(lines: list[AgreementLine], charges: list[Charge], **changes: Any) -> list[Client]:
    result, _ = compared(inputs(lines, charges, **changes))
    return records(Client, clients(result))


def of(customer: str, **changes: Any) -> dict[str, Any]:
    return {"customer_id": customer, "customer": customer, **changes}


def test_a_client_is_counted_from_its_rows_and_its_seats_from_the_vendors() -> None:
    lines = [line("1", 25), line("2", 4, service_id="EXO"), line("3", 2, service_id="E3", cycle_months=12)]
    charges = [charge(38), charge(4, subscription="s2", vendor_service_id="X"), charge(2, subscription="s3", vendor_service_id="Y")]
    made_of = mapped(service("SKU-BP", "BP"), service("X", "EXO"), service("Y", "E3"))
    (found,) = clients_of(lines, charges, mapping=made_of)
    assert (found.billing_cycle, found.services, found.lines, found.seats) == ("Monthly, Annual", 3, 3, D(44))
    assert (found.discrepancies, found.not_known, found.open) == (1, 0, 1)
    assert (found.money, found.effect, found.not_priced) == (D("286.00"), D("286.00"), 0)
    assert found.revenue == D("550.00") + D("88.00") + D("3.67")


def test_effects_do_not_cancel_in_the_amount_at_stake() -> None:
    lines = [line("1", 25), line("2", 10, service_id="EXO")]
    charges = [charge(26), charge(8, subscription="s2", vendor_service_id="X")]
    (found,) = clients_of(lines, charges, mapping=mapped(service("SKU-BP", "BP"), service("X", "EXO")))
    assert (found.money, found.effect) == (D("66.00"), D("-22.00"))


def test_a_customer_in_two_currencies_has_a_row_for_each() -> None:
    lines = [line("1", 25), line("2", 10, service_id="EXO", currency="EUR")]
    charges = [charge(26), charge(10, subscription="s2", vendor_service_id="X", currency="EUR")]
    found = clients_of(
        lines, charges, mapping=mapped(service("SKU-BP", "BP"), service("X", "EXO")), settings=Settings(currency="USD")
    )
    assert [(c.currency, c.lines, c.seats) for c in found] == [("USD", 1, D(26)), ("EUR", 1, D(10))]
    assert len({c.key for c in found}) == 2


def test_what_has_no_price_is_counted_and_the_worst_come_first() -> None:
    accounts = [AccountMapping("Microsoft", f"t-{c.lower()}", c, Kind.MAPPED, c) for c in ("Acme", "Beta", "Gamma")]
    lines = [line("1", 25, **of("Acme")), line("2", 25, **of("Beta")), line("3", 5, **of("Gamma"))]
    charges = [
        charge(26),
        charge(30, subscription="s2", account_id="t-beta"),
        charge(5, subscription="s3", account_id="t-gamma"),
        charge(3, subscription="s4", account_id="t-gamma", vendor_service_id="X"),
    ]
    made_of = mapped(service("SKU-BP", "BP"), service("X", "NEW"), accounts=accounts)
    found = clients_of(lines, charges, mapping=made_of)
    assert [(c.customer, c.money, c.discrepancies, c.not_priced) for c in found] == [
        ("Beta", D("110.00"), 1, 0), ("Acme", D("22.00"), 1, 0), ("Gamma", D("0.00"), 1, 1),
    ]  # fmt: skip


def test_in_a_made_month_the_clients_add_up_to_the_rows() -> None:
    result = made(1, 40).result
    found, rows = records(Client, clients(result)), records(Comparison, result.comparisons)
    differ = [r for r in rows if r.state not in (State.NO_CHANGE, State.NOT_KNOWN)]
    assert sum(c.lines for c in found) == len(rows)
    assert sum(c.discrepancies for c in found) == len(differ)
    assert sum(c.money for c in found) == sum(abs(r.effect) for r in rows if r.effect is not None)
    assert sum(c.open for c in found) == len(differ) + sum(r.state is State.NOT_KNOWN for r in rows)
    assert [c.money for c in found] == sorted((c.money for c in found), reverse=True)
