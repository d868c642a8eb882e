"""Writes results into a workbook that somebody returned: into their own file, of which nothing else changes.

Every part but the sheets that are written to stays byte for byte, and in those every cell but the written ones: pictures, shapes,
comments, printer settings and whatever else a program has put there. Where that cannot be done for certain it is not done.
"""

import os
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workbooks.pen import WorkbookNotWritten
from workbooks.result_cells import Texts, with_texts
from workbooks.safe_text import safe_text
from workbooks.sheet_places import sheet_parts
from workbooks.zip_copy import NotRecognised, Rewrite, copy_archive

__all__ = ["LONGEST", "CellText", "NotRecognised", "annotate", "beside", "short"]

LONGEST = 200
"""Characters of a result."""
_SIGNATURES = "_xmlsignatures/"


@dataclass(frozen=True, slots=True)
class CellText:
    """What a cell is to say. An empty text empties it."""

    tab: str
    row: int  # from 0
    column: int  # from 0
    text: str


def short(text: str) -> str:
    """The text on one line, safe for a cell, and not too long to be read in one."""
    line = " ".join(safe_text(text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def annotate(source: Path, target: Path, texts: Iterable[CellText]) -> None:
    """Writes the workbook with these texts to `target`, in one move; `source` may be the same file.

    NotRecognised where a text has no place that is certain, WorkbookNotWritten where the file cannot be written. `target` is as
    it was then.
    """
    temporary = beside(target)
    try:
        copy_archive(source, temporary, _rewrites(source, texts))
        temporary.replace(target)
    except zipfile.BadZipFile as error:
        raise NotRecognised(str(error)) from error
    except OSError as error:
        raise WorkbookNotWritten(
            f"{target.name} could not be written: close it where it is open, then try again ({error})"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def beside(path: Path) -> Path:
    """A name of a new file in the same folder; WorkbookNotWritten where it takes none."""
    try:
        handle, name = tempfile.mkstemp(prefix=".tieout-", suffix=path.suffix, dir=path.parent)
    except OSError as error:
        raise WorkbookNotWritten(f"{path.parent} cannot be written to: choose another folder ({error})") from error
    os.close(handle)
    Path(name).unlink()  # only the name is wanted: the file itself gets the rights that this user's files have
    return Path(name)


def _rewrites(source: Path, texts: Iterable[CellText]) -> Mapping[str, Rewrite]:
    """What is done to which part."""
    by_tab: dict[str, dict[int, tuple[int, str]]] = {}
    for one in texts:
        by_tab.setdefault(one.tab, {})[one.row] = one.column, short(one.text)
    with zipfile.ZipFile(source) as archive:
        if any(name.startswith(_SIGNATURES) for name in archive.namelist()):
            raise NotRecognised("it is signed, and would not be any more")
        parts = sheet_parts(archive)
    gone = [tab for tab in by_tab if tab not in parts]
    if gone:
        raise NotRecognised(f"it has no sheet {gone[0]}")
    return {parts[tab]: partial(_with, texts=of_rows) for tab, of_rows in by_tab.items()}


def _with(pieces: Iterable[bytes], texts: Texts) -> Iterable[bytes]:
    return with_texts(pieces, texts)
