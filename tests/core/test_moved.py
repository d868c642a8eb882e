"""What moved since the last period: R14's materiality over two runs' lines."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.frames import records
from core.history import Changed, LastRun, Moved
from core.moved import moved
from core.records import AgreementLine, Charge
from core.run import Reconciliation
from core.settings import Settings
from tests.core.build import MAPPED, charge, compared, inputs, line, mapped

D = Decimal
ONE = [line()]


def run(lines: list[AgreementLine], charges: list[Charge], **changes: Any) -> Reconciliation:
    return compared(inputs(lines, charges, changes.pop("mapping", MAPPED), **changes))[0]


def between(before: Reconciliation, now: Reconciliation, **said: str) -> list[Changed]:
    last = LastRun("2026-10-1", before.comparisons, before.no_vendor, before.not_compared)
    return records(Changed, moved(now, last, said))


def test_without_a_last_run_nothing_moved() -> None:
    assert len(moved(run(ONE, [charge()]), None)) == 0


def test_a_run_beside_itself_moved_nowhere() -> None:
    same = run([line(), line("2", 3, service_id="DNS", service="DNS")], [charge(28)])
    assert between(same, same) == []


CASES = [
    # quantity, price before -> now; settings; wanted
    ((25, "22.00"), (28, "22.00"), {}, False),  # 66 is less than 250
    ((25, "22.00"), (40, "22.00"), {}, True),  # 330, and 60 %
    ((250, "22.00"), (265, "22.00"), {}, False),  # 330, and 6 %
    ((250, "22.00"), (265, "22.00"), {"explain_percent": D(6)}, True),
    ((250, "22.00"), (265, "22.00"), {"explain_percent": D("6.01")}, False),
    ((25, "22.00"), (25, "32.00"), {}, True),  # 250 by the price, and 45 %
    ((25, "22.00"), (25, "31.99"), {}, False),
    ((40, "22.00"), (25, "22.00"), {}, True),
    ((25, "22.00"), (26, "22.00"), {"explain_amount": D(0), "explain_percent": D(0)}, True),
]


@pytest.mark.parametrize(("before", "now", "settings", "wanted"), CASES)
def test_an_explanation_is_wanted(before: tuple[int, str], now: tuple[int, str], settings: dict[str, Any], wanted: bool) -> None:
    (one,) = between(run([line("1", *before)], [charge()]), run([line("1", *now)], [charge()], settings=Settings(**settings)))
    assert (one.what, one.key, one.wanted) == (Moved.CHANGED, "change:line:1", wanted)
    assert (one.quantity_was, one.price_was, one.quantity, one.price) == (*map(D, before), *map(D, now))


def test_a_vendors_cost_alone_can_want_one() -> None:
    (one,) = between(run(ONE, [charge(25, unit_cost=D("17.60"))]), run(ONE, [charge(25, amount="720.00", unit_cost=D("28.80"))]))
    assert (one.revenue_was, one.revenue, one.cost_was, one.cost, one.wanted) == (D(550), D(550), D(440), D(720), True)


def test_lines_come_and_go() -> None:
    other = line("2", 40, service_id="OLD", service="Old", customer_id="Acme")
    before, now = run([line(), other], [charge()]), run([line(), replace(other, line_id="3", service_id="NEW")], [charge()])
    new, ended = sorted(between(before, now, **{"change:ended:line:2": "moved to NEW"}), key=lambda one: one.line_key != "line:3")
    assert (new.what, new.line_key, new.note, new.revenue_was, new.revenue) == (
        Moved.NEW,
        "line:3",
        "without a vendor",
        None,
        D(880),
    )
    assert (ended.what, ended.key, ended.wanted) == (Moved.ENDED, "change:ended:line:2", True)
    assert (ended.revenue_was, ended.revenue, ended.explanation, ended.against) == (D(880), None, "moved to NEW", "2026-10-1")


def test_new_revenue_that_got_its_line_is_one_change_and_so_is_the_reverse() -> None:
    none, one = run([line("9", 1, service_id="X")], [charge()]), run([line("9", 1, service_id="X"), line("5")], [charge()])
    (billed,) = between(none, one)
    assert (billed.what, billed.note, billed.quantity_was, billed.quantity) == (
        Moved.CHANGED, "billed now, was New revenue", None, D(25),
    )  # fmt: skip
    (gone,) = between(one, none)
    assert (gone.note, gone.quantity_was, gone.quantity, gone.agreement) == (
        "not billed any more, still counted", D(25), None, "Managed 365",
    )  # fmt: skip


def test_two_lines_for_one_new_revenue_are_not_paired() -> None:
    none = run([line("9", 1, service_id="X")], [charge()])
    two = run([line("9", 1, service_id="X"), line("5", 20), line("6", 5)], [charge()])
    assert sorted((str(one.what), one.note) for one in between(none, two)) == [
        ("Ended", "counted, not billed"), ("New", ""), ("New", ""),
    ]  # fmt: skip


def test_a_line_that_is_no_longer_compared_has_ended_and_says_why() -> None:
    active, ended = run(ONE, []), run([line(agreement_status="Expired")], [])
    (one,) = between(active, ended)
    assert (one.what, one.note) == (Moved.ENDED, "now not compared: agreement expired")
    (back,) = between(ended, active)
    assert (back.what, back.note) == (Moved.NEW, "was not compared: agreement expired")
    assert between(ended, ended) == []


def test_a_mapping_alone_moves_no_money() -> None:
    unmapped, known = run(ONE, [charge()], mapping=mapped(accounts=(), none_expected=frozenset())), run(ONE, [charge()])
    assert not any(one.wanted for one in (*between(unmapped, known), *between(known, unmapped)))


def test_a_line_in_another_currency_is_another_line() -> None:
    found = between(run(ONE, [charge()]), run([line(currency="EUR")], [charge(currency="EUR")]))
    assert sorted((str(one.what), one.currency) for one in found) == [("Ended", "USD"), ("New", "EUR")]


def test_what_is_not_known_moved_nowhere() -> None:
    """A source that did not arrive is no loss of revenue or cost."""
    known = run(ONE, [charge()])
    unknown = run([line("3589", 26)], [], sources=())
    (one,) = between(known, unknown)
    assert (one.quantity_was, one.quantity, one.wanted) == (D(25), D(26), False)


def test_two_lines_of_one_id_are_told_once() -> None:
    twice = run([line(), line()], [charge()])
    assert [one.line_key for one in between(twice, run([line(quantity=30)], [charge()]))] == ["line:3589"]
