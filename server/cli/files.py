"""The commands that work with files: reconcile, changes, mapping, runs, show, log, and the made world."""

import datetime as dt
import sys
from pathlib import Path
from typing import NoReturn

import click

from connectors.sandbox.make import make_world
from connectors.sandbox.world_files import write_world
from core.periods import Period
from core.settings import Settings
from server import show
from server.change_list import ENDINGS, not_written, write_change_list
from server.cli.annotating import annotate_option, check_beside, say_annotated
from server.cli.group import FILE, as_day, as_period, by_option, progress, say, say_all, store_option, tieout, vendor_file
from server.copies import read_copies
from server.folders import claim
from server.progress import timed
from server.reading import Request
from server.reconciling import reconcile_files
from server.returning import take_copies
from server.signing import signing_key
from server.store import open_store
from server.taken import Taken
from server.targets import check_target
from server.unverified import take_unverified
from server.words import counted
from workbooks.mapping_file import write_mapping


@tieout.command()
@click.argument("agreements", type=FILE)
@click.argument("usage", nargs=-1, required=True)
@click.option("--out", type=FILE, required=True, help="The workbook to write (.xlsx).")
@click.option("--period", callback=as_period, help="YYYY-MM; by default the month of most charge dates.")
@click.option("--mapping", type=FILE, help="A mapping workbook; what it says is kept for later runs.")
@click.option("--catalogue", type=FILE, help="The PSA's catalogue export: prices for new revenue.")
@click.option("--profiles", type=FILE, help="A folder with import profiles of your own (.toml).")
@click.option("--for", "recipient", default="", help="Who the workbook is for; copies then carry the name.")
@click.option("--today", callback=as_day, default=lambda: dt.date.today().isoformat(), help="YYYY-MM-DD; to run a past month.")  # noqa: DTZ011
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
    request = Request(agreements, [vendor_file(u) for u in usage], out, today, by, period, mapping, catalogue, profiles, recipient)
    with open_store(location) as store:
        issued = reconcile_files(store, request, signing_key(location), timed(progress))
    say(f"run {issued.run_id}")
    say_all(show.states(issued.result))
    say_all(show.completeness(issued.result))
    say(f"written: {issued.path}")
    if show.unexplained(issued.result):
        say("error: rows are unexplained; do not use this workbook, and report it", err=True)
        sys.exit(1)


@tieout.command()
@click.argument("copies", nargs=-1, required=True, type=FILE)
@click.option("--out", type=FILE, required=True, help="The change list to write (.csv or .xlsx).")
@click.option("--despite-problems", is_flag=True, help="Write the list although some rows could not be used.")
@click.option("--replace", "replacing", is_flag=True, help="These copies count where others decided differently before.")
@click.option("--unverified", is_flag=True, help="Read workbooks that this store did not issue; nothing is kept.")
@annotate_option
@by_option
@store_option
def changes(
    copies: tuple[Path, ...],
    out: Path,
    despite_problems: bool,
    replacing: bool,
    unverified: bool,
    annotate: bool,
    by: str,
    location: str,
) -> None:
    """Takes the decisions of returned copies and writes what to change in the PSA.

    COPIES are returned workbooks of one run; several are merged. Two different decisions on a line are a conflict: neither
    is used until people agree. The list says per line what to do in the PSA, from when, with old and new quantity and
    price, and what the next invoice comes to.
    """
    if unverified and annotate:
        raise click.UsageError("--annotate tells what became of decisions, and --unverified keeps none: leave one of them out")
    check_target(out, "the change list", ENDINGS, copies)
    check_beside(copies if annotate else ())
    told = timed(progress)
    told("reading the copies")
    if unverified:
        taken = take_unverified(read_copies(copies))
    else:
        with open_store(location) as store:
            read = read_copies(copies, store.rows_issued)
            taken = take_copies(store, read, signing_key(location), by, told, replacing=replacing)
            say_annotated(store, taken.run_id, read if annotate else ())
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


@tieout.command()
@click.option("--out", type=FILE, required=True, help="The mapping workbook to write (.xlsx).")
@click.option("--run", help="The mapping of that run's newest revision, certain matches of names included.")
@store_option
def mapping(out: Path, run: str | None, location: str) -> None:
    """Writes what is mapped, the rules of services and the settings, to be changed and given to --mapping of reconcile or issue."""
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
