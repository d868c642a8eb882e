"""What is written, for workbooks of every shape."""

import datetime as dt
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.cell import coordinate_to_tuple

from core.frames import frame, records
from core.records import Comparison, State
from core.run import Reconciliation
from tests.workbooks.example import IDENTITY
from tests.workbooks.judges import assert_valid
from tests.workbooks.places import formulas_of
from workbooks.compare_issued import changed_cells
from workbooks.computed import compute
from workbooks.layout import DOWN, END, NEW, SAME, UNKNOWN, UP, Group, Role, reference
from workbooks.layout_tables import READABLE
from workbooks.layout_vendor import VENDOR, holds_lines
from workbooks.legend import legend_rows
from workbooks.reader import read_workbook
from workbooks.rows import Row, blocks
from workbooks.safe_text import looks_like_formula, safe_text, tab_names, table_names
from workbooks.sheet_places import sheet_parts
from workbooks.writer import WorkbookNotWritten, write_workbook

GOLDEN = Path(__file__).with_name("legend.txt")


def rows(reconciliation: Reconciliation) -> list[Comparison]:
    return records(Comparison, reconciliation.comparisons)


def with_rows(reconciliation: Reconciliation, made: list[Comparison]) -> Reconciliation:
    return replace(reconciliation, comparisons=frame(Comparison, made))


def test_the_untouched_effect_and_difference_are_the_comparisons(reconciliation: Reconciliation) -> None:
    by_key = {one.key: one for one in rows(reconciliation)}
    seen = 0
    for block in blocks(reconciliation):
        if block.sheet is VENDOR:
            for full in block.with_columns(compute(VENDOR, block.columns)).rows:
                one = by_key[str(full["key"])]
                assert (full["effect"] or None) == (one.effect or None), one
                assert (full["difference"] or None) == (one.difference or None), one
                assert (full["revenue_after"] or None) == (one.revenue_after or None), one
                seen += 1
    assert seen == len(by_key)


def test_rows_to_decide_come_first_by_effect_and_no_change_last(reconciliation: Reconciliation) -> None:
    block = blocks(reconciliation)[0]
    full = block.with_columns(compute(VENDOR, block.columns)).rows
    states = [str(row["state"]) for row in full]
    assert states.index("No change") > max(n for n, state in enumerate(states) if state != "No change")
    effects = [abs(row["effect"] or 0) for row in full[:10]]  # type: ignore[arg-type]
    assert effects == sorted(effects, reverse=True)


def test_the_symbol_beside_the_state_says_the_direction(reconciliation: Reconciliation) -> None:
    seen = {
        (row["state"], row["change"], _sign(row)) for block in blocks(reconciliation) for row in block.rows if block.sheet is VENDOR
    }
    assert seen == {
        ("Reconcile", UP, 1), ("Reconcile", DOWN, -1), ("Reconcile", UNKNOWN, 0), ("Reconcile", UP, 0), ("New revenue", NEW, 1),
        ("New revenue", NEW, 0), ("No usage", END, -1), ("Not known", UNKNOWN, 0), ("No change", SAME, 0),
    }  # fmt: skip


def _sign(row: Row) -> int:
    effect = row["effect"] or 0
    return (effect > 0) - (effect < 0)  # type: ignore[operator]


def test_the_decision_stands_on_the_first_screen() -> None:
    names = [c.name for c in VENDOR.columns]
    visible = VENDOR.columns[: names.index("quantity") + 1]
    assert sum(c.width for c in visible) <= 150


def test_every_formula_names_this_row_and_columns_that_exist() -> None:
    for sheet in READABLE:
        for column in sheet.columns:
            if column.formula:
                text = reference(sheet, column.formula, "T")
                assert "@" not in text
                assert len(text) < 8000
            assert (column.role is Role.FORMULA) == bool(column.formula)
        headers = [c.header.casefold() for c in sheet.columns]
        assert len(set(headers)) == len(headers)


def test_every_comparison_field_has_a_column() -> None:
    from dataclasses import fields

    shown = {c.field for c in VENDOR.columns}
    assert {f.name for f in fields(Comparison)} <= shown


def test_the_legend_is_as_reviewed() -> None:
    text = "\n".join(" | ".join(row) for row in legend_rows()) + "\n"
    if not GOLDEN.exists():
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), "the layout changed: remove legend.txt, run again, review the difference"


def test_every_column_says_what_it_means() -> None:
    assert all(c.legend for sheet in READABLE for c in sheet.columns)
    assert all(c.hint for sheet in READABLE for c in sheet.inputs)


def bare(reconciliation: Reconciliation, made: Sequence[Comparison]) -> Reconciliation:
    """Nothing but these rows."""
    return replace(
        with_rows(reconciliation, made),
        no_vendor=reconciliation.no_vendor[:0],
        not_compared=reconciliation.not_compared[:0],
        unmapped_accounts=reconciliation.unmapped_accounts[:0],
        unmapped_services=reconciliation.unmapped_services[:0],
        ledger=reconciliation.ledger[:0],
    )


@pytest.mark.parametrize("count", [0, 1])
def test_a_run_with_no_row_or_one_is_written_and_read(reconciliation: Reconciliation, tmp_path: Path, count: int) -> None:
    empty = bare(reconciliation, rows(reconciliation)[:count])
    write_workbook(empty, tmp_path / "a.xlsx", IDENTITY)
    assert_valid(tmp_path / "a.xlsx")
    returned = read_workbook(tmp_path / "a.xlsx")
    assert sum(cells.sheet is VENDOR for cells in returned.cells.values()) == count
    assert (returned.problems, changed_cells(returned, empty)) == ((), ())


