"""Rows of a sheet as XML, compiled from its columns: every cell of a column is made at once, and rows are joined by Arrow.

A cell is `<c r="K` + the row's number + its tail (style, type, formula, value). Nothing is rendered cell by cell in Python but
texts that are new, or that XML or a spreadsheet would take for something else, and sheets of a few rows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbooks.columns import Columns
from workbooks.layout import Kind
from workbooks.pen import FIRST_DAY
from workbooks.safe_text import looks_like_formula, safe_text
from workbooks.xml_text import SharedStrings, element, elements, escaped, wants_care

CHUNK, COLUMNS_OF = 500, 10_000
"""Rows rendered at a time, and rows whose columns are made at a time: what is held in memory."""

DAYS_BEFORE_1970 = 25_569
"""Excel's number of 1 January 1970."""

MOST_SHARED = 2
"""A text that stands in a column twice on average is shared; texts that hardly repeat stand in their cells."""

FEW = 64
"""Rows up to which cells are made one by one: to call Arrow takes longer than to make them."""

Heights: TypeAlias = NDArray[np.float64]

Tail: TypeAlias = Any
"""The tails of some rows' cells: an Arrow array of texts, or one text for all of them."""


@dataclass(frozen=True, slots=True)
class CellPlan:
    """How the cells of one column are written."""

    name: str
    letter: str
    kind: Kind
    style: str  # index of the cell's format, as the shell has it
    quoted: str  # the format of a text that a spreadsheet would take for a formula
    formula: str = ""  # without its equals sign


def render(
    plans: list[CellPlan], columns: Columns, heights: Heights, first_row: int, strings: SharedStrings
) -> Iterator[memoryview]:
    """The rows from `first_row` (counted from 1) on; heights: points a row, 0 where the sheet's own serves."""
    if columns.size <= FEW:
        yield _one_by_one(plans, columns, heights, first_row, strings)
        return
    for first, part in columns.slices(COLUMNS_OF):
        makers = [(plan, _maker(plan, part.array(plan.name), strings)) for plan in plans]
        openings = _openings(heights[first : first + part.size])
        for start in range(0, part.size, CHUNK):
            size, row = min(CHUNK, part.size - start), first_row + first + start
            numbers = pa.array(np.arange(row, row + size)).cast(pa.string())
            pieces: list[pa.Array | str] = ['<row r="', numbers, openings.slice(start, size)]
            for plan, make in makers:
                pieces += [f'<c r="{plan.letter}', numbers, make(start, size)]
            yield _bytes(pc.binary_join_element_wise(*_merged([*pieces, "</row>"]), ""))


def _one_by_one(plans: list[CellPlan], columns: Columns, heights: Heights, first_row: int, strings: SharedStrings) -> memoryview:
    """All rows, each cell by itself."""
    letters = [plan.letter for plan in plans]
    tails = zip(*(_tails(plan, columns.array(plan.name), strings) for plan in plans), strict=True)
    made = []
    for row, opening, cells in zip(range(first_row, first_row + columns.size), _openings(heights).to_pylist(), tails, strict=True):
        written = "".join([f'<c r="{letter}{row}{tail}' for letter, tail in zip(letters, cells, strict=True)])
        made.append(f'<row r="{row}{opening}{written}</row>')
    return memoryview("".join(made).encode())


def _tails(plan: CellPlan, array: pa.Array, strings: SharedStrings) -> list[str]:
    """The tail of each cell of a column."""
    if array.null_count == len(array):
        return [_null(plan)] * len(array)
    if plan.kind is not Kind.TEXT:
        return _numbers(plan, array).to_pylist()  # type: ignore[no-any-return]
    values = array.to_pylist()
    texts = dict.fromkeys(text for text in values if text is not None)
    shared = not plan.formula and len(texts) * MOST_SHARED <= len(values)
    strings.used += shared * (len(values) - array.null_count)
    known = {text: _tail(plan, text, strings if shared else None) for text in texts} | {None: _null(plan)}
    return [known[text] for text in values]


def _tail(plan: CellPlan, text: str, strings: SharedStrings | None) -> str:
    if plan.formula:
        return _shown(plan, text)
    style = plan.quoted if looks_like_formula(safe_text(text)) else plan.style
    if strings is None:
        return f'" s="{style}" t="inlineStr"><is>{element(text)}</is></c>'
    return f'" s="{style}" t="s"><v>{strings.number(text)}</v></c>'


def _shown(plan: CellPlan, text: str) -> str:
    """Of a formula whose result is a text."""
    return f'" s="{plan.style}" t="str"><f>{plan.formula}</f><v>{escaped(text)}</v></c>'


