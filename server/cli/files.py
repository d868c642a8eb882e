"""The command line: files in, a workbook out, the decisions back."""

import datetime as dt
import errno
import getpass
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from connectors.files import ImportRefused
from connectors.sandbox.make import make_world
from connectors.sandbox.world_files import write_world
from core.periods import Period
from core.settings import Settings
from server import show
from server.change_list import ENDINGS, not_written, write_change_list
from server.copies import read_copies
from server.demo import run_demo
from server.errors import Refused
from server.folders import claim
from server.progress import timed
from server.reading import Request
from server.reconciling import issue, reconcile_files
from server.returning import take_copies
from server.signing import signing_key
from server.standing import standing
from server.store import default_location, open_store
from server.store.errors import StoreError
from server.taken import Taken
from server.targets import check_target
from server.unverified import take_unverified
from server.words import counted
from workbooks.mapping_file import write_mapping
from workbooks.reader import WorkbookRefused
from workbooks.writer import WorkbookNotWritten

FILE = click.Path(path_type=Path)
UNEXPECTED, INTERRUPTED = 70, 130


class Commands(click.Group):
    """Turns every refusal into its problems, one a line, and exit status 1; an interruption into one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (Refused, ImportRefused) as refused:
            said = [str(problem) for problem in refused.problems]
        except (StoreError, WorkbookNotWritten, WorkbookRefused) as error:
            said = [str(error)]
        except KeyboardInterrupt:
            click.echo("\nstopped; whatever was saved is whole, so the same command can be given again", err=True)
            return ctx.exit(INTERRUPTED)
        click.echo("\n".join(f"error: {one}" for one in said), err=True)
        return ctx.exit(1)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The program: what a person at a terminal starts. Whatever happens is told in sentences."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a customer's name that the terminal's encoding lacks
    try:
        tieout.main(arguments, prog_name="tieout")
    except Exception as error:  # the last resort: told in words, kept for whoever mends it
        click.echo(_unexpected(error), err=True)
        sys.exit(UNEXPECTED)
    sys.exit(0)


def _unexpected(error: Exception) -> str:
    what = f"{type(error).__name__}: {error}".partition("\n")[0]
    try:
        handle, name = tempfile.mkstemp(prefix="tieout-error-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write("".join(traceback.format_exception(error)))
        where = f"The details are in {name}; it names files and cells, so read it before you send it to anybody."
    except OSError:
        where = "The details could not be written to a file."
    return f"error: something unexpected happened, and this is a fault of Tieout's ({what}). Nothing was sent to the PSA. {where}"


def say(text: str, err: bool = False) -> None:
    """Writes to the output; where nobody reads it any more (| head), the work goes on without it."""
    try:
        click.echo(text, err=err)
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EINVAL):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), (sys.stderr if err else sys.stdout).fileno())


def say_all(lines: Iterable[str]) -> None:
    say("\n".join(lines))


def progress(text: str) -> None:
    """What is being done: beside the output, so that it can be piped."""
    say(text, err=True)


def _day(_context: click.Context, _parameter: click.Parameter, value: str | None) -> dt.date | None:
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date; write it as YYYY-MM-DD") from None


def _period(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Period | None:
    if value is None:
        return None
    try:
        return Period.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _user() -> str:
    return os.environ.get("TIEOUT_USER") or getpass.getuser()


def store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--store", "location", default=default_location, show_default="TIEOUT_STORE, else the user's data folder",
        help="SQLite file, or a postgresql:// URL.",
    )(command)  # fmt: skip


def by_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--by", default=_user, show_default="the user's name", help="Who does it, for the log.")(command)


@click.group("tieout", cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tieout")
def tieout() -> None:
    """Ties out what an MSP bills in its PSA with what its vendors count."""


@tieout.command()
@click.argument("agreements", type=FILE)
@click.argument("usage", nargs=-1, required=True)
@click.option("--out", type=FILE, required=True, help="The workbook to write (.xlsx).")
@click.option("--period", callback=_period, help="YYYY-MM; by default the month of most charge dates.")
@click.option("--mapping", type=FILE, help="A mapping workbook; what it says is kept for later runs.")
@click.option("--catalogue", type=FILE, help="The PSA's catalogue export: prices for new revenue.")
@click.option("--profiles", type=FILE, help="A folder with import profiles of your own (.toml).")
@click.option("--for", "recipient", default="", help="Who the workbook is for; copies then carry the name.")
@click.option("--today", callback=_day, default=lambda: dt.date.today().isoformat(), help="YYYY-MM-DD; to run a past month.")  # noqa: DTZ011
@by_option
@store_option
def reconcile(
    agreements: Path,
    usage: tuple[str, ...],
    out: Path,
    period: Period | None,
    mapping: Path | None,
    catalogue: Path | None,
    profiles: Path | None,
    recipient: str,
    today: dt.date,
    by: str,
    location: str,
) -> None:
    """Compares a PSA export with vendor files and writes the workbook.

    AGREEMENTS is the PSA's export of agreements and their lines, USAGE the vendors' invoices or counts (CSV or xlsx).
    A vendor's name can stand before its file: Huntress=counts.csv.
    """
    request = Request(agreements, [_vendor_file(u) for u in usage], out, today, by, period, mapping, catalogue, profiles, recipient)
    with open_store(location) as store:
        issued = reconcile_files(store, request, signing_key(location), timed(progress))
    say(f"run {issued.run_id}")
    say_all(show.states(issued.result))
    say_all(show.completeness(issued.result))
    say(f"written: {issued.path}")
    if show.unexplained(issued.result):
        say("error: rows are unexplained; do not use this workbook, and report it", err=True)
        sys.exit(1)


def _vendor_file(text: str) -> tuple[str | None, Path]:
    """A path, or VENDOR=path where there is no file of the whole name."""
    vendor, equals, path = text.partition("=")
    return (vendor, Path(path)) if equals and vendor and not Path(text).exists() else (None, Path(text))


@tieout.command()
@click.argument("copies", nargs=-1, required=True, type=FILE)
@click.option("--out", type=FILE, required=True, help="The change list to write (.csv or .xlsx).")
@click.option("--despite-problems", is_flag=True, help="Write the list although some rows could not be used.")
@click.option("--replace", "replacing", is_flag=True, help="These copies count where others decided differently before.")
@click.option("--unverified", is_flag=True, help="Read workbooks that this store did not issue; nothing is kept.")
@by_option
@store_option
def changes(
    copies: tuple[Path, ...], out: Path, despite_problems: bool, replacing: bool, unverified: bool, by: str, location: str
) -> None:
    """Takes the decisions of returned copies and writes what to change in the PSA.

    COPIES are returned workbooks of one run; several are merged. Two different decisions on a line are a conflict: neither
    is used until people agree. The list says per line what to do in the PSA, from when, with old and new quantity and
    price, and what the next invoice comes to.
    """
    check_target(out, "the change list", ENDINGS, copies)
    told = timed(progress)
    told("reading the copies")
    read = read_copies(copies)
    if unverified:
        taken = take_unverified(read)
    else:
        with open_store(location) as store:
            taken = take_copies(store, read, signing_key(location), by, told, replacing=replacing)
    say_all(show.taken(taken))
    for problem in taken.problems:
        say(f"problem: {problem}", err=True)
    if taken.problems and not despite_problems:
        _stop_for_problems(taken)
    write_change_list(out, taken.changes, not_written(taken.judged, taken.period))
    say(f"written: {out} ({counted(len(taken.changes), 'change')})")


def _stop_for_problems(taken: Taken) -> NoReturn:
    kept = "the decisions that can be used are kept; " if taken.revision else ""
    count = counted(len(taken.problems), "problem")
    said = f"error: {count}, so no list was written; {kept}mend the rows and return the copy, or repeat with --despite-problems"
    say(said, err=True)
    sys.exit(1)


@tieout.command("issue")
@click.argument("run")
@click.option("--out", type=FILE, required=True, help="The workbook to write (.xlsx).")
@click.option("--for", "recipient", default="", help="Who the workbook is for; copies then carry the name.")
@by_option
@store_option
def issue_again(run: str, out: Path, recipient: str, by: str, location: str) -> None:
    """Writes the workbook of a run's newest revision again, with the decisions that stand already typed in."""
    with open_store(location) as store:
        decided = standing(store, run)
        issued = issue(store, run, out, signing_key(location), by, timed(progress), recipient=recipient, decided=decided)
    say(f"written: {issued.path} (run {run}, revision {issued.revision}, {counted(len(decided), 'decision')} carried over)")


