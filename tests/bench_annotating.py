"""Seconds and peak memory of annotating a large returned workbook: python -m tests.bench_annotating [ROWS] [--openpyxl].

The workbook is made here in the size of an issued one (12 vendor sheets, 75 columns, shared strings), so that the figure is of
annotating alone. --openpyxl: beside openpyxl's load and save. On a busy machine the processor's seconds say more.
"""

import io
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import xlsxwriter
from openpyxl import load_workbook
from xlsxwriter.utility import xl_col_to_name

from workbooks.annotating import CellText, annotate

SHEETS, COLUMNS, RESULT = 12, 75, 20
TIMES = 5
Taken = tuple[float, ...]
"""Seconds by the clock, seconds of the processor, peak memory in MiB."""


def main(rows: int, with_openpyxl: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        book, out = Path(folder) / "returned.xlsx", Path(folder) / "annotated.xlsx"
        make(book, rows)
        print(f"{rows:,} rows on {SHEETS} sheets, {COLUMNS} columns, {book.stat().st_size / 1e6:.1f} MB")
        print(f"{'way':34}{'seconds':>10}{'of work':>10}{'peak MiB':>10}")
        taken = [_child("ours", book, out, rows) for _ in range(TIMES)]
        _say("results into every row", taken)
        if with_openpyxl:
            _say("openpyxl, load and save", [_child("openpyxl", book, out, rows)])


def _say(way: str, taken: list[Taken]) -> None:
    wall, work, memory = (statistics.median(each) for each in zip(*taken, strict=True))
    print(f"{way:34}{wall:>10.2f}{work:>10.2f}{memory:>10.0f}")


def make(path: Path, rows: int) -> None:
    """Two thirds of the cells are shared strings or numbers, the rest blank with a style, as in an issued workbook."""
    shell = io.BytesIO()
    with xlsxwriter.Workbook(shell, {"in_memory": True}) as book:
        for number in range(SHEETS):
            book.add_worksheet(f"Vendor {number}").write_row(0, 0, ["text"])
    with zipfile.ZipFile(shell) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in old.namelist():
            if name == "xl/sharedStrings.xml":
                continue
            if not name.startswith("xl/worksheets/"):
                new.writestr(name, old.read(name))
                continue
            head, _, tail = old.read(name).decode().partition("<sheetData>")
            with new.open(name, "w") as part:
                part.write(f"{head}<sheetData>".encode())
                for row in range(1, rows // SHEETS + 1):
                    part.write(_row(row))
                part.write(f"</sheetData>{tail.partition('</sheetData>')[2]}".encode())
        strings = "".join(f"<si><t>Text number {number}</t></si>" for number in range(5_000))
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        new.writestr("xl/sharedStrings.xml", f'<?xml version="1.0" encoding="UTF-8"?><sst xmlns="{space}">{strings}</sst>')


LETTERS = [xl_col_to_name(column) for column in range(COLUMNS)]


def _row(row: int) -> bytes:
    cells = []
    for column, letters in enumerate(LETTERS):
        match column % 3:
            case 0:
                cells.append(f'<c r="{letters}{row}" s="0" t="s"><v>{(row * 31 + column * 7) % 5_000}</v></c>')
            case 1:
                cells.append(f'<c r="{letters}{row}" s="0"><v>{row % 97 + column / 4}</v></c>')
            case _:
                cells.append(f'<c r="{letters}{row}" s="0"/>')
    return f'<row r="{row}" spans="1:{COLUMNS}">{"".join(cells)}</row>'.encode()


def _child(way: str, book: Path, out: Path, rows: int) -> Taken:
    """One way, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench_annotating", "--child", way, str(book), str(out), str(rows)]
    return tuple(map(float, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()))


def _run(way: str, book: Path, out: Path, rows: int) -> None:
    texts = [
        CellText(f"Vendor {sheet}", row, RESULT, f"done 26 Nov 2026: the PSA shows quantity {row}")
        for sheet in range(SHEETS)
        for row in range(rows // SHEETS)
    ]
    began, worked = time.perf_counter(), time.process_time()
    if way == "ours":
        annotate(book, out, texts)
    else:
        loaded = load_workbook(book)
        for one in texts:
            loaded[one.tab].cell(one.row + 1, one.column + 1).value = one.text
        loaded.save(out)
    print(time.perf_counter() - began, time.process_time() - worked, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _run(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]))
    else:
        numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
        main(numbers[0] if numbers else 100_000, "--openpyxl" in sys.argv)
