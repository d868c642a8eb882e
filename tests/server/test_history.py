"""Two periods in a row: what December's workbook says of November, on each database, and whose rows it says it to."""

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.mapping import AccountMapping, Kind, Mapping
from core.periods import Period
from core.reconcile import reconcile
from core.records import AgreementLine, Charge
from server.api.given import as_copy
from server.copies import read_copies
from server.house import House
from server.reconciling import issue
from server.returning import check_copies, take_copies
from server.secrets import open_vault
from server.standing import standing
from server.store import Store, open_store
from server.taken import Taken
from tests.core.build import NOVEMBER, SERVICE, charge, inputs, line, source
from tests.server.month import KEY, quiet
from tests.workbooks.book import Book
from tests.workbooks.editing import fill_in
from tests.workbooks.places import tables_of
from workbooks.layout import Sheet
from workbooks.layout_history import CARRIED, CHANGES, LOG
from workbooks.layout_vendor import VENDOR

DECEMBER = Period(2026, 12)
ACME, BETA, GAMMA, DELTA, EPSILON, ZETA, ETA = "Acme", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta"
NAMES = (ACME, BETA, GAMMA, DELTA, EPSILON, ZETA, ETA)
Row = dict[str, Any]

NOVEMBERS = {
    ACME: {"decision": "Dismiss", "reason": "commitment", "note": "until March"},
    BETA: {"decision": "Ask", "note": "Ben, who uses these?"},
    GAMMA: {"decision": "Approve"},
    ETA: {"decision": "Add line", "add_to": "Managed 365 [871]"},
}


def _line(number: int, customer: str, quantity: int, price: str = "22.00") -> AgreementLine:
    return line(str(number), quantity, price, customer_id=customer, customer=customer, agreement_id=f"a-{customer}")


def _charge(customer: str, quantity: int, month: Period) -> Charge:
    return charge(
        quantity, f"{quantity * 17}.00", f"sub-{customer}", account_id=f"t-{customer}", account=customer,
        start=month.start, until=month.until,
    )  # fmt: skip


MAPPED = Mapping(tuple(AccountMapping("Microsoft", f"t-{n}", n, Kind.MAPPED, n) for n in NAMES), (SERVICE,))
LINES = {
    NOVEMBER: [
        _line(1, ACME, 25), _line(2, BETA, 10), _line(3, GAMMA, 5), _line(4, DELTA, 40), _line(5, EPSILON, 3), _line(6, ZETA, 8),
        replace(_line(8, ETA, 1), service_id="DOM", service="Domain"),
    ],
    DECEMBER: [
        _line(1, ACME, 25), _line(2, BETA, 10), _line(3, GAMMA, 5), _line(4, DELTA, 60, "30.00"), _line(5, EPSILON, 3),
        _line(7, ETA, 6), replace(_line(8, ETA, 1), service_id="DOM", service="Domain"),
    ],
}  # fmt: skip
COUNTED = {
    NOVEMBER: {ACME: 28, BETA: 12, GAMMA: 9, DELTA: 40, EPSILON: 7, ZETA: 8, ETA: 6},
    DECEMBER: {ACME: 29, BETA: 12, GAMMA: 9, DELTA: 60, EPSILON: 7, ETA: 6},
}


@dataclass(frozen=True, slots=True)
class Desk:
    """One store and a folder for workbooks."""

    store: Store
    folder: Path

    def run(self, period: Period) -> str:
        return self.run_of(period, LINES[period], COUNTED[period])

    def run_of(self, period: Period, lines: Sequence[AgreementLine], counted: dict[str, int]) -> str:
        last = period.until - dt.timedelta(days=1)
        sources = [source("agreements.csv", "PSA", as_of=last), source("microsoft.csv", "Microsoft", as_of=last)]
        made = inputs(
            lines, [_charge(name, used, period) for name, used in counted.items()], MAPPED,
            period=period, today=last, earlier=self.store.earlier(period), sources=tuple(sources),
        )  # fmt: skip
        return self.store.save_run(reconcile(made), "accounts")

    def issue(self, run_id: str, name: str, recipient: str = "dana", **whose: Sequence[str]) -> Path:
        path, decided = self.folder / f"{name}.xlsx", standing(self.store, run_id)
        issue(self.store, run_id, path, KEY, "accounts", quiet, recipient=recipient, decided=decided, **whose)  # type: ignore[arg-type]
        return path

    def back(self, issued: Path, name: str, sheet: Sheet, entries: dict[str, Row]) -> Path:
        """A copy in which what is given is typed into the rows of each customer."""
        path = self.folder / f"{name}.xlsx"
        fill_in(issued, path, lambda page, cells: entries.get(str(cells["customer"])) if page is sheet else None)
        return path

    def take(self, *copies: Path) -> Taken:
        return take_copies(self.store, read_copies(copies), KEY, "accounts", quiet)

    def november(self) -> str:
        """November, decided by Dana."""
        run_id = self.run(NOVEMBER)
        entries = NOVEMBERS | {ETA: {"decision": "Add line", "add_to": f"Managed 365 [a-{ETA}]"}}
        taken = self.take(self.back(self.issue(run_id, "november"), "november-dana", VENDOR, entries))
        assert (taken.problems, taken.notices, len(taken.judged)) == ([], [], 4)
        return run_id


