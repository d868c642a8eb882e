"""Long lists are read field by field: the same records, and the same words about what is wrong, as their schema gives."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields

from server.api.deciding import DecisionIn
from server.api.fields import Rows

GOOD = {"key": "line:1", "fingerprint": "f", "action": "Approve"}


class Quick(Schema):
    rows = Rows(DecisionIn, required=True)


class Plain(Schema):
    rows = fields.List(fields.Nested(DecisionIn), required=True)


def said(schema: type[Schema], body: Any) -> Any:
    try:
        return schema().load(body)
    except ValidationError as error:
        return error.messages


ODD: list[Any] = [None, "", "x", 1, 1.5, True, [], {}, "12.5", "1e5", "2026-12-01", "2026-13-01", "Approve", "a\x00b", "x" * 3000]


@pytest.mark.parametrize("rows", [[], None, "x", {}, [None], ["x"], [[]], [GOOD | {"more": 1}], [GOOD, {}], [{1: 2}]])
def test_what_is_no_list_of_records_is_told_as_ever(rows: Any) -> None:
    assert said(Quick, {"rows": rows}) == said(Plain, {"rows": rows})


@given(st.lists(st.dictionaries(st.sampled_from(sorted(DecisionIn().fields)), st.sampled_from(ODD), max_size=4), max_size=3))
def test_every_value_of_every_field_comes_to_the_same(rows: list[dict[str, Any]]) -> None:
    body = {"rows": [GOOD | row for row in rows]}
    assert said(Quick, body) == said(Plain, body)


def test_a_list_that_is_left_out_is_each_row_s_own() -> None:
    first, second = Quick().load({"rows": [GOOD, GOOD]})["rows"]
    assert first["steps"] == second["steps"] == []
    assert first["steps"] is not second["steps"]
