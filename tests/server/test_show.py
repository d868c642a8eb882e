"""Lines for a terminal."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core import buckets
from core.records import Comparison, State, Tally
from server import show
from server.standing import BUCKET_OF, tally

ROWS = [("Customer", "Do in the PSA", "Effect"), ("Adventure Works Cycles", "on line 3001 change quantity 25 to 28", "66.00")]


def test_a_table_is_as_wide_as_it_is_where_nobody_looks_at_it() -> None:
    assert list(show.table(ROWS, right=[2])) == [
        "  Customer                Do in the PSA                          Effect",
        "  Adventure Works Cycles  on line 3001 change quantity 25 to 28   66.00",
    ]


@given(st.integers(min_value=46, max_value=120))
def test_a_table_fits_a_narrow_terminal_and_loses_no_word(width: int) -> None:
    lines = list(show.table(ROWS, right=[2], width=width))
    assert max(map(len, lines)) <= width
    assert sorted(" ".join(lines).split()) == sorted(" ".join(cell for row in ROWS for cell in row).split())


def test_an_empty_cell_is_no_trouble() -> None:
    assert list(show.table([("A", "B"), ("", "")], width=10)) == ["  A  B", ""]


def row(key: str, state: State, vendor: str = "Pax8") -> Comparison:
    blank = dict.fromkeys(Comparison.__dataclass_fields__)
    return Comparison(**{**blank, "key": key, "state": state, "vendor": vendor, "currency": "USD", "effect": Decimal(5)})  # type: ignore[arg-type]


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.tuples(st.sampled_from(State), st.sampled_from("PQ")), max_size=12),
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.sampled_from([*BUCKET_OF.values(), "suspended"]), max_size=12),
)
def test_every_row_to_decide_stands_in_exactly_one_bucket(rows: dict[str, tuple[State, str]], decided: dict[str, str]) -> None:
    found = tally([row(key, state, vendor) for key, (state, vendor) in rows.items()], decided)
    waiting = [key for key, (state, _) in rows.items() if state not in (State.NO_CHANGE, State.NOT_KNOWN)]
    assert sum(t.rows for t in found if t.bucket == buckets.IN) == len(waiting)
    assert sum(t.rows for t in found if t.bucket == "open") == len(set(waiting) - set(decided))
    assert show.rows_to_decide(found).endswith("unexplained: 0")


def test_rows_that_stand_nowhere_show_as_unexplained() -> None:
    lost = [Tally("decisions", "Pax8", "USD", name, rows, Decimal(1), Decimal(1)) for name, rows in (("in", 3), ("open", 2))]
    assert show.rows_to_decide(lost) == "3 rows to decide = 2 open; unexplained: 1"
