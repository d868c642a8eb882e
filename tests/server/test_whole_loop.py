"""Files in, a workbook out, copies back, a change list: the loop as a person types it, on both databases."""

import csv
from pathlib import Path

from openpyxl import load_workbook

from connectors.sandbox.world import TODAY
from server.copies import read_copies
from server.standing import standing
from server.unverified import take_unverified
from tests.server.month import (
    ALDER,
    APPROVE,
    DISMISS,
    EASTGATE,
    FOXGLOVE,
    GANNET,
    GANNET_ACCOUNT,
    LORIMER,
    Month,
    bucket,
    problems,
    tieout_on,
)  # fmt: skip
from tests.workbooks.book import Book

ALL = {
    ALDER: APPROVE,
    FOXGLOVE: {"decision": "End line"},
    LORIMER: {"decision": "Ask", "note": "@who signs?"},
    EASTGATE: DISMISS,
}


def listed(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_month_goes_round_on_each_database(anywhere: Month) -> None:
    made, out = anywhere.made, anywhere.out
    files = [made.agreements, *made.usage]
    reconciled = anywhere.tieout("reconcile", *files, "--out", out / "again.xlsx", "--today", TODAY, "--for", "dana")
    assert (reconciled.exit_code, reconciled.stdout.splitlines()[0]) == (0, "run 2026-11-2")
    assert "unexplained: 0" in reconciled.stdout

    copy = made.copy(f"all-{anywhere.location[:4].strip('/')}", ALL)
    done = anywhere.tieout("changes", copy, "--out", out / "list.csv", "--by", "accounts")
    assert (done.exit_code, problems(done)) == (0, [])
    assert "1 approved + 1 ended + 2 dismissed + 1 asked" in done.stdout
    assert done.stdout.count("until 2026-12-31") == 2
    alder, foxglove = sorted(listed(out / "list.csv"), key=lambda row: row["Customer"])
    wanted = {
        "Customer": ALDER, "Line ID": "3001", "Decision": "Approve", "Do in the PSA": "on line 3001 change quantity 25 to 28",
        "From": "2026-12-01", "Old quantity": "25", "New quantity": "28", "Old price": "22", "Effect per month": "66.00",
        "Next invoice before": "550.00", "Next invoice after": "616.00", "Currency": "USD", "Decided by": "dana",
    }  # fmt: skip
    assert wanted.items() <= alder.items()
    assert (foxglove["Decision"], foxglove["Effect per month"], foxglove["New quantity"]) == ("End line", "-120.00", "0")

    shown = anywhere.tieout("show", "2026-11-1").stdout
    assert "1 approved + 1 ended + 2 dismissed + 1 asked" in shown
    assert "accepted" in shown
    assert "decisions received" in anywhere.tieout("log").stdout
    assert "2026-11-2" in anywhere.tieout("runs").stdout
    verified = anywhere.tieout("log", "--verify", "--limit", 1)
    assert (verified.exit_code, verified.stdout.splitlines()[-1]) == (0, "every line is as it was written")


def test_mapping_decisions_make_the_next_revision_and_suspend_what_rested_on_the_old_numbers(anywhere: Month) -> None:
    entries = {GANNET_ACCOUNT: {"decision": "Map"}, GANNET: {"decision": "Ask", "note": "still with us?"}, ALDER: APPROVE}
    copy = anywhere.made.copy(f"mapped-{anywhere.location[:4].strip('/')}", entries)
    done = anywhere.tieout("changes", copy, "--out", anywhere.out / "list.csv")
    assert done.exit_code == 1
    assert "run 2026-11-1, revision 2" in done.stdout
    (suspended, stopped) = problems(done)
    assert "Ask by dana was decided on other numbers; look at the row again: now Reconcile, +2" in suspended
    assert stopped.startswith("error: 1 problem, so no list was written")
    assert not (anywhere.out / "list.csv").exists()

    assert anywhere.tieout("changes", copy, "--out", anywhere.out / "list.csv", "--despite-problems").exit_code == 0
    assert [row["Customer"] for row in listed(anywhere.out / "list.csv")] == [ALDER]
    with anywhere.store() as store:
        assert [r.number for r in store.revisions(anywhere.made.run)] == [1, 2]
        assert [str(k.status) for k in store.decisions_of_run(anywhere.made.run)].count("suspended") == 1
        assert {d.action for d in standing(store, anywhere.made.run).values()} == {"Approve"}


def test_an_issued_workbook_carries_the_decisions_that_stand(month: Month) -> None:
    month.take(month.made.copy("alder", {ALDER: APPROVE}))
    issued = month.tieout("issue", month.made.run, "--out", month.out / "next.xlsx", "--for", "bert")
    assert "1 decision carried over" in issued.stdout
    (copy,) = read_copies([month.out / "next.xlsx"])
    assert [(d.action, d.by) for d in copy.returned.decisions] == [("Approve", "bert")]


def test_the_list_as_a_workbook_has_a_sheet_of_what_is_not_written(month: Month) -> None:
    copy = month.made.copy("all", ALL)
    assert month.tieout("changes", copy, "--out", month.out / "list.xlsx").exit_code == 0
    book = load_workbook(month.out / "list.xlsx")
    assert book.sheetnames == ["Changes", "Not written"]
    rows = list(book["Not written"].values)
    found = {(row[0], row[3], row[4], row[5], str(row[6])[:10], row[7]) for row in rows[1:]}
    assert found == {
        (EASTGATE, "Dismiss by dana", "accepted", "commitment", "2026-12-31", None),
        (LORIMER, "Ask by dana", "accepted", None, "None", "@who signs?"),
    }
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_an_unverified_copy_gives_the_same_changes_as_a_verified_one(month: Month) -> None:
    copy = month.made.copy("all", ALL)
    alone, known = take_unverified(read_copies([copy])), month.take(copy)
    plain = [(c.key, c.what, c.effective_date, c.effect, c.next_invoice_after, c.id) for c in alone.changes]
    assert plain == [(c.key, c.what, c.effective_date, c.effect, c.next_invoice_after, c.id) for c in known.changes]
    elsewhere = str(month.out / "elsewhere.sqlite")
    done = tieout_on(elsewhere, "changes", copy, "--out", month.out / "list.csv", "--unverified")
    assert (done.exit_code, len(listed(month.out / "list.csv"))) == (0, 2)
    assert "nothing is kept" in done.stdout
    assert not Path(elsewhere).exists()


def test_the_mapping_decisions_of_an_issued_workbook_serve_as_mapping(month: Month) -> None:
    copy = month.made.copy("maponly", {GANNET_ACCOUNT: {"decision": "Map"}, ALDER: APPROVE})
    files = [month.made.agreements, *month.made.usage]
    done = month.tieout("reconcile", *files, "--out", month.out / "b.xlsx", "--mapping", copy, "--today", TODAY)
    assert done.exit_code == 0
    assert "maponly.xlsx: 1 mapping decision\n" in done.stderr
    assert "1 decision on lines not taken here: use tieout changes" in done.stderr
    with month.store() as store:
        before, after = store.reconciliation("2026-11-1"), store.reconciliation("2026-11-2")
        assert len(before.unmapped_accounts) - len(after.unmapped_accounts) == 1
        assert len(store.mapping().accounts) == len(month.made.world.accounts) + 1
        assert store.decisions_of_run("2026-11-2") == []


def test_a_typed_invoice_total_is_tied_to_the_rows_and_logged_once(month: Month) -> None:
    book = Book(month.made.workbook("dana"))
    cover = book["Cover"]
    place = cover.where("Invoice total")
    source = next(cell for cell in cover.cells() if cell.row == place.row and cell.value == "Source")
    names = [cover.cell(place.row + n, source.column).value for n in (1, 2)]
    cover.cell(place.row + 1, place.column).value = 1
    book.save(month.out / "typed.xlsx")
    for _ in range(2):
        done = month.tieout("changes", month.out / "typed.xlsx", "--out", month.out / "list.csv")
        assert done.exit_code == 0
        assert f"invoice total of {names[0]}: typed 1.00, its rows add up to " in done.stdout
        assert ": differs by -" in done.stdout
    with month.store() as store:
        (line,) = [a for a in store.activity(run=month.made.run) if a.action == "invoice total typed"]
        assert (line.subject, line.new) == (f"{names[0]}, USD", "1.00")


def test_rows_to_decide_stand_in_one_bucket_each(month: Month) -> None:
    taken = month.take(month.made.copy("all", ALL))
    sums = {name: bucket(taken, name) for name in ("in", "approved", "ended", "dismissed", "asked", "open")}
    assert sums["in"] == 27
    assert sums == {"in": 27, "approved": 1, "ended": 1, "dismissed": 2, "asked": 1, "open": 22}
