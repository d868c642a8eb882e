"""Dated steps: what is typed there, whose line it becomes, and what a workbook shows that is issued with some."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from core.frames import records
from core.records import Action, Comparison, Decision, Measure, State, Step
from core.run import Reconciliation
from tests.workbooks.book import Book
from tests.workbooks.editing import edited, type_into
from tests.workbooks.example import IDENTITY
from tests.workbooks.office import Office
from tests.workbooks.places import cell, header_row, rows_of
from workbooks.compare_issued import as_issued, changed_cells
from workbooks.layout import Choices, reference
from workbooks.layout_formulas import STEP_ENDS, STEP_REFS
from workbooks.layout_steps import CLIENTS, EMPTY_ROWS, REFS, SERVICES, STEPS
from workbooks.layout_vendor import VENDOR
from workbooks.lists import keys_name, list_name
from workbooks.reader import Returned, read_workbook
from workbooks.rows import blocks
from workbooks.steps import lines_of
from workbooks.unverified import with_steps_by_cells
from workbooks.writer import write_workbook

D = Decimal
TAB, LINE, OTHER = STEPS.name, "line:3589", "line:4102"
DEC_1, JAN_1, FEB_1 = dt.date(2026, 12, 1), dt.date(2027, 1, 1), dt.date(2027, 2, 1)
Typed = Mapping[str, Any]
BELOW = "below the 28 committed until 1 Mar 2027"


@pytest.fixture(scope="module")
def refs(reconciliation: Reconciliation) -> dict[str, int]:
    return {line.key: line.ref for line in lines_of(blocks(reconciliation))}


def typed(
    issued: Path, path: Path, steps: Sequence[Typed], decided: Typed | None = None, *, first: int = 0, only_steps: bool = False
) -> Returned:
    """The workbook after typing into rows of Dated steps, counted from the first of the table, and into the line's own row."""

    rows = enumerate(steps, header_row(issued, TAB) + 1 + first)
    own = {} if only_steps else decided or {"decision": "Approve"}
    cells = {
        TAB: {cell(name, number, STEPS): value for number, one in rows for name, value in one.items()},
        "Microsoft": {cell(name, rows_of(issued, "Microsoft")[LINE]): value for name, value in own.items()},
    }
    type_into(issued, path, cells)
    return read_workbook(path)


def one_step(ref: Any, quantity: Any = 26, day: Any = "2026-12-01", **more: Any) -> dict[str, Any]:
    return {"ref": ref, "quantity": quantity, "from": day, **more}


@pytest.mark.parametrize("first", [0, 7, EMPTY_ROWS - 1, EMPTY_ROWS, EMPTY_ROWS + 4], ids=lambda n: f"row {n}")
def test_steps_are_read_wherever_in_or_under_the_table_they_stand(
    issued: Path, tmp_path: Path, reconciliation: Reconciliation, refs: dict[str, int], first: int
) -> None:
    rows = [one_step(refs[LINE]), one_step(f" {refs[LINE]} ", "28", 46388, note="as agreed")]
    returned = as_issued(typed(issued, tmp_path / "x.xlsx", rows, first=first), reconciliation)
    assert (returned.problems, changed_cells(returned, reconciliation)) == ((), ())
    (decision,) = returned.decisions
    assert (decision.key, decision.action, decision.quantity) == (LINE, Action.APPROVE, None)
    assert decision.steps == (Step(D(26), DEC_1), Step(D(28), JAN_1))
    assert decision.steps[1].note == "as agreed"
    assert [step.place for step in decision.steps] == [
        f"x.xlsx, {TAB}!{cell('quantity', header_row(issued, TAB) + 1 + first + n, STEPS)}" for n in (0, 1)
    ]


NO_REF = "choose the Ref of the line that this step is of: no line's dated steps are used while it is not known whose this row is"
NOT_USED = "not used: the line has dated steps, and a row of the sheet Dated steps cannot be used"


