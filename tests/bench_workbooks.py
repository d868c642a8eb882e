"""Writing a workbook, ours beside XlsxWriter and openpyxl and beside deflating the same XML: make bench.

All write the same sheets with the same formats, formulas, tables, drop-downs and colours. The others are given their cells ready
made and one call a cell, the fastest that each has; ours starts from the run's frames. Cells are compared afterwards.
"""

import datetime as dt
import multiprocessing
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
from openpyxl.cell import WriteOnlyCell
from python_calamine import CalamineWorkbook

from connectors.sandbox.world import PERIOD
from core.frames import column
from core.run import Reconciliation
from tests.bench import run_of
from tests.measuring import Measured, measured
from workbooks import table_sheet
from workbooks.identity import Identity
from workbooks.layout import reference
from workbooks.pen import Pen
from workbooks.rows import Block
from workbooks.safe_text import safe_text
from workbooks.table_sheet import Printer
from workbooks.writer import How, write_workbook
from workbooks.zip_parts import ISAL, ZLIB

VENDORS = 12
SIZES = (1_000, 10_000, 100_000)
LARGEST = 300_000
"""Written by ours alone, to show that time grows with the rows."""
WANTED = "wanted at 100,000: 12 times XlsxWriter and openpyxl, zlib at most 1.5 floors, isal under the floor, under 90 MiB"

IDENTITY = Identity("bench", f"{PERIOD}-1", 1, PERIOD, "all", "", dt.datetime.now(dt.UTC), "bench", "Northbridge IT Services")
EPOCH = dt.date(1899, 12, 30)


def main(sizes: tuple[int, ...]) -> None:
    print(f"{'writing':44}{'rows':>10}{'seconds':>10}{'x floor':>10}{'MiB':>8}{'file MiB':>10}")
    sys.stdout.flush()
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            alone = multiprocessing.get_context("fork").Process(target=_bench, args=(size, Path(folder)))
            alone.start()  # what a size leaves in memory would count for the next
            alone.join()
        if alone.exitcode:
            raise SystemExit(f"{size:,} rows: the bench failed")
    print(WANTED)


def _bench(size: int, folder: Path) -> None:
    result = over_vendors(run_of(size))
    rows = len(result.comparisons)
    paths = {name: folder / f"{name}.xlsx" for name in ("isal", "zlib", "xlsxwriter", "openpyxl", "floor", "shell")}
    small = over_vendors(run_of(min(SIZES)))

    def first() -> None:
        write_workbook(small, paths["shell"], IDENTITY)

    first()  # so that nothing is imported in the measured time
    took = {"zlib": measured(lambda: write_workbook(result, paths["zlib"], IDENTITY, how=How(deflater=ZLIB)), first)}
    if ISAL:
        isal = ISAL
        took["isal"] = measured(lambda: write_workbook(result, paths["isal"], IDENTITY, how=How(deflater=isal)), first)
    floor = _floor(paths["zlib"], paths["floor"])
    _say("floor: the same XML, zipfile, zlib 6", rows, floor, floor, paths["floor"])
    for name, deflater in (("zlib", "zlib 6"), ("isal", "isal 2")):
        if name in took:
            _say(f"shell and splice, {deflater}", rows, took[name], floor, paths[name])
    if size <= max(SIZES):
        _others(result, paths, took, floor, rows)


def _others(result: Reconciliation, paths: dict[str, Path], took: dict[str, Measured], floor: Measured, rows: int) -> None:
    best = took.get("isal", took["zlib"]).seconds
    cells = _cells_of(result)
    with using(cells):
        took["xlsxwriter"] = measured(lambda: write_workbook(result, paths["xlsxwriter"], IDENTITY, how=How(spliced=False)))
    took["openpyxl"] = measured(lambda: by_openpyxl(paths["shell"], cells, paths["openpyxl"]))
    for name, title in (("xlsxwriter", "XlsxWriter"), ("openpyxl", "openpyxl, write-only, without cached values")):
        _say(title, rows, took[name], floor, paths[name])
        print(f"{'':44}ours is {took[name].seconds / best:.1f} times as fast; {compared(paths['zlib'], paths[name])}", flush=True)


def _say(title: str, rows: int, took: Measured, floor: Measured, path: Path) -> None:
    peak = "-" if took.peak is None else f"{took.peak:,.0f}"
    size = path.stat().st_size / 2**20
    print(f"{title:44}{rows:>10,}{took.seconds:>10.2f}{took.seconds / floor.seconds:>10.2f}{peak:>8}{size:>10.1f}", flush=True)


def over_vendors(result: Reconciliation) -> Reconciliation:
    """The same lines on the sheets of twelve vendors."""
    data = result.comparisons
    names = pa.array([f"Vendor {number + 1}" for number in range(VENDORS)]).take(pa.array(np.arange(len(data)) % VENDORS))
    return replace(result, comparisons=data.assign(vendor=column(names, pa.string())))


