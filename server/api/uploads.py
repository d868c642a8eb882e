"""Returned copies that come over HTTP. A client's file name is only a label; the file gets a name of ours, and is kept briefly."""

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from werkzeug.datastructures import FileStorage

from core.records import Decision, MappingDecision, Problem
from server.copies import Copied, read_copies
from server.errors import Refused
from server.store import Store
from workbooks.reader import Cells, Returned
from workbooks.returned_rows import ReturnedCells

LONGEST = 80
T = TypeVar("T", Decision, MappingDecision, Decision | MappingDecision, Problem, Cells)


def read_uploads(store: Store, files: Iterable[FileStorage]) -> list[Copied]:
    """The copies, each under the label that its client gave, at first. Refused names all that cannot be read."""
    labelled = sorted(((label(file.filename or ""), file) for file in files), key=lambda pair: pair[0])
    with tempfile.TemporaryDirectory(prefix="tieout-copies-") as folder:
        names = {}
        for number, (text, file) in enumerate(labelled, 1):
            own = f"copy-{number:03}.xlsx"
            file.save(Path(folder) / own)
            names[own] = f"{number}: {text}" if [one for one, _ in labelled].count(text) > 1 else text
        try:
            copies = read_copies([Path(folder) / own for own in names], store.rows_issued)
        except Refused as refused:
            raise Refused(_named(problem, names) for problem in refused.problems) from None
    return [_labelled(copy, _label_before(store, copy) or names[copy.path.name]) for copy in copies]


def _label_before(store: Store, copy: Copied) -> str | None:
    """What the same bytes were called when they came first, so that the same copy again is the same in every word."""
    return next((c.file_name for c in store.copies(copy.returned.identity.workbook_id) if c.sha256 == copy.sha256), None)


def label(name: str) -> str:
    """What a file is called in messages: the last part of its name, without what a log or a terminal stumbles over."""
    last = re.split(r"[/\\]", name)[-1]
    text = "".join(c if c.isprintable() else " " for c in last.encode(errors="replace").decode()).strip()
    return text[:LONGEST] or "copy"


def _named(problem: Problem, names: dict[str, str]) -> Problem:
    return replace(problem, place=names.get(problem.place, problem.place))


def _labelled(copy: Copied, text: str) -> Copied:
    own, returned = copy.path.name, copy.returned
    cells = returned.cells.moved(lambda place: _moved(place, own, text)) if isinstance(returned.cells, ReturnedCells) else {}
    told: Returned = replace(
        returned,
        file=text,
        decisions=_all_moved(returned.decisions, own, text),
        mapping_decisions=_all_moved(returned.mapping_decisions, own, text),
        problems=_all_moved(returned.problems, own, text),
        notices=_all_moved(returned.notices, own, text),
        cells=cells,
        typed=_all_moved(returned.typed, own, text),
        repeats=_all_moved(returned.repeats, own, text),
    )
    return replace(copy, path=Path(own), returned=told)


def _all_moved(found: Sequence[T], own: str, text: str) -> tuple[T, ...]:
    return tuple(replace(one, place=_moved(one.place, own, text)) for one in found)


def _moved(place: str, own: str, text: str) -> str:
    return text + place.removeprefix(own) if place.startswith(own) else place
