"""Reads a returned workbook in a process of its own, so that a file that breaks its parser breaks nothing else.

A parser written in another language ends its whole process where memory runs out; here that is one more refusal. The process is
started afresh and not forked: this one has threads. It gets no environment, no secret, and only a file's path.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbooks import read_apart_child
from workbooks.gate_limits import Limits
from workbooks.gate_xml import Table
from workbooks.packed_sheets import SheetValues
from workbooks.sheet_marks import Marks
from workbooks.sheet_scan import Scan, WorkbookRefused

_KEPT = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Of the environment: what a Python may need to start at all."""
_TOO_MUCH = "takes more {} to read than any workbook that was issued: send the workbook that was issued, without additions."
_LENGTH = read_apart_child.LENGTH


@dataclass(frozen=True, slots=True)
class Apart:
    """What the other process read."""

    sheets: Mapping[str, SheetValues]
    tables: tuple[Table, ...]
    scans: Mapping[str, Scan]


def read_apart(path: Path, limits: Limits) -> Apart:
    """The sheets, tables and odd cells of a file that passes the gate; WorkbookRefused where it does not, or breaks the reader."""
    with tempfile.TemporaryFile() as answer:
        code = run(_asked(path, limits), limits.seconds, answer)
        if code == read_apart_child.NOT_INSTALLED:
            raise RuntimeError("python-calamine or isal is not installed for this Python: install Tieout again")
        if code:
            raise WorkbookRefused(_why(code))
        answer.seek(0)
        data = memoryview(answer.read())
    (length,) = _LENGTH.unpack(data[: _LENGTH.size])
    header = json.loads(bytes(data[_LENGTH.size : _LENGTH.size + length]))
    if "refused" in header:
        raise WorkbookRefused(header["refused"])
    rest = data[_LENGTH.size + length :]
    sheets = {sheet["name"]: SheetValues(rest, sheet["rows"], sheet["columns"]) for sheet in header["sheets"]}
    scans = {sheet["name"]: _scan(rest, sheet) for sheet in header["sheets"]}
    return Apart(sheets, tuple(Table(*table) for table in header["tables"]), scans)


def _asked(path: Path, limits: Limits) -> bytes:
    """What the process is told, as one line."""
    asked = {
        "path": str(path.resolve()),
        "limits": asdict(limits),
        "memory": limits.memory,
        "processor_seconds": limits.processor_seconds,
        "answer": limits.answer,
    }
    return json.dumps(asked).encode() + b"\n"


def run(asked: bytes, seconds: float, answer: Any) -> int:
    """The process' exit code once it has ended, one way or another; no more than its time. answer: a file that it writes to."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    with subprocess.Popen(  # noqa: S603 - this Python, and a file beside this one
        [sys.executable, "-I", "-X", "utf8", read_apart_child.__file__],
        stdin=subprocess.PIPE,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        env=kept,
    ) as child:
        late = threading.Event()
        timer = threading.Timer(seconds, _end, (child, late))  # a wait with a timeout would look every 50 ms
        timer.daemon = True
        timer.start()
        try:
            child.communicate(asked)
        finally:
            timer.cancel()
            _end(child)
    if late.is_set():
        raise WorkbookRefused(_TOO_MUCH.format("time"))
    return child.returncode


def _end(child: subprocess.Popen[bytes], late: threading.Event | None = None) -> None:
    if late is not None:
        late.set()
    with contextlib.suppress(OSError):
        child.kill()


def _why(code: int) -> str:
    """A process that was ended for its time, its output, or most often its memory."""
    if code == -getattr(signal, "SIGXCPU", 0):
        return _TOO_MUCH.format("time")
    if code in (read_apart_child.OUT_OF_MEMORY, -getattr(signal, "SIGABRT", 0), -getattr(signal, "SIGKILL", 0)):
        return _TOO_MUCH.format("memory")
    return "breaks the reader of workbooks: open it, save it as an Excel workbook (.xlsx) and send that."


def _scan(data: memoryview, sheet: Mapping[str, Any]) -> Scan:
    start, length = sheet["formulas"]
    marks = Marks(frozenset(sheet["hidden"]), tuple((*area,) for area in sheet["merged"]))
    return Scan({(row, column): text for row, column, text in sheet["errors"]}, bytes(data[start : start + length]), marks)
