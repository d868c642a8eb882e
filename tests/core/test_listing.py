"""What is listed beside the comparison: no vendor, not compared with its reason, and what waits for a mapping."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from core import buckets
from core.frames import records
from core.mapping import AccountMapping, Kind, Mapping
from core.reconcile import reconcile
from core.records import ChargeKind, NotCompared, NoVendor, Service, UnmappedAccount, UnmappedService
from core.settings import Settings
from tests.core.build import ACCOUNT, SERVICE, D, charge, inputs, line, mapped, service

OWN = AccountMapping("Microsoft", "t-own", "Ours", Kind.INTERNAL, owner="Dana")
OUT = AccountMapping("Microsoft", "t-out", "Old", Kind.EXCLUDED, reason="left", owner="Dana", review=dt.date(2027, 1, 31))
INCLUDED = service("SKU-IN", "BP", Kind.INCLUDED)
REVIEWED = service("SKU-X", None, Kind.EXCLUDED, reason="promo", owner="Eve", review=dt.date(2027, 2, 1))


@pytest.mark.parametrize(
    ("row", "bucket", "reason", "owner", "check"),
    [
        (charge(3, account_id="t-own"), buckets.INTERNAL, "own tenant or not for resale", "Dana", ""),
        (charge(3, account_id="t-out"), buckets.EXCLUDED, "left", "Dana", ""),
        (charge(3, account_id="t-own", vendor_service_id="SKU-X"), buckets.INTERNAL, "own tenant or not for resale", "Dana", ""),
        (charge(3, vendor_service_id="SKU-X"), buckets.EXCLUDED, "promo", "Eve", ""),
        (charge(3, vendor_service_id="SKU-FREE"), buckets.FREE, "free", None, ""),
        (charge(25, vendor_service_id="SKU-IN"), buckets.INCLUDED, "included in Microsoft 365 Business Premium", None,
         "25 of 25, ok"),
        (charge("27.5", vendor_service_id="SKU-IN"), buckets.INCLUDED, "included in Microsoft 365 Business Premium", None,
         "27.5 of 25: 2.5 over"),
        (charge(1, kind=ChargeKind.CREDIT), buckets.CREDITS, "credit", None, ""),
        (charge(1, kind=ChargeKind.ONE_OFF, account_id="t-nobody"), buckets.CREDITS, "one-off", None, ""),
        (charge(1, start=dt.date(2026, 12, 1), until=dt.date(2027, 1, 1)), buckets.OTHER_PERIOD,
         "covers 1 Dec 2026 to before 1 Jan 2027", None, ""),
        (charge(1, start=dt.date(2026, 12, 1), until=None, account_id="t-own"), buckets.OTHER_PERIOD,
         "covers 1 Dec 2026 to before no date", "", ""),
        (charge(0, vendor_service_id="SKU-NEW"), buckets.NOTHING_USED, "no units in this period, and no PSA line", None, ""),
    ],
)  # fmt: skip
def test_a_vendor_row_that_is_not_compared_says_why(row: Any, bucket: str, reason: str, owner: str | None, check: str) -> None:
    made = mapped(
        SERVICE, INCLUDED, REVIEWED, service("SKU-FREE", None, Kind.FREE), service("SKU-NEW", "NEW"), accounts=(ACCOUNT, OWN, OUT)
    )
    count = charge(25, subscription="count")
    (found,) = records(NotCompared, reconcile(inputs([line()], [count, replace(row, subscription_id="s")], made)).not_compared)
    assert (found.bucket, found.reason, found.check, found.reference) == (bucket, reason, check, "microsoft.csv row 3")
    assert owner == "" or found.owner == owner


def test_rows_of_one_account_and_service_are_one_entry_and_credits_stand_each() -> None:
    rows = [charge(2, "1.00", s, account_id="t-own") for s in ("a", "b")]
    rows += [charge(0, "-5.00", None, kind=ChargeKind.CREDIT) for _ in range(2)]
    found = records(NotCompared, reconcile(inputs([], rows, mapped(accounts=(ACCOUNT, OWN)))).not_compared)
    assert [(n.bucket, n.reference, n.quantity, n.money) for n in found] == [
        (buckets.INTERNAL, "microsoft.csv row 2 (+1)", 4, 2),
        (buckets.CREDITS, "microsoft.csv row 4", 0, -5),
        (buckets.CREDITS, "microsoft.csv row 5", 0, -5),
    ]


def test_a_bundle_without_a_line_or_a_target_says_so() -> None:
    bare = service("SKU-IN", None, Kind.INCLUDED)
    for entry, check in ((INCLUDED, "no line of the bundle"), (bare, "no line of the bundle")):
        (found,) = records(NotCompared, reconcile(inputs([], [charge(3, vendor_service_id="SKU-IN")], mapped(entry))).not_compared)
        assert found.check == check
    own = mapped(INCLUDED, accounts=(OWN,))
    (found,) = records(
        NotCompared, reconcile(inputs([], [charge(3, account_id="t-own", vendor_service_id="SKU-IN")], own)).not_compared
    )
    assert (found.bucket, found.check) == (buckets.INTERNAL, "")


def test_a_line_that_no_vendor_counts_is_listed_and_may_be_expected() -> None:
    made = mapped(none_expected=frozenset({"HELP"}))
    lines = [line("1", service_id="HELP"), line("2", 4, "12.00", service_id="X", cycle_months=3)]
    found = records(NoVendor, reconcile(inputs(lines, [], made)).no_vendor)
    assert [(n.line_id, n.expected_none, n.revenue) for n in found] == [("1", True, 550), ("2", False, 16)]


def test_unmapped_accounts_and_services_stand_once_with_what_is_at_stake_in_each_currency() -> None:
    rows = [
        charge(3, "30.00", "a", account_id="t-n", account="Acme Dental Grp"),
        charge(4, "40.00", "b", account_id="t-n", account="Acme Dental Grp", currency="EUR"),
        charge(5, "90.00", "c", vendor_service_id="SKU-N", vendor_service="Azure Backup plan", term="P1Y"),
        charge(6, "1.00", "d", vendor="Pax8", account_id="p", vendor_service_id="SKU-N", vendor_service="Qqq", term="P3Y"),
    ]
    pax8 = AccountMapping("Pax8", "p", "P", Kind.MAPPED, "Acme")
    made = Mapping((ACCOUNT, pax8), ())
    customer = line(customer="Acme Dental", customer_id="c1")
    result = reconcile(inputs([customer], rows, made, services=(Service("BK", "Azure Backup", None, None),)))
    accounts = records(UnmappedAccount, result.unmapped_accounts)
    assert [(a.key, a.rows, a.units, a.money, a.suggestion_id) for a in accounts] == [
        ("account:Microsoft:t-n:EUR", 1, 4, 40, "c1"),
        ("account:Microsoft:t-n:USD", 1, 3, 30, "c1"),
    ]
    services = records(UnmappedService, result.unmapped_services)
    waiting = [(s.key, s.units, s.term, s.suggestion_id) for s in services if s.rows]
    assert waiting == [
        ("service:Microsoft:SKU-N:USD", 5, "P1Y", "BK"),
        ("service:Pax8:SKU-N:USD", 6, "P3Y", None),
    ]


@pytest.mark.parametrize(
    ("row", "target"),
    [
        (charge(1, vendor_service_id="CFQ7 | Annual", vendor_service="Other"), "SKUED"),
        (charge(1, vendor_service_id="bp", vendor_service="Other"), "BP"),
        (charge(1, vendor_service_id="Z", vendor_service="microsoft 365 business-premium (NCE)"), "BP"),
        (charge(1, vendor_service_id="Z", vendor_service="Doubled"), None),
        (charge(1, vendor_service_id="Z", vendor_service="***"), None),
    ],
)
def test_a_service_is_certain_by_its_sku_its_id_or_one_name(row: Any, target: str | None) -> None:
    catalogue = (
        Service("BP", "Microsoft 365 Business Premium", None, None), Service("SKUED", "With SKU", None, None, "cfq7"),
        Service("D1", "Doubled", None, None), Service("D2", "doubled", None, None), Service("E", "---", None, None),
    )  # fmt: skip
    result = reconcile(inputs([], [row], Mapping((ACCOUNT,)), services=catalogue))
    assert [s.service_id for s in result.mapping.services] == ([target] if target else [])


def test_what_is_mapped_already_is_left_as_it_is() -> None:
    internal = AccountMapping("Microsoft", "t-acme", "Acme", Kind.INTERNAL)
    result = reconcile(inputs([line()], [charge(1)], mapped(accounts=(internal,))))
    assert result.mapping.accounts == (internal,)
    certain = reconcile(inputs([line(customer="ACME Inc")], [charge(1)], mapped(accounts=())))
    assert [(a.account_id, a.customer_id, a.reason) for a in certain.mapping.accounts] == [("t-acme", "Acme", "same name")]


def test_every_setting_says_what_it_means() -> None:
    fields = Settings.__dataclass_fields__.values()
    assert all(f.metadata["help"].endswith(".") for f in fields)
    assert Settings() == Settings(psa="connectwise", currency="USD", large_units=D(10), large_percent=D(25), large_amount=D(250))