@tieout.command()
@click.option("--out", type=FILE, required=True, help="The mapping workbook to write (.xlsx).")
@click.option("--run", help="The mapping of that run's newest revision, certain matches of names included.")
@store_option
def mapping(out: Path, run: str | None, location: str) -> None:
    """Writes what is mapped, the rules of services and the settings, to be changed and given to reconcile --mapping."""
    check_target(out, "the mapping workbook", (".xlsx",))
    with open_store(location) as store:
        newest = run or next((r.id for r in store.runs()), None)
        settings = store.run(newest).settings if newest else Settings()
        held = store.reconciliation(run).mapping if run else store.mapping()
    write_mapping(held, settings, out)
    say(f"written: {out} ({len(held.accounts)} accounts, {len(held.services)} services, {len(held.rules)} rules)")


@tieout.command()
@store_option
def runs(location: str) -> None:
    """Lists the runs, newest first."""
    with open_store(location) as store:
        say_all(show.runs(store))


@tieout.command("show")
@click.argument("run")
@store_option
def show_run(run: str, location: str) -> None:
    """Shows a run: its sources, states, proof of completeness, workbooks and decisions."""
    with open_store(location) as store:
        say_all(show.run(store, run))


@tieout.command()
@click.option("--run", help="Only of this run.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="How many lines.")
@click.option("--verify", is_flag=True, help="Check that no line was changed since it was written.")
@store_option
def log(run: str | None, limit: int, verify: bool, location: str) -> None:
    """Shows the activity, newest first: who did what, when, with old and new values."""
    with open_store(location) as store:
        say_all(show.activity(store, limit, run))
        if verify:
            broken = store.verify_activity()
            say("every line is as it was written" if broken is None else f"error: {broken}", err=broken is not None)
            sys.exit(0 if broken is None else 1)


@tieout.command()
@click.option("--out", type=FILE, required=True, help="The folder to write to; made if it is not there.")
@click.option("--customers", default=40, show_default=True, type=click.IntRange(min=20))
@click.option("--lines", type=click.IntRange(min=0), help="PSA lines; by default seven and a half a customer.")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same world.")
def world(out: Path, customers: int, lines: int | None, seed: int) -> None:
    """Makes a believable MSP: a PSA export, its catalogue, five vendor files and the mapping."""
    claim(out)
    made = make_world(customers, seed, lines)
    agreements, usage = write_world(made, out)
    write_mapping(made.mapping, made.settings, out / "mapping.xlsx")
    for path in (agreements, out / "catalogue.csv", *usage, out / "mapping.xlsx"):
        say(f"written: {path}")


@tieout.command()
@click.option("--out", type=FILE, default=Path("demo"), show_default=True, help="The folder to work in.")
def demo(out: Path) -> None:
    """Runs a whole month on a made MSP and checks every number against what its maker expects."""
    sys.exit(run_demo(out, say))


if __name__ == "__main__":
    main()
