"""What the commands share that write results into returned copies."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from server.annotated import Annotated, annotate_copy
from server.became import Became
from server.cli.group import say
from server.copies import Copied, known, read_copies
from server.errors import Refused, refuse
from server.house import House
from server.store import Store
from server.targets import check_folder, check_target
from server.words import counted


def annotate_option(command: Callable[..., Any]) -> Callable[..., Any]:
    said = "Also write each copy with what became of its rows in the column Result: a new file (results) beside it."
    return click.option("--annotate", is_flag=True, help=said)(command)


def check_beside(copies: Iterable[Path]) -> None:
    """Refused unless the folders of the copies take a file: looked at before any work."""
    for folder in {copy.parent for copy in copies}:
        try:
            check_folder(folder)
        except Refused:
            said = "takes no new file, as --annotate wants: copy the workbooks to another folder first"
            raise refuse(str(folder), said) from None


@contextmanager
def annotating(store: Store, run_id: str, copies: Sequence[Copied]) -> Iterator[None]:
    """Annotates the copies when the block has ended, whichever way: what was refused or stopped is told, too."""
    try:
        yield
    finally:
        say_annotated(store, run_id, copies)


def say_annotated(store: Store, run_id: str, copies: Sequence[Copied]) -> None:
    """Annotates the copies as things stand, each beside itself."""
    if copies:
        became = Became.of(store, run_id)
        for copied in copies:
            _say(annotate_copy(store, copied, became, copied.path))


def annotate_later(house: House, submission_id: str, path: Path, out: Path | None) -> None:
    """Annotates one copy of the submission's run."""
    if out:
        check_target(out, "the annotated copy", (path.suffix.casefold(),))
    else:
        check_beside([path])
    (copied,) = known(house.store, read_copies([path]), house.key)
    run_id = house.store.writes.submission(submission_id).run_id
    if copied.returned.identity.run_id != run_id:
        said = f"it is of run {copied.returned.identity.run_id}, and submission {submission_id} of run {run_id}"
        raise refuse(path.name, f"{said}: tieout status lists the submissions with their runs")
    _say(annotate_copy(house.store, copied, Became.of(house.store, run_id), path, out))


def _say(made: Annotated) -> None:
    say(f"results: {made.path} ({counted(made.rows, 'row')})")
    if made.why_apart:
        say(f"note: they stand in a workbook of their own: {made.why_apart}")
