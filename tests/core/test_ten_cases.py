"""The ten worked months: an acceptance table. Every figure is the one that the case states, to the cent."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from core import buckets
from core.changes import Change, plan
from core.completeness import unexplained
from core.decisions import Judge, Judged, Status
from core.frames import records
from core.mapping import AccountMapping, Kind, Mapping, ServiceRule, Tie
from core.periods import Period
from core.records import Action, Agreement, Cause, ChargeKind, Comparison, Decision, Measure, NotCompared, Service, State, Tally
from core.run import Inputs
from core.settings import Settings
from tests.core.build import ACCOUNT, TODAY, D, charge, compared, inputs, line, mapped, only, service, source

NOV_10 = dt.date(2026, 11, 10)
DEC_1 = dt.date(2026, 12, 1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def decide(made: Inputs, action: Action, row: Comparison | None = None, **typed: Any) -> tuple[Judged, list[Change]]:
    """One decision on a row (the only one, if none is named), judged and planned."""
    result, rows = compared(made)
    row = row or rows[0]
    decision = Decision(row.key, row.fingerprint, action, place="copy.xlsx, Microsoft!K9", **typed)
    judge = Judge({r.key: r for r in rows}, result.agreements, made.settings, made.today)
    (judged,) = judge.judge([decision])
    return judged, plan([judged], result.mapping.rules, made.settings, made.today)


def the_write(made: Inputs, action: Action, **typed: Any) -> tuple[str, str, dict[str, Any]]:
    judged, (change,) = decide(made, action, **typed)
    assert judged.status is Status.ACCEPTED
    (write,) = change.writes
    return write.method, write.path, dict(write.body)


PAIR = (
    charge(25, "440.00"),
    charge(-25, "-308.00", kind=ChargeKind.REFUND, start=NOV_10),
    charge(28, "344.96", start=NOV_10),
)


def case_1() -> Inputs:
    return inputs([line()], PAIR)


def test_case_1_a_co_terminous_add_counts_the_last_charge_and_all_the_money() -> None:
    row = only(case_1())
    assert (row.state, row.vendor_quantity, row.difference) == (State.RECONCILE, 28, 3)
    assert (row.revenue_before, row.revenue_after) == (D("550.00"), D("616.00"))
    assert row.vendor_cost == D("492.80")
    assert row.revenue_before - row.vendor_cost == D("57.20")
    assert row.revenue_after - row.vendor_cost == D("123.20")
    assert row.missed == D("46.20")
    result, _ = compared(case_1())
    (to_lines,) = [t for t in records(Tally, result.ledger) if t.bucket == buckets.TO_LINES]
    assert (to_lines.rows, to_lines.units, to_lines.money) == (3, 28, D("476.96"))


def test_case_1_approving_is_one_patch_of_the_quantity() -> None:
    assert the_write(case_1(), Action.APPROVE) == ("PATCH", "/finance/agreements/871/additions/3589", {"quantity": D(28)})


def case_2() -> Inputs:
    return inputs([line("4411", prorates=True)], PAIR, settings=Settings(psa="autotask"))


def test_case_2_autotask_backdates_by_one_signed_difference() -> None:
    judged, (change,) = decide(case_2(), Action.APPROVE, effective_date=NOV_10, reason="commitment")
    (write,) = change.writes
    assert (write.method, write.path) == ("POST", "/V1.0/ContractServiceAdjustments")
    assert dict(write.body) == {"contractServiceID": "4411", "unitChange": D(3), "effectiveDate": NOV_10}
    assert (change.catch_up, change.next_invoice_after) == (D("46.20"), D("616.00"))
    assert change.next_invoice_before == D("550.00")
    assert change.next_invoice_after + change.catch_up == D("662.20")
    assert len(plan([judged, judged], (), Settings(psa="autotask"), TODAY)) == 1


def test_case_2_without_a_typed_date_it_starts_with_the_first_open_period() -> None:
    _, (change,) = decide(case_2(), Action.APPROVE)
    assert change.writes[0].body["effectiveDate"] == DEC_1
    assert change.effect == D("66.00")


def case_3() -> Inputs:
    now = line("3589", 25, cancelled=day("2026-11-30"))
    return inputs([now, line("3702", 28, effective=DEC_1)], [charge(28)])


def test_case_3_a_change_that_is_scheduled_is_no_change() -> None:
    result, (row,) = compared(case_3())
    assert (row.line_id, row.psa_quantity, row.state) == ("3702", 28, State.NO_CHANGE)
    assert row.why == "now 25, 28 from 1 Dec"
    (listed,) = records(NotCompared, result.not_compared)
    assert listed.reason == "ends 30 Nov 2026; line 3702 goes on"
    judged, changes = decide(case_3(), Action.APPROVE)
    assert (judged.status, changes) == (Status.NOTHING_TO_DO, [])


@pytest.mark.parametrize(
    ("quantity", "included", "price", "vendor", "minimum", "difference", "effect", "patched"),
    [
        (30, 5, "3.00", 32, None, 2, "6.00", 32),
        (3, 5, "3.00", 4, None, 1, "0.00", 4),
        (25, 0, "9.00", 18, 25, 0, "0.00", None),
        (25, 0, "9.00", 27, 25, 2, "18.00", 27),
    ],
)
def test_case_4_included_and_minimum(
    quantity: int, included: int, price: str, vendor: int, minimum: int | None, difference: int, effect: str, patched: int | None
) -> None:
    rules = (ServiceRule("BP", minimum=D(minimum)),) if minimum else ()
    made = inputs([line("3589", quantity, price, included=D(included))], [charge(vendor)], mapped(rules=rules))
    row = only(made)
    assert (row.difference, row.effect) == (difference, D(effect))
    assert row.to_bill == quantity + difference
    _, changes = decide(made, Action.APPROVE)
    if patched is None:
        assert (row.state, row.cause, changes) == (State.NO_CHANGE, Cause.COMMITMENT, [])
    else:
        assert dict(changes[0].writes[0].body) == {"quantity": D(patched)}


def test_case_4_money_before_and_after_leaves_included_units_out() -> None:
    row = only(inputs([line("3589", 30, "3.00", included=D(5))], [charge(32)]))
    assert (row.revenue_before, row.revenue_after) == (D("75.00"), D("81.00"))


def case_5(*ties: Tie) -> Inputs:
    lines = [line("11", 100, "24.00"), line("12", 18, "22.00")]
    charges = [
        charge(100, "1760.00", "annual", vendor_service_id="SKU-BP-Y"),
        charge(20, "422.40", "monthly", vendor_service_id="SKU-BP-M", unit_cost=D("21.12")),
    ]
    return inputs(lines, charges, mapped(service("SKU-BP-Y", "BP"), service("SKU-BP-M", "BP"), ties=ties))


def test_case_5_two_lines_at_different_prices_get_no_proposal() -> None:
    _, rows = compared(case_5())
    assert [(r.state, r.proposed, r.to_bill, r.difference) for r in rows] == [(State.RECONCILE, False, None, None)] * 2
    assert {r.why for r in rows} == {"2 lines at different prices, together +2 (used 120, billed 118): type each"}
    for row in rows:
        judged, _ = decide(case_5(), Action.APPROVE, row)
        assert judged.problem is not None
        assert (judged.status, judged.problem.message) == (Status.REFUSED, "2 lines at different prices: type each")


@pytest.mark.parametrize(("line_id", "typed", "effect"), [("12", 20, "44.00"), ("11", 102, "48.00")])
def test_case_5_a_typed_quantity_that_makes_the_group_whole_is_one_patch(line_id: str, typed: int, effect: str) -> None:
    _, rows = compared(case_5())
    (row,) = [r for r in rows if r.line_id == line_id]
    _, (change,) = decide(case_5(), Action.APPROVE, row, quantity=D(typed))
    assert (change.effect, dict(change.writes[0].body)) == (D(effect), {"quantity": D(typed)})


def test_case_5_a_typed_quantity_that_does_not_make_the_group_whole_wants_a_reason() -> None:
    _, rows = compared(case_5())
    (row,) = [r for r in rows if r.line_id == "12"]
    judged, _ = decide(case_5(), Action.APPROVE, row, quantity=D(19))
    assert judged.status is Status.REFUSED
    judged, _ = decide(case_5(), Action.APPROVE, row, quantity=D(19), reason="commitment")
    assert judged.status is Status.ACCEPTED


def test_case_5_a_tied_subscription_puts_the_difference_on_its_line() -> None:
    _, rows = compared(case_5(Tie("Microsoft", "monthly", "12")))
    assert {r.line_id: (r.state, r.difference) for r in rows} == {
        "11": (State.NO_CHANGE, 0),
        "12": (State.RECONCILE, 2),
    }


def case_6(*charges: Any, mapping: Mapping | None = None, psa: str = "connectwise", **changes: Any) -> Inputs:
    settings = Settings(psa=psa)
    return inputs([line("77", 12, "10.00")], charges, mapping or mapped(), settings=settings, **changes)


ENDED = charge(0, "0.00", "sub-1", kind=ChargeKind.COUNT)
OTHER = charge(1, "9.00", "sub-9", account_id="t-other", account="Somebody Else")


def test_case_6_an_ended_subscription_proves_no_usage() -> None:
    row = only(case_6(ENDED))
    assert (row.state, row.vendor_quantity, row.difference, row.effect) == (State.NO_USAGE, 0, -12, D("-120.00"))
    write = the_write(case_6(ENDED), Action.END_LINE)
    assert write == ("PATCH", "/finance/agreements/871/additions/77", {"cancelledDate": day("2026-11-30")})


def test_case_6_autotask_ends_a_line_by_minus_all_its_units() -> None:
    _, _, body = the_write(case_6(ENDED, psa="autotask"), Action.END_LINE)
    assert body == {"contractServiceID": "77", "unitChange": D(-12), "effectiveDate": DEC_1}


@pytest.mark.parametrize("why", ["failed", "suggested"])
def test_case_6_without_proof_it_is_not_known_and_cannot_be_ended(why: str) -> None:
    if why == "failed":
        failed = (source("agreements.csv", "PSA"), source("microsoft.csv", "Microsoft", complete=False))
        made = case_6(ENDED, sources=failed)
    else:
        suggested = charge(0, "0.00", account="Acme Holdings", account_id="t-x")
        made = case_6(suggested, mapping=mapped(accounts=()))
    row = only(made)
    assert (row.state, row.to_bill, row.difference, row.effect, row.revenue_after) == (State.NOT_KNOWN, None, None, None, None)
    judged, changes = decide(made, Action.END_LINE, reason="not billable")
    assert (judged.status, changes) == (Status.REFUSED, [])
    assert judged.problem is not None
    assert judged.problem.message == "End line is not a choice for Not known; choose Dismiss, Ask"


def test_case_6_an_annual_charge_counts_in_every_month_it_covers() -> None:
    annual = charge(12, "1000.00", source="january.csv", start=day("2026-01-15"), until=day("2027-01-15"), cost_months=12)
    row = only(case_6(annual, OTHER))
    assert (row.state, row.vendor_quantity) == (State.NO_CHANGE, 12)


def test_case_6_absence_from_an_invoice_is_no_proof_so_the_end_wants_a_reason() -> None:
    made = case_6(OTHER)
    row = only(made)
    assert (row.state, row.vendor_quantity, row.proven) == (State.NO_USAGE, None, False)
    assert row.why == "not on this invoice or count"
    assert decide(made, Action.END_LINE)[0].status is Status.REFUSED
    assert decide(made, Action.END_LINE, reason="not billable")[0].status is Status.ACCEPTED


AGREEMENT_901 = Agreement("901", "Managed 365", None, "Acme", "Acme", "Active", 1, False, False, day("2026-11-30"), "USD")
AGREEMENT_902 = Agreement("902", "Security", "Managed 365", "Acme", "Acme", "Active", 1, False, False, day("2026-11-30"), "USD")


def case_7(*agreements: Agreement, lines: Any = ()) -> Inputs:
    bought = charge(7, "70.00", vendor_service_id="SKU-DEF", unit_cost=D("10.00"))
    catalogue = (Service("DEF", "Defender for Business", D("14.50"), D("10.00")),)
    return inputs(lines, [bought], mapped(service("SKU-DEF", "DEF")), services=catalogue, agreements=agreements)


def test_case_7_new_revenue_goes_on_the_chosen_agreement() -> None:
    made = case_7(AGREEMENT_901, AGREEMENT_902)
    row = only(made)
    assert (row.state, row.psa_quantity, row.vendor_quantity, row.line_id) == (State.NEW_REVENUE, None, 7, None)
    assert (row.revenue_before, row.revenue_after, row.vendor_cost) == (D("0.00"), D("101.50"), D("70.00"))
    assert row.revenue_before - row.vendor_cost == D("-70.00")
    assert row.revenue_after - row.vendor_cost == D("31.50")
    method, path, body = the_write(made, Action.ADD_LINE, agreement=AGREEMENT_902.label)
    assert (method, path) == ("POST", "/finance/agreements/902/additions")
    assert body == {
        "product": "DEF", "quantity": D(7), "unitPrice": D("14.50"), "unitCost": D("10.00"), "billCustomer": "Billable",
        "effectiveDate": DEC_1,
    }  # fmt: skip


def test_case_7_an_annual_cost_is_written_for_the_cycle_of_the_agreement() -> None:
    made = case_7(AGREEMENT_901)
    annual = charge(7, "840.00", vendor_service_id="SKU-DEF", unit_cost=D("120.00"), cost_months=12, until=day("2027-11-01"))
    made = inputs([], [annual], made.mapping, services=made.services, agreements=made.agreements)
    assert only(made).vendor_unit_cost == D("10.00")
    assert the_write(made, Action.ADD_LINE, agreement="901")[2]["unitCost"] == D("10.00")
    yearly = replace(AGREEMENT_901, cycle_months=12)
    made = inputs([], [annual], made.mapping, services=made.services, agreements=(yearly,))
    body = the_write(made, Action.ADD_LINE, agreement="901", new_price=D("174.00"))[2]
    assert (body["unitPrice"], body["unitCost"]) == (D("174.00"), D("120.00"))


def test_case_7_without_an_agreement_it_is_a_problem_at_its_cell() -> None:
    judged, changes = decide(case_7(AGREEMENT_901, AGREEMENT_902), Action.ADD_LINE)
    assert (judged.status, changes) == (Status.REFUSED, [])
    assert str(judged.problem) == "copy.xlsx, Microsoft!K9: choose the agreement that Defender for Business is added to"


def test_case_7_an_ended_agreement_leaves_dismiss_or_ask() -> None:
    ended = Agreement("901", "Managed 365", None, "Acme", "Acme", "Expired", 1, False, False, day("2026-10-31"), "USD")
    judged, _ = decide(case_7(ended), Action.ADD_LINE, agreement="901")
    assert judged.problem is not None
    assert judged.problem.message == "Acme has no active agreement: create one in the PSA, or choose Dismiss or Ask"
    assert decide(case_7(ended), Action.ASK, note="who bills Acme?")[0].status is Status.ACCEPTED


def test_case_7_next_month_there_is_no_change() -> None:
    added = line("5001", 7, "14.50", service_id="DEF", agreement_id="902", effective=DEC_1, invoiced_through=day("2026-12-31"))
    made = case_7(lines=[added])
    december = charge(7, "70.00", vendor_service_id="SKU-DEF", start=DEC_1, until=day("2027-01-01"))
    fresh = (source("agreements.csv", "PSA"), source("microsoft.csv", "Microsoft", as_of=day("2026-12-31")))
    later = {"period": Period(2026, 12), "today": day("2026-12-26"), "sources": fresh}
    made = inputs([added], [december], made.mapping, services=made.services, **later)
    assert only(made).state is State.NO_CHANGE


def case_8(huntress: int) -> Inputs:
    gold = line("9", 30, "120.00", service_id="GOLD", service="Gold User", unit_cost=None)
    own = AccountMapping("Microsoft", "t-own", "Our MSP", Kind.INTERNAL)
    services = (
        service("SKU-BP", "GOLD"),
        service("SKU-H", "GOLD", Kind.INCLUDED, vendor="Huntress"),
        service("SKU-FREE", None, Kind.FREE),
    )
    charges = [
        charge(32, "563.20"),
        charge(huntress, "100.00", None, vendor="Huntress", source="huntress.csv", account_id="h-acme",
               vendor_service_id="SKU-H", kind=ChargeKind.COUNT),
        charge(15, "264.00", "own", account_id="t-own", account="Our MSP"),
        charge(10000, "0.00", "free", vendor_service_id="SKU-FREE"),
    ]  # fmt: skip
    huntress_account = AccountMapping("Huntress", "h-acme", "Acme", Kind.MAPPED, "Acme")
    return inputs([gold], charges, mapped(*services, accounts=(ACCOUNT, own, huntress_account)))


def test_case_8_a_bundle_is_billed_by_what_it_counts_and_checked_by_what_it_includes() -> None:
    result, rows = compared(case_8(31))
    (row,) = rows
    assert (row.state, row.difference, row.effect) == (State.RECONCILE, 2, D("240.00"))
    listed = {n.bucket: n for n in records(NotCompared, result.not_compared)}
    assert listed[buckets.INCLUDED].check == "31 of 32, ok"
    assert (listed[buckets.INTERNAL].quantity, listed[buckets.INTERNAL].money) == (15, D("264.00"))
    assert listed[buckets.FREE].quantity == 10000
    assert the_write(case_8(31), Action.APPROVE)[2] == {"quantity": D(32)}


def test_case_8_more_than_the_bundle_bills_is_flagged() -> None:
    result, _ = compared(case_8(35))
    (included,) = [n for n in records(NotCompared, result.not_compared) if n.bucket == buckets.INCLUDED]
    assert included.check == "35 of 32: 3 over"


def case_9_annual(*, prorates: bool) -> Inputs:
    annual = line(
        "40", 10, "264.00", cycle_months=12, effective=day("2026-03-01"), invoiced_through=day("2027-02-28"), prorates=prorates
    )
    return inputs([annual], [charge(12, start=NOV_10)])


def test_case_9_an_annual_line_changes_with_its_next_period() -> None:
    row = only(case_9_annual(prorates=False))
    assert (row.difference, row.effect, row.effective_date, row.missed) == (2, D("44.00"), day("2027-03-01"), D("160.57"))
    _, (change,) = decide(case_9_annual(prorates=False), Action.APPROVE)
    assert dict(change.writes[0].body) == {"quantity": D(12)}


def test_case_9_prorating_it_bills_the_extra_units_from_their_day() -> None:
    made = case_9_annual(prorates=True)
    _, (change,) = decide(made, Action.APPROVE, effective_date=NOV_10, reason="corrected next month")
    post, patch = change.writes
    assert (post.method, patch.method) == ("POST", "PATCH")
    assert post.body["quantity"] == 2
    assert post.body["unitPrice"] == D("264.00")
    assert (post.body["effectiveDate"], post.body["cancelledDate"]) == (NOV_10, day("2027-02-28"))
    assert dict(patch.body) == {"quantity": D(12)}
    assert (change.catch_up, change.next_invoice_after) == (D("160.57"), D("3168.00"))


def test_case_9_backdating_without_proration_is_refused_and_names_the_missed_amount() -> None:
    judged, _ = decide(case_9_annual(prorates=False), Action.APPROVE, effective_date=NOV_10, reason="corrected next month")
    assert judged.problem is not None
    assert judged.problem.message.endswith("160.57 was missed and can be billed by hand")


def case_9_arrears() -> Inputs:
    arrears = line("50", 40, "6.00", in_arrears=True, invoiced_through=day("2026-10-31"))
    return inputs([arrears], [charge(45)])


def test_case_9_in_arrears_the_running_month_is_still_open() -> None:
    _, (change,) = decide(case_9_arrears(), Action.APPROVE)
    assert change.effective_date == day("2026-11-01")
    assert [dict(w.body) for w in change.writes] == [{"quantity": D(45)}]
    assert (change.next_invoice_before, change.next_invoice_after) == (D("240.00"), D("270.00"))


def test_case_9_a_later_start_adds_the_new_line_first_and_then_ends_the_old() -> None:
    _, (change,) = decide(case_9_arrears(), Action.APPROVE, effective_date=DEC_1)
    post, end = change.writes
    assert (post.method, post.body["quantity"], post.body["effectiveDate"]) == ("POST", 45, DEC_1)
    assert (end.method, dict(end.body)) == ("PATCH", {"cancelledDate": day("2026-11-30")})
    assert (change.next_invoice_before, change.next_invoice_after) == (D("240.00"), D("240.00"))


AZURE = service("SKU-AZ", "AZ")


def case_10(*, final: bool = True) -> Inputs:
    azure = line("60", 1, "900.00", service_id="AZ", service="Azure", in_arrears=True, invoiced_through=day("2026-10-31"))
    usage = charge(1, "812.37", "az", vendor_service_id="SKU-AZ", kind=ChargeKind.USAGE, final=final)
    rules = (ServiceRule("AZ", measure=Measure.MONEY, markup=D("0.15")),)
    own = AccountMapping("Microsoft", "t-own", "Our MSP", Kind.INTERNAL)
    services = (service("SKU-BP", "BP"), AZURE, service("SKU-DEF", "DEF"), service("SKU-X", None, Kind.EXCLUDED, reason="promo"))
    charges = [
        *PAIR,
        usage,
        charge(7, "70.00", "def", vendor_service_id="SKU-DEF", unit_cost=D("10.00")),
        charge(15, "264.00", "own", account_id="t-own", account="Our MSP"),
        charge(3, "9.60", "x", vendor_service_id="SKU-X"),
        charge(8, "80.00", "u", account_id="t-new", account="Zenith Labs"),
        charge(1, "-20.00", None, kind=ChargeKind.CREDIT),
    ]
    return inputs([line(), azure], charges, mapped(*services, accounts=(ACCOUNT, own), rules=rules))


def test_case_10_azure_is_compared_in_money() -> None:
    made = case_10()
    _, rows = compared(made)
    (row,) = [r for r in rows if r.service_id == "AZ"]
    assert (row.state, row.measure, row.proposed_price, row.effect) == (State.RECONCILE, Measure.MONEY, D("934.23"), D("34.23"))
    assert (row.psa_quantity, row.vendor_quantity, row.to_bill, row.difference) == (None, None, None, None)
    _, (change,) = decide(made, Action.APPROVE, row)
    assert dict(change.writes[0].body) == {"unitPrice": D("934.23"), "unitCost": D("812.37")}


def test_case_10_usage_that_is_not_final_is_not_known() -> None:
    _, rows = compared(case_10(final=False))
    (row,) = [r for r in rows if r.service_id == "AZ"]
    assert (row.state, row.effect, row.proposed_price) == (State.NOT_KNOWN, None, None)


def test_case_10_the_invoice_ties_out_in_rows_units_and_money() -> None:
    result, _ = compared(case_10())
    tallies = {t.bucket: t for t in records(Tally, result.ledger) if t.ledger == "vendor"}
    assert {b: t.money for b, t in tallies.items()} == {
        buckets.IN: D("1692.93"),
        buckets.TO_LINES: D("1289.33"),
        buckets.NEW_REVENUE: D("70.00"),
        buckets.INTERNAL: D("264.00"),
        buckets.EXCLUDED: D("9.60"),
        buckets.UNMAPPED: D("80.00"),
        buckets.CREDITS: D("-20.00"),
    }
    assert {b: t.units for b, t in tallies.items() if t.units} == {
        buckets.IN: 61,
        buckets.TO_LINES: 28,
        buckets.NEW_REVENUE: 7,
        buckets.INTERNAL: 15,
        buckets.EXCLUDED: 3,
        buckets.UNMAPPED: 8,
    }
    assert all((t.rows, t.units, t.money) == (0, 0, 0) for t in records(Tally, unexplained(result.ledger)))
