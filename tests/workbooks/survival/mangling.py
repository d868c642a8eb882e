"""A copy as plain cells that remember which line each row showed when it was issued, and ways to mangle it."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.workbooks.survival.programs import bare, grids

TABS = ("Microsoft", "Pax8")
NEEDED = ("Key", "Client", "PSA service", "Decision", "Quantity", "From", "New price", "Add to agreement", "Reason", "Note")
"""Columns that nobody deletes: what a row is, and what is decided in it."""

INPUTS = NEEDED[3:]
SHOWN = ("Client", "PSA service", "PSA quantity", "To bill", "Unit price", "State")


@dataclass(slots=True)
class Line:
    """A row: the key that it was issued with, which no file shows, and its cells by the header that they were issued under."""

    origin: str
    cells: dict[str, Any]


@dataclass(slots=True)
class Page:
    """A sheet with a table."""

    tab: str
    above: list[list[Any]]
    headers: dict[str, Any]  # as issued to as they read now, in the order of the columns
    lines: list[Line | None]  # None: a blank row

    def grid(self) -> list[list[Any]]:
        rows = [[line.cells.get(header) for header in self.headers] if line else [] for line in self.lines]
        return [*self.above, list(self.headers.values()), *rows]

    def row(self, line: Line) -> int:
        """Its row on the sheet, from 0."""
        return len(self.above) + 1 + next(place for place, one in enumerate(self.lines) if one is line)

    def some(self, random: Random) -> Line:
        return random.choice([line for line in self.lines if line])


@dataclass(slots=True)
class Copy:
    """A whole file."""

    pages: list[Page]
    others: dict[str, list[list[Any]]]
    names: Any = field(default_factory=itertools.count)

    def write(self, path: Path) -> Path:
        return bare({**{page.tab: page.grid() for page in self.pages}, **self.others}, path)


_grids = cache(grids)


def copy_of(path: Path) -> Copy:
    """The vendors' sheets and the identity of a file."""
    found = _grids(path)
    pages = []
    for tab in TABS:
        grid = found[tab]
        header = next(number for number, row in enumerate(grid) if "Key" in row)
        names = [str(name) for name in grid[header]]
        lines: list[Line | None] = [
            Line(str(row[names.index("Key")]), dict(zip(names, row, strict=True))) for row in grid[header + 1 :]
        ]
        pages.append(Page(tab, grid[:header], {name: name for name in names}, lines))
    return Copy(pages, {"_tieout": found["_tieout"]})


Mangle = Callable[[Copy, Page, Random], None]


def shuffle(_: Copy, page: Page, random: Random) -> None:
    random.shuffle(page.lines)


def delete_row(_: Copy, page: Page, random: Random) -> None:
    if len([line for line in page.lines if line]) > 2:
        page.lines.remove(page.some(random))


def repeat_row(_: Copy, page: Page, random: Random) -> None:
    line = page.some(random)
    page.lines.append(Line(line.origin, dict(line.cells)))


def blank_row(_: Copy, page: Page, random: Random) -> None:
    page.lines.insert(random.randrange(len(page.lines)), None)


def title_row(_: Copy, page: Page, __: Random) -> None:
    page.above.insert(0, ["Table 1"])


def move_column(_: Copy, page: Page, random: Random) -> None:
    names = list(page.headers)
    names.insert(random.randrange(len(names)), names.pop(random.randrange(len(names))))
    page.headers = {name: page.headers[name] for name in names}


def delete_column(_: Copy, page: Page, random: Random) -> None:
    name = random.choice(list(page.headers))
    if name not in NEEDED and not name.startswith("own "):
        del page.headers[name]


def own_column(copy: Copy, page: Page, random: Random) -> None:
    name = f"own {next(copy.names)}"
    page.headers[name] = random.choice([None, "Remark", "Qty"])
    for line in page.lines:
        if line and random.random() < 0.5:
            line.cells[name] = "seen"


def rename_column(_: Copy, page: Page, random: Random) -> None:
    name = random.choice(["Decision", "Quantity", "From", "Key", "Client", "Why"])
    page.headers[name] = random.choice([f"my {name}", None, f" {name.upper()} "])


def swap_keys(_: Copy, page: Page, random: Random) -> None:
    one, other = page.some(random), page.some(random)
    one.cells["Key"], other.cells["Key"] = other.cells["Key"], one.cells["Key"]


def swap_hidden(_: Copy, page: Page, random: Random) -> None:
    names = list(page.some(random).cells)
    one, other = page.some(random), page.some(random)
    for name in names[names.index("Key") :]:
        one.cells[name], other.cells[name] = other.cells.get(name), one.cells.get(name)


def copy_key(_: Copy, page: Page, random: Random) -> None:
    page.some(random).cells["Key"] = page.some(random).cells["Key"]


def erase_key(_: Copy, page: Page, random: Random) -> None:
    page.some(random).cells["Key"] = None


def foreign_key(_: Copy, page: Page, random: Random) -> None:
    page.some(random).cells["Key"] = random.choice(["line:1", "new:0", "Key", "microsoft_2026-11.csv|USD"])


def type_over(_: Copy, page: Page, random: Random) -> None:
    page.some(random).cells[random.choice(SHOWN)] = random.choice([99, "somebody", None])


def type_carelessly(_: Copy, page: Page, random: Random) -> None:
    line = page.some(random)
    if word := line.cells.get("Decision"):
        line.cells["Decision"] = random.choice([f" {word} ", str(word).upper(), f"\u00a0{word}"])
    if isinstance(number := line.cells.get("Quantity"), (int, float)):
        line.cells["Quantity"] = f" {number} "


def decide_more(_: Copy, page: Page, random: Random) -> None:
    page.some(random).cells["Decision"] = random.choice(["Approve", "Ask", "Dismiss", "End line"])


def rename_sheet(copy: Copy, page: Page, _: Random) -> None:
    page.tab = f"sheet {next(copy.names)}"


def reorder(copy: Copy, _: Page, random: Random) -> None:
    random.shuffle(copy.pages)


def copy_sheet(copy: Copy, page: Page, _: Random) -> None:
    lines = [Line(line.origin, dict(line.cells)) if line else None for line in page.lines]
    copy.pages.append(Page(f"sheet {next(copy.names)}", [*page.above], dict(page.headers), lines))


MANGLES: tuple[Mangle, ...] = (
    shuffle, delete_row, repeat_row, blank_row, title_row, move_column, delete_column, own_column, rename_column, swap_keys,
    swap_hidden, copy_key, erase_key, foreign_key, type_over, type_carelessly, decide_more, rename_sheet, reorder, copy_sheet,
)  # fmt: skip