def _floor(path: Path, out: Path) -> Measured:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}

    def deflate() -> None:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for name, xml in parts.items():
                archive.writestr(name, xml)

    return measured(deflate)


Ready = dict[str, list[list[Any]]]
"""By tab: the cells of each row, as the libraries take them; a formula is a pair of its text and its value."""


def _cells_of(result: Reconciliation) -> Ready:
    """Everything that a row's cells hold, worked out before the clock starts."""
    ready: Ready = {}
    original = table_sheet.write_rows

    def keep(printer: Printer, pen: Pen, block: Block, first: int, left: int) -> None:
        ready[block.tab] = list(_ready_rows(block))

    table_sheet.write_rows = keep
    try:
        with tempfile.TemporaryDirectory() as folder:
            write_workbook(result, Path(folder) / "kept.xlsx", IDENTITY, how=How(spliced=False))
    finally:
        table_sheet.write_rows = original
    return ready


def _ready_rows(block: Block) -> Iterator[list[Any]]:
    formulas = [reference(block.sheet, c.formula, block.table) if c.formula else "" for c in block.sheet.columns]
    for row in block.rows:
        cells = [_plain(row.get(c.name)) for c in block.sheet.columns]
        yield [(formula, "" if cell is None else cell) if formula else cell for formula, cell in zip(formulas, cells, strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.date):
        return (value - EPOCH).days
    return safe_text(value) if isinstance(value, str) else value


@contextmanager
def using(ready: Ready) -> Iterator[None]:
    """While our XlsxWriter way writes ready cells by XlsxWriter's own fastest calls."""
    original = table_sheet.write_rows

    def write(printer: Printer, pen: Pen, block: Block, first: int, left: int) -> None:
        sheet, columns = pen.worksheet, block.sheet.columns
        looks = [printer.formats.cell(c) for c in columns]
        for number, cells in enumerate(ready[block.tab], first):
            for place, (cell, look) in enumerate(zip(cells, looks, strict=True), left):
                if cell is None:
                    sheet._write_blank(number, place, None, look)
                elif isinstance(cell, str):
                    sheet._write_string(number, place, cell, look)
                elif isinstance(cell, tuple):
                    sheet._write_formula(number, place, cell[0], look, cell[1])
                else:
                    sheet._write_number(number, place, cell, look)

    table_sheet.write_rows = write
    try:
        yield
    finally:
        table_sheet.write_rows = original


def by_openpyxl(shell: Path, ready: Ready, out: Path) -> None:
    """openpyxl's own quickest way: write-only, with the formats, tables, drop-downs and colours of a workbook of ours."""
    like = openpyxl.load_workbook(shell, read_only=False)
    book = openpyxl.Workbook(write_only=True)
    book._fonts, book._fills, book._borders = like._fonts, like._fills, like._borders
    book._cell_styles, book._number_formats, book._alignments = like._cell_styles, like._number_formats, like._alignments
    book._protections, book._differential_styles = like._protections, like._differential_styles
    for tab, rows in ready.items():
        _openpyxl_sheet(book, like[tab], tab, rows)
    book.save(out)


def _openpyxl_sheet(book: Any, like: Any, tab: str, rows: list[list[Any]]) -> None:
    sheet = book.create_sheet(tab)
    sheet.freeze_panes = like.freeze_panes
    (table,) = like.tables.values()
    first = int("".join(filter(str.isdigit, table.ref.split(":")[0])))
    looks = [cell._style for cell in like[first + 1]]
    for row in like.iter_rows(max_row=first):
        sheet.append([_copied(sheet, cell) for cell in row])
    made = [WriteOnlyCell(sheet) for _ in looks]
    for cell, look in zip(made, looks, strict=True):
        cell._style = look
    for cells in rows:
        for one, value in zip(made, cells, strict=True):
            one.value = value[0] if isinstance(value, tuple) else value
        sheet.append(made)
    left, right = (re.sub(r"\d", "", corner) for corner in table.ref.split(":"))
    table.ref = table.autoFilter.ref = f"{left}{first}:{right}{first + len(rows)}"
    sheet.add_table(table)
    sheet.data_validations, sheet.conditional_formatting = like.data_validations, like.conditional_formatting


def _copied(sheet: Any, cell: Any) -> Any:
    made = WriteOnlyCell(sheet, cell.value)
    made._style = cell._style
    return made


def compared(ours: Path, theirs: Path) -> str:
    """Cells that differ, and how many were looked at; formulas of theirs without a cached value are passed over."""
    first, second = CalamineWorkbook.from_path(str(ours)), CalamineWorkbook.from_path(str(theirs))
    different = looked = 0
    for name in second.sheet_names:
        pair = (book.get_sheet_by_name(name).to_python(skip_empty_area=False) for book in (first, second))
        for one, other in zip(*pair, strict=True):
            looked += len(one)
            different += sum(1 for a, b in zip(one, other, strict=False) if a != b and b != "")
    return f"{looked:,} cells compared, {different:,} differ"


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or (*SIZES, LARGEST))