def _merged(pieces: list[Tail]) -> list[Tail]:
    """Texts that follow each other as one."""
    made: list[Tail] = []
    for piece in pieces:
        if isinstance(piece, str) and made and isinstance(made[-1], str):
            made[-1] += piece
        else:
            made.append(piece)
    return made


def _bytes(rows: pa.Array) -> memoryview:
    """The texts of an array lie one behind the other."""
    offsets = np.frombuffer(rows.buffers()[1], dtype=np.int32)[rows.offset : rows.offset + len(rows) + 1]
    return memoryview(rows.buffers()[2])[int(offsets[0]) : int(offsets[-1])]


def _openings(heights: Heights) -> pa.Array:
    unique, places = np.unique(heights, return_inverse=True)
    texts = [f'" ht="{height:g}" customHeight="1">' if height else '">' for height in unique.tolist()]
    return pa.array(texts, pa.string()).take(pa.array(places))


def _maker(plan: CellPlan, array: pa.Array, strings: SharedStrings) -> Callable[[int, int], Tail]:
    """What makes the tails of some rows of the column."""
    if array.null_count == len(array):
        empty = _null(plan)
        return lambda start, size: empty
    if plan.kind is Kind.TEXT:
        return _texts(plan, array, strings)
    return lambda start, size: _numbers(plan, array.slice(start, size))


def _null(plan: CellPlan) -> str:
    return f'" s="{plan.style}" t="str"><f>{plan.formula}</f><v></v></c>' if plan.formula else f'" s="{plan.style}"/>'


def _numbers(plan: CellPlan, array: pa.Array) -> Tail:
    formula = f"<f>{plan.formula}</f>" if plan.formula else ""
    tails = pc.binary_join_element_wise(f'" s="{plan.style}">{formula}<v>', plain_numbers(array), "</v></c>", "")
    if pa.types.is_date(array.type):
        tails = _early_as_text(plan, array, tails)
    return tails.fill_null(_null(plan)) if array.null_count else tails


def _early_as_text(plan: CellPlan, array: pa.Array, tails: pa.Array) -> pa.Array:
    """Days that Excel counts otherwise than everybody, or not at all, stand as text."""
    early = pc.less(array, pa.scalar(FIRST_DAY)).fill_null(False)
    if not pc.any(early).as_py():
        return tails
    texts = [f'" s="{plan.style}" t="inlineStr"><is><t>{day.isoformat()}</t></is></c>' for day in array.filter(early).to_pylist()]
    return pc.replace_with_mask(tails, early, pa.array(texts, pa.string()))


def plain_numbers(array: pa.Array) -> pa.Array:
    """Numbers and dates as a cell's value holds them, without zeros behind the point that say nothing."""
    if pa.types.is_date(array.type):
        return pc.add(array.cast(pa.int32()), DAYS_BEFORE_1970).cast(pa.string())
    if pa.types.is_decimal(array.type):
        return pc.utf8_rtrim(pc.utf8_rtrim(array.cast(pa.string()), "0"), ".")
    return array.cast(pa.string())


def _texts(plan: CellPlan, array: pa.Array, strings: SharedStrings) -> Callable[[int, int], Tail]:
    encoded = array.dictionary_encode()
    texts = encoded.dictionary
    if plan.formula:
        tails = pa.array([_shown(plan, text) for text in texts.to_pylist()])
    elif len(texts) * MOST_SHARED > len(array):
        return lambda start, size: _inline(plan, array.slice(start, size))
    else:
        strings.used += len(array) - array.null_count
        odd = wants_care(texts)
        tails = _joined(plan, texts, odd, '" t="s"><v>', strings.numbers(texts, odd).cast(pa.string()), "</v></c>")
    known = pa.concat_arrays([tails, pa.array([_null(plan)])])
    places = encoded.indices.fill_null(len(tails))
    return lambda start, size: known.take(places.slice(start, size))


def _inline(plan: CellPlan, array: pa.Array) -> Tail:
    odd = wants_care(array)
    return _joined(plan, array, odd, '" t="inlineStr"><is>', elements(array, odd), "</is></c>").fill_null(_null(plan))


def _joined(plan: CellPlan, texts: pa.Array, odd: pa.Array, *rest: Tail) -> pa.Array:
    """The style that each text needs, and the rest of its cell."""
    return pc.binary_join_element_wise(*_merged(['" s="', _styles(plan, texts, odd), *rest]), "")


def _styles(plan: CellPlan, texts: pa.Array, odd: pa.Array) -> Tail:
    if not pc.any(odd).as_py():
        return plan.style
    styles = [plan.quoted if looks_like_formula(safe_text(text)) else plan.style for text in texts.filter(odd).to_pylist()]
    return pc.replace_with_mask(pa.repeat(plan.style, len(texts)), odd, pa.array(styles, pa.string()))
