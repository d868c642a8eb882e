"""What a workbook was issued with, by table and key: kept as columns, and made into plain rows only where one is asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from workbooks.layout import KEY
from workbooks.layout_vendor import VENDOR
from workbooks.rows import Block, Row, Value

Which = tuple[str, str]
"""A table and the key of a row in it."""


class IssuedRows(Mapping[Which, Row]):
    """Every row by its table and key."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._places = {
            (block.sheet.table, key): (number, place)
            for number, block in enumerate(blocks)
            for place, key in enumerate(block.columns.array(KEY).to_pylist())
        }
        self._made: dict[Which, Row] = {}

    def __getitem__(self, which: Which) -> Row:
        if which not in self._made:
            self.make([which])
        return self._made[which]

    def __contains__(self, which: object) -> bool:
        return which in self._places

    def __iter__(self) -> Iterator[Which]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def make(self, wanted: Iterable[Which]) -> None:
        """Makes the rows that will be asked for, many at once; a KeyError where one was not issued."""
        of_block: dict[int, list[tuple[Which, int]]] = {}
        for which in dict.fromkeys(wanted):
            number, place = self._places[which]
            of_block.setdefault(number, []).append((which, place))
        for number, rows in of_block.items():
            block = self._blocks[number]
            part = block.with_columns(block.columns.take(pa.array([place for _, place in rows], pa.int64())))
            self._made |= zip((which for which, _ in rows), part.rows, strict=True)

    def column(self, table: str, name: str, keys: Sequence[str]) -> list[Value]:
        """One column of the rows with these keys, in their order."""
        places = [self._places[table, key] for key in keys]
        lists = {number: self._blocks[number].columns.array(name).to_pylist() for number in {number for number, _ in places}}
        return [lists[number][place] for number, place in places]

    def refs(self) -> dict[int, str]:
        """The key of each line by its number in the workbook."""
        lines = [block.columns for block in self._blocks if block.sheet.table == VENDOR.table]
        pairs = ((columns.array("ref").to_pylist(), columns.array(KEY).to_pylist()) for columns in lines)
        return {int(ref): key for refs, keys in pairs for ref, key in zip(refs, keys, strict=True)}
