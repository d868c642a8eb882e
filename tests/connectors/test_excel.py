import datetime as dt
import io
import zipfile
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from connectors.files import ImportRefused
from tests.connectors.files import bytes_of, charges_of, refusal_of, usage_of, workbook

HEADER = ["Account", "Service", "SKU", "Quantity", "Unit Cost", "Start", "End", "Subscription ID"]
ROW = ["Harbor", "EDR", 4711, 25, 17.6, dt.date(2026, 11, 1), dt.date(2026, 11, 30), "s-1"]


def _changed(content: bytes, old: bytes, new: bytes) -> bytes:
    """The workbook with a change in the XML of its sheets."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(buffer, "w") as changed:
        for name in package.namelist():
            part = package.read(name)
            changed.writestr(name, part.replace(old, new) if name.startswith("xl/worksheets/") else part)
    return buffer.getvalue()


def test_a_workbook_is_read_with_real_row_numbers_and_whole_numbers_as_ids(tmp_path: Path) -> None:
    content = workbook(("Data", [[], [], [None, *HEADER], [], [None, *ROW]]))
    [charge] = charges_of(tmp_path, content, "huntress.xlsx")
    assert (charge.row, charge.sku, charge.quantity, charge.unit_cost) == (5, "4711", Decimal(25), Decimal("17.6"))
    assert (charge.start, charge.until) == (dt.date(2026, 11, 1), dt.date(2026, 12, 1))


def test_the_noise_of_binary_floats_is_no_rounding(tmp_path: Path) -> None:
    content = _changed(workbook(("Data", [HEADER, ROW])), b"<v>17.6</v>", b"<v>17.599999999999998</v>")
    taken = usage_of(tmp_path, content, "v.xlsx")
    assert taken.frame["unit_cost"][0] == Decimal("17.6")
    assert not any("decimals" in note for note in taken.source.notes)


def test_the_sheet_with_the_best_headers_is_read_and_named(tmp_path: Path) -> None:
    content = workbook(("Cover", [["Hello"], ["Account"]]), ("Details", [HEADER, ROW]), ("Old", [HEADER]))
    notes = usage_of(tmp_path, content, "v.xlsx").source.notes
    assert "sheet 'Details' was read, one of 3" in notes
    assert any(note.startswith("sheet 'Old' has the same headers and was not read") for note in notes)


def test_a_number_too_long_for_a_spreadsheet_is_refused_as_an_id(tmp_path: Path) -> None:
    row = [*ROW[:2], 569142413664018751, *ROW[3:]]
    said = refusal_of(tmp_path, workbook(("Data", [HEADER, row])), "v.xlsx")
    assert "v.xlsx, Data!C2, column SKU" in said
    assert "export as CSV, or format the column as text" in said


def test_a_formula_counts_with_its_cached_value_and_is_noted(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as made:
        sheet = made.add_worksheet("Data")
        sheet.write_row(0, 0, ["Account", "Service", "Quantity"])
        sheet.write_row(1, 0, ["A", "EDR"])
        sheet.write_formula(1, 2, "=20+5", None, 25)
    taken = usage_of(tmp_path, buffer.getvalue(), "v.xlsx")
    assert taken.frame["quantity"][0] == 25
    assert "cells with a formula, which count with the value last calculated: 1" in taken.source.notes


def test_a_formula_that_gives_an_empty_text_is_a_blank_cell(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as made:
        sheet = made.add_worksheet("Data")
        sheet.write_row(0, 0, ["Account", "Service", "Quantity", "Term"])
        sheet.write_row(1, 0, ["A", "EDR", 5])
        sheet.write_formula(1, 3, '=IF(C2>9,"Annual","")', None, "Annual")
    content = _changed(buffer.getvalue(), b"<v>Annual</v>", b"<v></v>")  # as Excel saves an empty result
    assert charges_of(tmp_path, content, "v.xlsx")[0].term is None


def test_a_hidden_sheet_is_read_only_where_there_is_no_other(tmp_path: Path) -> None:
    made = openpyxl.load_workbook(io.BytesIO(workbook(("Old", [HEADER, ROW, ROW]), ("Now", [HEADER, ROW]))))
    made["Old"].sheet_state = "hidden"
    assert len(charges_of(tmp_path, bytes_of(made), "v.xlsx")) == 1


def test_a_formula_without_a_value_is_refused_where_it_is_used(tmp_path: Path) -> None:
    used = workbook(("Data", [HEADER, [*ROW[:3], "=20+5", *ROW[4:]]]))
    assert "v.xlsx, Data!D2, column Quantity: this formula has no value" in refusal_of(tmp_path, used, "v.xlsx")
    unused = workbook(("Data", [[*HEADER, "Remark"], [*ROW, "=20+5"]]))
    assert len(charges_of(tmp_path, unused, "v.xlsx")) == 1


def test_a_formula_without_a_value_in_a_totals_row_does_no_harm(tmp_path: Path) -> None:
    content = workbook(("Data", [HEADER, ROW, ["Total", None, None, "=SUM(D2:D2)"]]))
    assert len(charges_of(tmp_path, content, "v.xlsx")) == 1


def test_an_error_cell_is_refused_where_it_is_used(tmp_path: Path) -> None:
    content = workbook(("Data", [[*HEADER, "Remark"], [*ROW[:3], "#N/A", *ROW[4:], "#REF!"]]))
    said = refusal_of(tmp_path, content, "v.xlsx")
    assert said == "v.xlsx, Data!D2, column Quantity: this cell holds the error #N/A; correct it"


def test_yes_and_dates_are_no_quantities(tmp_path: Path) -> None:
    content = workbook(
        ("Data", [HEADER, [*ROW[:3], True, *ROW[4:]], [*ROW[:3], 1, *ROW[4:]], [*ROW[:3], dt.date(2026, 1, 1), *ROW[4:]]])
    )
    said = refusal_of(tmp_path, content, "v.xlsx")
    assert "Data!D2, column Quantity: 'TRUE' is not a number" in said
    assert "Data!D3" not in said
    assert "Data!D4, column Quantity: '2026-01-01' is not a number" in said


def test_a_serial_number_in_a_date_column_is_a_date(tmp_path: Path) -> None:
    [charge] = charges_of(tmp_path, workbook(("Data", [HEADER, [*ROW[:5], 46327, 46356, "s-1"]])), "v.xlsx")
    assert (charge.start, charge.until) == (dt.date(2026, 11, 1), dt.date(2026, 12, 1))


def test_cells_without_addresses_are_followed_by_their_order(tmp_path: Path) -> None:
    content = workbook(("Data", [["Account", "Service", "Quantity"], ["A", "EDR", "=1+1"]]))
    for cell in ("A1", "B1", "C1", "A2", "B2", "C2"):
        content = _changed(content, f' r="{cell}"'.encode(), b"")
    assert "Data!C2, column Quantity: this formula has no value" in refusal_of(tmp_path, content, "v.xlsx")


def test_a_workbook_under_the_name_of_a_csv_file_is_read_by_what_it_holds(tmp_path: Path) -> None:
    assert len(charges_of(tmp_path, workbook(("Data", [HEADER, ROW])), "export.csv")) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"this is plain text", "the workbook is damaged"),
        (b"PK\x03\x04 and then nothing", "the workbook is damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "this is the old Excel format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"", "the file is empty"),
        (workbook(("Data", [])), "the file is empty"),
        (workbook(("Data", [HEADER])), "there are headers and no rows"),
    ],
)
def test_a_file_that_is_no_usable_workbook_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in refusal_of(tmp_path, content, "v.xlsx")


def test_a_package_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("readme.txt", "hello")
    assert "this is not an .xlsx workbook" in refusal_of(tmp_path, buffer.getvalue(), "v.xlsx")


def test_no_damage_to_a_file_escapes_as_another_error(tmp_path: Path) -> None:
    content = workbook(("Data", [HEADER, ROW, [*ROW[:3], "=1+1", *ROW[4:]]]))
    for at in range(0, len(content), 41):
        broken = content[:at] + b"\x00\xff\x41" + content[at + 3 :]
        with suppress(ImportRefused):
            charges_of(tmp_path, broken, "broken.xlsx")
