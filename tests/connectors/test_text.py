from decimal import Decimal
from pathlib import Path

import pytest

from tests.connectors.files import charges_of, refusal_of, usage_of

TABLE = "Account,Service,Quantity\nÄrztehaus,EDR,7\n"


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        b"\xfe\xff" + TABLE.encode("utf-16-be"),
        TABLE.encode("utf-16-le"),
        TABLE.encode("utf-16-be"),
        TABLE.encode("cp1252"),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").encode(),
        TABLE.replace(",", "|").encode(),
        ("sep=;\n" + TABLE.replace(",", ";")).encode(),
        TABLE.replace("\n", ",,,\n").encode(),
        TABLE.replace("Account,Service,Quantity", " ACCOUNT ,service, quan-tity").encode(),
    ],
)
def test_encoding_separator_and_spelling_of_headers_do_not_matter(tmp_path: Path, content: bytes) -> None:
    [charge] = charges_of(tmp_path, content)
    assert (charge.account, charge.vendor_service, charge.quantity, charge.row) == ("Ärztehaus", "EDR", Decimal(7), 2)


def test_text_that_is_not_utf8_is_read_as_windows_1252_with_a_note(tmp_path: Path) -> None:
    assert any("Windows-1252" in note for note in usage_of(tmp_path, TABLE.encode("cp1252")).source.notes)
    assert usage_of(tmp_path, TABLE).source.notes == ()


def test_a_semicolon_file_with_decimal_commas_is_cut_at_semicolons(tmp_path: Path) -> None:
    rows = "".join(f"A{n};EDR;{n},5;1,25\n" for n in range(1, 6))
    charges = charges_of(tmp_path, "Account;Service;Quantity;Price\n" + rows)
    assert [str(c.quantity) for c in charges] == ["1.5000", "2.5000", "3.5000", "4.5000", "5.5000"]


def test_the_header_row_may_stand_lower_and_rows_may_be_blank(tmp_path: Path) -> None:
    content = 'Usage report,,\n"Printed, by hand",,\n\nAccount,Service,Quantity\n\n,,\nA,EDR,1\n\nB,EDR,2\n,,\n'
    assert [(c.row, c.account) for c in charges_of(tmp_path, content)] == [(7, "A"), (9, "B")]


def test_a_cell_of_several_lines_is_one_row_and_a_problem_names_row_and_line(tmp_path: Path) -> None:
    content = 'Account,Service,Quantity\n"Harbor\nDental","EDR, ""managed""",1\nB,EDR,2\n'
    first, second = charges_of(tmp_path, content)
    assert (first.account, first.vendor_service) == ("Harbor Dental", 'EDR, "managed"')
    assert second.row == 3
    assert "row 3 (line 4), column Quantity: 'two'" in refusal_of(tmp_path, content.replace("B,EDR,2", "B,EDR,two"))


def test_rows_shorter_than_the_header_are_filled_with_blanks(tmp_path: Path) -> None:
    [charge] = charges_of(tmp_path, "Account,Service,Quantity,Unit Cost,Term\nA,EDR,1\n")
    assert (charge.quantity, charge.unit_cost, charge.term) == (Decimal(1), None, None)


def test_an_18_digit_id_keeps_every_digit(tmp_path: Path) -> None:
    [charge] = charges_of(tmp_path, "Account,Account ID,Service,SKU,Quantity\nA,569142413664018751,EDR,000123,1\n")
    assert (charge.account_id, charge.sku) == ("569142413664018751", "000123")


def test_an_id_that_a_spreadsheet_shortened_is_refused(tmp_path: Path) -> None:
    said = refusal_of(tmp_path, "Account,Account ID,Service,Quantity\nA,5.69142E+17,EDR,1\n")
    assert "row 2, column Account ID: '5.69142E+17' is an id that a spreadsheet has shortened" in said
