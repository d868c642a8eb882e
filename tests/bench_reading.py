"""Reading a returned workbook of 100,000 rows, with the gate, beside bare readers of the same file, in one run.

python -m tests.bench_reading [ROWS]. Processor seconds, of this process and those that it started: machines are shared. Each
reader runs in a process of its own. Also how long each hostile file takes to be refused.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from tests.workbooks.example import IDENTITY
from tests.workbooks.hostile.making import parts_of, zipped
from tests.workbooks.hostile.test_hostile import CHANGED, WHOLE
from tests.workbooks.large import large_workbook, twelve_vendors
from workbooks.gate import limits_for
from workbooks.read_apart import read_apart
from workbooks.reader import read_workbook
from workbooks.sheet_scan import WorkbookRefused
from workbooks.writer import write_workbook

TURNS = 3


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = large_workbook(Path(folder) / "large.xlsx", rows)
        print(f"{rows:,} rows, 12 vendors, {path.stat().st_size / 1e6:.0f} MB")
        readers: dict[str, Callable[[Path], Any]] = {"bare calamine": _calamine, "read_workbook, gate and all": read_workbook}
        best = dict.fromkeys(readers, (float("inf"), 0.0, 0))
        for _ in range(TURNS):
            for name, read in readers.items():
                best[name] = min(best[name], _measured(read, path))
        if rows <= 20_000:
            best["openpyxl, read-only"] = _measured(_openpyxl, path)
        base = best["bare calamine"][0]
        print(f"{'':30}{'processor s':>12}{'ratio':>8}{'clock s':>10}{'peak MiB':>10}")
        for name, (seconds, clock, peak) in best.items():
            print(f"{name:30}{seconds:>12.2f}{seconds / base:>8.2f}{clock:>10.2f}{peak:>10}")
        _hostile(Path(folder))


def _calamine(path: Path) -> Any:
    with CalamineWorkbook.from_path(path, load_tables=True) as book:
        return [book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False) for sheet in book.sheets_metadata]


def _openpyxl(path: Path) -> None:
    for sheet in load_workbook(path, read_only=True, data_only=True).worksheets:
        sheet.reset_dimensions()
        for _ in sheet.iter_rows(values_only=True):
            pass


def _measured(read: Callable[[Path], Any], path: Path) -> tuple[float, float, int]:
    """Processor seconds, seconds on the clock, and the larger peak of the process and those that it started, in MiB."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("spawn").Process(target=_child, args=(read, path, theirs))
    child.start()
    theirs.close()
    found: tuple[float, float, int] = ours.recv()
    child.join()
    return found


def _child(read: Callable[[Path], Any], path: Path, answer: Connection) -> None:
    start, before = time.perf_counter(), time.process_time()
    kept = read(path)
    clock, own = time.perf_counter() - start, time.process_time() - before
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
    peaks = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, of_children.ru_maxrss
    answer.send((own + of_children.ru_utime + of_children.ru_stime, clock, max(peaks) // 1024))
    del kept


def _hostile(folder: Path) -> None:
    issued = folder / "small.xlsx"
    write_workbook(twelve_vendors(), issued, IDENTITY)
    parts, took = parts_of(issued), {}
    for name in (*CHANGED, *WHOLE):
        changed = dict(parts)
        if name in CHANGED:
            CHANGED[name][0](changed)
        path = folder / "hostile.xlsx"
        path.write_bytes(zipped(changed) if name in CHANGED else WHOLE[name][0](changed))
        start, clock = _processor(), time.perf_counter()
        try:
            read_apart(path, limits_for(path, None))
        except WorkbookRefused:
            took[name] = _processor() - start, time.perf_counter() - clock
    print(f"{len(took)} of {len(CHANGED) + len(WHOLE)} hostile files refused; the slowest, in processor and clock seconds:")
    for name, (seconds, clock) in sorted(took.items(), key=lambda pair: pair[1], reverse=True)[:5]:
        print(f"  {name:30}{seconds:>8.3f}{clock:>8.3f}")


def _processor() -> float:
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + of_children.ru_utime + of_children.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
