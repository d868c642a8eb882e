"""R9: what proves that nothing is used, and what proves nothing."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from core.mapping import AccountMapping, Kind
from core.records import Cause, ChargeKind, State
from core.run import Inputs
from tests.core.build import ACCOUNT, SERVICE, D, charge, compared, inputs, line, mapped, only, service, source

PSA = source("agreements.csv", "PSA")
PAX8_ACCOUNT = AccountMapping("Pax8", "p-acme", "Acme", Kind.MAPPED, "Acme")
BOTH = mapped(SERVICE, service("P-BP", "BP", vendor="Pax8"), accounts=(ACCOUNT, PAX8_ACCOUNT))
PAX8 = charge(5, "100.00", "p1", vendor="Pax8", source="pax8.csv", account_id="p-acme", vendor_service_id="P-BP")
ELSEWHERE = charge(1, "9.00", "x", account_id="t-other", account="Somebody Else")
MICROSOFT = source("microsoft.csv", "Microsoft")


def verdict(made: Inputs) -> tuple[State, Cause, str]:
    row = only(made)
    assert (row.difference is None) == (row.state is State.NOT_KNOWN)
    return row.state, row.cause, row.why


@pytest.mark.parametrize(
    ("charges", "changes", "state", "cause", "why"),
    [
        ([ELSEWHERE], {}, State.NO_USAGE, Cause.BILLING_GAP, "not on this invoice or count"),
        ([charge(0)], {}, State.NO_USAGE, Cause.BILLING_GAP, "the vendor counts 0 since 1 Nov 2026"),
        ([charge(0, start=None, until=None)], {}, State.NO_USAGE, Cause.BILLING_GAP, "the vendor counts 0"),
        ([], {}, State.NOT_KNOWN, Cause.STALE_DATA, "no data from Microsoft arrived"),
        ([charge(25)], {"sources": (PSA, replace(MICROSOFT, complete=False))}, State.NOT_KNOWN, Cause.STALE_DATA,
         "the read of microsoft.csv failed or is partial"),
        ([charge(28)], {"sources": (replace(PSA, complete=False), MICROSOFT)}, State.NOT_KNOWN, Cause.STALE_DATA,
         "the read of agreements.csv failed or is partial"),
        ([charge(28)], {"sources": (PSA, replace(MICROSOFT, as_of=dt.date(2026, 10, 31)))}, State.NOT_KNOWN, Cause.STALE_DATA,
         "stale: Microsoft's data ends 31 Oct 2026"),
        ([charge(28)], {"sources": (PSA, replace(MICROSOFT, as_of=dt.date(2026, 11, 1)))}, State.RECONCILE, Cause.BILLING_GAP,
         "uses 28, billed 25"),
        ([charge(25, start=dt.date(2026, 9, 1), until=dt.date(2026, 10, 1))], {}, State.NOT_KNOWN, Cause.STALE_DATA,
         "stale: no row of Microsoft covers 2026-11"),
        ([replace(ELSEWHERE, start=dt.date(2026, 1, 1))], {}, State.NOT_KNOWN, Cause.STALE_DATA,
         "no invoice or count of Microsoft for 2026-11 arrived"),
        ([charge(25), charge(-25, kind=ChargeKind.REFUND, start=dt.date(2026, 11, 10))], {}, State.NOT_KNOWN, Cause.TIMING,
         "the vendor's usage is not final yet"),
    ],
)  # fmt: skip
def test_a_count_or_its_absence_says_what_it_proves(
    charges: list[Any], changes: dict[str, Any], state: State, cause: Cause, why: str
) -> None:
    assert verdict(inputs([line()], charges, **changes)) == (state, cause, why)


@pytest.mark.parametrize(
    ("charges", "mapping", "why"),
    [
        ([ELSEWHERE], mapped(accounts=()), "no account at Microsoft is mapped to this customer"),
        ([replace(ELSEWHERE, account="Acme Dental Group")], mapped(accounts=()),
         "an unmapped account at Microsoft could be this customer"),
        ([ELSEWHERE, charge(1, subscription="n", vendor_service_id="SKU-N", vendor_service="Business Premium 365")], mapped(),
         "an unmapped service of this customer could be it"),
    ],
)  # fmt: skip
def test_an_unmapped_account_or_service_that_could_be_it_leaves_it_not_known(charges: list[Any], mapping: Any, why: str) -> None:
    assert verdict(inputs([line(customer="Acme Dental")], charges, mapping)) == (State.NOT_KNOWN, Cause.MAPPING, why)


def test_an_excluded_account_could_not_be_it() -> None:
    out = AccountMapping("Microsoft", "t-other", "Acme Holdings", Kind.EXCLUDED)
    made = inputs([line()], [replace(ELSEWHERE, account="Acme Holdings")], mapped(accounts=(ACCOUNT, out)))
    assert only(made).state is State.NO_USAGE


@pytest.mark.parametrize(
    ("count", "changes", "state"),
    [
        (20, {}, State.RECONCILE),  # Pax8 says 5 more
        (20, {"pax8": {"complete": False}}, State.NOT_KNOWN),
        (28, {"rows": [], "pax8": {"complete": False}}, State.RECONCILE),  # more is billed too little in any case
        (20, {"rows": [], "pax8": {"complete": False}}, State.NOT_KNOWN),  # the missing count could be Pax8's
        (20, {"rows": []}, State.NOT_KNOWN),
        (25, {"rows": [], "pax8": {"complete": False}}, State.NO_CHANGE),
        (20, {"rows": [], "mapping": mapped()}, State.RECONCILE),  # Pax8 does not sell it
        (20, {"rows": [replace(PAX8, account_id="p-x", account="X", start=dt.date(2026, 1, 1))]}, State.NOT_KNOWN),  # silent
    ],
)
def test_a_decrease_wants_every_vendor_that_counts_the_service(count: int, changes: dict[str, Any], state: State) -> None:
    sources = (PSA, MICROSOFT, *([replace(source("pax8.csv", "Pax8"), **changes["pax8"])] if "pax8" in changes else []))
    rows = [charge(count), *changes.get("rows", [PAX8])]
    row = only(
        inputs(
            [line(quantity=25 if "pax8" in changes or "rows" in changes else 24)],
            rows,
            changes.get("mapping", BOTH),
            sources=sources,
        )
    )
    assert row.state is state


def test_an_older_count_of_the_only_vendor_still_counts() -> None:
    row = only(inputs([line()], [charge(20, start=dt.date(2026, 1, 1), until=dt.date(2027, 1, 1))]))
    assert (row.state, row.difference) == (State.RECONCILE, -5)


def test_a_file_of_several_vendors_speaks_for_each_of_them() -> None:
    rows = [charge(28, source="both.csv"), replace(PAX8, source="both.csv")]
    sources = (PSA, source("both.csv", "Microsoft, Pax8", complete=False))
    assert only(inputs([line()], rows, BOTH, sources=sources)).state is State.NOT_KNOWN
    old = (PSA, source("both.csv", "Microsoft, Pax8", as_of=dt.date(2026, 10, 1)))
    assert only(inputs([line()], rows, BOTH, sources=old)).why.startswith("stale: Microsoft")
    fresh = (PSA, source("both.csv", "Microsoft, Pax8", as_of=dt.date(2026, 11, 20)))
    row = only(inputs([line()], rows, BOTH, sources=fresh))
    assert (row.difference, row.as_of) == (8, dt.date(2026, 11, 20))


def test_new_revenue_of_a_stale_vendor_cannot_be_added() -> None:
    row = only(inputs([], [charge(28)], sources=(PSA, replace(MICROSOFT, complete=False))))
    assert (row.state, row.line_id, row.cause) == (State.NOT_KNOWN, None, Cause.STALE_DATA)


def test_both_sides_at_zero_are_no_change() -> None:
    assert only(inputs([line(quantity=0)], [charge(0)])).state is State.NO_CHANGE
    assert compared(inputs([], [charge(0)]))[1] == []
    assert only(inputs([line(quantity=0)], [ELSEWHERE])).difference == D(0)
