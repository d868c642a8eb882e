from pathlib import Path

import pytest

from connectors.files import ImportRefused, load_profiles, read_usage
from core.frames import records
from core.records import Charge, ChargeKind
from core.settings import Settings

OWN = """
name = "mine"
title = "My vendor"
role = "charges"
vendor = "Mine"
end = "first day after"

[columns]
account = { headers = ["Who"], required = true }
account_id = { headers = ["Who No"], type = "id" }
vendor_service = { headers = ["What"], required = true }
quantity = { headers = ["How Many"], type = "quantity", required = true }
start = { headers = ["Since"], type = "date" }
end = { headers = ["Until"], type = "date" }
kind = { headers = ["Sort"] }

[compose]
vendor_service_id = ["{vendor_service}"]

[charge_kinds]
column = "kind"
default = "charge"
[charge_kinds.values]
Monthly = ["charge", "refund"]
"""

FINAL = '[columns]\nfinal = { headers = ["F"], type = "choice", values = { a = "b" } }'

WRONG = [
    ('role = "charges"', 'role = "bills"', "mine.toml, role: 'bills' was found, one of agreements, catalogue, charges, counts"),
    ('title = "My vendor"', "", "mine.toml, title: this key is missing; a text was expected"),
    ('title = "My vendor"', "title = 5", "mine.toml, title: 5 was found, a text was expected"),
    ('vendor = "Mine"', 'vendro = "Mine"', "mine.toml, vendro: this key is not known"),
    ('end = "first day after"', 'end = "later"', "mine.toml, end: 'later' was found, one of last day, first day after, detect"),
    ('end = "first day after"', 'decimal = "dot"', "mine.toml, decimal: 'dot' was found, one of point, comma"),
    ('["Who No"], type = "id"', '["Who No"], tpye = "id"', "mine.toml, columns.account_id.tpye: this key is not known"),
    ('["Who No"], type = "id"', '["Who No"], type = "ID"', "mine.toml, columns.account_id.type: 'ID' was found, one of text, id"),
    ('headers = ["Who"]', 'headers = "Who"', "mine.toml, columns.account.headers: 'Who' was found, a list of texts was expected"),
    ('headers = ["Who"]', "headers = [1]", "mine.toml, columns.account.headers: [1] was found, a list of texts was expected"),
    ('headers = ["Who"]', "headers = []", "mine.toml, columns.account.headers: at least one header was expected"),
    ("required = true }\nstart", 'required = "yes" }\nstart', "columns.quantity.required: 'yes' was found, true or false"),
    ('type = "quantity"', 'type = "price"', "mine.toml, columns.quantity.type: 'price' was found, 'quantity' was expected"),
    ('"{vendor_service}"', '"{service}"', "mine.toml, compose.vendor_service_id: 'service' is not one of the columns declared"),
    ('["charge", "refund"]', '["charge"]', "mine.toml, charge_kinds.values.Monthly: ['charge'] was found; one kind, or two"),
    ('["charge", "refund"]', '"fee"', "mine.toml, charge_kinds.values.Monthly: 'fee' was found, one of charge, count, usage"),
    ('column = "kind"', 'column = "sort"', "mine.toml, charge_kinds: 'sort' is not one of the columns declared"),
    ('account_id = { headers = ["Who No"], type = "id" }', "", "columns: 'account_id' is missing; a profile of charges"),
    ('headers = ["Sort"] }', 'headers = ["Sort"], type = "price" }', "charge_kinds: the column 'kind' is read as 'price'"),
    ('headers = ["Who"]', 'type = "price", headers = ["Who"]', "account.type: 'price' was found, 'text' or 'id'"),
    ('"quantity", required', '"quantity", default = "no", required', "columns.quantity.default: 'no' is not a number"),
    ("[compose]", '[compose]\namount = ["{quantity}"]', "mine.toml, compose.amount: only texts are composed"),
    ("[columns]", FINAL, "columns.final.values.a: 'b' was found, True or False was expected"),
    ("[columns]", "[columns", "mine.toml: this import profile cannot be read"),
    ('end = "first day after"', 'recognise = ["nothing"]', "mine.toml, recognise: 'nothing' is not one of the columns declared"),
]  # fmt: skip


def _folder(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "mine.toml").write_text(text)
    return folder


def test_the_profiles_that_come_with_the_product_load() -> None:
    names = {profile.name for profile in load_profiles()}
    assert names == {"microsoft_nce", "pax8_invoice", "counts", "psa_agreements", "psa_catalogue"}


def test_a_profile_of_the_user_reads_a_layout_that_nobody_knew(tmp_path: Path) -> None:
    profiles = load_profiles(_folder(tmp_path, OWN))
    file = tmp_path / "x.csv"
    file.write_text("Who,Who No,What,How Many,Since,Until,Sort\nA,1,EDR,5,2026-11-01,2026-12-01,monthly\nA,1,EDR,-2,,,MONTHLY\n")
    first, second = records(Charge, read_usage(file, Settings(), profiles=profiles).frame)
    assert (first.vendor, first.kind, str(first.until)) == ("Mine", ChargeKind.CHARGE, "2026-12-01")
    assert second.kind is ChargeKind.REFUND
    with pytest.raises(ImportRefused, match="no known layout"):
        read_usage(file, Settings())


def test_a_profile_of_the_user_stands_before_ours_and_replaces_one_of_its_name(tmp_path: Path) -> None:
    profiles = load_profiles(_folder(tmp_path, OWN.replace('name = "mine"', 'name = "counts"')))
    assert profiles[0].title == "My vendor"
    assert [profile.name for profile in profiles].count("counts") == 1


def test_of_two_layouts_that_fit_alike_the_users_is_taken(tmp_path: Path) -> None:
    own = OWN.replace('"Who"]', '"Account"]').replace('"How Many"', '"Quantity"').replace('"What"], required = true', '"Service"]')
    file = tmp_path / "x.csv"
    file.write_text("Account,Who No,Service,Quantity\nA,1,EDR,5\n")
    assert read_usage(file, Settings(), profiles=load_profiles(_folder(tmp_path, own))).source.layout == "mine"


def test_an_unknown_charge_kind_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    profiles = load_profiles(_folder(tmp_path, OWN))
    file = tmp_path / "x.csv"
    file.write_text("Who,Who No,What,How Many,Sort\nA,1,EDR,5,surcharge\n")
    with pytest.raises(ImportRefused, match="row 2, column Sort: 'surcharge' is not a known kind of charge; known are Monthly"):
        read_usage(file, Settings(), profiles=profiles)


@pytest.mark.parametrize(("right", "wrong", "said"), WRONG)
def test_a_mistake_in_a_profile_is_refused_with_file_and_key(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in OWN
    with pytest.raises(ImportRefused) as refusal:
        load_profiles(_folder(tmp_path, OWN.replace(right, wrong)))
    assert said in str(refusal.value)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="no such folder"):
        load_profiles(tmp_path / "nowhere")
