"""R13: what a person chose for an account or a service, as entries of the mapping, or a problem with its place."""

import datetime as dt
from typing import Any

import pytest

from core.mapping import Kind, Mapping
from core.mapping_decisions import resolve
from core.reconcile import reconcile
from core.records import MappingDecision, Service
from tests.core.build import ACCOUNT, charge, inputs, line

RESULT = reconcile(
    inputs(
        [line("1", customer="Acme Dental", customer_id="c1"), line("2", customer="Twin", customer_id="c2"),
         line("3", customer="Twin", customer_id="c3")],
        [charge(1, account="Acme Dental Group"), charge(2, subscription="n", account_id="t-n", account="Qqq"),
         charge(3, subscription="o", account_id="t-o", account="Twin Ltd", vendor_service_id="SKU-N",
          vendor_service="Azure Files")],
        Mapping((ACCOUNT.__class__("Microsoft", "t-o", "Twin Ltd", Kind.MAPPED, "c2"),)),
        services=(Service("AZ", "Azure Files Storage", None, None), Service("BP", "Business", None, None)),
    )
)  # fmt: skip
WELL = {"reason": "promo", "owner": "Dana", "review": dt.date(2027, 1, 31)}


def decision(
    subject: str, vendor_id: str, choice: str, target: str | None = None, place: str = "p", **changes: Any
) -> MappingDecision:
    return MappingDecision(subject, "Microsoft", vendor_id, choice, target, place=place, **changes)


@pytest.mark.parametrize(
    ("made", "kind", "target"),
    [
        (decision("account", "t-acme", "Map"), Kind.MAPPED, "c1"),  # the suggestion
        (decision("account", "t-n", "Map", "acme dental"), Kind.MAPPED, "c1"),
        (decision("account", "t-n", "Map", "Twin [c3]"), Kind.MAPPED, "c3"),
        (decision("account", "t-n", "Map", "C2"), Kind.MAPPED, "c2"),
        (decision("account", "t-n", "Internal"), Kind.INTERNAL, None),
        (decision("account", "t-n", "Exclude", **WELL), Kind.EXCLUDED, None),
        (decision("service", "SKU-N", "Map"), Kind.MAPPED, "AZ"),
        (decision("service", "SKU-N", "Include", "BP"), Kind.INCLUDED, "BP"),
        (decision("service", "SKU-N", "Free"), Kind.FREE, None),
        (decision("service", "SKU-N", "Exclude", **WELL), Kind.EXCLUDED, None),
    ],
)
def test_a_choice_becomes_an_entry(made: MappingDecision, kind: Kind, target: str | None) -> None:
    found = resolve([made], RESULT)
    assert found.problems == []
    entries = [(a.kind, a.customer_id) for a in found.changes.accounts] + [(s.kind, s.service_id) for s in found.changes.services]
    assert entries == [(kind, target)]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (decision("account", "t-n", "Map"), "Map wants a customer, and nothing is suggested: choose one"),
        (decision("account", "t-n", "Map", "Nobody"), "'Nobody' is not a customer of the PSA: choose it from the list"),
        (decision("account", "t-n", "Map", "Twin"), "'Twin' is more than one customer of the PSA: choose it from the list"),
        (decision("account", "t-n", "Exclude", owner="Dana"), "Exclude wants Reason, Review date"),
        (decision("account", "t-o", "Internal"), "the account t-o of Microsoft is not unmapped any more"),
        (decision("account", "t-n", "Include"), "'Include' is not a choice here; choose Map, Internal, Exclude"),
        (decision("account", "t-n", "Free"), "'Free' is not a choice here; choose Map, Internal, Exclude"),
        (decision("service", "SKU-N", "Include"), "Include wants a PSA service, and nothing is suggested: choose one"),
        (decision("service", "SKU-N", "Exclude"), "Exclude wants Reason, Owner, Review date"),
        (decision("service", "SKU-X", "Free"), "the service SKU-X of Microsoft is not unmapped any more"),
        (decision("service", "SKU-N", "Nothing"), "'Nothing' is not a choice here; choose Map, Include, Internal, Free, Exclude"),
    ],
)
def test_a_choice_that_cannot_be_used_is_a_problem(made: MappingDecision, said: str) -> None:
    found = resolve([made], RESULT)
    assert [str(p) for p in found.problems] == [f"p: {said}"]
    assert found.changes == Mapping()


def test_two_that_differ_are_a_conflict_and_neither_is_used() -> None:
    found = resolve([decision("account", "t-n", "Map", "c1", "a"), decision("account", "t-n", "Internal", place="b")], RESULT)
    assert found.changes == Mapping()
    assert [str(p) for p in found.problems] == [
        "a: Map c1, but Internal at b: agree on one",
        "b: Internal , but Map c1 at a: agree on one",
    ]


def test_two_that_agree_are_one() -> None:
    assert len(resolve([decision("account", "t-n", "Map", "C1"), decision("account", "t-n", "Map", "c1")], RESULT).accounts) == 1


def test_a_psa_service_may_expect_no_vendor() -> None:
    assert resolve([decision("no vendor", "HELP", "None expected")], RESULT).changes.none_expected == {"HELP"}
