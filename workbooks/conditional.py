"""Colours by formula, so that they follow the row when it is sorted. A word or symbol always stands beside the colour."""

from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name, xl_range

from workbooks.formats import BAD, CAREFUL, FRACTION, GOOD, GREY, NAVY, STATE_LOOKS, WAITING, Formats
from workbooks.layout import Kind
from workbooks.layout_history import EXPLANATION_WANTED, HISTORY
from workbooks.layout_vendor import holds_lines
from workbooks.pen import Pen
from workbooks.rows import Block

_WANTED = {
    "quantity": "type a quantity",
    "add_to": "choose an agreement",
    "reason": "reason needed",
    "note": "note needed",
    "target": "choose a target",
    "new_cost": "type a New cost",
}
"""Inputs that turn yellow while the Check column asks for them."""


def colour(formats: Formats, pen: Pen, block: Block, first: int, last: int, left: int = 0) -> None:
    """Every rule of a table whose data stand in these rows."""
    painter = _Painter(formats, pen, block, first, last, left)
    if holds_lines(block.sheet):
        painter.states()
    if "decision" in block.sheet.positions:
        painter.waiting()
    if block.sheet in HISTORY:
        painter.history()
    if "check" in block.sheet.positions and block.sheet.column("check").formula:
        painter.checks("check")
    if "ok" in block.sheet.positions:
        painter.checks("ok")
    painter.fractions()


class _Painter:
    def __init__(self, formats: Formats, pen: Pen, block: Block, first: int, last: int, left: int) -> None:
        self.formats, self.pen, self.block, self.first, self.last, self.left = formats, pen, block, first, last, left

    def cell(self, name: str) -> str:
        return f"${xl_col_to_name(self.place(name))}{self.first + 1}"

    def place(self, name: str) -> int:
        return self.block.sheet.positions[name] + self.left

    def rule(self, names: tuple[str, str], criteria: str, look: Format, **more: Any) -> None:
        """A rule for the columns from one name to another."""
        options = {"type": "formula", "criteria": "=" + criteria, "format": look, **more}
        start, end = self.place(names[0]), self.place(names[1])
        self.pen.done(self.pen.worksheet.conditional_format(self.first, start, self.last, end, options), self.first, start)

    def states(self) -> None:
        state = self.cell("state")
        for word, look in STATE_LOOKS.items():
            self.rule(("state", "change"), f'{state}="{word}"', self.formats.rule(**look))
        quiet = self.formats.rule(font_color=GREY)
        self.rule(("ref", "service"), f'{state}="No change"', quiet)
        self.rule(("psa_quantity", "why"), f'{state}="No change"', quiet)
        grey = self.formats.rule(bg_color=STATE_LOOKS["Not known"]["bg_color"])
        self.rule(("decision", "decision"), f'AND({state}="Not known",{self.cell("decision")}="")', grey)
        self.rule(("effect", "effect"), f'{self.cell("large")}="Yes"', self.formats.rule(bold=True))

    def waiting(self) -> None:
        yellow = self.formats.rule(bg_color=WAITING)
        empty = f'{self.cell("decision")}=""'
        if "to_decide" in self.block.sheet.positions:
            empty = f'AND({self.cell("to_decide")}="Yes",{empty})'
        self.rule(("decision", "decision"), empty, yellow)
        for name, words in _WANTED.items():
            if name in self.block.sheet.positions and "check" in self.block.sheet.positions:
                self.rule((name, name), f'{self.cell("check")}="{words}"', yellow)

    def history(self) -> None:
        self.rule(("ref", "ref"), f'{self.cell("target")}<>""', self.formats.rule(font_color=NAVY, underline=1))
        if "explanation" in self.block.sheet.positions:
            wanted = f'{self.cell("check")}="{EXPLANATION_WANTED}"'
            self.rule(("explanation", "explanation"), wanted, self.formats.rule(bg_color=WAITING))

    def checks(self, name: str) -> None:
        cell = self.cell(name)
        good = f'OR(LEFT({cell},2)="ok",LEFT({cell},1)="✓")'
        quiet = f'OR(LEFT({cell},4)="open",{cell}="no action",{cell}="not typed yet")'
        careful = f'OR(LEFT({cell},4)="ok, ",{cell}="open, large")'
        self.rule((name, name), careful, self.formats.rule(**CAREFUL), stop_if_true=True)
        self.rule((name, name), good, self.formats.rule(**GOOD), stop_if_true=True)
        self.rule((name, name), quiet, self.formats.rule(font_color=GREY), stop_if_true=True)
        self.rule((name, name), f'{cell}<>""', self.formats.rule(**BAD))

    def fractions(self) -> None:
        """One rule for all columns of quantities: it looks at the cell itself, and programs are slow where there are many rules."""
        places = [self.place(column.name) for column in self.block.sheet.columns if column.kind is Kind.QUANTITY]
        if places:
            cell = f"{xl_col_to_name(places[0])}{self.first + 1}"
            areas = " ".join(xl_range(self.first, place, self.last, place) for place in places)
            whole = f"=IF(ISNUMBER({cell}),{cell}<>ROUND({cell},0),FALSE)"
            look = self.formats.rule(num_format=FRACTION)
            options = {"type": "formula", "criteria": whole, "format": look, "multi_range": areas}
            code = self.pen.worksheet.conditional_format(self.first, places[0], self.last, places[0], options)
            self.pen.done(code, self.first, places[0])
