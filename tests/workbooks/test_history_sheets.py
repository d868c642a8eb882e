"""The sheets that need the past: their formulas as LibreOffice computes them, and their way back."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.frames import frame
from core.history import Carried, History, How, LastRun, Logged
from core.moved import moved
from core.records import AgreementLine, State
from core.run import Reconciliation
from tests.workbooks.book import Book
from tests.workbooks.example import IDENTITY, D, example, lines
from tests.workbooks.office import Office
from tests.workbooks.test_libreoffice import cached, different, recomputed
from workbooks.compare_issued import as_issued, changed_cells
from workbooks.layout_history import CARRIED, CHANGES, HISTORY, LOG
from workbooks.reader import read_workbook
from workbooks.writer import write_workbook


@pytest.fixture(scope="module")
def history(reconciliation: Reconciliation) -> History:
    """An October of other quantities, with a line that has ended since and one that is new."""
    before = lines()[1:]
    before[0] = replace(before[0], quantity=D(15), unit_price=D("20.00"))
    before.append(replace(before[1], line_id="9000", service_id="DNS", service="DNS filtering", quantity=D(4)))
    last = example(lines=frame(AgreementLine, before))
    changes = moved(reconciliation, LastRun("R-2026-10-01", last.comparisons, last.no_vendor, last.not_compared))
    carried = Carried(
        "carried:line:3589", "line:3589", How.DISMISSED, "Contoso Legal LLP", "Microsoft 365 Business Premium", "Microsoft",
        State.RECONCILE, D("66.00"), "USD", "2026-09", 3, D("132.00"), IDENTITY.issued_at.date(), "commitment", "=1+1",
        "dana", "R-1",
    )  # fmt: skip
    logged = Logged(
        "log:000001", "line:3589", "2026-10-26 10:02", "2026-10", "R-1", "Contoso Legal LLP", "Microsoft 365 Business Premium",
        "Microsoft", "dana", "Dismiss", "25 at 22.00", "", "commitment", "@note", "october.xlsx", "accepted",
    )  # fmt: skip
    return History(changes, frame(Carried, [carried]), frame(Logged, [logged]))


@pytest.fixture(scope="module")
def told(reconciliation: Reconciliation, history: History, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with a past. Nobody writes to it."""
    path = tmp_path_factory.mktemp("told") / "told.xlsx"
    write_workbook(reconciliation, path, IDENTITY, history=history)
    return path


def test_the_formulas_of_the_past_are_as_libreoffice_computes_them(office: Office, told: Path) -> None:
    found = recomputed(office, told)
    assert different(cached(told), found) == []
    assert found["Cover", "B2"] == "✓ all checks agree"


def test_a_copy_with_a_past_says_nothing_until_somebody_types(told: Path, reconciliation: Reconciliation, history: History) -> None:
    returned = read_workbook(told)
    assert (returned.problems, returned.explanations, changed_cells(returned, reconciliation, history)) == ((), (), ())
    assert {cells.sheet.name for cells in returned.cells.values()} & {sheet.name for sheet in HISTORY} == {CHANGES.name}


def test_an_explanation_is_read_with_its_cell(told: Path, reconciliation: Reconciliation, history: History, tmp_path: Path) -> None:
    book = Book(told)
    page = book[CHANGES.name]
    cell = page.cell(page.where("Ref").row + 1, CHANGES.positions["explanation"] + 1)
    cell.value = "  more people "
    book.save(tmp_path / "a.xlsx")
    returned = read_workbook(tmp_path / "a.xlsx")
    (said,) = as_issued(returned, reconciliation, history).explanations
    assert (said.text, said.by, said.place) == ("more people", IDENTITY.recipient, f"a.xlsx, Changes!{cell.coordinate}")
    assert as_issued(returned, reconciliation).explanations == ()  # a row that was never issued


def test_the_cover_says_how_many_explanations_are_missing(told: Path, history: History) -> None:
    wanted = int(history.changes["wanted"].sum())
    index = {row[1]: row[3] for row in Book(told)["Cover"].rows if len(row) > 3}
    assert wanted > 0
    assert (index[CHANGES.name], index[CARRIED.name], index[LOG.name]) == (wanted, None, None)