def test_two_currencies_have_their_own_totals(reconciliation: Reconciliation, tmp_path: Path) -> None:
    made = [replace(one, currency="EUR" if n % 2 else "USD") for n, one in enumerate(rows(reconciliation))]
    write_workbook(with_rows(reconciliation, made), tmp_path / "a.xlsx", IDENTITY)
    assert_valid(tmp_path / "a.xlsx")
    heads = [cell.value for cell in load_workbook(tmp_path / "a.xlsx")["Microsoft"]["I"][:9]]
    assert "Revenue per month now, EUR" in heads
    assert "Revenue per month now, USD" in heads
    assert read_workbook(tmp_path / "a.xlsx").problems == ()


TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60) | st.sampled_from(
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "http://x", "_x0041_", "x\x0by", "\x00", "'", "1e5", "TRUE"]
)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=6, max_size=6))
def test_no_text_ever_becomes_a_formula(reconciliation: Reconciliation, tmp_path: Path, texts: list[tuple[str, str, str]]) -> None:
    like = rows(reconciliation)[0]
    some = [
        replace(like, customer=customer, why=why, vendor=vendor, agreement=customer, key=f"k{number}")
        for number, (customer, why, vendor) in enumerate(texts)
    ]
    write_workbook(bare(reconciliation, some), tmp_path / "a.xlsx", IDENTITY)
    assert_valid(tmp_path / "a.xlsx")
    found, allowed = formulas_of(tmp_path / "a.xlsx"), {n for n, c in enumerate(VENDOR.columns, 1) if c.role is Role.FORMULA}
    tabs = [block.tab for block in blocks(bare(reconciliation, some)) if holds_lines(block.sheet)]
    assert len(tabs) == len({vendor for _, _, vendor in texts})
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        for tab in tabs:
            formulas = [coordinate_to_tuple(place) for place in found[tab]]
            assert {column for row, column in formulas if row >= 8} == allowed
            assert b"<hyperlink " not in archive.read(sheet_parts(archive)[tab])


@given(st.text(max_size=200))
def test_safe_text_is_legal_and_safe_text_stays_as_it_is(text: str) -> None:
    safe = safe_text(text)
    assert safe_text(safe) == safe
    assert all(ch in "\n\t" or ord(ch) >= 32 for ch in safe)
    safe.encode("utf-8")


def test_over_long_text_is_cut_and_says_so() -> None:
    safe = safe_text("😀" * 40_000)
    assert len(safe.encode("utf-16-le")) // 2 <= 32_767
    assert safe.endswith("[40000 characters, cut]")
    assert safe_text("x" * 32_767) == "x" * 32_767


@given(st.lists(st.text(max_size=50) | st.sampled_from(["_x000D_", "_x0041_x005f_"]), max_size=12))
def test_tab_and_table_names_are_legal_and_differ(names: list[str]) -> None:
    tabs = tab_names(names, ["Cover"])
    assert len({tab.casefold() for tab in [*tabs, "Cover", "History"]}) == len(tabs) + 2
    for tab in tabs:
        assert 0 < len(tab.encode("utf-16-le")) // 2 <= 31
        assert not set(tab) & set("[]:*?/\\")
        assert not tab.startswith("'")
        assert not tab.endswith("'")
        assert not re.search("_x[0-9A-Fa-f]{4}_", tab)
    tables = table_names("Lines_", names)
    assert len({table.casefold() for table in tables}) == len(tables)


def test_what_starts_like_a_formula_is_marked_as_text() -> None:
    assert all(looks_like_formula(text) for text in ("=1", "+1", "-1", "@a", "\tx", "\rx"))
    assert not looks_like_formula("a=1")


def test_a_target_that_cannot_be_written_is_said_and_left_alone(reconciliation: Reconciliation, tmp_path: Path) -> None:
    (tmp_path / "taken.xlsx").mkdir()
    with pytest.raises(WorkbookNotWritten, match=r"taken\.xlsx could not be written"):
        write_workbook(reconciliation, tmp_path / "taken.xlsx", IDENTITY)
    assert [path.name for path in tmp_path.iterdir()] == ["taken.xlsx"]
    with pytest.raises(WorkbookNotWritten, match="choose another folder"):
        write_workbook(reconciliation, tmp_path / "nowhere" / "a.xlsx", IDENTITY)


def test_an_older_file_is_replaced_whole_and_progress_is_told(reconciliation: Reconciliation, tmp_path: Path) -> None:
    path, told = tmp_path / "a.xlsx", list[tuple[str, int]]()
    path.write_text("older")
    write_workbook(reconciliation, path, IDENTITY, progress=lambda sheet, count: told.append((sheet, count)))
    assert read_workbook(path).identity == IDENTITY
    assert told[0] == ("Microsoft", 28)


def test_zero_is_written_and_nothing_stays_empty(reconciliation: Reconciliation, tmp_path: Path) -> None:
    one = replace(next(one for one in rows(reconciliation) if one.state is State.NO_USAGE), bought=Decimal(0), assigned=None)
    write_workbook(with_rows(reconciliation, [one]), tmp_path / "a.xlsx", IDENTITY)
    sheet = load_workbook(tmp_path / "a.xlsx")[one.vendor]
    places = VENDOR.positions
    assert sheet.cell(8, places["bought"] + 1).value == 0
    assert sheet.cell(8, places["assigned"] + 1).value is None


def test_machine_columns_are_hidden_and_the_details_folded(issued: Path) -> None:
    sheet = load_workbook(issued)["Microsoft"]
    from openpyxl.utils import get_column_letter

    for place, column in enumerate(VENDOR.columns, 1):
        dimension = sheet.column_dimensions.get(get_column_letter(place))
        if column.group is Group.HIDDEN and dimension is not None:
            assert dimension.hidden
    assert isinstance(IDENTITY.issued_at, dt.datetime)
