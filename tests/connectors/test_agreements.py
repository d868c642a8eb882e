import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.files import Import, ImportRefused, read_agreements, read_catalogue
from core.frames import records
from core.records import AgreementLine, BillCustomer
from core.settings import Settings
from tests.connectors.files import SAMPLES, workbook

HEADERS = "Company,Agreement,Product ID,Quantity,Unit Price,Billing Cycle"


def _taken(folder: Path, content: str, settings: Settings | None = None) -> Import:
    path = folder / "psa.csv"
    path.write_text(content)
    return read_agreements(path, settings or Settings())


def _lines(folder: Path, content: str) -> list[AgreementLine]:
    return records(AgreementLine, _taken(folder, content).frame)


def _refusal(folder: Path, content: str) -> str:
    with pytest.raises(ImportRefused) as refusal:
        _taken(folder, content)
    return str(refusal.value)


def test_the_fewest_columns_are_enough(tmp_path: Path) -> None:
    taken = _taken(tmp_path, f"{HEADERS}\nHarbor,Gold,EDR,25,22.00,Monthly\n", Settings(currency="EUR"))
    [line] = records(AgreementLine, taken.frame)
    assert (line.customer_id, line.agreement_id, line.service, line.currency) == ("Harbor", "Harbor / Gold", "EDR", "EUR")
    assert (line.included, line.agreement_status, line.bill_customer) == (Decimal(0), "Active", BillCustomer.BILLABLE)
    assert (line.in_arrears, line.prorates, line.unit_cost, line.invoiced_through) == (False, False, None, None)
    assert (line.place, taken.source.role, taken.source.as_of) == ("psa.csv row 2", "PSA", None)


@pytest.mark.parametrize(
    ("word", "months"),
    [
        ("Monthly", 1), ("quarterly", 3), ("Semi-Annual", 6), ("SEMI ANNUAL", 6), ("Annual", 12), ("Yearly", 12), ("2-Year", 24),
        ("3 year", 36), ("One-Time", 0), ("None", 0), ("Not recurring", 0),
    ],
)  # fmt: skip
def test_billing_cycles_are_known_by_their_usual_words(tmp_path: Path, word: str, months: int) -> None:
    assert _lines(tmp_path, f"{HEADERS}\nHarbor,Gold,EDR,25,22,{word}\n")[0].cycle_months == months


def test_an_unknown_billing_cycle_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    said = _refusal(tmp_path, f"{HEADERS}\nHarbor,Gold,EDR,25,22,Weekly\n")
    assert "row 2, column Billing Cycle: 'Weekly' is not known here; known are Monthly" in said


@pytest.mark.parametrize(
    ("word", "arrears"), [("Arrears", True), ("in advance", False), ("Future", False), ("Current", False), ("", False)]
)
def test_period_types_say_whether_a_line_is_billed_in_arrears(tmp_path: Path, word: str, arrears: bool) -> None:
    assert _lines(tmp_path, f"{HEADERS},Period Type\nHarbor,Gold,EDR,25,22,Monthly,{word}\n")[0].in_arrears is arrears


@pytest.mark.parametrize(
    ("word", "kind"), [("No Charge", "NoCharge"), ("NoCharge", "NoCharge"), ("Do Not Bill", "DoNotBill"), ("yes", "Billable")]
)
def test_bill_customer_is_known_by_its_usual_words(tmp_path: Path, word: str, kind: str) -> None:
    assert _lines(tmp_path, f"{HEADERS},Bill Customer\nHarbor,Gold,EDR,25,22,Monthly,{word}\n")[0].bill_customer == kind


def test_a_missing_price_is_no_price_of_zero(tmp_path: Path) -> None:
    assert "row 2, column Unit Price: is empty; a line needs its product" in _refusal(
        tmp_path, f"{HEADERS}\nHarbor,Gold,EDR,25,,Monthly\n"
    )


def test_a_line_id_that_stands_twice_is_refused_with_both_rows(tmp_path: Path) -> None:
    said = _refusal(
        tmp_path, f"{HEADERS},Line ID\nA,Gold,EDR,1,2,Monthly,77\nA,Gold,AV,1,2,Monthly,78\nB,Gold,EDR,1,2,Monthly,77\n"
    )
    assert said == "psa.csv, row 4, column Line ID: '77' stands in row 2 already; a line id may stand once"


def test_a_blank_line_id_is_refused_where_there_is_the_column(tmp_path: Path) -> None:
    assert "column Line ID: is empty" in _refusal(tmp_path, f"{HEADERS},Line ID\nA,Gold,EDR,1,2,Monthly,\n")


def test_made_line_ids_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    rows = ["A,Gold,EDR,4,24.00,Monthly", "A,Gold,EDR,20,22.00,Monthly", "A,Gold,AV,20,3,Monthly", "B,Gold,EDR,1,22,Monthly"]
    one = _taken(tmp_path, "\n".join([HEADERS, *rows]))
    other = _taken(tmp_path, "\n".join([HEADERS, *reversed(rows)]))
    assert dict(zip(one.frame["line_id"], one.frame["quantity"], strict=True)) == dict(
        zip(other.frame["line_id"], other.frame["quantity"], strict=True)
    )
    assert one.frame["line_id"].is_unique
    assert any("no line ids" in note for note in one.source.notes)


def test_a_row_without_product_and_quantity_declares_an_agreement(tmp_path: Path) -> None:
    taken = _taken(tmp_path, f"{HEADERS}\nHarbor,Gold,EDR,25,22,Monthly\nHarbor,Silver,,,,Annual\nHarbor,Silver,,,,Annual\n")
    assert len(taken.frame) == 1
    [agreement] = taken.agreements
    assert (agreement.agreement_id, agreement.cycle_months, agreement.open) == ("Harbor / Silver", 12, True)


def test_an_export_of_agreements_without_a_line_is_taken(tmp_path: Path) -> None:
    taken = _taken(tmp_path, f"{HEADERS}\nHarbor,Silver,,,,Annual\n")
    assert (len(taken.frame), len(taken.agreements)) == (0, 1)


def test_a_workbook_export_is_read_alike(tmp_path: Path) -> None:
    rows = [
        [*HEADERS.split(","), "Line ID", "Effective Date"],
        ["Harbor", "Gold", 4711, 25, 22.5, "Monthly", 3589, dt.date(2026, 1, 1)],
    ]
    path = tmp_path / "psa.xlsx"
    path.write_bytes(workbook(("Additions", rows)))
    [line] = records(AgreementLine, read_agreements(path, Settings()).frame)
    assert (line.service_id, line.line_id, line.effective, line.place) == ("4711", "3589", dt.date(2026, 1, 1), "psa.xlsx row 2")


def test_a_vendor_file_is_no_agreements_export() -> None:
    with pytest.raises(ImportRefused, match="the nearest, PSA agreements export, also needs"):
        read_agreements(SAMPLES / "huntress-usage.csv", Settings())


def test_a_product_that_stands_twice_in_the_catalogue_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_text("Product ID,Description,Unit Price\nEDR,Managed EDR,5\nEDR,Managed EDR,6\n")
    with pytest.raises(ImportRefused, match="row 3, column Product ID: 'EDR' stands in row 2 already"):
        read_catalogue(path, Settings())


def test_a_catalogue_price_may_be_missing_and_is_then_not_zero(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_text("Product ID,Description,Unit Price\nEDR,Managed EDR,\nAV,Antivirus,0\n")
    assert [service.price for service in read_catalogue(path, Settings()).services] == [None, 0]
