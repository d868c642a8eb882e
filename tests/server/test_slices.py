"""Workbooks of some customers only: what they hold, and their way back beside each other and beside whole ones."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.clients import Client, clients
from core.costs import costs
from core.frames import frame, records, values
from core.reconcile import reconcile
from core.records import Charge
from core.run import Reconciliation
from core.seats import Seat, seats
from server.copies import read_copies
from server.errors import Refused
from server.reconciling import Issued, issue
from server.slices import as_named, slice_of
from tests.server.month import ALDER, APPROVE, DISMISS, DUNMORE, FOXGLOVE, KEY, LORIMER, Month, bucket, quiet, statuses
from tests.workbooks.book import Book, Page
from tests.workbooks.editing import fill_in
from tests.workbooks.example import CUSTOMERS, example
from workbooks.identity import Identity, scope_of
from workbooks.layout_vendor import VENDOR
from workbooks.rows import blocks

TYPED = {"decision": "Approve", "quantity": 27, "reason": "corrected next month"}
END = {"decision": "End line"}


@pytest.fixture(scope="module")
def run() -> Reconciliation:
    return example()


def sliced(month: Month, name: str, *customers: str, recipient: str = "") -> Issued:
    with month.store() as store:
        out = month.out / f"{name}.xlsx"
        return issue(store, month.made.run, out, KEY, "accounts", quiet, recipient=recipient, customers=customers)


def typed(issued: Path, name: str, entries: dict[str, dict[str, Any]]) -> Path:
    path = issued.with_name(f"{name}.xlsx")
    fill_in(issued, path, lambda sheet, cells: entries.get(str(cells["customer"])) if sheet is VENDOR else None)
    return path


def test_a_slice_and_the_rest_hold_every_row_of_the_run_once(run: Reconciliation) -> None:
    mine, rest = slice_of(run, CUSTOMERS[:3]), slice_of(run, CUSTOMERS[3:])
    for name in ("comparisons", "no_vendor"):
        both = [*values(getattr(mine, name)["key"]), *values(getattr(rest, name)["key"])]
        assert sorted(both) == sorted(values(getattr(run, name)["key"]))
    assert {a.customer for a in mine.agreements} <= set(CUSTOMERS[:3])
    assert len(mine.unmapped_accounts) == len(mine.unmapped_services) == len(mine.ledger) == 0


def test_what_is_not_compared_goes_to_the_customer_of_its_line_or_account(run: Reconciliation) -> None:
    listed = {name: slice_of(run, [name]).not_compared for name in CUSTOMERS}
    found = {(name, side) for name, data in listed.items() for side in values(data["side"])}
    assert (CUSTOMERS[0], "Microsoft") in found  # a credit
    assert (CUSTOMERS[17], "PSA") in found  # a line of an expired agreement
    kept = [key for data in listed.values() for key in values(data["key"])]
    assert len(kept) == len(set(kept))
    left = set(values(run.not_compared["key"])) - set(kept)
    assert {key.split(":")[0] for key in left} == {"internal"}  # our own account is no customer's


def test_a_slice_names_no_other_customer(run: Reconciliation) -> None:
    held = slice_of(run, CUSTOMERS[:1])
    assert set(values(held.inputs.lines["customer"])) == {CUSTOMERS[0]}
    assert set(values(held.inputs.charges["account"])) == {CUSTOMERS[0], CUSTOMERS[0].upper()}  # as its vendors write it
    assert held.inputs.services == ()
    found = [(seat.customer, seat.line_key, seat.counted) for seat in records(Seat, seats(held))]
    of_run = [(seat.customer, seat.line_key, seat.counted) for seat in records(Seat, seats(run))]
    assert sorted(found) == sorted(one for one in of_run if one[0] == CUSTOMERS[0])
    assert [client.customer for client in records(Client, clients(held))] == [CUSTOMERS[0]]
    assert len(costs(held)) == 0


def test_a_subscription_that_moved_to_another_customer_counts_there_alone_and_is_not_shown_here(run: Reconciliation) -> None:
    rows = records(Charge, run.inputs.charges)
    mine, theirs = (next(c for c in rows if c.account == name and c.vendor == "Microsoft") for name in CUSTOMERS[:2])
    moved = replace(mine, account_id=theirs.account_id, account=theirs.account, start=dt.date(2026, 11, 20), row=999)
    whole = reconcile(replace(run.inputs, charges=frame(Charge, [*rows, moved])))
    held = slice_of(whole, CUSTOMERS[:1])
    (seat,) = [s for s in records(Seat, seats(held)) if s.subscription_id == mine.subscription_id]
    assert (seat.row, seat.counted, seat.why) == (mine.row, None, "another row of the subscription counts")
    text = " ".join(str(v) for b in blocks(held) for row in b.rows for v in row.values())
    assert all(other not in text for other in CUSTOMERS[1:])


def test_names_are_matched_whatever_their_case_and_kept_as_the_psa_writes_them(run: Reconciliation) -> None:
    assert as_named(run, [" tailspin toys LTD ", CUSTOMERS[0], CUSTOMERS[0].upper()]).customers == (CUSTOMERS[0], CUSTOMERS[3])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Tailspin", "customer 'Tailspin': no customer of this run has that name; do you mean 'Tailspin Toys Ltd'?"),
        ("Qqq", "customer 'Qqq': no customer of this run has that name; name it as the PSA does"),
        ("", "customer '': no customer of this run has that name; name it as the PSA does"),
    ],
)
def test_an_unknown_customer_is_refused_with_names_like_it(run: Reconciliation, name: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        slice_of(run, [CUSTOMERS[0], name])
    assert [str(p) for p in refused.value.problems] == [said]


def test_an_unknown_customer_issues_nothing(month: Month) -> None:
    with pytest.raises(Refused):
        sliced(month, "nobodys", "Alder and Finch")
    with month.store() as store:
        assert len(store.workbooks(month.made.run)) == 3
    assert not (month.out / "nobodys.xlsx").exists()


@pytest.mark.parametrize("scope", ["", "vendor Pax8", "[]", "[1]", '"Acme"'])
def test_a_scope_that_is_none_is_no_identity(month: Month, scope: str) -> None:
    (copy,) = read_copies([month.made.workbook("dana")])
    found = {f: getattr(copy.returned.identity, f) for f in Identity.__dataclass_fields__}
    with pytest.raises(ValueError, match="is no scope"):
        Identity(**(found | {"scope": scope}))


def test_a_slice_goes_round_on_each_database(anywhere: Month) -> None:
    issued = sliced(anywhere, "ours", ALDER.upper(), FOXGLOVE, recipient="dana")
    with anywhere.store() as store:
        assert store.workbook(issued.workbook_id).scope == scope_of([ALDER, FOXGLOVE])
    (copy,) = read_copies([issued.path])
    assert copy.returned.identity.customers == (ALDER, FOXGLOVE)
    assert set(copy.returned.cells) == {*values(issued.result.comparisons["key"]), *_other_keys(issued.result)}
    taken = anywhere.take(typed(issued.path, "returned", {ALDER: APPROVE, FOXGLOVE: END}))
    assert (taken.problems, taken.notices) == ([], [])
    assert statuses(taken) == {ALDER: "accepted", FOXGLOVE: "accepted"}
    assert (bucket(taken, "approved"), bucket(taken, "ended")) == (1, 1)
    assert bucket(taken, "open") > 0  # the tally is of the whole run


def _other_keys(result: Reconciliation) -> list[str]:
    return [*values(result.no_vendor["key"]), *values(result.not_compared["key"])]


def test_slices_and_whole_copies_of_a_run_merge(month: Month) -> None:
    mine = typed(sliced(month, "mine", ALDER, recipient="dana").path, "mine-back", {ALDER: APPROVE})
    theirs = typed(sliced(month, "theirs", FOXGLOVE, DUNMORE, recipient="bert").path, "theirs-back", {FOXGLOVE: END})
    whole = month.made.copy("lorimer", {LORIMER: {"decision": "Ask", "note": "who signs?"}, ALDER: APPROVE}, "")
    taken = month.take(mine, theirs, whole)
    assert taken.problems == []
    assert statuses(taken) == {ALDER: "accepted", FOXGLOVE: "accepted", LORIMER: "accepted"}
    assert bucket(taken, "approved") == bucket(taken, "ended") == 1


def test_two_slices_that_differ_on_a_line_are_a_conflict(month: Month) -> None:
    mine = typed(sliced(month, "mine", ALDER, recipient="dana").path, "mine-back", {ALDER: APPROVE})
    theirs = typed(sliced(month, "theirs", ALDER, FOXGLOVE, recipient="bert").path, "theirs-back", {ALDER: DISMISS})
    assert {str(j.status) for j in month.take(mine, theirs).judged} == {"conflict"}


def test_a_row_pasted_from_another_slice_is_told_and_not_used(month: Month) -> None:
    mine, theirs = sliced(month, "mine", ALDER, recipient="dana"), sliced(month, "theirs", FOXGLOVE, recipient="bert")
    decided = typed(theirs.path, "theirs-back", {FOXGLOVE: END})
    pasted = _pasted(typed(mine.path, "mine-back", {ALDER: APPROVE}), decided, FOXGLOVE)
    taken = month.take(pasted)
    assert statuses(taken) == {ALDER: "accepted"}
    assert [c.customer for c in taken.changes] == [ALDER]
    (problem,) = taken.problems
    assert problem.place.startswith("mine-back.xlsx, ")
    assert problem.message == (
        f"this row of {FOXGLOVE} was not issued with this workbook, which holds only {ALDER}: decide it in a copy that holds it"
    )
    assert taken.notices == []


def _pasted(into: Path, source: Path, customer: str) -> Path:
    """The copy with a row of another one typed under the rows of its first vendor sheet."""
    book, target = Book(into), into.parent / "pasted" / into.name
    target.parent.mkdir()
    page = next(filter(_is_vendor, book))
    row = next(row for other in filter(_is_vendor, Book(source)) for row in other.rows if customer in row)
    ((_, last),) = page.tables.values()
    for column, value in enumerate(row, 1):
        page.cell(last + 1, column).value = value
    book.save(target)
    return target


def _is_vendor(page: Page) -> bool:
    return any(name.startswith(VENDOR.table) for name in page.tables)


def test_the_scope_is_signed(month: Month) -> None:
    issued = sliced(month, "mine", ALDER, recipient="dana")
    book = Book(issued.path)
    book["_tieout"].cell(book["_tieout"].where("scope").row, 2).value = scope_of([ALDER, FOXGLOVE])
    book.save(month.out / "widened.xlsx")
    with pytest.raises(Refused, match="its identity was changed"):
        month.take(month.out / "widened.xlsx")


def test_a_changed_cell_of_a_slice_is_named(month: Month) -> None:
    """Row numbers and lists of a slice are its own: only what was changed differs from what was issued."""
    issued = sliced(month, "mine", DUNMORE, ALDER)
    book = Book(issued.path)
    next(filter(_is_vendor, book)).where(ALDER).value = "Alder"
    book.save(month.out / "changed.xlsx")
    (notice,) = month.take(month.out / "changed.xlsx").notices
    assert notice.message == f"Client was issued as {ALDER} and reads Alder now: not used"
