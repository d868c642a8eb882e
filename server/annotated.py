"""Annotated copies as files: the sender's own with its results filled in, or the results in a workbook of their own."""

import filecmp
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from server.became import Became
from server.copies import Copied
from server.row_results import RowResult, row_results
from server.store import Store
from workbooks.annotating import CellText, NotRecognised, annotate
from workbooks.results_workbook import ResultLine, write_results
from workbooks.typed_values import plain

LIST = ".xlsx"
"""What a workbook of results alone is."""
_ALREADY = re.compile(r" \(results(?: \d+)?\)$")


@dataclass(frozen=True, slots=True)
class Annotated:
    """What was written: where, of how many rows, and why it is not the sender's own file; empty: it is."""

    path: Path
    rows: int
    why_apart: str


def annotate_copy(store: Store, copied: Copied, became: Became, source: Path, out: Path | None = None) -> Annotated:
    """Writes the copy with what became of its rows.

    source: the copy's file. out: by default a new file beside it; only where the copy's own file is named is that replaced, and
    never by a workbook of another kind. WorkbookNotWritten where it cannot be written.
    """
    results = row_results(store, copied, became)
    told = sum(1 for one in results if one.text)
    target, why = out or _free(source, source.suffix), ""
    try:
        annotate(source, target, _texts(results))
    except NotRecognised as odd:
        why = str(odd)
        if target.resolve() == source.resolve() or target.suffix.casefold() != LIST:
            target = _free(source, LIST)
        write_results(target, _said(copied, why), [_line(one) for one in results if one.text])
    return Annotated(target if out else _once(source, target), told, why)


def _texts(results: list[RowResult]) -> list[CellText]:
    made = []
    for one in results:
        if one.column is not None:
            made.append(CellText(*one.spot, one.column, one.text))
        elif one.text:
            raise NotRecognised(f"the column Result is gone from {one.spot[0]}")
    return made


def _said(copied: Copied, why: str) -> str:
    returned = copied.returned
    return f"Results of {returned.file}, run {returned.identity.run_id}. They stand here and not in the file itself: {why}."


def _line(one: RowResult) -> ResultLine:
    own = one.cells.values if one.cells.row == one.spot[1] else {}

    def shown(*names: str) -> str:
        return next((text for name in names if (text := plain(own.get(name, "")))), "")

    return ResultLine(
        shown("ref"), shown("customer", "account"), shown("service", "vendor_service"), one.decision, one.text, one.place
    )


def _free(source: Path, ending: str) -> Path:
    """A new name beside the copy: november (results).xlsx, november (results 2).xlsx."""
    return next(path for path in _names(source, ending) if not path.exists())


def _names(source: Path, ending: str) -> Iterator[Path]:
    stem = _ALREADY.sub("", source.stem)
    return (source.with_name(f"{stem} (results{f' {number}' if number > 1 else ''}){ending}") for number in count(1))


def _once(source: Path, made: Path) -> Path:
    """The file just made, or the one before it where that says the same in every byte."""
    before = None
    for path in _names(source, made.suffix):
        if path == made:
            break
        before = path
    if before is None or before == source or not filecmp.cmp(before, made, shallow=False):
        return made
    made.unlink()
    return before
