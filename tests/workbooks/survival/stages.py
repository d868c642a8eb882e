"""One thing done to a file by one tool: openpyxl, a real LibreOffice, or an edit of the file's own XML."""

import itertools
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from tests.workbooks.office import Office
from tests.workbooks.survival.where import Places, where

Tables = dict[str, Places]
Step = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where files are made; LibreOffice is asked for when a stage needs it."""

    folder: Path
    office: Callable[[], Office]
    numbers: Iterable[int] = field(default_factory=itertools.count)

    def path(self, suffix: str = "xlsx") -> Path:
        return self.folder / f"copy-{next(iter(self.numbers))}.{suffix}"


Stage = Callable[[Bench, Path], Path]


def xl(edit: Callable[[Workbook, Tables], None]) -> Stage:
    """Opened, edited and saved by openpyxl."""

    def stage(bench: Bench, path: Path) -> Path:
        book, target = load_workbook(path), bench.path()
        edit(book, where(path))
        book.save(target)
        return target

    return stage


def lo(steps: Callable[[Tables], list[Step]]) -> Stage:
    """Opened, edited and saved by LibreOffice."""

    def stage(bench: Bench, path: Path) -> Path:
        target = bench.path()
        bench.office().run(path, *steps(where(path)), ("save", str(target)))
        return target

    return stage


def through_ods(bench: Bench, path: Path) -> Path:
    """Saved by LibreOffice in its own format, and from there as a workbook again."""
    own, target = bench.path("ods"), bench.path()
    bench.office().run(path, ("save", str(own)))
    bench.office().run(own, ("save", str(target)))
    return target


def parts(edit: Callable[[str, bytes], bytes]) -> Stage:
    """Each part of the file edited as bytes."""

    def stage(bench: Bench, path: Path) -> Path:
        target = bench.path()
        with zipfile.ZipFile(path) as archive, zipfile.ZipFile(target, "w") as made:
            for name in archive.namelist():
                made.writestr(name, edit(name, archive.read(name)))
        return target

    return stage
