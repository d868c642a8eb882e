"""Rows are as high as their wrapped text needs."""

import pytest

from workbooks.heights import lines_needed


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
    assert lines_needed(text, width) == lines
