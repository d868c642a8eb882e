"""What a formula may hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbooks.checker.formulas import Formulas
from workbooks.checker.structured import check_reference

FORMULAS = Formulas({"lines", "o'brien's & co", "données", "a.b"}, {"lines": {"amount", "to bill", "it's [odd] #1", "two\nlines"}})


@pytest.mark.parametrize(
    "text",
    [
        "SUM(A1:B2,3)",
        'IF(A1>1,"a;b (c","it""s")',
        "{1,2;3,4}",
        "SUM(Lines[Amount])",
        "Lines[[#This Row],[To bill]]*Lines[[#Totals],[Amount]]",
        "SUM(Lines[[Amount]:[To bill]])",
        "Lines[]",
        "Lines[#All]",
        "Lines[[#This Row],[It's '[odd'] '#1]]".replace("It's", "It''s"),
        "Lines[two\nlines]",
        "'O''Brien''s & co'!A1+Données!B$2+a.b!C3",
        "SUM('Lines:a.b'!A1)",
        "_xlfn.CONCAT(A1,_xlfn._xlws.SORT(B1:B9))",
        "[1]Sheet9!A1+'[2]Other sheet'!B2+[0]!name",
        "1.5E+3%+#REF!+#DIV/0!+Lines!#REF!",
        '-A1^2&"x"',
        "SUBTOTAL(109,[Amount])",
        "my.own_function(TRUE)",
    ],
)
def test_a_legal_formula_has_no_fault(text: str) -> None:
    assert FORMULAS.wrong(text) == ()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Lines[@[To bill]]", "is how it is typed"),
        ("Lines[[#This Row],[@Amount]]", "is how it is typed"),
        ("[@Amount]*2", "is how it is typed"),
        ("[Money]", "a table has no column 'Money'"),
        ("Lines[#Everything]", "has no part #Everything"),
        ("Gone[Amount]", "Gone is no table"),
        ("'Lines'", "names nothing"),
        ("Nowhere!A1", "the sheet 'Nowhere'"),
        ("SUM('Lines:Gone'!A1)", "the sheet 'Gone'"),
        ("{1;2", "{ is never closed"),
        ("(1}", "} closes nothing"),
        ("stdev.s(A1)", "STDEV.S is younger"),
        (" ", "the formula is empty"),
    ],
)
def test_an_illegal_formula_is_told(text: str, wrong: str) -> None:
    assert any(wrong in said for said, _ in FORMULAS.wrong(text)), FORMULAS.wrong(text)


@given(st.text(st.sampled_from("[]'\"(){};!@#,A1$ Lines\n:\\"), max_size=30))
def test_no_text_is_too_odd_to_be_judged(text: str) -> None:
    FORMULAS.wrong(text)


def test_one_text_is_looked_at_once() -> None:
    formulas = Formulas(set(), {})
    for _ in range(3):
        formulas.wrong("A1+B1")
    assert formulas.wrong.cache_info().misses == 1


def test_a_name_before_brackets_is_a_table() -> None:
    assert list(check_reference("Lines", "[Amount]", {"lines": {"amount"}})) == []
