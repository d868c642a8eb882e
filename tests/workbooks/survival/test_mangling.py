"""However a copy is mangled, no decision is invented, moved to another row, or lost without a word."""

import re
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.records import Action, Decision
from core.run import Reconciliation
from tests.workbooks.survival import mangling
from tests.workbooks.survival.mangling import MANGLES, Copy, Line, Mangle, Page, copy_of
from workbooks.compare_issued import as_issued
from workbooks.reader import Returned, read_workbook
from workbooks.typed_values import date, plain, word

CELL = re.compile(r"[^,]+, (.+)!([A-Z]+)(\d+)")
Content = tuple[Any, ...]


def typed(line: Line, page: Page) -> Content | None:
    """What a person reads in a row; None where nothing is decided."""

    def cell(header: str) -> Any:
        return line.cells.get(header) if header in page.headers else None

    action = next((one for one in Action if word(one.value) == word(cell("Decision") or "")), None)
    if action is None:
        return None
    numbers = (Decimal(plain(found)) if (found := cell(name)) is not None else None for name in ("Quantity", "New price"))
    day = cell("From")
    return action, *numbers, date(day) if day else None, word(cell("Add to agreement") or "")


def read(decision: Decision) -> Content:
    return decision.action, decision.quantity, decision.new_price, decision.effective_date, word(decision.agreement or "")


def lines(copy: Copy) -> list[tuple[Page, Line, Content]]:
    """Every row in which something is decided."""
    return [(page, line, found) for page in copy.pages for line in page.lines if line and (found := typed(line, page)) is not None]


def invented(copy: Copy, made: Returned) -> list[Decision]:
    """Decisions that no row says of the line that it shows."""
    there = {(line.origin, found) for _, line, found in lines(copy)}
    return [one for one in made.decisions if (one.key, read(one)) not in there]


def lost(copy: Copy, made: Returned) -> list[tuple[str, int, Content]]:
    """Rows whose decision is neither used nor named: by its row, or by the header of its table."""
    used = {(one.key, read(one)) for one in made.decisions}
    places = [found for problem in made.problems if (found := CELL.fullmatch(problem.place))]
    named = {(found[1], int(found[3]) - 1) for found in places}
    return [
        (page.tab, page.row(line), found)
        for page, line, found in lines(copy)
        if (line.origin, found) not in used and not {(page.tab, page.row(line)), (page.tab, len(page.above))} & named
    ]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mangled")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mangles=st.lists(st.sampled_from(MANGLES), min_size=1, max_size=6), seed=st.integers(0, 9999))
@example(mangles=[mangling.swap_keys] * 3, seed=1)
@example(mangles=[mangling.swap_hidden] * 3, seed=2)
@example(mangles=[mangling.copy_key, mangling.copy_sheet], seed=3)
@example(mangles=[mangling.own_column, mangling.rename_column], seed=4)
def test_no_decision_is_invented_moved_or_silently_lost(
    lean: Path, month: Reconciliation, folder: Path, mangles: list[Mangle], seed: int
) -> None:
    copy, random = copy_of(lean), Random(seed)  # noqa: S311
    for mangle in mangles:
        mangle(copy, random.choice(copy.pages), random)
    made = as_issued(read_workbook(copy.write(folder / "mangled.xlsx")), month)
    assert invented(copy, made) == []
    assert lost(copy, made) == []


@pytest.mark.parametrize("mangle", MANGLES, ids=lambda one: one.__name__)
def test_each_way_of_mangling_leaves_decisions_to_be_judged(
    lean: Path, month: Reconciliation, folder: Path, mangle: Mangle
) -> None:
    """The property would hold of a reader that refuses everything."""
    copy, random = copy_of(lean), Random(5)  # noqa: S311
    mangle(copy, copy.pages[0], random)
    made = as_issued(read_workbook(copy.write(folder / "once.xlsx")), month)
    assert len(made.decisions) >= 3
    assert (invented(copy, made), lost(copy, made)) == ([], [])
