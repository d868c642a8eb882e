"""Copies back with what became of each row, by the commands that a person types."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from server.annotated import annotate_copy
from server.became import NOT_TAKEN, Became
from server.copies import read_copies
from tests.server.month import ALDER, APPROVE, DISMISS, DUNMORE, EASTGATE, FOXGLOVE, GANNET_ACCOUNT, LORIMER, Entries, Month
from tests.workbooks.book import Book
from workbooks.as_shown import RESULT
from workbooks.layout_vendor import VENDOR
from workbooks.reader import read_workbook
from workbooks.typed_values import plain

OTHERWISE = {"decision": "Approve", "quantity": 27, "reason": "corrected next month"}


def own(month: Month, name: str, entries: Entries, recipient: str = "dana") -> Path:
    """A copy in this test's own folder."""
    return Path(shutil.copy(month.made.copy(name, entries, recipient), month.out / f"{name}.xlsx"))


def results(path: Path) -> dict[str, str]:
    """What stands under Result, by customer or account."""
    found = {}
    for cells in read_workbook(path).cells.values():
        if said := plain(cells.values.get(RESULT, "")):
            found[plain(cells.values.get("customer", cells.values.get("account", "")))] = said
    return found


def beside(path: Path, ending: str = " (results)") -> Path:
    return path.with_name(f"{path.stem}{ending}.xlsx")


def test_each_decided_row_says_what_became_of_it(month: Month) -> None:
    entries: Mapping[str, Mapping[str, Any]] = {
        ALDER: APPROVE,
        FOXGLOVE: DISMISS,
        DUNMORE: DISMISS,
        EASTGATE: {"decision": "Ask", "note": "still with us?"},
        LORIMER: {"decision": "Aprove"},
        GANNET_ACCOUNT: {"decision": "Map"},
    }
    copy = own(month, "of-all-kinds", entries)
    before = copy.read_bytes()
    done = month.tieout("changes", copy, "--out", month.out / "list.csv", "--annotate")
    assert f"results: {beside(copy)} (" in done.stdout
    assert copy.read_bytes() == before
    said = results(beside(copy))
    assert said.keys() == entries.keys()
    assert said[ALDER].startswith("accepted, to do: on line 3001 change quantity 25 to 28, from 1 Dec 2026")
    assert said[FOXGLOVE] == "dismissed until 31 Dec 2026: commitment"
    assert re.fullmatch(r"problem in [A-Z]+\d+: Dismiss is not a choice for No change; choose Ask", said[DUNMORE])
    assert said[EASTGATE] == "asked; nothing is written"
    assert said[LORIMER].startswith("problem in ")
    assert "'Aprove' is not a choice" in said[LORIMER]
    assert said[GANNET_ACCOUNT].startswith("accepted and remembered: Map to Gannet Wharf Chandlery [")


def test_an_annotated_copy_comes_back_as_the_same_decisions(month: Month) -> None:
    copy = own(month, "alder", {ALDER: APPROVE})
    month.tieout("changes", copy, "--out", month.out / "list.csv", "--annotate")
    first, again = read_workbook(copy), read_workbook(beside(copy))
    assert [d.key for d in again.decisions] == [d.key for d in first.decisions]
    taken = month.take(beside(copy))
    assert (len(taken.changes), taken.problems, taken.notices) == (1, [], [])
    assert results(beside(copy))[ALDER].startswith("accepted, to do")


def test_a_new_file_never_takes_the_place_of_one_that_says_something_else(month: Month) -> None:
    copy = own(month, "alder", {ALDER: APPROVE})
    for _ in range(2):
        month.tieout("changes", copy, "--out", month.out / "list.csv", "--annotate")
    assert sorted(p.name for p in month.out.glob("alder*")) == ["alder (results).xlsx", "alder.xlsx"]
    month.take(month.made.copy("dana-again", {ALDER: OTHERWISE}))
    done = month.tieout("changes", copy, "--out", month.out / "list.csv", "--annotate")
    assert "alder (results 2).xlsx" in done.stdout
    assert results(beside(copy))[ALDER].startswith("accepted, to do")
    assert results(beside(copy, " (results 2)"))[ALDER] == "replaced by Approve 27 by dana"


