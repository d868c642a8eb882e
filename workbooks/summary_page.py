"""Writes the planned summary: its grids and the chart."""

from xlsxwriter.worksheet import Worksheet

from workbooks.formats import GREY, NAVY
from workbooks.grid import section, write_grid
from workbooks.layout import SUMMARY
from workbooks.page import print_setup
from workbooks.pen import Pen
from workbooks.slice import only
from workbooks.summary import CHART_ROWS, Summary
from workbooks.table_sheet import FLAG, Printer

CHARTED_VENDORS = 12


def write_summary(printer: Printer, worksheet: Worksheet, summary: Summary) -> None:
    """The whole sheet."""
    formats, pen = printer.formats, Pen(worksheet)
    worksheet.set_column(0, 0, 30)
    worksheet.set_column(1, 1, 9)
    worksheet.set_column(2, 14, 13)
    worksheet.set_row(0, 24)
    pen.value(0, 0, "Summary", formats.of(bold=True, font_size=16, font_color=NAVY))
    identity = printer.identity
    pen.value(
        1,
        0,
        f"{identity.entity} · {identity.period} · run {identity.run_id} rev {identity.revision}{only(identity)}",
        formats.of(font_color=GREY),
    )
    pen.formula(2, 0, f"={FLAG}", formats.of(bold=True, font_color="#00703C"), printer.flag.value)
    sections = (
        (
            summary.vendors,
            "By vendor",
            "Counts and effects follow the decisions as they are typed. Effects are per month, in each row's currency.",
        ),
        (summary.largest, "The largest effects", "As issued; each client is a link to its row."),
        (
            summary.movement,
            "Movement of monthly revenue of the compared lines",
            "Opening + adds - drops + new - ended + price = closing. Dismissed, asked and open are memo.",
        ),
        (summary.states, "Vendor by state", ""),
    )
    for grid, title, note in sections:
        section(formats, pen, grid.top - (2 if note else 1), title, note, 0)
        write_grid(formats, pen, grid)
    _chart(printer, worksheet, summary)
    worksheet.freeze_panes(3, 0)
    print_setup(worksheet, identity)


def _chart(printer: Printer, worksheet: Worksheet, summary: Summary) -> None:
    """Effect per month by vendor, stacked by state, for the currency with most vendors."""
    if not summary.parts:
        return
    main = summary.parts[0].currency
    shown = min(CHARTED_VENDORS, sum(1 for part in summary.parts if part.currency == main))
    chart = printer.workbook.add_chart({"type": "column", "subtype": "stacked"})
    grid, colours = summary.vendors, {"Reconcile": "#E08A2C", "New revenue": "#3C8D54", "No usage": "#8C2F25"}
    for state, colour in colours.items():
        place = grid.place(f"{state}, effect")
        first, last = grid.top + 1, grid.top + shown
        chart.add_series(
            {
                "name": state,
                "categories": [SUMMARY, first, 0, last, 0],
                "values": [SUMMARY, first, place, last, place],
                "fill": {"color": colour},
                "gap": 80,
            }
        )
    chart.set_title({"name": f"Effect per month by vendor, {main}", "name_font": {"size": 11, "bold": True}})
    chart.set_legend({"position": "bottom"})
    chart.set_x_axis({"label_position": "low"})
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#E3E7EB"}}})
    chart.set_size({"width": 1000, "height": 20 * CHART_ROWS - 12})
    worksheet.insert_chart(grid.after + 1, 0, chart, {"object_position": 1})
