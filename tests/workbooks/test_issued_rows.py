"""What was issued, looked up by table and key: the same rows as all of them made at once."""

import numpy as np
import pytest

from tests.workbooks.example import example
from workbooks.compare_issued import READ
from workbooks.issued_rows import IssuedRows
from workbooks.layout import KEY
from workbooks.rows import Block, blocks


@pytest.fixture(scope="module")
def made() -> tuple[Block, ...]:
    return blocks(example(), None, READ)


def test_each_row_is_as_its_block_shows_it(made: tuple[Block, ...]) -> None:
    issued = IssuedRows(made)
    plain = {(block.sheet.table, row[KEY]): row for block in made for row in block.rows}
    assert len(issued) == len(plain) == sum(block.size for block in made) > 20
    assert dict(issued.items()) == plain
    assert ("Lines_", "line:none") not in issued
    with pytest.raises(KeyError):
        issued["Lines_", "line:none"]


def test_rows_made_together_and_a_column_of_some_are_the_same(made: tuple[Block, ...]) -> None:
    block, other = made[0], made[1]
    keys = [*reversed(block.columns.array(KEY).to_pylist()), *other.columns.array(KEY).to_pylist()]
    issued = IssuedRows(made)
    issued.make((block.sheet.table, key) for key in keys)
    for name in ("ref", "customer", "psa_quantity"):
        assert issued.column(block.sheet.table, name, keys) == [issued[block.sheet.table, key][name] for key in keys]


def test_lines_are_known_by_their_number(made: tuple[Block, ...]) -> None:
    refs = IssuedRows(made).refs()
    assert sorted(refs) == list(range(1, len(refs) + 1))
    assert refs[1] == made[0].columns.array(KEY)[0].as_py()


def test_columns_in_parts_and_in_another_order_are_those_of_the_whole(made: tuple[Block, ...]) -> None:
    """Columns are made when they are asked for, of whichever rows."""
    whole = made[0].columns
    places = np.arange(whole.size)[::-1].astype(np.int64)
    turned = whole.take(places)
    for name in whole.arrays:
        assert turned.array(name).to_pylist() == whole.array(name).to_pylist()[::-1]
        parts = [value for _, part in whole.slices(3) for value in part.array(name).to_pylist()]
        assert parts == whole.array(name).to_pylist()
    assert [part.size for _, part in whole.slices(3)][-1] == (whole.size - 1) % 3 + 1
    added = whole.with_({"ref": turned.array("ref")}).slice(1, 2)
    assert added.array("ref").to_pylist() == turned.array("ref").to_pylist()[1:3]
    assert (added.has("ref"), added.has("nothing"), len(added.arrays)) == (True, False, len(whole.arrays))