def test_two_people_who_differ_read_both_decisions(month: Month) -> None:
    dana, bert = own(month, "alder", {ALDER: APPROVE}), own(month, "bert-dismisses-alder", {ALDER: DISMISS}, "bert")
    month.take(dana)
    done = month.tieout("changes", bert, "--out", month.out / "list.csv", "--annotate")
    assert done.exit_code == 1
    assert not (month.out / "list.csv").exists()
    assert results(beside(bert))[ALDER].startswith(
        "conflict: Dismiss by bert, but an earlier copy said Approve by dana at alder.xlsx"
    )
    month.tieout("changes", dana, "--out", month.out / "list.csv", "--annotate")
    assert results(beside(dana))[ALDER].startswith("conflict: Approve by dana here, Dismiss by bert elsewhere: agree on one")


def test_a_decision_on_numbers_that_have_moved_is_suspended(month: Month) -> None:
    gannet = own(month, "gannet", {"Gannet Wharf Chandlery": {"decision": "Ask", "note": "still with us?"}})
    month.take(gannet)
    month.take(month.made.copy("map", {GANNET_ACCOUNT: {"decision": "Map"}}))
    month.tieout("changes", gannet, "--out", month.out / "list.csv", "--annotate", "--despite-problems")
    (said,) = results(beside(gannet)).values()
    assert said.startswith("suspended: Ask by dana was decided on other numbers; look at the row again: now ")


def test_an_earlier_result_of_a_row_that_is_decided_no_more_is_taken_out(month: Month) -> None:
    copy = own(month, "alder", {ALDER: APPROVE})
    month.tieout("changes", copy, "--out", month.out / "list.csv", "--annotate")
    changed = edited(beside(copy), month.out / "changed.xlsx", lambda book: emptied(book, "Decision"))
    month.tieout("changes", changed, "--out", month.out / "list.csv", "--annotate")
    assert results(beside(changed)) == {}


def edited(path: Path, to: Path, edit: Callable[[Book], None]) -> Path:
    book = Book(path)
    edit(book)
    book.save(to)
    return to


def emptied(book: Book, header: str) -> None:
    for page in book:
        for name, (first, last) in page.tables.items():
            if name.startswith(VENDOR.table):
                column = page.rows[first - 2].index(header) + 1
                for row in range(first, last + 1):
                    page.cell(row, column).value = None


def without_result(book: Book) -> None:
    for cell in (cell for page in book for cell in page.cells() if cell.value == "Result"):
        cell.value = "Mine"


def test_where_the_column_is_gone_the_results_stand_in_a_workbook_of_their_own(month: Month) -> None:
    copy = edited(month.made.copy("alder", {ALDER: APPROVE}), month.out / "mine.xlsx", without_result)
    done = month.tieout("changes", copy, "--out", month.out / "list.csv", "--annotate")
    assert done.exit_code == 0
    assert "note: they stand in a workbook of their own: the column Result is gone from " in done.stdout
    page = load_workbook(beside(copy))["Results"]
    why, _, header, *rows = ([cell.value for cell in row] for row in page.iter_rows())
    assert why[0].startswith(f"Results of mine.xlsx, run {month.made.run}. They stand here")
    assert header == ["Ref", "Client", "Service", "Decision", "Result", "Place"]
    ((ref, client, service, decision, result, place),) = rows
    assert (client, service, decision) == (ALDER, "MS 365 Business Premium - per user", "Approve by dana")
    assert ref.isdigit()
    assert result.startswith("accepted, to do: ")
    assert place.startswith("mine.xlsx, ")


def test_a_copy_that_was_never_taken_says_so(month: Month) -> None:
    copy = own(month, "alder", {ALDER: APPROVE})
    with month.store() as store:
        made = annotate_copy(store, read_copies([copy])[0], Became.of(store, month.made.run), copy)
    assert results(made.path) == {ALDER: NOT_TAKEN}


def test_unverified_copies_have_no_results(month: Month) -> None:
    done = month.tieout("changes", month.made.copy("alder", {ALDER: APPROVE}), "--out", "l.csv", "--unverified", "--annotate")
    assert (done.exit_code, "leave one of them out" in done.stderr) == (2, True)