@pytest.fixture
def desk(store_url: str, tmp_path: Path) -> Iterator[Desk]:
    with open_store(store_url) as store:
        yield Desk(store, tmp_path)


@pytest.fixture(scope="session")
def november(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store on SQLite that holds November, decided. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("november")
    with open_store(folder / "tieout.sqlite") as store:
        Desk(store, folder).november()
    return folder


@pytest.fixture
def here(november: Path, tmp_path: Path) -> Iterator[Desk]:
    """After November, on SQLite only."""
    shutil.copytree(november, tmp_path, dirs_exist_ok=True)
    with open_store(tmp_path / "tieout.sqlite") as store:
        yield Desk(store, tmp_path)


def rows_of(path: Path, sheet: Sheet) -> list[Row]:
    """The rows of a sheet by column name."""
    (table,) = (table for table in tables_of(path).values() if table.tab == sheet.name)
    return table.named(sheet)


def shown(path: Path, sheet: Sheet, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in columns) for row in rows_of(path, sheet)]


def test_december_says_what_november_left(desk: Desk) -> None:
    november = desk.november()
    december = desk.run(DECEMBER)
    issued = desk.issue(december, "december")

    assert shown(issued, CHANGES, "customer", "what", "note", "quantity_was", "quantity", "change", "percent", "check") == [
        (DELTA, "Changed", None, 40, 60, 920, 1.0455, "explanation wanted"),
        (ZETA, "Ended", None, 8, None, -176, -1, "ok"),
        (ETA, "Changed", "billed now, was New revenue", None, 6, 132, None, "ok"),
        (ACME, "Changed", None, 25, 25, 0, 0, "ok"),
    ]
    assert set(shown(issued, CHANGES, "against")) == {(f"{november}, revision 1",)}
    assert shown(issued, CARRIED, "customer", "how", "since", "age", "effect", "waved", "reason", "note", "by", "run") == [
        (EPSILON, "Open", "2026-11", 2, 88, 88, None, None, None, None),
        (GAMMA, "Approved, not in the PSA", "2026-11", 2, 88, 88, None, None, "dana", november),
        (ACME, "Dismissed", "2026-11", 2, 88, 66, "commitment", "until March", "dana", november),
        (BETA, "Asked", "2026-11", 2, 44, 44, None, "Ben, who uses these?", "dana", november),
    ]
    assert [f"{row['until']:%Y-%m-%d}" for row in rows_of(issued, CARRIED) if row["how"] == "Dismissed"] == ["2026-12-31"]
    logged = shown(issued, LOG, "customer", "who", "action", "old", "new", "reason", "answer", "period")
    assert sorted(logged) == [
        (ACME, "dana", "Dismiss", "25 at 22.00", None, "commitment", "accepted", "2026-11"),
        (BETA, "dana", "Ask", "10 at 22.00", None, None, "accepted", "2026-11"),
        (GAMMA, "dana", "Approve", "5 at 22.00", "9 at 22.00", None, "accepted", "2026-11"),
    ]  # what was decided on Eta's New revenue was about a row that is no line: no receipt says which line it became
    assert {row["source"] for row in rows_of(issued, LOG)} == {"november-dana.xlsx"}


def test_the_first_period_has_no_past(tmp_path: Path) -> None:
    with open_store(tmp_path / "tieout.sqlite") as store:
        here = Desk(store, tmp_path)
        issued = here.issue(here.run(NOVEMBER), "first")
    assert not {CHANGES.name, CARRIED.name, LOG.name} & set(Book(issued).sheetnames)


