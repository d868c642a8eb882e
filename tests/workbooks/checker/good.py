"""A small workbook with everything that ours have, written by XlsxWriter: what single faults are planted in."""

import datetime as dt
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

HEADERS = ("Ref", "Client", "Amount", "Day", "Total")


def write_good(path: Path) -> None:
    """Sheets Lines, Notes and Lists: two tables, rules, links, a chart, names and properties."""
    book = xlsxwriter.Workbook(str(path))
    formats = {
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "money": book.add_format({"num_format": '#,##0.00_);(#,##0.00);"-"_)'}),
    }
    _lines(book, formats)
    _notes(book)
    book.add_worksheet("Lists").write_column(0, 0, ["Approve", "Dismiss", "Ask"])
    book.define_name("Actions", "=Lists!$A$1:$A$3")
    book.define_name("Total_of_lines", "=SUM(Lines[Amount])")
    book.set_custom_property("run", "R-1", "text")
    book.set_custom_property("revision", "2", "text")
    book.set_properties({"title": "Good", "author": "Tieout", "created": dt.datetime(2026, 11, 26)})  # noqa: DTZ001 - as XlsxWriter takes it
    book.close()


def _lines(book: Workbook, formats: dict[str, Format]) -> None:
    sheet = book.add_worksheet("Lines")
    sheet.write_string("A1", "Lines of November")
    sheet.set_column(0, 0, 9)
    sheet.set_column(1, 1, 24, None, {"level": 1})
    columns = [{"header": header} for header in HEADERS]
    columns[4]["formula"] = "=Lines[[#This Row],[Amount]]*2"
    sheet.add_table(6, 0, 9, 4, {"name": "Lines", "columns": columns})
    for row, (ref, client, amount) in enumerate((("L1", "Acme", 12.5), ("L2", " Birch & Sons ", 3), ("L3", "Cedar", -4)), 7):
        sheet.write_row(row, 0, (ref, client, amount))
        sheet.write_datetime(row, 3, dt.datetime(2026, 11, row), formats["day"])  # noqa: DTZ001
        sheet.write_formula(row, 4, "=Lines[[#This Row],[Amount]]*2", formats["money"], amount * 2)
    rule = {"validate": "list", "source": ["Approve", "Dismiss"], "input_title": "Decision", "input_message": "Choose one."}
    sheet.data_validation(7, 0, 9, 0, rule | {"error_title": "Decision", "error_message": "No such word."})
    look = book.add_format({"bg_color": "#FFFF00"})
    sheet.conditional_format(7, 2, 9, 2, {"type": "formula", "criteria": "=$C8<0", "format": look})
    sheet.freeze_panes(7, 1)
    sheet.repeat_rows(6)
    sheet.set_footer("&Lrun R-1")


def _notes(book: Workbook) -> None:
    sheet = book.add_worksheet("Notes")
    sheet.merge_range("A1:C1", "Notes")
    sheet.write_url("A3", "internal:'Lines'!A8", string="to the line")
    sheet.write_url("A4", "https://tieout.example/help", string="help")
    sheet.write_row("A6", ["name", "count"])
    sheet.write_row("A7", ["one", 1])
    sheet.autofilter("A6:B7")
    sheet.add_table("E6:F8", {"name": "Other", "columns": [{"header": "Kind"}, {"header": "Kinds of two\nlines"}]})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"categories": "=Lines!$A$8:$A$10", "values": "=Lines!$C$8:$C$10"})
    sheet.insert_chart("H6", chart)
