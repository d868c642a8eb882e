"""The workbook's looks: accountants' conventions as a small set of properties, and cell formats made once each."""

from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from workbooks.layout import Column, Group, Kind, Role

FONT = {"font_name": "Arial", "font_size": 10}

INK, NAVY, GREY, RULE = "#1F2933", "#1F3A5F", "#6B7785", "#D5DBE1"
INPUT_BLUE, SHEET_GREEN = "#0000FF", "#00703C"
WAITING, INPUT_HEADER = "#FFF9D6", "#F2D16B"
BAND = "#EEF2F6"

NUMBERS = {
    Kind.TEXT: "General",
    Kind.QUANTITY: '#,##0_);(#,##0);"-"_)',
    Kind.MONEY: '#,##0.00_);(#,##0.00);"-"_)',
    Kind.PRICE: '#,##0.00####_);(#,##0.00####);"-"_)',
    Kind.DATE: "d mmm yyyy",
    Kind.PERCENT: "0%",
    Kind.COUNT: '#,##0_);(#,##0);"-"_)',
}
FRACTION = '#,##0.00##_);(#,##0.00##);"-"_)'
"""Shown instead where a quantity is not whole."""

STATE_LOOKS: dict[str, dict[str, Any]] = {
    "Reconcile": {"bg_color": "#FCE4C4", "font_color": "#7A3E00", "bold": True},
    "New revenue": {"bg_color": "#D3ECD8", "font_color": "#0B4F22", "bold": True},
    "No usage": {"bg_color": "#E3A79F", "font_color": "#5A0E06", "bold": True},
    "Not known": {"bg_color": "#C9CED4", "font_color": "#3A424B", "italic": True},
    "No change": {"font_color": "#8A94A0"},
}
"""Different in brightness as well as in colour, and always beside the word."""

GOOD = {"font_color": "#0B6B2E"}
CAREFUL = {"font_color": "#7A3E00", "bold": True}
BAD = {"font_color": "#B3140A", "bold": True}


class Formats:
    """Cell formats of one workbook by their properties; each combination is made once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def of(self, **properties: Any) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format({"font_color": INK, **FONT, **properties})
        return self._made[key]

    def rule(self, **properties: Any) -> Format:
        """For conditional formatting: only what differs from the cell's own format."""
        key = (("conditional", True), *sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format(properties)
        return self._made[key]

    def cell(self, column: Column, *, quoted: bool = False, elsewhere: bool = False) -> Format:
        """The format of a data cell in a table."""
        properties: dict[str, Any] = {"bottom": 1, "bottom_color": RULE, "valign": "top"}
        if column.kind is not Kind.TEXT:
            properties["num_format"] = NUMBERS[column.kind]
        elif column.group in (Group.FROZEN, Group.SHOWN):
            properties["text_wrap"] = True
        if column.kind is Kind.TEXT and not column.centred:
            properties |= {"indent": 1, "align": "left"}
        if column.centred or column.kind is Kind.DATE:
            properties["align"] = "center"
        if column.role is Role.INPUT:
            properties |= {"font_color": INPUT_BLUE, "locked": False}
            if column.kind is Kind.TEXT:
                properties["num_format"] = "@"
        if elsewhere:
            properties["font_color"] = SHEET_GREEN
        if quoted:
            properties["quote_prefix"] = True
        return self.of(**properties)

    def header(self, column: Column) -> Format:
        """Dark for what is issued and computed, amber for what is typed."""
        typed = column.role is Role.INPUT
        lead = {"indent": 1} if column.kind is Kind.TEXT and not column.centred else {}
        return self.of(
            **lead,
            bold=True,
            font_size=9,
            text_wrap=True,
            valign="vcenter",
            align="left" if column.kind is Kind.TEXT and not column.centred else "center",
            bg_color=INPUT_HEADER if typed else NAVY,
            font_color=INK if typed else "#FFFFFF",
            border=1,
            border_color=RULE,
        )
