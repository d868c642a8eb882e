"""The command line: files in, a workbook out, the decisions back."""

import datetime as dt
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from connectors.sandbox.make import make_world
from connectors.sandbox.world_files import write_world
from core.periods import Period
from core.settings import Settings
from server import show
from server.change_list import check_list_target, counted, not_written, write_change_list
from server.demo import run_demo
from server.errors import Refused
from server.reconciling import Request, issue, reconcile_files
from server.returning import Taken, take_copies, take_unverified
from server.signing import signing_key
from server.store import Store, default_location, open_store
from server.store.errors import StoreError
from workbooks.mapping_file import write_mapping
from workbooks.writer import WorkbookNotWritten

FILE = click.Path(path_type=Path)


class Commands(click.Group):
    """Turns every refusal into its problems, one a line, and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refused as refused:
            said = [f"error: {problem}" for problem in refused.problems]
        except (StoreError, WorkbookNotWritten) as error:
            said = [f"error: {error}"]
        click.echo("\n".join(said), err=True)
        return ctx.exit(1)


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


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tieout")
def main() -> None:
    """Ties out what an MSP bills in its PSA with what its vendors count."""


@main.command()
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
        issued = reconcile_files(store, request, signing_key(location), click.echo)
    click.echo(f"run {issued.run_id}")
    click.echo("\n".join(show.states(issued.result)))
    click.echo("\n".join(show.completeness(issued.result)))
    click.echo(f"written: {issued.path}")
    if show.unexplained(issued.result):
        click.echo("error: rows are unexplained; do not use this workbook, and report it", err=True)
        sys.exit(1)


def _vendor_file(text: str) -> tuple[str | None, Path]:
    """A path, or VENDOR=path where there is no file of the whole name."""
    vendor, equals, path = text.partition("=")
    return (vendor, Path(path)) if equals and vendor and not Path(text).exists() else (None, Path(text))


@main.command()
@click.argument("copies", nargs=-1, required=True, type=FILE)
@click.option("--out", type=FILE, required=True, help="The change list to write (.csv or .xlsx).")
@click.option("--despite-problems", is_flag=True, help="Write the list although some rows could not be used.")
@click.option("--unverified", is_flag=True, help="Read workbooks that this store did not issue; nothing is kept.")
@by_option
@store_option
def changes(copies: tuple[Path, ...], out: Path, despite_problems: bool, unverified: bool, by: str, location: str) -> None:
    """Takes the decisions of returned copies and writes what to change in the PSA."""
    check_list_target(out)
    if unverified:
        taken = take_unverified(copies)
    else:
        with open_store(location) as store:
            taken = take_copies(store, copies, signing_key(location), by, click.echo)
    _tell(taken)
    if taken.problems and not despite_problems:
        kept = "the decisions that can be used are kept; " if not unverified else ""
        click.echo(
            f"{len(taken.problems)} problems: {kept}mend the rows and return the copy, or repeat with --despite-problems", err=True
        )
        sys.exit(1)
    write_change_list(out, taken.changes, taken.judged)
    click.echo(f"written: {out} ({len(taken.changes)} changes)")


def _tell(taken: Taken) -> None:
    revision = f", revision {taken.revision}" if taken.revision else ", unverified"
    click.echo(f"run {taken.run_id}{revision}")
    for notice in taken.notices:
        click.echo(f"note: {notice}")
    for problem in taken.problems:
        click.echo(f"problem: {problem}", err=True)
    click.echo("\n".join(show.changes(taken.changes)))
    for judged in not_written(taken.judged):
        if judged.problem is None and judged.row:
            d = judged.decision
            click.echo(f"  {d.action}: {judged.row.customer}, {judged.row.service}: {d.reason or d.note}")
    click.echo("decisions: " + (", ".join(f"{n} {word}" for word, n in sorted(counted(taken.judged).items())) or "none"))


@main.command("issue")
@click.argument("run")
@click.option("--out", type=FILE, required=True, help="The workbook to write (.xlsx).")
@click.option("--for", "recipient", default="", help="Who the workbook is for; copies then carry the name.")
@by_option
@store_option
def issue_again(run: str, out: Path, recipient: str, by: str, location: str) -> None:
    """Writes the workbook of a run's newest revision again, with the decisions that stand already typed in."""
    with open_store(location) as store:
        decided = standing(store, run)
        issued = issue(store, run, out, signing_key(location), by, click.echo, recipient=recipient, decided=decided)
    click.echo(f"written: {issued.path} (run {run}, revision {issued.revision}, {len(decided)} decisions carried over)")