def test_the_sheets_of_the_past_stand_where_the_contract_says(here: Desk) -> None:
    book = Book(here.issue(here.run(DECEMBER), "december"))
    lines, rest = ["Microsoft", "Dated steps", "No vendor"], ["Changes", "Carried forward", "Evidence", "Checks", "Log", "Legend"]
    assert [tab for tab in book.sheetnames[2:-2] if tab not in ("Costs", "Clients")] == [*lines, *rest]


def test_a_ref_is_a_link_to_its_lines_row(here: Desk) -> None:
    issued = here.issue(here.run(DECEMBER), "december")
    page = Book(issued)["Microsoft"]
    for sheet in (CHANGES, CARRIED, LOG):
        for row in rows_of(issued, sheet):
            if row["target"] is None:
                assert (row["customer"], row["ref"] or None) == (ZETA, None)
                continue
            cell = row["target"].partition("!")[2]
            assert (page[cell].value, page[cell.replace("A", "B")].value) == (row["ref"], row["customer"])


def test_a_dismissal_shows_while_it_holds_and_comes_back_older(here: Desk) -> None:
    (november,) = [run.id for run in here.store.runs()]
    again = here.issue(november, "again")
    assert [row for row in shown(again, VENDOR_OF, "customer", "decision", "check") if row[0] == ACME] == [(ACME, "Dismiss", "ok")]
    newer = here.issue(here.run(NOVEMBER), "newer")  # another run of the period: the decision is told, and not typed in
    carried = {row["customer"]: row for row in rows_of(newer, CARRIED)}
    assert (carried[ACME]["how"], carried[ACME]["age"], carried[ACME]["waved"]) == ("Dismissed", 1, 0)
    assert EPSILON not in carried
    december = here.run(DECEMBER)
    row = next(row for row in rows_of(here.issue(december, "december"), VENDOR_OF) if row["customer"] == ACME)
    assert (row["decision"], row["check"], row["age"]) == (None, "open", 2)


VENDOR_OF = replace(VENDOR, name="Microsoft")


def test_an_explanation_is_kept_with_who_said_it_and_shown_again(desk: Desk) -> None:
    desk.november()
    december = desk.run(DECEMBER)
    issued = desk.issue(december, "december")
    said = desk.back(issued, "december-dana", CHANGES, {DELTA: {"explanation": "twenty new people"}})
    checked = check_copies(desk.store, read_copies([said]), KEY, quiet)
    assert (checked.explained, desk.store.past.explained([december])) == (1, [])
    taken = desk.take(said)
    assert (taken.problems, taken.notices, taken.explained) == ([], [], 1)
    assert desk.take(said).explained == 0
    (kept,) = desk.store.past.explained([december])
    assert (kept.by, kept.subject, kept.old, kept.new) == ("accounts", "change:line:4", None, "twenty new people")
    assert (kept.detail or "").startswith("dana at december-dana.xlsx, Changes!")
    later = desk.issue(december, "later")
    assert shown(later, CHANGES, "explanation", "check")[0] == ("twenty new people", "ok")
    (logged,) = [row for row in rows_of(later, LOG) if row["action"] == "Explained"]
    assert (logged["customer"], logged["who"], logged["new"]) == (DELTA, "dana", "twenty new people")
    assert desk.take(desk.back(later, "later-back", CHANGES, {})).explained == 0


def test_an_explanation_that_comes_as_json_is_kept_like_one_of_a_file(here: Desk) -> None:
    december = here.run(DECEMBER)
    here.issue(december, "december")
    house = House(here.store, open_vault(here.store, str(here.folder)), KEY, str(here.folder))
    (workbook,) = here.store.workbooks(december)
    rows = [
        {"table": CHANGES.table, "key": key, "cells": {"explanation": "twenty new people"}}
        for key in ("change:line:4", "change:line:99")
    ]
    copy = as_copy(house, workbook.id, [], rows, "dana", "key-0001")
    taken = take_copies(here.store, [copy], KEY, "dana", quiet)
    assert taken.explained == 1
    assert ["was not issued with this workbook" in one.message for one in taken.problems] == [True]
    (kept,) = here.store.past.explained([december])
    assert (kept.subject, kept.new) == ("change:line:4", "twenty new people")


