"""Folders that the demo and the made world fill: only such as hold nothing of anybody else's."""

from pathlib import Path

from server.errors import refuse

MARK = ".made-by-tieout"


def claim(folder: Path) -> None:
    """Makes the folder, or takes one that is empty or was claimed before. Refused where it holds other files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / MARK).exists() and any(folder.iterdir()):
            raise refuse(str(folder), "the folder holds files that were not made here: choose an empty or a new one with --out")
        (folder / MARK).touch()
    except OSError as error:
        raise refuse(
            str(folder), f"this folder cannot be made or written to: choose another with --out ({error.strerror})"
        ) from error
