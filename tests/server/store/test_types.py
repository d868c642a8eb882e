import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select

from core.records import State
from server.store import Store
from server.store.types import Moment, NotExact, Scaled, Word

metadata = MetaData()
values = Table(
    "values_of_each_type",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("quantity", Scaled(4)),
    Column("price", Scaled(6)),
    Column("money", Scaled(2)),
    Column("moment", Moment),
    Column("state", Word(State)),
)


def kept(store: Store, name: str, value: Any) -> Any:
    """The value after it has been in a column."""
    with store._engines.writing() as connection:
        metadata.create_all(connection)
        connection.execute(insert(values).values({name: value}))
    with store._engines.reading() as connection:
        return connection.scalar(select(values.c[name]).order_by(values.c.id.desc()).limit(1))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("quantity", "0"),
        ("quantity", "-0.0001"),
        ("quantity", "99999999999999.9999"),
        ("price", "-999999999999.999999"),
        ("price", "0.1"),
        ("money", "9999999999999999.99"),
        ("money", "1E+3"),
    ],
)
def test_a_decimal_comes_back_exactly(store: Store, name: str, text: str) -> None:
    found = kept(store, name, Decimal(text))
    assert (type(found), found) == (Decimal, Decimal(text))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("quantity", 1.5, "float"),
        ("quantity", True, "bool"),
        ("quantity", "1.5", "str"),
        ("quantity", Decimal("0.00001"), "4 decimal places"),
        ("quantity", Decimal("1.0000000000000000000000000000000001"), "4 decimal places"),
        ("money", Decimal("0.005"), "2 decimal places"),
        ("quantity", Decimal("100000000000000"), "18 digits"),
        ("quantity", Decimal("NaN"), "not a number"),
        ("quantity", Decimal("Infinity"), "not a number"),
        ("moment", dt.datetime(2026, 11, 22, 9, 30), "no time zone"),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_kept_exactly_is_refused(store: Store, name: str, value: Any, told: str) -> None:
    with pytest.raises(NotExact, match=told):
        kept(store, name, value)


def test_a_word_that_is_none_of_the_enumeration_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="Sometimes"):
        kept(store, "state", "Sometimes")
    assert kept(store, "state", State.NO_USAGE) is State.NO_USAGE


def test_a_moment_of_any_zone_comes_back_in_utc(store: Store) -> None:
    noon = dt.datetime(2026, 7, 1, 12, 0, 0, 654321, tzinfo=dt.timezone(dt.timedelta(hours=-9)))
    found = kept(store, "moment", noon)
    assert found == noon
    assert found.tzinfo is dt.UTC


@pytest.mark.parametrize("name", [column.name for column in values.c if column.name != "id"])
def test_nothing_is_kept_as_nothing(store: Store, name: str) -> None:
    assert kept(store, name, None) is None
