"""R20: which matches of names are certain, and which are only suggested."""

import pytest

from core.names import COULD_BE, SUGGEST, Companies, Index, company, likeness, same_company, service, words


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Acme Inc.", "ACME, Incorporated", True),
        ("Acme GmbH", "Acme", True),
        ("Müller & Söhne G.m.b.H.", "MÜLLER SÖHNE gmbh", True),
        ("Acme Ltd", "Acme Limited", True),
        ("Blue-Sky Dental", "bluesky dental", True),
        ("O'Neill Law", "ONeill Law", True),
        ("Acme AG", "Acme GmbH", False),
        ("Acme Inc", "Acme Ltd", False),
        ("Acme Pty Ltd", "Acme Ltd", False),
        ("Acme", "Acme Two", False),
        ("GmbH", "AG", False),
        ("---", "***", False),
        ("", "", False),
    ],
)
def test_names_are_the_same_but_for_case_punctuation_and_the_spelling_of_one_legal_form(one: str, other: str, same: bool) -> None:
    assert same_company(one, other) is same_company(other, one) is same


@pytest.mark.parametrize(
    ("accounts", "customers", "certain"),
    [
        ({"a": "ACME inc"}, {"1": "Acme, Inc."}, {"a": "1"}),
        ({"a": "Acme"}, {"1": "Acme AG", "2": "Acme GmbH"}, {}),  # two customers it could be
        ({"a": "Acme AG", "b": "Acme GmbH"}, {"1": "Acme"}, {}),  # two accounts of one customer
        ({"a": "Twin", "b": "Solo"}, {"1": "Twin", "2": "Twin", "3": "Solo"}, {"b": "3"}),  # customers with one name
        ({"a": "Acme AG"}, {"1": "Acme GmbH"}, {}),
        ({"a": "-"}, {"1": "."}, {}),
        ({}, {"1": "Acme"}, {}),
    ],
)
def test_a_certain_match_is_unique_on_both_sides(
    accounts: dict[str, str], customers: dict[str, str], certain: dict[str, str]
) -> None:
    assert Companies(customers).certain(accounts) == certain


def test_a_legal_form_is_taken_off_the_end_only() -> None:
    assert (company("Co Op Stores LLC").base, company("Co Op Stores LLC").form) == ("coopstores", "llc")
    assert company("Limited").base == "limited"
    assert company("Nice Proprietary Limited").form == "pty ltd"
    assert words("A.B.C. Corp_X") == ["abc", "corp", "x"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Business Premium (NCE)", "business premium"), ("New Commerce Experience Exchange", "Exchange"), ("E-3", "E3")],
)
def test_a_service_is_named_alike_without_the_new_commerce_mark(one: str, other: str) -> None:
    assert service(one) == service(other) != ""


def test_candidates_come_best_first_and_are_never_certain() -> None:
    index = Index({"1": "Gannet Wharf Chandlery", "2": "Gannet Wharf", "3": "Zebra"}, companies=True)
    found = index.candidates("Gannet Wharf Chandlers Group")
    assert [c.id for c in found] == ["2", "1"]
    assert found[0].confidence >= SUGGEST > COULD_BE
    assert index.candidates("Gannet Wharf Chandlery Inc")[0].confidence == 99
    assert index.candidates("Gannet Wharf", limit=1)[0].id == "2"
    assert index.candidates("!!!") == index.candidates("Quokka") == []


def test_a_leading_number_of_a_company_says_nothing() -> None:
    assert Index({"1": "0042 Acme Dental"}, companies=True).candidates("Acme Dental")[0].confidence == 99


def test_likeness_takes_words_in_any_order_and_one_more() -> None:
    assert likeness("acme dental", "dental acme") == 100
    assert 80 < likeness("acme dental", "acme dental group") < 100
    assert likeness("acme", "acme dental group") < SUGGEST
