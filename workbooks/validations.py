"""Data validation of every input: what may be typed, and a message beside the cell."""

import datetime as dt
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from workbooks.layout import Choices, Column, Kind
from workbooks.lists import keys_name, list_name
from workbooks.pen import Pen
from workbooks.rows import Block

_DEPENDS_ON = {Choices.ACTION: "state", Choices.AGREEMENT: "agreement_list"}
_FREE_WORDS = (Choices.REASON,)
"""Lists that other words may stand beside."""

LONGEST_NOTE = 4000


def validate(pen: Pen, block: Block, first: int, last: int, left: int = 0) -> None:
    """Validation for the input columns of a table whose data stand in these rows."""
    for place, column in enumerate(block.sheet.columns, left):
        if column in block.sheet.inputs:
            options = _rule(block, column, first, left) | _messages(column)
            pen.done(pen.worksheet.data_validation(first, place, last, place, options), first, place)


def _rule(block: Block, column: Column, first: int, left: int) -> dict[str, Any]:
    if column.choices is not Choices.NONE:
        return {"validate": "list", "source": _source(block, column, first, left)}
    if column.kind is Kind.DATE:
        return {"validate": "date", "criteria": "between", "minimum": dt.date(2000, 1, 1), "maximum": dt.date(2100, 12, 31)}
    if column.kind is Kind.TEXT:
        return {"validate": "length", "criteria": "<=", "value": LONGEST_NOTE}
    if column.kind is Kind.MONEY:
        return {"validate": "decimal", "criteria": "between", "minimum": -1e12, "maximum": 1e12}
    return {"validate": "decimal", "criteria": ">=", "value": 0}


def _source(block: Block, column: Column, first: int, left: int) -> str:
    values = list_name(column.choices)
    if column.choices is Choices.STEP_REF:
        return f"={keys_name(column.choices)}"
    if column.choices not in _DEPENDS_ON:
        return f"={values}"
    place = block.sheet.positions[_DEPENDS_ON[column.choices]] + left
    cell, keys = f"${xl_col_to_name(place)}{first + 1}", keys_name(column.choices)
    start = f"MATCH({cell},{keys},0)"
    return f"=INDEX({values},{start}):INDEX({values},{start}+COUNTIF({keys},{cell})-1)"


def _messages(column: Column) -> dict[str, Any]:
    wrong = {
        Kind.TEXT: "Choose one of the words in the list." if column.choices is not Choices.NONE else "The text is too long.",
        Kind.DATE: "Type a date.",
        Kind.COUNT: "Choose the Ref of a row that takes Approve or Add line.",
    }.get(column.kind, "Type a number, 0 or more.")
    return {
        "input_title": column.header[:32],
        "input_message": column.hint[:255],
        "error_title": column.header[:32],
        "error_message": wrong,
        "error_type": "information" if column.choices in _FREE_WORDS else "stop",
    }
