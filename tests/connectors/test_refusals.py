from pathlib import Path

import pytest

from connectors.files import ImportRefused, read_usage
from core.settings import Settings
from tests.connectors.files import HEADERS, charges_of, refusal_of

CASES = [
    ("", "vendor.csv: the file is empty"),
    ("\ufeff", "vendor.csv: the file is empty"),
    (HEADERS, "row 1: there are headers and no rows below them"),
    (f"{HEADERS}\nTotal,,5", "there is nothing but a totals row below the headers"),
    ("\x00\x01\x02\x03 rubbish", "this is not a text file"),
    ("<html><table></table></html>", "this is a web page"),
    (f"{HEADERS}\nA,EDR,1\nA,EDR,2,3", "row 3: this row has more cells than the 3 headers ('3')"),
    ("Account,Service,Quantity,quantity\nA,EDR,1,2", "column Quantity: this header stands over columns C and D"),
    (f'{HEADERS}\nA,"EDR,1\nB,EDR,2', "row 2 (line 2): a quoted cell starts here and is not closed"),
    ("foo,bar\n1,2", "no known layout has these headers: foo, bar. The simplest, Vendor counts, needs 'Account', 'Quantity'"),
    ("Account,Service\nA,EDR", "Account, Service. No known layout has them; the nearest, Vendor counts, also needs"),
    ("Customer Name,Quantity,Charge Type\nA,1,new", "it is not Vendor counts, because of its column 'Charge Type'"),
    (f"{HEADERS}\nA,EDR,many", "row 2, column Quantity: 'many' is not a number; write it like 1234.56"),
    (f"{HEADERS}\nA,EDR,", "row 2, column Quantity: is empty"),
    (f"{HEADERS}\n,EDR,1", "row 2, column Account: is empty"),
    (f"{HEADERS}\nA,,1", "row 2: this row names no service"),
    (f"{HEADERS}\nA,EDR,50%", "'50%' is a percentage"),
    (f"{HEADERS}\nA,EDR,$5", "'$5' is not a quantity"),
    (f"{HEADERS}\nA,EDR,123456789012345", "'123456789012345' has more than 14 digits before the decimals"),
    ("Account;Service;Quantity;Price\nA;EDR;1,5;2.25", "'2.25' marks decimals with a point, but '1,5' (vendor.csv, row 2,"),
    (f"{HEADERS},Start,End\nA,EDR,1,13/1/26,1/31/26", "'13/1/26' has the day first, but '1/31/26' (vendor.csv, row 2,"),
    (f"{HEADERS},Start\nA,EDR,1,soon", "column Start: 'soon' is not a date; write it like 2026-01-31"),
    (f"{HEADERS},Start,End\nA,EDR,1,2026-02-01,2026-01-01", "column End: 2026-01-01 is before the period's start 2026-02-01"),
    (f"{HEADERS},Price\nA,EDR,1,EUR 5.00", "column Price: 'EUR 5.00' is in EUR, but the row's currency is USD"),
    (f"{HEADERS},Currency\nA,EDR,1,Dollars", "column Currency: 'Dollars' is not a currency code"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), CASES)
def test_a_bad_file_is_refused_with_place_value_and_what_to_do(tmp_path: Path, content: str, said: str) -> None:
    assert said in refusal_of(tmp_path, content)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"nothing\.csv: there is no such file"):
        read_usage(tmp_path / "nothing.csv", Settings())
    with pytest.raises(ImportRefused, match="this is a folder"):
        read_usage(tmp_path, Settings())


def test_twenty_problems_are_listed_in_row_order_and_the_rest_counted(tmp_path: Path) -> None:
    rows = "".join(f"A,EDR,{'x' if n % 2 else 1},{1 if n % 2 else 'y'}\n" for n in range(30))
    with pytest.raises(ImportRefused) as refusal:
        charges_of(tmp_path, f"{HEADERS},Price\n{rows}")
    assert len(refusal.value.problems) == 20
    assert refusal.value.more == 10
    assert str(refusal.value).endswith("and 10 more")
    assert [problem.place.split(", ")[1] for problem in refusal.value.problems] == [f"row {n}" for n in range(2, 22)]


def test_a_file_of_one_bad_row_is_not_taken_in_part(tmp_path: Path) -> None:
    refusal_of(tmp_path, f"{HEADERS}\nA,EDR,1\nB,EDR,x\nC,EDR,3")


def test_a_layout_of_which_a_header_is_missing_is_not_taken_for_a_plain_count(tmp_path: Path) -> None:
    headers = "company_name,type,start_period,quantity,sku,description,cost_total"
    said = refusal_of(tmp_path, f"{headers}\nA,subscription,2026-11-01,1,S,D,5")
    assert "Pax8 invoice CSV, also needs 'cost'" in said
