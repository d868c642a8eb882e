from pathlib import Path

from tests.connectors.files import HEADERS, charges_of, usage_of


def test_a_totals_row_is_skipped_and_noted(tmp_path: Path) -> None:
    taken = usage_of(tmp_path, f"{HEADERS}\nA,EDR,1\nB,EDR,2\nGrand Total,,3\n")
    assert list(taken.frame["quantity"]) == [1, 2]
    assert taken.source.rows == 2
    assert taken.source.notes == ("vendor.csv, row 4: a totals row, skipped",)


def test_a_total_that_differs_from_its_rows_is_noted(tmp_path: Path) -> None:
    notes = usage_of(tmp_path, f"{HEADERS}\nA,EDR,1\nB,EDR,2\nTotal:,,4\n").source.notes
    assert "vendor.csv, row 4: the file's total Quantity 4.0000 differs from its rows' 3.0000" in notes


def test_subtotals_are_compared_with_the_rows_since_the_one_before(tmp_path: Path) -> None:
    rows = f"{HEADERS}\nA,EDR,1\nSubtotal for A,,1\nB,EDR,2\nB,AV,3\nSubtotal for B,,5\nTotal,,6\n"
    notes = usage_of(tmp_path, rows).source.notes
    assert not any("differs" in note for note in notes)
    assert len(notes) == 3


def test_a_customer_whose_name_starts_like_a_total_is_kept(tmp_path: Path) -> None:
    assert len(charges_of(tmp_path, f"{HEADERS}\nA,EDR,1\nTotal Wine,EDR,1\n")) == 2
    assert len(charges_of(tmp_path, "Account,Quantity\nA,1\nTotal Wine,7\nSummit,1\n")) == 3


def test_where_only_a_name_tells_a_total_must_agree_with_its_rows(tmp_path: Path) -> None:
    assert len(charges_of(tmp_path, "Account,Quantity\nA,1\nB,6\nTotal of all sites,7\n")) == 2


def test_what_stands_in_a_totals_row_cannot_refuse_the_file(tmp_path: Path) -> None:
    assert len(charges_of(tmp_path, f"{HEADERS},Price\nA,EDR,1,5\nTotal,,1,n/a\n")) == 1
