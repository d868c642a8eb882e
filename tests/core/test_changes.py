"""R5, R6, R8: from which day a change may start, what is written in each PSA, and what it does to the invoices."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from core.changes import plan
from core.dialects import Amend, connectwise
from core.mapping import ServiceRule
from core.money import prorated, revenue
from core.records import Action, Agreement, BillCustomer, Service
from core.run import Inputs
from core.settings import Settings
from tests.core.build import TODAY, D, charge, inputs, line, mapped, only, service
from tests.core.deciding import DEC_1, DEC_15, JAN_1, NOV_1, NOV_10, NOV_30, bodies, decide, judge, refusal
from tests.core.test_decisions import azure

APPROVE, ADD, END = Action.APPROVE, Action.ADD_LINE, Action.END_LINE
DEC_31, FEB_1, MAR_1 = dt.date(2026, 12, 31), dt.date(2027, 2, 1), dt.date(2027, 3, 1)
OCT_31, FEB_28 = dt.date(2026, 10, 31), dt.date(2027, 2, 28)
CW, AT = Settings(), Settings(psa="autotask")
STRICT = Settings(bills_lines_inside_invoiced_period=False)
NOT_BILLED = Settings(cancelled_date_is_last_billed_day=False)
REASON = {"reason": "commitment"}
MISSED = "; 66.00 was missed and can be billed by hand"
MID = "the agreement does not prorate: choose a period's start, for example 2026-12-01"


def gap(count: int = 28, settings: Settings = CW, **changes: Any) -> Inputs:
    return inputs([line(**changes)], [charge(count)], settings=settings)


def unused(settings: Settings = CW, keep: bool = False, **changes: Any) -> Inputs:
    rules = (ServiceRule("BP", keep_at_zero=not keep), ServiceRule("BP", "Acme", keep_at_zero=keep))
    return inputs([line(**changes)], [charge(0)], mapped(rules=rules), settings=settings)


@pytest.mark.parametrize(
    ("made", "action", "typed", "said"),
    [
        (gap(), APPROVE, {"effective_date": DEC_1}, ""),
        (gap(), APPROVE, {"effective_date": JAN_1}, ""),
        (gap(), APPROVE, {"effective_date": DEC_15}, MID),
        (gap(prorates=True), APPROVE, {"effective_date": DEC_15}, ""),
        (gap(), APPROVE, {"effective_date": NOV_1, **REASON},
         "2026-11-01 is invoiced and the agreement does not prorate; choose 2026-12-01 or later" + MISSED),
        (gap(prorates=True), APPROVE, {"effective_date": NOV_10},
         "2026-11-10 is before 2026-12-01, the first day not invoiced: a reason is wanted" + MISSED),
        (gap(prorates=True), APPROVE, {"effective_date": NOV_10, **REASON}, ""),
        (gap(prorates=True), APPROVE, {"effective_date": NOV_1, **REASON}, ""),
        (gap(prorates=True), APPROVE, {"effective_date": OCT_31, **REASON},
         "2026-10-31 is before the period invoiced last (1 Nov 2026); bill what is older by hand; "
         "66.00 was missed and can be billed by hand"),
        (gap(settings=STRICT, prorates=True), APPROVE, {"effective_date": NOV_10, **REASON},
         "2026-11-10 is invoiced, and the PSA is set not to bill lines dated inside an invoiced period; choose 2026-12-01; "
         "66.00 was missed and can be billed by hand"),
        (gap(settings=replace(AT, bills_lines_inside_invoiced_period=False), prorates=True), APPROVE,
         {"effective_date": NOV_10, **REASON}, ""),
        (gap(20, prorates=True), APPROVE, {"effective_date": NOV_10, **REASON},
         "a decrease from 2026-11-10 would be a refund of what is invoiced; choose 2026-12-01, or credit it by hand"),
        (gap(20), APPROVE, {}, ""),
        (unused(prorates=True), END, {"effective_date": NOV_10, **REASON},
         "a decrease from 2026-11-10 would be a refund of what is invoiced; choose 2026-12-01, or credit it by hand"),
        (azure(prorates=True), APPROVE, {"effective_date": NOV_10, **REASON},
         "a price changes with a period that is not invoiced: choose 2026-12-01, and bill what is older by hand"),
        (gap(prorates=True), APPROVE, {"effective_date": NOV_10, "quantity": D(25), "new_price": D(23), **REASON},
         "a price changes with a period that is not invoiced: choose 2026-12-01, and bill what is older by hand; "
         "66.00 was missed and can be billed by hand"),
        (gap(settings=Settings(locked_through=NOV_30), prorates=True), APPROVE, {"effective_date": NOV_30, **REASON},
         "2026-11-30 lies in a closed period (closed through 2026-11-30); choose a later date" + MISSED),
        (gap(settings=Settings(locked_through=NOV_30)), APPROVE, {}, ""),
        (gap(settings=Settings(locked_through=DEC_1)), APPROVE, {},
         "2026-12-01 lies in a closed period (closed through 2026-12-01); choose a later date"),
        (gap(in_arrears=True, invoiced_through=OCT_31), APPROVE, {"effective_date": NOV_1}, ""),
        (gap(invoiced_through=None), APPROVE, {"effective_date": DEC_1}, ""),
        (gap(invoiced_through=dt.date(2027, 1, 30)), APPROVE, {"effective_date": dt.date(2027, 2, 28)}, ""),
        (gap(cycle_months=12, invoiced_through=FEB_28), APPROVE, {"effective_date": dt.date(2028, 3, 1)}, ""),
        (gap(cycle_months=12, invoiced_through=FEB_28), APPROVE, {"effective_date": dt.date(2027, 4, 1)},
         "the agreement does not prorate: choose a period's start, for example 2027-03-01"),
    ],
)  # fmt: skip
def test_a_date_is_legal_or_says_what_is_wrong(made: Inputs, action: Action, typed: dict[str, Any], said: str) -> None:
    assert refusal(made, action, **typed) == said


@pytest.mark.parametrize(
    ("made", "action", "day", "said"),
    [
        (unused(cancelled=DEC_31), END, DEC_1, ""),
        (unused(cancelled=DEC_31), END, JAN_1,
         "the line already ends on 2026-12-31 (its last billed day): choose an earlier date, or Dismiss"),
        (unused(cancelled=DEC_31), END, FEB_1,
         "the line already ends on 2026-12-31 (its last billed day): choose an earlier date, or Dismiss"),
        (unused(NOT_BILLED, cancelled=JAN_1), END, JAN_1,
         "the line already ends on 2026-12-31 (its last billed day): choose an earlier date, or Dismiss"),
        (unused(NOT_BILLED, cancelled=FEB_1), END, JAN_1, ""),
        (unused(cancelled=dt.date.max), END, JAN_1, ""),
        (gap(cancelled=DEC_31), APPROVE, DEC_1, ""),
        (gap(cancelled=DEC_31), APPROVE, JAN_1,
         "the line ends on 2026-12-31 (its last billed day): choose an earlier date, or clear its cancelled date in the PSA first"),
        (unused(effective=JAN_1), END, None,
         "the line starts on 2027-01-01 and cannot end before: choose a later date, or delete the line in the PSA"),
        (unused(effective=JAN_1), END, JAN_1,
         "the line starts on 2027-01-01 and cannot end before: choose a later date, or delete the line in the PSA"),
        (unused(NOT_BILLED, effective=JAN_1), END, JAN_1, ""),
        (unused(effective=JAN_1), END, FEB_1, ""),
        (unused(effective=NOV_30), END, DEC_1, ""),
        (gap(effective=JAN_1), APPROVE, None, ""),
        (gap(effective=JAN_1), APPROVE, JAN_1,
         "the line starts on 2027-01-01: choose 2026-12-01, which changes it in place, or a date after its start"),
        (gap(effective=JAN_1), APPROVE, FEB_1, ""),
    ],
)  # fmt: skip
def test_a_change_lies_between_the_first_and_the_last_day_of_its_line(
    made: Inputs, action: Action, day: dt.date | None, said: str
) -> None:
    assert refusal(made, action, effective_date=day) == said


def test_a_backdated_change_is_a_warning() -> None:
    assert judge(gap(prorates=True), APPROVE, effective_date=NOV_10, **REASON).warnings == (
        "dated inside an invoiced period (invoiced through 2026-11-30)",
    )


NEW_LINE = {"product": "BP", "unitPrice": D("22.00"), "unitCost": D("17.60"), "billCustomer": "Billable"}


@pytest.mark.parametrize(
    ("made", "action", "typed", "wanted"),
    [
        (gap(), APPROVE, {}, [("PATCH", {"quantity": D(28)})]),
        (gap(), APPROVE, {"new_price": D(23)}, [("PATCH", {"quantity": D(28), "unitPrice": D(23)})]),
        (gap(20), APPROVE, {}, [("PATCH", {"quantity": D(20)})]),
        (gap(), APPROVE, {"effective_date": JAN_1},
         [("POST", {**NEW_LINE, "quantity": D(28), "effectiveDate": JAN_1}), ("PATCH", {"cancelledDate": dt.date(2026, 12, 31)})]),
        (gap(settings=NOT_BILLED), APPROVE, {"effective_date": JAN_1},
         [("POST", {**NEW_LINE, "quantity": D(28), "effectiveDate": JAN_1}), ("PATCH", {"cancelledDate": JAN_1})]),
        (gap(32, quantity=30, included=D(5)), APPROVE, {"effective_date": JAN_1},
         [("POST", {**NEW_LINE, "quantity": D(32), "lessIncluded": D(5), "effectiveDate": JAN_1}),
          ("PATCH", {"cancelledDate": dt.date(2026, 12, 31)})]),
        (gap(bill_customer=BillCustomer.NO_CHARGE), APPROVE, {"effective_date": JAN_1},
         [("POST", {**NEW_LINE, "billCustomer": "NoCharge", "quantity": D(28), "effectiveDate": JAN_1}),
          ("PATCH", {"cancelledDate": dt.date(2026, 12, 31)})]),
        (gap(prorates=True), APPROVE, {"effective_date": NOV_10, **REASON},
         [("POST", {**NEW_LINE, "quantity": D(3), "effectiveDate": NOV_10, "cancelledDate": NOV_30}), ("PATCH",
          {"quantity": D(28)})]),
        (gap(settings=NOT_BILLED, prorates=True), APPROVE, {"effective_date": NOV_10, **REASON},
         [("POST", {**NEW_LINE, "quantity": D(3), "effectiveDate": NOV_10, "cancelledDate": DEC_1}), ("PATCH",
          {"quantity": D(28)})]),
        (gap(7, quantity=3, included=D(5), prorates=True), APPROVE, {"effective_date": NOV_10, **REASON},
         [("POST", {**NEW_LINE, "quantity": D(2), "effectiveDate": NOV_10, "cancelledDate": NOV_30}), ("PATCH",
          {"quantity": D(7)})]),
        (gap(4, quantity=3, included=D(5), prorates=True), APPROVE, {"effective_date": NOV_10, **REASON}, [("PATCH",
         {"quantity": D(4)})]),
        (gap(prorates=True), APPROVE, {"effective_date": NOV_10, "new_price": D(23), **REASON},
         [("POST", {**NEW_LINE, "unitPrice": D(23), "quantity": D(3), "effectiveDate": NOV_10, "cancelledDate": NOV_30}),
          ("PATCH", {"quantity": D(28), "unitPrice": D(23)})]),
        (gap(cancelled=FEB_28), APPROVE, {}, [("PATCH", {"quantity": D(28)})]),
        (gap(cancelled=FEB_28), APPROVE, {"effective_date": JAN_1},
         [("POST", {**NEW_LINE, "quantity": D(28), "effectiveDate": JAN_1, "cancelledDate": FEB_28}),
          ("PATCH", {"cancelledDate": DEC_31})]),
        (gap(settings=NOT_BILLED, cancelled=MAR_1), APPROVE, {"effective_date": JAN_1},
         [("POST", {**NEW_LINE, "quantity": D(28), "effectiveDate": JAN_1, "cancelledDate": MAR_1}),
          ("PATCH", {"cancelledDate": JAN_1})]),
        (gap(prorates=True, cancelled=FEB_28), APPROVE, {"effective_date": NOV_10, **REASON},
         [("POST", {**NEW_LINE, "quantity": D(3), "effectiveDate": NOV_10, "cancelledDate": NOV_30}),
          ("PATCH", {"quantity": D(28)})]),
        (unused(keep=True, cancelled=FEB_28), END, {"effective_date": JAN_1},
         [("POST", {**NEW_LINE, "quantity": D(0), "effectiveDate": JAN_1, "cancelledDate": FEB_28}),
          ("PATCH", {"cancelledDate": DEC_31})]),
        (unused(cancelled=FEB_28), END, {}, [("PATCH", {"cancelledDate": NOV_30})]),
        (unused(), END, {}, [("PATCH", {"cancelledDate": NOV_30})]),
        (unused(NOT_BILLED), END, {}, [("PATCH", {"cancelledDate": DEC_1})]),
        (unused(), END, {"effective_date": JAN_1}, [("PATCH", {"cancelledDate": dt.date(2026, 12, 31)})]),
        (unused(keep=True), END, {}, [("PATCH", {"quantity": D(0)})]),
        (unused(included=D(5)), END, {}, [("PATCH", {"cancelledDate": NOV_30})]),
        (azure(), APPROVE, {"effective_date": JAN_1},
         [("POST", {"product": "AZ", "quantity": D(1), "unitPrice": D("934.23"), "unitCost": D("812.37"),
          "billCustomer": "Billable",
                    "effectiveDate": JAN_1}), ("PATCH", {"cancelledDate": dt.date(2026, 12, 31)})]),
        (gap(settings=AT), APPROVE, {}, [("POST", {"contractServiceID": "3589", "unitChange": D(3), "effectiveDate": DEC_1})]),
        (gap(20, AT), APPROVE, {"new_price": D(23)},
         [("POST", {"contractServiceID": "3589", "unitChange": D(-5), "effectiveDate": DEC_1, "adjustedUnitPrice": D(23)})]),
        (unused(AT), END, {"effective_date": JAN_1},
         [("POST", {"contractServiceID": "3589", "unitChange": D(-25), "effectiveDate": JAN_1})]),
        (replace(azure(), settings=AT), APPROVE, {},
         [("POST", {"contractServiceID": "60", "unitChange": D(0), "effectiveDate": DEC_1, "adjustedUnitPrice": D("934.23"),
                    "adjustedUnitCost": D("812.37")})]),
    ],
)  # fmt: skip
def test_a_change_is_written_as_its_psa_wants_it(
    made: Inputs, action: Action, typed: dict[str, Any], wanted: list[tuple[str, dict[str, Any]]]
) -> None:
    assert bodies(decide(made, action, **typed)) == wanted


@pytest.mark.parametrize(
    ("made", "action", "typed", "money"),
    [  # effect a month, next invoice before and after, catch-up
        (gap(), APPROVE, {}, ("66.00", "550.00", "616.00", "0.00")),
        (gap(), APPROVE, {"effective_date": JAN_1}, ("66.00", "550.00", "550.00", "0.00")),
        (gap(), APPROVE, {"new_price": D(23)}, ("94.00", "550.00", "644.00", "0.00")),
        (gap(prorates=True), APPROVE, {"effective_date": NOV_10, **REASON}, ("66.00", "550.00", "616.00", "46.20")),
        (gap(bill_customer=BillCustomer.DO_NOT_BILL), APPROVE, {}, ("0.00", "0.00", "0.00", "0.00")),
        (gap(7, quantity=3, included=D(5), prorates=True), APPROVE, {"effective_date": NOV_10, **REASON}, ("44.00", "0.00",
         "44.00", "30.80")),
        (gap(cycle_months=12, invoiced_through=FEB_28), APPROVE, {}, ("5.50", "550.00", "616.00", "0.00")),
        (unused(included=D(5)), END, {}, ("-440.00", "440.00", "0.00", "0.00")),
        (azure(), APPROVE, {}, ("34.23", "900.00", "934.23", "0.00")),
    ],
)  # fmt: skip
def test_a_change_says_what_it_does_to_the_invoices(
    made: Inputs, action: Action, typed: dict[str, Any], money: tuple[str, ...]
) -> None:
    change = decide(made, action, **typed)
    found = (change.effect, change.next_invoice_before, change.next_invoice_after, change.catch_up)
    assert tuple(str(m) for m in found) == money


def add(agreement: Agreement, settings: Settings = CW, currency: str = "USD", **typed: Any) -> Any:
    catalogue = (Service("DEF", "Defender", D("14.50"), D("9.00")),)
    usage = charge(7, "70.00", vendor_service_id="SKU-DEF", unit_cost=D("10.00"), currency=currency)
    made = inputs([], [usage], mapped(service("SKU-DEF", "DEF")), services=catalogue, agreements=(agreement,), settings=settings)
    return decide(made, ADD, agreement=agreement.agreement_id, **typed)


AGREEMENT = Agreement("901", "Managed", None, "Acme", "Acme", "Active", 1, False, False, NOV_30, "USD")


def test_a_new_line_starts_with_the_agreements_own_first_open_period() -> None:
    change = add(replace(AGREEMENT, cycle_months=3, invoiced_through=dt.date(2026, 12, 31)), new_price=D(40))
    assert change.writes[0].body["effectiveDate"] == JAN_1
    assert (change.effect, change.next_invoice_before, change.next_invoice_after) == (D("93.33"), 0, D("280.00"))


def test_a_new_line_may_start_with_a_period_that_is_invoiced_and_bills_it_whole() -> None:
    assert add(AGREEMENT, effective_date=NOV_1, **REASON).catch_up == D("101.50")


def test_a_new_line_in_autotask_names_its_contract_and_service() -> None:
    (write,) = add(AGREEMENT, AT).writes
    assert dict(write.body) == {
        "contractID": "901", "serviceID": "DEF", "unitChange": D(7), "effectiveDate": DEC_1, "adjustedUnitPrice": D("14.50"),
        "adjustedUnitCost": D("10.00"),
    }  # fmt: skip
    assert write.says == "adjust service DEF by +7 units, unit price to 14.5, unit cost to 10 from 2026-12-01"


def amend(**changes: Any) -> Amend:
    """Three units more on a line of 25."""
    usual: dict[str, Any] = {
        "action": APPROVE, "agreement_id": "871", "line_id": "3589", "service_id": "BP", "day": NOV_10, "first_open": DEC_1,
        "invoiced_from": NOV_1, "old_quantity": D(25), "new_quantity": D(28), "included": D(0), "old_price": D(22),
        "new_price": D(22), "new_cost": None, "line_cost": D(17), "months": 1, "bill_customer": BillCustomer.BILLABLE,
        "keep_at_zero": False, "today": TODAY, "invoiced_through": NOV_30, "ends": None,
    }  # fmt: skip
    return Amend(**(usual | changes))


@pytest.mark.parametrize(
    ("ends", "cancelled"),
    [(None, NOV_30), (JAN_1, NOV_30), (DEC_1, NOV_30), (dt.date(2026, 11, 21), dt.date(2026, 11, 20))],
)
def test_a_line_for_extra_units_ends_no_later_than_the_line_beside_it(ends: dt.date | None, cancelled: dt.date) -> None:
    extra, _ = connectwise(amend(ends=ends), CW)
    assert extra.body["cancelledDate"] == cancelled


def test_words_say_how_long_an_added_line_is_billed() -> None:
    change = decide(gap(cancelled=FEB_28), APPROVE, effective_date=JAN_1)
    assert change.what == (
        "add a line of 28 BP at 22 from 2027-01-01 to 2027-02-28; then end line 3589: cancelled date 2026-12-31; its quantity stays"
    )


@pytest.mark.parametrize(
    ("settings", "cancelled", "ends"),
    [
        (CW, None, None),
        (CW, DEC_31, JAN_1),
        (NOT_BILLED, JAN_1, JAN_1),
        (CW, dt.date.max, None),
        (NOT_BILLED, dt.date.max, dt.date.max),
    ],
)
def test_a_row_says_from_when_on_its_line_is_not_billed(
    settings: Settings, cancelled: dt.date | None, ends: dt.date | None
) -> None:
    row = only(gap(settings=settings, cancelled=cancelled))
    assert (row.starts, row.ends) == (dt.date(2026, 1, 1), ends)


def test_new_revenue_has_no_days_of_a_line() -> None:
    row = only(inputs([], [charge()], agreements=(AGREEMENT,)))
    assert (row.starts, row.ends) == (None, None)


def test_a_cost_in_another_currency_is_not_written() -> None:
    change = add(AGREEMENT, currency="EUR", new_price=D(16), note="1.10 on 26 Nov")
    assert change.writes[0].body["unitCost"] == D("9.00")
    assert change.currency == "EUR"


def test_the_same_decision_is_one_change_and_in_another_month_another() -> None:
    one = judge(gap(), APPROVE)
    assert len(plan([one, one], (), CW, TODAY)) == 1
    (first,), (later,) = (plan([judge(gap(invoiced_through=d), APPROVE)], (), CW, TODAY) for d in (NOV_30, dt.date(2026, 12, 31)))
    assert bodies(first) == bodies(later)
    assert first.id != later.id


def test_words_say_what_is_written() -> None:
    assert decide(gap(), APPROVE, new_price=D(23)).what == "on line 3589 change quantity 25 to 28 and unit price 22 to 23"
    assert decide(unused(), END).what == "end line 3589: cancelled date 2026-11-30; its quantity stays"


@pytest.mark.parametrize(
    ("quantity", "included", "price", "months", "billable", "wanted"),
    [(30, 5, "3.00", 1, True, "75.00"), (3, 5, "3.00", 1, True, "0.00"), (12, 0, "264.00", 12, True, "264.00"), (1, 0, "100",
     3, True, "33.33"),
     (1, 0, "0.005", 1, True, "0.01"), (9, 0, "9", 1, False, "0.00"), (1, 0, "5", 0, True, "5.00")],
)  # fmt: skip
def test_revenue_of_a_month(quantity: int, included: int, price: str, months: int, billable: bool, wanted: str) -> None:
    assert str(revenue(D(quantity), D(included), D(price), months, billable)) == wanted


def test_a_part_of_a_period_is_counted_in_days_inside_it() -> None:
    assert prorated(D(528), NOV_10, dt.date(2027, 3, 1), FEB_28, 12, TODAY) == D("160.57")
    assert prorated(D(30), dt.date(2026, 10, 1), JAN_1, NOV_30, 1, TODAY) == 30
