"""Frames with a declared schema: exact, and None where there is nothing."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.frames import (
    SchemaError,
    alike,
    arrays,
    check,
    codes,
    column,
    declared,
    frame,
    frame_of_columns,
    records,
    schema,
    texts,
    values,
)
from core.records import AgreementLine, Charge, ChargeKind, Service, Tally
from tests.core.build import CHARGE, LINE, D, charge


def test_records_go_through_a_frame_unchanged() -> None:
    rows = [charge(28), charge(0, subscription=None, unit_cost=None, start=None, term="P1Y")]
    back = records(Charge, frame(Charge, rows))
    assert back == rows
    assert back[0].kind is ChargeKind.CHARGE
    assert records(AgreementLine, frame(AgreementLine, [LINE])) == [LINE]
    assert records(Charge, frame(Charge, [])) == []


def test_an_empty_cell_is_none_and_never_pandas_own_na() -> None:
    made = frame(Charge, [charge(subscription=None), CHARGE])
    assert values(made["subscription_id"]) == texts(made["subscription_id"]).tolist() == [None, "sub-1"]
    numbers, names = codes(made["subscription_id"])
    assert (numbers.tolist(), names.tolist()) == ([-1, 0], ["sub-1"])


def test_a_column_that_is_left_out_is_empty_and_one_that_may_not_be_is_refused() -> None:
    made = frame_of_columns(Service, {"service_id": ["a"], "service": pd.Series(["A"], dtype=pd.ArrowDtype(pa.string()))})
    assert records(Service, made) == [Service("a", "A", None, None)]
    with pytest.raises(SchemaError, match=r"Service.service is empty in row 0"):
        frame_of_columns(Service, {"service_id": ["a"]})
    with pytest.raises(SchemaError, match="column 'cost' is missing"):
        check(Service, made.drop(columns="cost"))
    with pytest.raises(SchemaError, match=r"Service.price is .*string.*, expected decimal128\(18, 6\)"):
        check(Service, made.assign(price=made["service"]))


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Service.service has 1 values, and the first column 2"):
        frame_of_columns(Service, {"service_id": ["a", "b"], "service": ["A"]})


def test_a_frame_is_what_the_public_ways_of_pandas_make_and_show() -> None:
    rows = [charge(28), charge(0, subscription=None, unit_cost=None)]
    made = frame(Charge, rows)
    public = pd.DataFrame({c.name: column([getattr(row, c.name) for row in rows], c.type) for c in schema(Charge)})
    pd.testing.assert_frame_equal(made, public)
    for data in (made, public, made[1:], made.iloc[[1, 0, 1]], pd.concat([made, made]), made.assign(row=made["row"])):
        assert {name: found.to_pylist() for name, found in arrays(data).items()} == {n: values(one) for n, one in data.items()}
        assert [*declared(Charge, data)] == [c.name for c in schema(Charge)]


def test_a_value_that_does_not_fit_exactly_raises() -> None:
    with pytest.raises(pa.ArrowInvalid):
        column([D("0.00001")], pa.decimal128(18, 4))


def test_the_schema_follows_the_record() -> None:
    found = {c.name: (str(c.type), c.nullable) for c in schema(Tally)}
    assert found["units"] == ("decimal128(18, 4)", False)
    assert {c.name: c.nullable for c in schema(Charge)}["start"] is True


def test_rows_that_are_alike_share_a_number_and_its_first_row() -> None:
    code, first = alike((np.array([5, 7, 5, 5]), np.array([1, 1, 1, -1])))
    assert (code.tolist(), first.tolist()) == ([0, 1, 0, 2], [0, 1, 3])
    code, first = alike((np.array([], dtype=np.int64),))
    assert (len(code), len(first)) == (0, 0)


def test_dates_stay_dates() -> None:
    assert records(Charge, frame(Charge, [CHARGE]))[0].start == dt.date(2026, 11, 1)