def standing(store: Store, run: str) -> dict[str, Any]:
    """The decisions of a run that still hold: accepted, and made on the numbers of the newest revision."""
    rows = store.result(run, "comparisons")
    current = dict(zip(rows["key"], rows["fingerprint"], strict=True))
    return {k.key: k.decision for k in store.decisions(run) if current.get(k.key) == k.fingerprint}


@main.command()
@click.option("--out", type=FILE, required=True, help="The mapping workbook to write (.xlsx).")
@click.option("--run", help="The mapping of that run's newest revision, certain matches of names included.")
@store_option
def mapping(out: Path, run: str | None, location: str) -> None:
    """Writes what is mapped, the rules of services and the settings, to be changed and given to reconcile --mapping."""
    with open_store(location) as store:
        newest = run or next((r.id for r in store.runs()), None)
        settings = store.run(newest).settings if newest else Settings()
        held = store.reconciliation(run).mapping if run else store.mapping()
    write_mapping(held, settings, out)
    click.echo(f"written: {out} ({len(held.accounts)} accounts, {len(held.services)} services, {len(held.rules)} rules)")


@main.command()
@store_option
def runs(location: str) -> None:
    """Lists the runs, newest first."""
    with open_store(location) as store:
        click.echo("\n".join(show.runs(store)))


@main.command("show")
@click.argument("run")
@store_option
def show_run(run: str, location: str) -> None:
    """Shows a run: its sources, states, proof of completeness, workbooks and decisions."""
    with open_store(location) as store:
        click.echo("\n".join(show.run(store, run)))


@main.command()
@click.option("--run", help="Only of this run.")
@click.option("--limit", default=50, show_default=True, help="How many lines.")
@click.option("--verify", is_flag=True, help="Check that no line was changed since it was written.")
@store_option
def log(run: str | None, limit: int, verify: bool, location: str) -> None:
    """Shows the activity, newest first: who did what, when, with old and new values."""
    with open_store(location) as store:
        click.echo("\n".join(show.activity(store, limit, run)))
        if verify:
            broken = store.verify_activity()
            click.echo("every line is as it was written" if broken is None else f"error: {broken}", err=broken is not None)
            sys.exit(0 if broken is None else 1)


@main.command()
@click.option("--out", type=FILE, required=True, help="The folder to write to; made if it is not there.")
@click.option("--customers", default=40, show_default=True, type=click.IntRange(min=20))
@click.option("--lines", type=click.IntRange(min=0), help="PSA lines; by default seven and a half a customer.")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same world.")
def world(out: Path, customers: int, lines: int | None, seed: int) -> None:
    """Makes a believable MSP: a PSA export, its catalogue, five vendor files and the mapping."""
    made = make_world(customers, seed, lines)
    agreements, usage = write_world(made, out)
    write_mapping(made.mapping, made.settings, out / "mapping.xlsx")
    for path in (agreements, out / "catalogue.csv", *usage, out / "mapping.xlsx"):
        click.echo(f"written: {path}")


@main.command()
@click.option("--out", type=FILE, default=Path("demo"), show_default=True, help="The folder to work in.")
def demo(out: Path) -> None:
    """Runs a whole month on a made MSP and checks every number against what its maker expects."""
    sys.exit(run_demo(out, click.echo))