@pytest.mark.parametrize(
    ("column", "rows", "said"),
    [
        ("ref", [{"quantity": 26, "from": "2026-12-01"}], [NO_REF]),
        ("ref", [one_step("LINE"), {"quantity": 28}], [NO_REF, "type the day", NOT_USED]),
        ("ref", [one_step("x")], ["Ref: 'x' is not a number"]),
        ("ref", [one_step(1.5)], ["Ref: 1.5 is no Ref of this workbook"]),
        ("ref", [one_step(9999)], ["9999 is no Ref of this workbook"]),
        ("ref", [one_step("LINE"), one_step(9999)], [NOT_USED, "9999 is no Ref of this workbook"]),
        ("ref", [one_step("OTHER")], ["row {OTHER} has dated steps, and no decision that can be used"]),
        ("quantity", [one_step("LINE", None)], ["type the quantity of this step", NOT_USED]),
        ("quantity", [one_step("LINE"), one_step("LINE", "many", JAN_1)], ["Quantity: 'many' is not a number", NOT_USED]),
        ("quantity", [one_step("LINE", "#N/A")], ["Quantity shows the error #N/A", NOT_USED]),
        ("from", [one_step("LINE", 26, None)], ["type the day from which this quantity holds", NOT_USED]),
        ("from", [one_step("LINE"), one_step("LINE", 28, "1/2/2027")], ["From: '1/2/2027' can be", NOT_USED]),
        ("from", [one_step("LINE", 26, "=1/0")], ["From holds a formula without a value", NOT_USED]),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_named_and_its_line_stays_undecided(
    issued: Path, tmp_path: Path, reconciliation: Reconciliation, refs: dict[str, int], column: str, rows: list[Typed],
    said: list[str],
) -> None:  # fmt: skip
    names = {"LINE": refs[LINE], "OTHER": refs[OTHER]}
    filled = [{**row, **({"ref": names.get(row["ref"], row["ref"])} if "ref" in row else {})} for row in rows]
    returned = as_issued(typed(issued, tmp_path / "x.xlsx", filled), reconciliation)
    messages = [problem.message for problem in returned.problems]
    assert all(any(m.startswith(words.format(**names)) for m in messages) for words in said), messages
    assert len(messages) == len(said)
    last = f"x.xlsx, {TAB}!{cell(column, header_row(issued, TAB) + len(rows), STEPS)}"
    assert last in [problem.place for problem in returned.problems]
    has_steps = any(row.get("ref") == "LINE" for row in rows)
    assert [(d.key, d.steps) for d in returned.decisions] == ([] if has_steps else [(LINE, ())])


def test_a_note_alone_and_an_emptied_row_are_no_steps(issued: Path, tmp_path: Path, reconciliation: Reconciliation) -> None:
    rows = [{"note": "see the mail of 3 December"}, one_step("", "", "")]
    returned = as_issued(typed(issued, tmp_path / "x.xlsx", rows), reconciliation)
    assert (returned.problems, [d.steps for d in returned.decisions]) == ((), [()])


def test_a_formula_counts_with_its_value_and_that_is_said(
    office: Office, issued: Path, reconciliation: Reconciliation, refs: dict[str, int]
) -> None:
    at = header_row(issued, TAB) + 1
    vendor = rows_of(issued, "Microsoft")[LINE]
    saved = office.saved(
        issued, ("type", TAB, cell("ref", at, STEPS), refs[LINE]), ("formula", TAB, cell("quantity", at, STEPS), "=20+6"),
        ("type", TAB, cell("from", at, STEPS), 46357), ("type", "Microsoft", cell("decision", vendor), "Approve"),
    )  # fmt: skip
    returned = as_issued(read_workbook(saved), reconciliation)
    assert [d.steps for d in returned.decisions] == [(Step(D(26), DEC_1),)]
    assert [n.message for n in returned.notices] == ["Quantity holds a formula; its value 26 counts"]


def test_the_issued_workbook_says_whose_a_ref_is_and_not_the_cells_of_the_copy(
    issued: Path, tmp_path: Path, reconciliation: Reconciliation, refs: dict[str, int]
) -> None:
    """A person types over two Refs on the vendor's sheet: steps still go to the line that was issued under the number."""
    swapped = {"decision": "Approve", "ref": refs[OTHER]}
    returned = typed(issued, tmp_path / "x.xlsx", [one_step(refs[LINE])], swapped)
    assert [d.steps for d in as_issued(returned, reconciliation).decisions] == [(Step(D(26), DEC_1),)]


def test_a_copy_that_no_store_knows_goes_by_its_own_refs(issued: Path, tmp_path: Path, refs: dict[str, int]) -> None:
    returned = with_steps_by_cells(typed(issued, tmp_path / "x.xlsx", [one_step(refs[LINE])]))
    assert [(d.key, d.steps) for d in returned.decisions] == [(LINE, (Step(D(26), DEC_1),))]
    twice = {"decision": "Approve", "ref": refs[OTHER]}
    doubled = with_steps_by_cells(typed(issued, tmp_path / "y.xlsx", [one_step(refs[OTHER])], twice))
    assert [p.message.split(";")[0] for p in doubled.problems] == [f"{refs[OTHER]} is no Ref of this workbook"]


def test_a_vendor_s_sheet_that_lost_its_table_and_columns_is_not_taken_for_steps(
    issued: Path, tmp_path: Path, reconciliation: Reconciliation
) -> None:
    def edit(book: Workbook) -> None:
        sheet = book["Microsoft"]
        sheet.tables.clear()
        sheet.delete_cols(16, 12)
        sheet[cell("decision", rows_of(issued, "Microsoft")[LINE])].value = "Approve"

    returned = edited(issued, tmp_path / "x.xlsx", edit)
    assert [d.key for d in returned.decisions] == [LINE]
    assert (returned.problems, returned.steps) == ((), ())


def test_a_sheet_of_steps_that_lost_its_table_is_read(
    issued: Path, tmp_path: Path, reconciliation: Reconciliation, refs: dict[str, int]
) -> None:
    typed(issued, tmp_path / "x.xlsx", [one_step(refs[LINE])])
    returned = edited(tmp_path / "x.xlsx", tmp_path / "y.xlsx", lambda book: book[TAB].tables.clear())
    assert [d.steps for d in as_issued(returned, reconciliation).decisions] == [(Step(D(26), DEC_1),)]


# what is issued


def decided(reconciliation: Reconciliation, count: int = 2) -> dict[str, Decision]:
    row = next(r for r in records(Comparison, reconciliation.comparisons) if r.key == LINE)
    steps = tuple(Step(D(26 + n), dt.date(2027 + n // 12, 1 + n % 12, 1), f"note {n}") for n in range(count))
    return {LINE: Decision(LINE, row.fingerprint, Action.APPROVE, steps=steps[::-1])}


@pytest.mark.parametrize("count", [1, 2, 40])
def test_what_is_issued_with_steps_comes_back_as_it_was_decided(reconciliation: Reconciliation, tmp_path: Path, count: int) -> None:
    made = decided(reconciliation, count)
    write_workbook(reconciliation, tmp_path / "x.xlsx", IDENTITY, made)
    returned = as_issued(read_workbook(tmp_path / "x.xlsx"), reconciliation)
    assert returned.problems == ()
    (found,) = returned.decisions
    assert (found.steps, [s.note for s in found.steps]) == (made[LINE].steps[::-1], [s.note for s in made[LINE].steps[::-1]])


def test_without_a_line_that_may_be_stepped_there_is_no_sheet_and_the_cover_says_so(
    reconciliation: Reconciliation, tmp_path: Path
) -> None:
    data = reconciliation.comparisons
    quiet = replace(reconciliation, comparisons=data[~data["state"].isin([State.RECONCILE, State.NEW_REVENUE])])
    write_workbook(quiet, tmp_path / "x.xlsx", IDENTITY)
    book = load_workbook(tmp_path / "x.xlsx")
    assert TAB not in book.sheetnames
    assert [name for name in book.defined_names if "step" in name] == [STEP_REFS, STEP_ENDS]
    assert {book.defined_names[name].attr_text for name in (STEP_REFS, STEP_ENDS)} == {"_lists!$XFD$1"}  # which is empty
    assert any(TAB in str(c.value) for row in book["Cover"].iter_rows() for c in row)


def test_only_lines_in_units_that_may_be_approved_or_added_are_listed(reconciliation: Reconciliation) -> None:
    rows = {r.key: r for r in records(Comparison, reconciliation.comparisons)}
    found = lines_of(blocks(reconciliation))
    assert {rows[line.key].state for line in found} == {State.RECONCILE, State.NEW_REVENUE}
    assert {rows[line.key].measure for line in found} == {Measure.UNITS}
    assert all((line.client, line.service) == (rows[line.key].customer, rows[line.key].service) for line in found)


def test_the_formulas_name_the_lists_and_the_table_that_are_written() -> None:
    names = (keys_name(Choices.STEP_REF), list_name(Choices.STEP_REF), list_name(Choices.STEP_SERVICE))
    assert names == (REFS, CLIENTS, SERVICES)
    headers = {f"{STEPS.table}[{STEPS.column(name).header}]" for name in ("ref", "from")}
    assert all(name in reference(STEPS, STEPS.column("check").formula or "", STEPS.table) for name in headers)


@pytest.mark.parametrize(
    ("rows", "checks"),
    [
        ([{}], [""]),
        ([{"note": "x"}], [""]),
        ([{"quantity": 26}], ["choose a Ref"]),
        ([one_step(9999, day=46357)], ["no such Ref"]),
        ([one_step("LINE", None, 46357)], ["type a quantity"]),
        ([one_step("LINE", 0, 46357)], ["0 is not a quantity to bill"]),
        ([one_step("LINE", 26, None)], ["type a date"]),
        ([one_step("LINE", 26, 46357), one_step("LINE", 28, 46357)], ["same day twice"] * 2),
        ([one_step("LINE", 26, 46357), one_step("OTHER", 28, 46357)], ["ok", "ok"]),
        ([one_step("LINE", 26, 46357), one_step("LINE", 28, 46388)], ["ok", "ok"]),
    ],
)  # fmt: skip
def test_the_check_says_what_is_missing_in_a_step(
    office: Office, issued: Path, refs: dict[str, int], rows: list[Typed], checks: list[str]
) -> None:
    at, names = header_row(issued, TAB) + 1, {"LINE": refs[LINE], "OTHER": refs[OTHER]}
    steps = [
        ("type", TAB, cell(name, number, STEPS), names.get(value, value))
        for number, row in enumerate(rows, at)
        for name, value in row.items()
        if value is not None
    ]
    values, errors = office.run(issued, *steps, ("calculate",), ("formulas", TAB, "Cover"))
    assert errors == []
    found = {(row, column): value for sheet, row, column, value in values if sheet == TAB}
    shown = [found[at + n, STEPS.positions["check"]] or "" for n in range(len(rows))]
    assert shown == checks
    clients = [found[at + n, STEPS.positions["client"]] for n in range(len(rows)) if shown[n] in ("ok", "same day twice")]
    assert all(clients)
    flag = next(value for sheet, row, column, value in values if sheet == "Cover" and (row, column) == (1, 1))
    assert flag.startswith("✓" if set(checks) <= {"", "ok"} else "✗")


def test_a_workbook_issued_with_steps_is_cached_as_libreoffice_computes_it(
    office: Office, reconciliation: Reconciliation, tmp_path: Path
) -> None:
    from tests.workbooks.test_libreoffice import cached, different, recomputed

    write_workbook(reconciliation, tmp_path / "x.xlsx", IDENTITY, decided(reconciliation, 3))
    assert different(cached(tmp_path / "x.xlsx"), recomputed(office, tmp_path / "x.xlsx")) == []


MONEY = ("Microsoft", "Summary", "Cover")
"""The sheets on which a line's money stands."""


@pytest.fixture(scope="module")
def untouched(office: Office, issued: Path) -> dict[Any, Any]:
    """Every formula's value, by sheet, row and column."""
    values, _ = office.run(issued, ("calculate",), ("formulas",))
    return {(sheet, row, column): value for sheet, row, column, value in values}


@pytest.mark.parametrize(
    ("steps", "row", "check", "effect"),
    [
        ([], {"decision": "Approve"}, "ok", 66),
        ([(26, 46357), (28, 46388)], {"decision": "Approve"}, "ok", 66),
        ([(28, 46388), (26, 46357)], {"decision": "Approve"}, "ok", 66),  # the last day decides, not the last row
        ([(26, 46357), (27, 46388)], {"decision": "Approve"}, f"{BELOW}: reason needed", 44),
        ([(26, 46357), (27, 46388)], {"decision": "Approve", "reason": "agreed"}, f"ok, {BELOW}", 44),
        ([(26, 46357), (29, 46388)], {"decision": "Approve"}, "reason needed", 88),
        ([(26, 46357), (30, 46388)], {}, "choose a decision", 110),
        ([(26, 46357)], {"decision": "Dismiss", "reason": "Will be fixed in the PSA"}, "empty its Dated steps", 22),
        ([(26, 46357)], {"decision": "Approve", "quantity": 27, "reason": "agreed"}, "on Dated steps or here: keep one", 44),
        ([(26, 46357)], {"decision": "Approve", "from": 46357, "reason": "agreed"}, "on Dated steps or here: keep one", 22),
        ([(26, None)], {"decision": "Approve"}, "ok", 66),  # what is missing there is said there
    ],
)  # fmt: skip
def test_the_line_s_own_row_follows_its_steps(
    office: Office,
    issued: Path,
    untouched: dict[Any, Any],
    refs: dict[str, int],
    steps: list[tuple[Any, Any]],
    row: Typed,
    check: str,
    effect: int,
) -> None:
    """As LibreOffice computes it."""
    at, own = header_row(issued, TAB) + 1, rows_of(issued, "Microsoft")[LINE]
    names = ("ref", "quantity", "from")
    typed = [
        ("type", TAB, cell(name, number, STEPS), value)
        for number, step in enumerate(steps, at)
        for name, value in zip(names, (refs[LINE], *step), strict=True)
        if value is not None
    ]
    typed += [("type", "Microsoft", cell(name, own), value) for name, value in row.items()]
    values, errors = office.run(issued, *typed, ("calculate",), ("formulas", *MONEY))
    assert errors == []
    found = {(sheet, row, column): value for sheet, row, column, value in values}
    shown = (found["Microsoft", own, VENDOR.positions[name]] for name in ("check", "effect"))
    assert [*shown] == [check, effect]
    moved = {
        place[0]
        for place, value in found.items()
        if isinstance(value, float) and isinstance(untouched[place], float) and abs(value - untouched[place] - effect + 66) < 0.001
    }
    assert moved == {*MONEY}


@pytest.mark.parametrize(
    ("quantities", "row", "check", "effect"),
    [
        ((26, 28), {}, "ok", 66),
        ((26, 27), {}, f"{BELOW}: reason needed", 44),
        ((26, 27), {"reason": "agreed"}, f"ok, {BELOW}", 44),
        ((26, 29), {}, "reason needed", 88),
        ((26, 30), {"action": Action.DISMISS, "reason": "x"}, "empty its Dated steps", 110),
        ((26, 30), {"quantity": D(27)}, "on Dated steps or here: keep one", 44),
        ((26, 30), {"effective_date": DEC_1}, "on Dated steps or here: keep one", 110),
    ],
)  # fmt: skip
def test_the_row_of_a_line_that_is_issued_with_steps_says_the_same(
    reconciliation: Reconciliation, tmp_path: Path, quantities: tuple[int, int], row: Typed, check: str, effect: int
) -> None:
    steps = tuple(Step(D(quantity), day) for quantity, day in zip(quantities, (DEC_1, JAN_1), strict=True))
    decision = replace(Decision(LINE, "", Action.APPROVE, steps=steps), **row)
    write_workbook(reconciliation, tmp_path / "x.xlsx", IDENTITY, {LINE: decision})
    sheet, own = Book(tmp_path / "x.xlsx")["Microsoft"], rows_of(tmp_path / "x.xlsx", "Microsoft")[LINE] + 1
    shown = (sheet.cell(own, VENDOR.positions[name] + 1).value for name in ("check", "effect"))
    assert [*shown] == [check, effect]
