"""The process in which a returned workbook is unpacked and parsed: it has limits, knows nothing else, and may die.

Started by `read_apart` as a file of its own, without the rest of the program. In: one line that says what to read. Out: the
length of a header, the header, and the columns of the sheets one after another.
"""

import json
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

LENGTH = struct.Struct(">Q")
OUT_OF_MEMORY, NOT_INSTALLED = 3, 4
"""Exit codes that say what no header can."""


def main() -> int:
    """What the parent asks for on standard input, on standard output."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    asked = json.loads(sys.stdin.buffer.readline())
    _limit(asked)
    try:
        import python_calamine  # noqa: F401

        from workbooks.gate_limits import Limits
        from workbooks.sheet_scan import WorkbookRefused
    except ImportError:
        return NOT_INSTALLED
    try:
        _answer(Path(asked["path"]), Limits(**asked["limits"]), sys.stdout.buffer)
    except WorkbookRefused as refusal:
        _write(sys.stdout.buffer, {"refused": str(refusal)}, [])
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _limit(asked: dict[str, Any]) -> None:
    """Where the system has such limits: memory, processor time, and what is written. The parent watches the clock."""
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = (
        (resource.RLIMIT_AS, asked["memory"]),
        (resource.RLIMIT_CPU, asked["processor_seconds"]),
        (resource.RLIMIT_FSIZE, asked["answer"]),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in wanted:
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # macOS has no limit of memory
            continue


def _answer(path: Path, limits: Any, out: BinaryIO) -> None:
    import gc

    from python_calamine import CalamineError, CalamineWorkbook

    from workbooks.gate import enter, inspect
    from workbooks.packed_sheets import Packing
    from workbooks.sheet_scan import WorkbookRefused

    gc.disable()  # nothing here is in circles, and a million short lists would be looked through again and again
    with path.open("rb") as file:
        found = inspect(enter(file, limits), limits)
    sheets, blobs, place = [], list[bytes](), 0
    try:
        with CalamineWorkbook.from_path(path) as book:
            for sheet in found.sheets:
                parsed = book.get_sheet_by_name(sheet.name)
                packed = Packing().take(parsed.iter_rows(), (parsed.start or (0, 0))[1])  # rows start with the first filled column
                forms = []
                for kind, values, numbers in packed.columns():
                    forms.append([kind, place, len(values), place + len(values), len(numbers)])
                    blobs += [values, numbers]
                    place += len(values) + len(numbers)
                scan = found.scans[sheet.name]
                formulas = [place, len(scan.formulas)]
                blobs.append(scan.formulas)
                place += len(scan.formulas)
                errors = [[row, column, text] for (row, column), text in scan.errors.items()]
                sheets.append(
                    {
                        "name": sheet.name, "rows": packed.rows, "columns": forms, "formulas": formulas, "errors": errors,
                        "hidden": sorted(scan.marks.hidden), "merged": scan.marks.merged,
                    }
                )  # fmt: skip
    except (CalamineError, ValueError, OverflowError) as error:
        raise WorkbookRefused(f"cannot be read ({error}): open it, save it as an Excel workbook (.xlsx) and send that.") from error
    tables = [[t.name, t.sheet, t.header_row, t.first_column, t.last_column] for t in found.tables]
    _write(out, {"sheets": sheets, "tables": tables}, blobs)


def _write(out: BinaryIO, header: dict[str, Any], blobs: list[bytes]) -> None:
    text = json.dumps(header).encode()
    out.write(LENGTH.pack(len(text)) + text)
    out.writelines(blobs)
    out.flush()


if __name__ == "__main__":
    sys.exit(main())
