"""A small made month, reconciled once on each database; every test starts from a fresh copy of that store."""

import datetime as dt
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from connectors.sandbox.make import make_world
from connectors.sandbox.world import TODAY, World
from connectors.sandbox.world_files import CATALOGUE, write_world
from server.cli import tieout
from server.copies import read_copies
from server.reading import Request
from server.reconciling import issue, reconcile_files
from server.returning import take_copies
from server.store import Store, open_store
from server.taken import Taken
from tests.databases import Server
from tests.workbooks.editing import fill_in
from workbooks.layout import Sheet
from workbooks.layout_vendor import VENDOR
from workbooks.mapping_file import write_mapping

KEY = b"a key that only tests have"
ALDER, DUNMORE, FOXGLOVE, GANNET, EASTGATE, LORIMER = (
    "Alder & Finch Atelier", "Dunmore Haulage Ltd", "Foxglove Patisserie", "Gannet Wharf Chandlery", "Eastgate Paediatrics",
    "Lorimer Upholstery",
)  # fmt: skip
GANNET_ACCOUNT = "Gannet Wharf Chandlers Group"
Entries = Mapping[str, Mapping[str, Any]]
"""What is typed into every row of a customer (or of an account, on the Unmapped sheets)."""

APPROVE, DISMISS = {"decision": "Approve"}, {"decision": "Dismiss", "reason": "commitment"}


def quiet(_: str) -> None:
    """Says nothing."""


@dataclass(frozen=True, slots=True)
class Made:
    """What all tests share: the files, the workbooks issued for two people and for nobody, and the copies typed so far."""

    folder: Path
    world: World
    run: str

    @property
    def agreements(self) -> Path:
        return self.folder / "files" / "agreements.csv"

    @property
    def usage(self) -> list[Path]:
        return sorted((self.folder / "files").glob("*-2026-*.csv"))

    @property
    def mapping(self) -> Path:
        return self.folder / "files" / "mapping.xlsx"

    def workbook(self, recipient: str) -> Path:
        return self.folder / f"for-{recipient or 'nobody'}.xlsx"

    def copy(self, name: str, entries: Entries, recipient: str = "dana") -> Path:
        """A copy in which a person has typed; made once and not written to by anybody after that."""
        path = self.folder / f"{name}.xlsx"
        if not path.exists():
            fill_in(self.workbook(recipient), path, lambda sheet, cells: entries.get(_whose(sheet, cells)))
        return path


def _whose(sheet: Sheet, cells: Mapping[str, Any]) -> str:
    return str(cells["customer"] if sheet is VENDOR else cells.get("account") or "")


@dataclass(frozen=True, slots=True)
class Month:
    """One test's own store of the month."""

    made: Made
    location: str
    out: Path

    def tieout(self, *arguments: object) -> Result:
        """The command as a person types it, on this store."""
        return tieout_on(self.location, *arguments)

    def take(self, *copies: Path, replacing: bool = False) -> Taken:
        with self.store() as store:
            return take_copies(store, read_copies(copies), KEY, "accounts", quiet, replacing=replacing)

    def store(self) -> Store:
        return open_store(self.location)


def tieout_on(location: str, *arguments: object) -> Result:
    """Errors that nobody expects are raised, not told."""
    words = [*map(str, arguments)]
    if words[0] not in ("world", "demo"):
        words += ["--store", location]
    return CliRunner().invoke(tieout, words, catch_exceptions=False)


def make_month(folder: Path, location: str) -> Made:
    """Reconciles the small world and issues its workbook for Dana, for Bert and for nobody."""
    world = make_world(20)
    agreements, usage = write_world(world, folder / "files")
    mapping = folder / "files" / "mapping.xlsx"
    write_mapping(world.mapping, world.settings, mapping)
    request = Request(
        agreements, [(None, path) for path in usage], folder / "for-dana.xlsx", TODAY, "accounts", None, mapping,
        folder / "files" / CATALOGUE, recipient="dana",
    )  # fmt: skip
    with open_store(location) as store:
        issued = reconcile_files(store, request, KEY, quiet)
        for recipient in ("bert", ""):
            path = folder / f"for-{recipient or 'nobody'}.xlsx"
            issue(store, issued.run_id, path, KEY, "accounts", quiet, recipient=recipient, result=issued.result)
    return Made(folder, world, issued.run_id)


@contextmanager
def copied(made: Made, source: str, server: Server | None, out: Path) -> Iterator[Month]:
    """A fresh copy of the made store."""
    if server is not None:
        with server.database(source) as url:
            yield Month(made, url, out)
        return
    shutil.copytree(Path(source).parent, out / "store")
    yield Month(made, str(out / "store" / Path(source).name), out)


def bucket(taken: Taken, name: str) -> int:
    """Rows to decide in a bucket of the tally."""
    return sum(t.rows for t in taken.tally if t.bucket == name)


def statuses(taken: Taken) -> dict[str, str]:
    """What became of the decisions on each customer."""
    return {j.row.customer: str(j.status) for j in taken.judged if j.row}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def problems(result: Result) -> Sequence[str]:
    return [line for line in result.stderr.splitlines() if line.startswith(("error: ", "problem: "))]
