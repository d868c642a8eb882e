"""Workbooks of some vendors only: what they hold, how they are named, and their way back."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.frames import values
from core.run import Reconciliation
from server.copies import read_copies
from server.errors import Refused
from server.reconciling import Issued, issue
from server.returning import take_copies
from server.slices import Names, as_named, slice_of
from tests.server.month import ALDER, DISMISS, KEY, Month, quiet
from tests.workbooks.editing import fill_in
from tests.workbooks.example import CUSTOMERS, example
from workbooks.identity import scope_of
from workbooks.layout_vendor import VENDOR


@pytest.fixture(scope="module")
def run() -> Reconciliation:
    return example()


def sliced(month: Month, name: str, *vendors: str, recipient: str = "", customers: tuple[str, ...] = ()) -> Issued:
    with month.store() as store:
        out = month.out / f"{name}.xlsx"
        return issue(store, month.made.run, out, KEY, "accounts", quiet, recipient=recipient, customers=customers, vendors=vendors)


def vendors_of(month: Month) -> list[str]:
    with month.store() as store:
        return sorted(set(values(store.result(month.made.run, "comparisons")["vendor"])))


def test_the_slices_of_all_vendors_hold_every_compared_row_once(run: Reconciliation) -> None:
    vendors = sorted(set(values(run.comparisons["vendor"])))
    parts = [slice_of(run, (), [vendor]) for vendor in vendors]
    assert sorted(key for part in parts for key in values(part.comparisons["key"])) == sorted(values(run.comparisons["key"]))
    for vendor, part in zip(vendors, parts, strict=True):
        assert set(values(part.not_compared["side"])) <= {vendor}
        assert {source.role for source in part.inputs.sources} == {"PSA", vendor}
        assert set(values(part.inputs.charges["vendor"])) <= {vendor}
        assert len(part.no_vendor) == len(part.unmapped_accounts) == len(part.ledger) == 0


def test_a_vendors_slice_names_no_customer_that_has_no_row_in_it(run: Reconciliation) -> None:
    part = slice_of(run, (), ["pax8 "])
    own = set(values(part.comparisons["customer"]))
    assert set(values(part.inputs.lines["customer"])) <= own < set(CUSTOMERS)
    assert {a.customer for a in part.agreements} <= own


def test_customers_and_vendors_meet(run: Reconciliation) -> None:
    rows = slice_of(run, CUSTOMERS[:2], ["Pax8"]).comparisons
    assert set(zip(values(rows["customer"]), values(rows["vendor"]), strict=True)) == {(c, "Pax8") for c in CUSTOMERS[:2]}


def test_every_unknown_name_is_refused_with_those_like_it(run: Reconciliation) -> None:
    with pytest.raises(Refused) as refused:
        as_named(run, ["Tailspin"], ["Microsft", "Zzz"])
    assert [str(p) for p in refused.value.problems] == [
        "customer 'Tailspin': no customer of this run has that name; do you mean 'Tailspin Toys Ltd'?",
        "vendor 'Microsft': no vendor of this run has that name; do you mean 'Microsoft'?",
        "vendor 'Zzz': no vendor of this run has that name; there are Huntress, Microsoft, Pax8",
    ]
    assert as_named(run, [], ["PAX8", " pax8", "huntress"]) == Names((), ("Huntress", "Pax8"))


def test_the_scope_of_customers_alone_is_written_as_it_always_was() -> None:
    assert scope_of(["A, B"]) == '["A, B"]'
    assert scope_of(["A"], ["Pax8"]) == '{"customers": ["A"], "vendors": ["Pax8"]}'
    assert scope_of([], ["Pax8"]) == '{"vendors": ["Pax8"]}'
    assert scope_of([]) == "all"


def test_a_vendors_slice_goes_round_on_each_database(anywhere: Month) -> None:
    vendor, *_ = vendors_of(anywhere)
    issued = sliced(anywhere, "theirs", vendor.upper(), recipient="dana")
    (copy,) = read_copies([_filled(issued.path, DISMISS)])
    assert (copy.returned.identity.customers, copy.returned.identity.vendors) == ((), (vendor,))
    taken = anywhere.take(copy.path)
    assert (taken.problems, taken.notices) == ([], [])
    assert {j.row.vendor for j in taken.judged if j.row} == {vendor}
    assert {str(j.status) for j in taken.judged} == {"accepted"}


def test_slices_of_two_vendors_merge_and_an_overlap_that_differs_is_a_conflict(month: Month) -> None:
    one, two, *_ = vendors_of(month)
    first, second = sliced(month, "one", one, recipient="dana"), sliced(month, "two", two, recipient="bert")
    apart = month.take(_filled(first.path, DISMISS), _filled(second.path, DISMISS))
    assert (apart.problems, {j.row.vendor for j in apart.judged if j.row}) == ([], {one, two})
    both = sliced(month, "both", one, two, recipient="cleo")
    again = month.take(_filled(both.path, {"decision": "Ask", "note": "why?"}))
    assert {str(j.status) for j in again.judged} == {"conflict"}


def test_a_decision_on_a_row_of_another_vendor_is_refused(month: Month) -> None:
    one, two, *_ = vendors_of(month)
    mine = sliced(month, "mine", one, recipient="dana")
    (copy,) = read_copies([_filled(sliced(month, "whole", one, two, recipient="dana").path, DISMISS)])
    (own,) = read_copies([mine.path])
    pasted = replace(copy, returned=replace(copy.returned, identity=own.returned.identity))
    with month.store() as store:
        taken = take_copies(store, [pasted], KEY, "accounts", quiet)
    assert {j.row.vendor for j in taken.judged if j.row} == {one}
    assert taken.problems
    assert all(f"which holds only {one}: decide it in a copy that holds it" in p.message for p in taken.problems)


def test_the_command_issues_a_vendors_slice_and_refuses_an_unknown_one(month: Month) -> None:
    vendor, *_ = vendors_of(month)
    out = month.out / "slice.xlsx"
    said = month.tieout("issue", month.made.run, "--vendor", vendor, "--customer", ALDER, "--out", out)
    assert said.exit_code == 0, said.output
    (copy,) = read_copies([out])
    assert copy.returned.identity.scope == scope_of([ALDER], [vendor])
    said = month.tieout("issue", month.made.run, "--vendor", vendor[:-1] + "x", "--out", month.out / "none.xlsx")
    assert (said.exit_code, said.stderr.strip().splitlines()[-1]) == (
        1, f"error: vendor '{vendor[:-1]}x': no vendor of this run has that name; do you mean '{vendor}'?",
    )  # fmt: skip
    assert not (month.out / "none.xlsx").exists()


def _filled(issued: Path, entry: dict[str, Any]) -> Path:
    """A copy with the same typed into every row that waits for a decision."""
    path = issued.with_name(f"{issued.stem}-back.xlsx")
    fill_in(issued, path, lambda sheet, cells: entry if sheet is VENDOR and cells["to_decide"] == "Yes" else None)
    return path
