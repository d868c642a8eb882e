"""The command that looks at one workbook: doctor."""

import sys
from pathlib import Path

import click

from server.cli.group import FILE, say_all, store_option, tieout
from server.doctor import examine


@tieout.command()
@click.argument("file", type=FILE)
@store_option
def doctor(file: Path, location: str) -> None:
    """Says whether Excel opens a workbook without offering to repair it, and whose workbook it is.

    FILE is any .xlsx, .xlsm, .xltx, .xltm or .xlam; it is only read. Every fault is told with its sheet and cell and what to
    do. Exit status 0: it is sound; 1: there are faults, or it cannot be read. The store is only asked for the key that signs
    workbooks, and none is made.
    """
    examined = examine(file, location)
    say_all(examined.lines())
    sys.exit(1 if examined.faults else 0)
