"""Rows are as high as their wrapped text needs."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbooks.heights import PADDING, PIXELS_A_POINT, PIXELS_A_UNIT, POINTS, WIDEST, WIDTHS, lines_needed


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 20, 1),
        ("Acme", 20, 1),
        ("Harbor Construction Corp", 21, 2),  # LibreOffice breaks it in two
        ("not on this invoice or count", 23, 1),  # and this not: its letters are narrow
        ("uses 9, billed on no line; no active agreement (expired)", 23, 3),
        ("one\ntwo", 20, 2),
        ("W" * 40, 20, 4),
    ],
)
def test_a_text_takes_as_many_lines_as_it_is_wide(text: str, width: float, lines: int) -> None:
    assert lines_needed(pa.array([text]), width).tolist() == [lines]


def one_by_one(text: str, width: float) -> int:
    """The rule in its plainest form."""
    room, lines = (width * PIXELS_A_UNIT - PADDING) * 1000 // (POINTS * PIXELS_A_POINT), 0
    for part in text.split("\n"):
        lines, used = lines + 1, 0
        for word in part.split(" "):
            wide = sum(WIDTHS.get(letter, WIDEST) for letter in word)
            if used and used + WIDTHS[" "] + wide > room:
                lines, used = lines + 1, 0
            lines, rest = (lines + int(wide // room), wide % room) if wide > room else (lines, wide)
            used += (WIDTHS[" "] if used else 0) + rest
    return lines


@given(st.lists(st.text("abcWmi .\n é漢\u0301", max_size=60), max_size=20), st.integers(6, 48), st.integers(0, 5))
def test_many_texts_are_as_high_as_each_alone(texts: list[str], width: int, skipped: int) -> None:
    part = pa.array(texts, pa.string())[skipped:]
    assert lines_needed(part, width, most=1_000).tolist() == [one_by_one(text, width) for text in texts[skipped:]]


def test_counting_ends_once_it_is_too_high() -> None:
    assert lines_needed(pa.array(["a\n" * 32_000, "a"]), 20, most=6).tolist()[0] > 6