def test_a_later_explanation_replaces_and_an_early_copy_does_not_undo_it(here: Desk) -> None:
    december = here.run(DECEMBER)
    issued = here.issue(december, "december")
    first = here.back(issued, "first", CHANGES, {DELTA: {"explanation": "twenty new people"}})
    second = here.back(here.issue(december, "for-bert", "bert"), "second", CHANGES, {DELTA: {"explanation": "a price list"}})
    together = here.take(first, second)
    assert [p.message for p in together.problems] == ["another copy explains this change differently: agree on one"] * 2
    assert together.explained == 0
    here.take(first)
    taken = here.take(second)
    assert (taken.explained, [n.message for n in taken.notices]) == (1, ["replaces the explanation 'twenty new people'"])
    assert here.take(first).explained == 0
    lines = here.store.past.explained([december])
    assert [(line.old, line.new) for line in lines] == [(None, "twenty new people"), ("twenty new people", "a price list")]


def test_what_a_workbook_was_issued_with_is_nobodys_new_word(here: Desk) -> None:
    december = here.run(DECEMBER)
    here.take(here.back(here.issue(december, "one"), "one-back", CHANGES, {DELTA: {"explanation": "old"}}))
    held = here.issue(december, "two")  # has the old words typed in
    here.take(here.back(here.issue(december, "three"), "three-back", CHANGES, {DELTA: {"explanation": "new"}}))
    assert here.take(here.back(held, "two-back", CHANGES, {})).explained == 0
    assert here.store.past.explained([december])[-1].new == "new"


def test_an_untouched_copy_is_as_issued_though_a_newer_run_of_november_came_since(here: Desk) -> None:
    issued = here.issue(here.run(DECEMBER), "december")
    here.run(NOVEMBER)
    said = here.back(issued, "back", CHANGES, {DELTA: {"explanation": "grew"}, ZETA: {"explanation": "left us"}})
    taken = here.take(said)
    assert (taken.problems, taken.notices, taken.explained) == ([], [], 2)


def test_a_changed_figure_on_changes_is_named_and_not_used(here: Desk) -> None:
    issued = here.issue(here.run(DECEMBER), "december")
    book = Book(issued)
    book[CHANGES.name].where(880).value = 1700
    book.save(here.folder / "changed.xlsx")
    (notice,) = here.take(here.folder / "changed.xlsx").notices
    assert notice.message == "Revenue, last was issued as 880 and reads 1700 now: not used"


@pytest.mark.parametrize("whose", [{"customers": [ACME]}, {"vendors": ["Microsoft"], "customers": [ACME]}])
def test_a_slice_tells_only_the_past_of_its_own_rows(here: Desk, whose: dict[str, list[str]]) -> None:
    december = here.run(DECEMBER)
    issued = here.issue(december, "slice", **whose)
    assert shown(issued, CHANGES, "customer") == [(ACME,)]
    assert shown(issued, CARRIED, "customer", "how") == [(ACME, "Dismissed")]
    assert shown(issued, LOG, "customer", "action") == [(ACME, "Dismiss")]
    said = {str(value) for page in Book(issued) for row in page.rows for value in row if value}
    assert not [text for text in said if any(name in text for name in NAMES[1:])]
    taken = here.take(here.back(issued, "slice-back", CHANGES, {ACME: {"explanation": "one more"}}))
    assert (taken.problems, taken.notices, taken.explained) == ([], [], 1)


def test_a_row_of_another_slice_is_not_explained(here: Desk) -> None:
    december = here.run(DECEMBER)
    (own,) = read_copies([here.issue(december, "acme", customers=[ACME])])
    whole = here.back(here.issue(december, "whole"), "whole-back", CHANGES, {DELTA: {"explanation": "grew"}})
    (copy,) = read_copies([whole])
    pasted = replace(copy, returned=replace(copy.returned, identity=own.returned.identity))
    taken = take_copies(here.store, [pasted], KEY, "accounts", quiet)
    assert taken.explained == 0
    assert "this key was not issued with this workbook; the row is not used" in {n.message for n in taken.notices}


def test_a_line_that_agreed_in_between_is_not_carried(here: Desk) -> None:
    """Dismissed in November, in agreement in December, different again in January: another difference."""
    january = Period(2027, 1)
    agreed = [replace(one, quantity=Decimal(29)) if one.line_id == "1" else one for one in LINES[DECEMBER]]
    here.run_of(DECEMBER, agreed, COUNTED[DECEMBER])
    issued = here.issue(here.run_of(january, agreed, COUNTED[DECEMBER] | {ACME: 33}), "january")
    carried = {row["customer"]: row for row in rows_of(issued, CARRIED)}
    assert ACME not in carried
    assert (carried[BETA]["how"], carried[BETA]["age"], carried[BETA]["waved"]) == ("Asked", 3, 88)
    assert (carried[EPSILON]["age"], carried[EPSILON]["waved"], carried[EPSILON]["since"]) == (3, 176, "2026-11")
